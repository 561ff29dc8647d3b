"""Facts of models that must be equal in kerasish and real Keras; a script that real Keras runs.

Run by an interpreter that has Keras:
    python reference.py record        prints recorded.tsv
    python reference.py write FOLDER  writes weights, images, predictions and configs of MEMBERS
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

# One small member of each family: the arguments it is compared with.
SMALL = {"include_top": False, "pooling": "avg"}
MEMBERS = {
    "ConvNeXtTiny": {"input_shape": (64, 64, 3), "classes": 7},
    "DenseNet121": {"input_shape": (64, 48, 3), "classes": 7},
    "EfficientNetB0": {"input_shape": (63, 64, 3), "classes": 7},
    "EfficientNetV2B0": {"input_shape": (64, 65, 3), "classes": 7},
    "EfficientNetV2S": {"input_shape": (64, 64, 3), **SMALL},
    "InceptionResNetV2": {"input_shape": (80, 75, 3), **SMALL},
    "InceptionV3": {"input_shape": (80, 96, 3), "classes": 7},
    "MobileNet": {"input_shape": (64, 96, 3), "alpha": 0.5, "classes": 7},
    "MobileNetV2": {"input_shape": (65, 64, 3), "alpha": 0.35, "classes": 7},
    "MobileNetV3Large": {"input_shape": (64, 64, 3), "alpha": 0.75, "classes": 7},
    "MobileNetV3Small": {"input_shape": (65, 64, 3), "minimalistic": True, "classes": 7},
    "NASNetLarge": {"input_shape": (64, 65, 3), **SMALL},
    "ResNet50": {"input_shape": (64, 48, 3), "classifier_activation": None, "classes": 7},
    "ResNet50V2": {"input_shape": (64, 65, 3), "classes": 7},
    "VGG16": {"input_shape": (48, 48, 3), "include_top": False, "pooling": "max"},
    "Xception": {"input_shape": (71, 80, 3), "classes": 7},
}
WHOLE = ("ConvNeXtTiny", "MobileNetV3Small")  # also exchanged as .keras files
LEGACY = ("EfficientNetB0", "MobileNet", "ConvNeXtTiny")  # also as .h5 files
# Real Keras builds it without an input shape, but it cannot run: its cells have different sizes.
SKIPPED = {("NASNetLarge", False)}
_RANGES = {
    "gamma": (0.9, 1.1),
    "beta": (-0.05, 0.05),
    "moving_mean": (-0.05, 0.05),
    "moving_variance": (0.9, 1.1),
    "variable": (0.5, 1.0),
}


def digest(rows):
    """Sixteen digits that stand for a list."""
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]


def facts(model):
    """(number of parameters, digest of weight paths and shapes, digest of layer types and names)"""
    weights = [[w.path, list(w.shape)] for w in model.weights]
    layers = [[type(layer).__name__, layer.name] for layer in model.layers]
    return model.count_params(), digest(weights), digest(layers)


def image(shape):
    """One image of pixels of 0 to 255."""
    return np.random.default_rng(5).uniform(0, 255, (1, *shape)).astype("float32")


def record(keras):
    """Print a row for every architecture, with and without classifier."""
    applications = keras.applications
    titles = sorted(n for n in dir(applications) if n[0].isupper())
    print("architecture", "include_top", "parameters", "weights", "layers", sep="\t")
    for title in titles:
        for include_top in (True, False):
            if (title, include_top) in SKIPPED:
                continue
            keras.backend.clear_session()
            try:
                model = getattr(applications, title)(weights=None, include_top=include_top)
            except ValueError as error:  # NASNetMobile on torch: recorded on another backend
                print(title, error, file=sys.stderr)
                continue
            print(title, int(include_top), *facts(model), sep="\t", flush=True)


def write(keras, folder):
    """Write what tests compare for every member."""
    for title, arguments in MEMBERS.items():
        keras.backend.clear_session()
        model = getattr(keras.applications, title)(weights=None, **arguments)
        draw = np.random.default_rng(7).uniform
        for weight in model.weights:
            limits = _RANGES.get(weight.path.rpartition("/")[2].partition("_1")[0])
            limits = _RANGES["variable"] if "/variable" in weight.path else limits
            if limits:
                weight.assign(draw(*limits, weight.shape).astype("float32"))
        model.save_weights(folder / f"{title}.weights.h5")
        if title in WHOLE:
            model.save(folder / f"{title}.keras")
        if title in LEGACY:
            model.save(folder / f"{title}.h5")
        found = model(image(arguments["input_shape"]), training=False)
        np.save(folder / f"{title}.npy", keras.ops.convert_to_numpy(found))
        config = keras.saving.serialize_keras_object(model)
        (folder / f"{title}.json").write_text(json.dumps([facts(model), config]))
    x = image((3, 4, 3))
    prepare = keras.applications.imagenet_utils.preprocess_input
    modes = {mode: prepare(x.copy(), mode=mode) for mode in ("caffe", "tf", "torch")}
    np.savez(folder / "pixels.npz", **modes)


if __name__ == "__main__":
    import keras

    if sys.argv[1] == "record":
        record(keras)
    else:
        write(keras, Path(sys.argv[2]))
