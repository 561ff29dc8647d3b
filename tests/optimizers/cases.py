"""One row for each optimizer: how to make it, and which options change its state or formula."""

from kerasish import optimizers

# (id, class, keyword arguments)
CASES = [
    ("sgd", optimizers.SGD, {}),
    ("sgd-momentum", optimizers.SGD, {"momentum": 0.9}),
    ("sgd-nesterov", optimizers.SGD, {"momentum": 0.9, "nesterov": True}),
    ("rmsprop", optimizers.RMSprop, {"momentum": 0.5, "centered": True}),
    ("adam", optimizers.Adam, {}),
    ("adam-amsgrad", optimizers.Adam, {"amsgrad": True}),
    ("adamw", optimizers.AdamW, {}),
    ("adamax", optimizers.Adamax, {}),
    ("nadam", optimizers.Nadam, {}),
    ("adagrad", optimizers.Adagrad, {}),
    ("adadelta", optimizers.Adadelta, {}),
    ("adafactor", optimizers.Adafactor, {}),
    ("ftrl", optimizers.Ftrl, {"l1_regularization_strength": 0.01}),
    ("lion", optimizers.Lion, {}),
    ("lamb", optimizers.Lamb, {}),
    ("muon", optimizers.Muon, {}),
    ("schedule-free-adamw", optimizers.ScheduleFreeAdamW, {"warmup_steps": 3}),
]
IDS = [case[0] for case in CASES]
