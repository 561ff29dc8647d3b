"""TensorBoard: two trainings on the digits, recorded by the callback and by hand.

`pip install 'kerasish[tensorboard]'`, run it with a folder, and look at that:

    python examples/record_runs.py logs
    tensorboard --logdir logs
"""

import sys
import tempfile

import kerasish
from kerasish import callbacks, datasets, layers, summary

RATES = (0.01, 0.001)


def build(rate):
    model = kerasish.Sequential(
        [
            layers.Input((8, 8, 1), name="picture"),
            layers.Conv2D(16, 3, activation="relu", name="strokes"),
            layers.MaxPooling2D(name="pool"),
            layers.Flatten(name="flat"),
            layers.Dense(10, activation="softmax", name="digits"),
        ]
    )
    model.compile(
        kerasish.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def train(folder, rate, x, y):
    """Train once; returns the accuracy on the last tenth."""
    kerasish.set_random_seed(1)
    model = build(rate)
    board = callbacks.TensorBoard(folder, histogram_freq=1, update_freq=10)
    model.fit(x, y, epochs=8, validation_split=0.1, verbose=0, callbacks=[board])
    accuracy = model.evaluate(x[-180:], y[-180:], verbose=0)[1]

    # What the callback does not record, one writes oneself, to the same folder.
    with summary.create_file_writer(folder) as writer, writer.as_default(step=0):
        summary.hparams({"learning_rate": rate, "filters": 16})
        summary.scalar("final_accuracy", accuracy)
        wrong = x[-180:][model.predict(x[-180:], verbose=0).argmax(axis=1) != y[-180:]]
        summary.image("mistakes", wrong, max_outputs=6)
        summary.text("notes", f"Learning rate **{rate:g}**: {len(wrong)} mistakes of 180.")
    return accuracy


def main(folder=None):
    """Train with two learning rates, and read back what was recorded."""
    if folder is None:
        with tempfile.TemporaryDirectory() as folder:
            return main(folder)
    (x, y), _ = datasets.digits.load_data()
    x = (x[..., None] / 16).astype("float32")
    accuracies = [train(f"{folder}/rate-{rate:g}", rate, x, y) for rate in RATES]

    losses = [
        record.value
        for record in summary.read(f"{folder}/rate-{RATES[0]:g}/validation")
        if record.tag == "epoch_loss"
    ]
    print("validation losses:", " ".join(f"{loss:.3f}" for loss in losses))
    print("accuracies:", dict(zip(RATES, accuracies, strict=True)))
    return losses


if __name__ == "__main__":
    main(*sys.argv[1:])
