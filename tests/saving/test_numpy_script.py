"""export_numpy: the script alone, in a fresh interpreter, predicts what the model predicts."""

import subprocess
import sys

import numpy as np
import pytest

import kerasish
from kerasish import layers
from kerasish.errors import KerasishError


def mlp():
    return kerasish.Sequential(
        [layers.Input((5,)), layers.Dense(4, "gelu"), layers.Dense(3, "softmax")]
    )


def convnet():
    return kerasish.Sequential(
        [
            layers.Input((8, 8, 2)),
            layers.Conv2D(4, 3, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(2),
        ]
    )


def recurrent():
    return kerasish.Sequential(
        [layers.Input((6,), dtype="int32"), layers.Embedding(9, 4), layers.LSTM(3), layers.Dense(1)]
    )


def branches():
    a, b = layers.Input((3,)), layers.Input((3,))
    y = layers.LayerNormalization()(layers.Add()([layers.Dense(3)(a), b]))
    return kerasish.Model([a, b], y)


@pytest.mark.parametrize("make", [mlp, convnet, recurrent, branches], ids=lambda f: f.__name__)
def test_script_predicts_like_the_model(make, tmp_path):
    kerasish.utils.set_random_seed(0)
    model = make()
    generator = np.random.default_rng(0)
    inputs = [
        generator.integers(0, 9, (4, *t.shape[1:])).astype(t.dtype)
        if t.dtype == "int32"
        else generator.normal(size=(4, *t.shape[1:])).astype(t.dtype)
        for t in model.inputs
    ]
    model.export_numpy(tmp_path / "net.py")
    np.savez(tmp_path / "in.npz", *inputs)
    check = "import sys; assert not [m for m in sys.modules if m.startswith('kerasish')]"
    code = (
        "import runpy, sys; sys.argv = ['net.py', 'in.npz', 'out.npz']; "
        f"runpy.run_path('net.py', run_name='__main__'); {check}"
    )
    subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, check=True)
    found = np.load(tmp_path / "out.npz")["arr_0"]
    wanted = model(inputs if len(inputs) > 1 else inputs[0]).numpy()
    assert np.allclose(found, wanted, atol=1e-6)


def test_only_python_files(tmp_path):
    with pytest.raises(ValueError, match=r"\.py"):
        mlp().export_numpy(tmp_path / "net.txt")


def test_text_layers_are_refused_by_name(tmp_path):
    words = layers.StringLookup(vocabulary=["a"], name="words")
    model = kerasish.Sequential([layers.Input((2,), dtype="string"), words])
    with pytest.raises(KerasishError, match="words"):
        model.export_numpy(tmp_path / "net.py")
    assert not list(tmp_path.iterdir())
