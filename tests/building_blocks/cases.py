"""One row for each initializer, regularizer and constraint: how to make it without defaults."""

from kerasish import constraints, initializers, regularizers

# (name in `get`, class, keyword arguments)
INITIALIZERS = [
    ("zeros", initializers.Zeros, {}),
    ("ones", initializers.Ones, {}),
    ("constant", initializers.Constant, {"value": 2.5}),
    ("identity", initializers.Identity, {"gain": 2.0}),
    ("random_normal", initializers.RandomNormal, {"mean": 1.0, "stddev": 2.0, "seed": 3}),
    ("random_uniform", initializers.RandomUniform, {"minval": 1.0, "maxval": 2.0, "seed": 3}),
    ("truncated_normal", initializers.TruncatedNormal, {"mean": 1.0, "stddev": 2.0, "seed": 3}),
    ("variance_scaling", initializers.VarianceScaling,
     {"scale": 2.0, "mode": "fan_out", "distribution": "uniform", "seed": 3}),
    ("glorot_normal", initializers.GlorotNormal, {"seed": 3}),
    ("glorot_uniform", initializers.GlorotUniform, {"seed": 3}),
    ("he_normal", initializers.HeNormal, {"seed": 3, "input_axes": [1], "output_axes": [0]}),
    ("he_uniform", initializers.HeUniform, {"seed": 3}),
    ("lecun_normal", initializers.LecunNormal, {"seed": 3}),
    ("lecun_uniform", initializers.LecunUniform, {"seed": 3}),
    ("orthogonal", initializers.Orthogonal, {"gain": 2.0, "seed": 3}),
]  # fmt: skip
RANDOM = [case for case in INITIALIZERS if "seed" in case[2]]

REGULARIZERS = [
    ("l1", regularizers.L1, {"l1": 0.5}),
    ("l2", regularizers.L2, {"l2": 0.5}),
    ("l1_l2", regularizers.L1L2, {"l1": 0.5, "l2": 0.25}),
    ("orthogonal_regularizer", regularizers.OrthogonalRegularizer,
     {"factor": 0.5, "mode": "columns"}),
]  # fmt: skip

CONSTRAINTS = [
    ("max_norm", constraints.MaxNorm, {"max_value": 1.5, "axis": 1}),
    ("min_max_norm", constraints.MinMaxNorm,
     {"min_value": 0.5, "max_value": 1.5, "rate": 0.5, "axis": 1}),
    ("non_neg", constraints.NonNeg, {}),
    ("unit_norm", constraints.UnitNorm, {"axis": 1}),
]  # fmt: skip
