"""callbacks.TensorBoard in `fit`: what it records, where, and how it continues after a kill."""

import numpy as np
import pytest

import kerasish
from kerasish import callbacks, layers, optimizers, summary
from kerasish.callbacks.tensorboard import weight_images
from kerasish.core.names import reset
from kerasish.errors import CheckpointError

pytest.importorskip("tensorboard", reason="needs the extra 'tensorboard'")

RNG = np.random.default_rng(3)
X = RNG.normal(size=(48, 4)).astype(np.float32)
Y = (X @ np.array([[1.0], [-2.0], [0.5], [3.0]], np.float32)).astype(np.float32)


def make_model(optimizer=None):
    kerasish.set_random_seed(5)
    reset()
    model = kerasish.Sequential(
        [layers.Input((4,)), layers.Dense(6, "tanh", name="hidden"), layers.Dense(1, name="out")],
        name="model",
    )
    model.compile(optimizer or optimizers.Adam(0.05), loss="mse", metrics=["mae"])
    return model


def fit(folder, epochs=3, others=(), validate=True, model=None, **arguments):
    """Train for a few epochs of 5 batches; returns (the History, the callback)."""
    board = callbacks.TensorBoard(folder, **arguments)
    split = 0.17 if validate else 0.0
    x, y = (X, Y) if validate else (X[:40], Y[:40])
    history = (model or make_model()).fit(
        x, y, epochs=epochs, batch_size=8, validation_split=split, verbose=0,
        callbacks=[board, *others],
    )  # fmt: skip
    return history.history, board


def scalars(folder):
    """Dict from tag to list of (step, value)."""
    found = {}
    for record in summary.read(folder):
        if record.plugin == "scalars":
            found.setdefault(record.tag, []).append((record.step, record.value))
    return found


def test_metrics_of_epochs(tmp_path):
    history, _ = fit(tmp_path)
    train, validation = scalars(tmp_path / "train"), scalars(tmp_path / "validation")
    assert set(train) == {"epoch_loss", "epoch_mae", "epoch_learning_rate"}
    assert train["epoch_loss"] == [
        (i, pytest.approx(value)) for i, value in enumerate(history["loss"])
    ]
    assert train["epoch_learning_rate"] == [(i, pytest.approx(0.05)) for i in range(3)]
    names = [f"{kind}_{m}" for m in ("loss", "mae") for kind in ("epoch", "evaluation")]
    names = {n if n[:2] == "ep" else f"{n}_vs_iterations" for n in names}
    assert set(validation) == names
    assert [v for _, v in validation["epoch_mae"]] == pytest.approx(history["val_mae"])
    assert [step for step, _ in validation["evaluation_loss_vs_iterations"]] == [5, 10, 15]


def test_without_validation_there_is_one_run_and_one_file(tmp_path):
    fit(tmp_path, validate=False)
    assert [p.name for p in tmp_path.iterdir()] == ["train"]
    assert len(list((tmp_path / "train").iterdir())) == 1


def test_graph_is_recorded_once(tmp_path):
    fit(tmp_path / "a")
    fit(tmp_path / "b", write_graph=False)
    graphs = [r.value for r in summary.read(tmp_path / "a" / "train") if r.plugin == "graphs"]
    assert len(graphs) == 1
    assert {n.op for n in graphs[0].node} == {"InputLayer", "Dense", "Variable"}
    assert not [r for r in summary.read(tmp_path / "b" / "train") if r.plugin == "graphs"]


def test_graph_of_a_model_that_is_built_by_its_first_batch(tmp_path):
    model = kerasish.Sequential([layers.Dense(1)])
    model.compile("sgd", "mse")
    fit(tmp_path, model=model)
    assert len([r for r in summary.read(tmp_path / "train") if r.plugin == "graphs"]) == 1


def test_weights(tmp_path):
    model = make_model()
    fit(tmp_path, epochs=3, model=model, histogram_freq=2, write_images=True)
    found = summary.read(tmp_path / "train")
    histograms = [(r.tag, r.step) for r in found if r.plugin == "histograms"]
    paths = [f"model/{path}" for path in ("hidden/kernel", "hidden/bias", "out/kernel", "out/bias")]
    assert histograms == [(f"{path}/histogram", step) for step in (0, 2) for path in paths]
    last = next(r for r in reversed(found) if r.tag == "model/hidden/kernel/histogram")
    values = model.get_weights()[0]
    assert (last.value[0, 0], last.value[-1, 1]) == (values.min(), values.max())
    images = {r.tag: r.value[0].shape for r in found if r.plugin == "images"}
    assert images == {
        "model/hidden/kernel/image": (4, 6, 1),
        "model/hidden/bias/image": (1, 6, 1),
        "model/out/kernel/image": (1, 6, 1),
    }


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((5,), (1, 1, 5, 1)), ((6, 2), (1, 2, 6, 1)), ((2, 6), (1, 2, 6, 1)),
     ((3, 4, 5), (5, 3, 4, 1)), ((3, 3, 5, 3), (3, 3, 5, 3)), ((3, 3, 5, 8), None), ((1,), None)],
)  # fmt: skip
def test_images_of_weights(shape, expected):
    images = weight_images(RNG.normal(size=shape))
    assert (None if images is None else images.shape) == expected
    assert images is None or (images.min(), images.max()) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("frequency", "steps"), [("batch", range(1, 16)), (1, range(1, 16)), (4, [4, 8, 12]), (99, [])]
)
def test_metrics_of_batches(frequency, steps, tmp_path):
    own = callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: summary.scalar("own", float(batch))
    )
    seen = []
    note = callbacks.LambdaCallback(on_train_batch_end=lambda b, logs: seen.append(logs["loss"]))
    fit(tmp_path, others=[own, note], update_freq=frequency, write_steps_per_second=True)
    found = scalars(tmp_path / "train")
    if not steps:
        assert set(found) == {"epoch_loss", "epoch_mae", "epoch_learning_rate",
                              "epoch_steps_per_second"}  # fmt: skip
        return
    assert found["batch_loss"] == [(i, pytest.approx(seen[i - 1])) for i in steps]
    assert [step for step, _ in found["batch_steps_per_second"]] == list(steps)
    assert found["own"] == [(i, float((i - 1) % 5)) for i in steps]
    assert all(speed > 0 for _, speed in found["epoch_steps_per_second"])
    assert not summary.should_record_summaries()


def test_several_steps_an_execution(tmp_path):
    model = make_model()
    model.compile("sgd", "mse", steps_per_execution=2)
    fit(tmp_path, epochs=2, model=model, update_freq=3)
    assert [step for step, _ in scalars(tmp_path / "train")["batch_loss"]] == [4, 7, 9]


def test_evaluate_by_itself(tmp_path):
    model = make_model()
    board = callbacks.TensorBoard(tmp_path, update_freq=1)
    loss, _ = model.evaluate(X, Y, verbose=0, callbacks=[board])
    found = scalars(tmp_path / "validation")
    assert found["evaluation_loss_vs_iterations"] == [(0, pytest.approx(loss))]
    assert not summary.should_record_summaries()


def test_a_second_fit_goes_to_new_files(tmp_path):
    model, board = make_model(), callbacks.TensorBoard(tmp_path)
    for _ in range(2):
        model.fit(X, Y, verbose=0, callbacks=[board])
    assert len(list((tmp_path / "train").iterdir())) == 2
    assert [step for step, _ in scalars(tmp_path / "train")["epoch_loss"]] == [0, 0]


def test_an_error_in_training_leaves_what_was_recorded(tmp_path):
    def fail(epoch, logs):
        if epoch == 2:
            raise RuntimeError("stop here")

    with pytest.raises(RuntimeError, match="stop here"):
        fit(tmp_path, others=[callbacks.LambdaCallback(on_epoch_begin=fail)], update_freq=1)
    assert len(scalars(tmp_path / "train")["epoch_loss"]) == 2
    assert not summary.should_record_summaries()


def test_embeddings(tmp_path):
    model = kerasish.Sequential(
        [layers.Input((2,)), layers.Embedding(5, 3, name="words"), layers.Flatten(),
         layers.Dense(1)]
    )  # fmt: skip
    model.compile("sgd", "mse")
    x, y = RNG.integers(0, 5, (8, 2)), RNG.normal(size=(8, 1))
    board = callbacks.TensorBoard(tmp_path, embeddings_freq=1,
                                  embeddings_metadata={"words": "labels.tsv"})  # fmt: skip
    model.fit(x, y, verbose=0, callbacks=[board])
    table = np.loadtxt(tmp_path / "embedding-words.tsv")
    np.testing.assert_allclose(table, model.layers[0].embeddings.numpy(), rtol=1e-6)
    text = (tmp_path / "projector_config.pbtxt").read_text()
    assert 'tensor_path: "embedding-words.tsv"' in text
    assert 'metadata_path: "labels.tsv"' in text


@pytest.mark.parametrize(
    ("metadata", "words"),
    [({"unknown": "a.tsv"}, "no Embedding layer"), ("../../etc/passwd", "out of log_dir"),
     ("/etc/passwd", "out of log_dir"), ({"out": "..\\a"}, "no Embedding layer")],
)  # fmt: skip
def test_unusable_metadata(metadata, words, tmp_path):
    with pytest.raises(ValueError, match=words):
        fit(tmp_path, embeddings_freq=1, embeddings_metadata=metadata)


@pytest.mark.parametrize(
    "arguments",
    [{"update_freq": 0}, {"update_freq": "step"}, {"histogram_freq": -1}, {"profile_batch": 2},
     {"profile_batch": (2, 4)}, {"embeddings_freq": True}],
    ids=str,
)  # fmt: skip
def test_unusable_arguments(arguments, tmp_path):
    with pytest.raises(ValueError, match="TensorBoard: .*Received"):
        callbacks.TensorBoard(tmp_path / "logs", **arguments)
    assert not (tmp_path / "logs").exists()


# ---- resuming ----------------------------------------------------------------------------------


class Killed(Exception):
    """What stands for a kill: training stops, and nothing is tidied up."""


def interrupted(folder, backup, at, freq, **arguments):
    """Train with backups, up to batch `at` (counted from 0 over all epochs)."""
    count = [0]

    def fail(batch, logs):
        if count[0] == at:
            raise Killed
        count[0] += 1

    stop = callbacks.LambdaCallback(on_train_batch_begin=fail)
    save = callbacks.BackupAndRestore(backup, save_freq=freq)
    try:
        fit(folder, epochs=4, others=[save, stop], **arguments)
    except Killed:
        return False
    return True


@pytest.mark.parametrize("freq", ["epoch", 3])
@pytest.mark.parametrize("update_freq", ["epoch", 2])
def test_a_resumed_run_leaves_the_records_of_one_that_was_not_killed(freq, update_freq, tmp_path):
    arguments = {"update_freq": update_freq, "histogram_freq": 1}
    assert interrupted(tmp_path / "whole", tmp_path / "b1", None, freq, **arguments)
    at = [7, 6, 8]  # three kills, the last two soon after they have begun
    for number in at:
        assert not interrupted(tmp_path / "parts", tmp_path / "b2", number, freq, **arguments)
    assert interrupted(tmp_path / "parts", tmp_path / "b2", None, freq, **arguments)
    for run in ("train", "validation"):
        whole, parts = (
            [(r.tag, r.step, str(r.value)) for r in summary.read(tmp_path / kind / run)]
            for kind in ("whole", "parts")
        )  # fmt: skip
        assert parts == whole


@pytest.mark.parametrize(
    "state",
    [{"stem": "../evil", "part": 1, "sizes": {}},
     {"stem": "events.out.tfevents.1", "part": 1, "sizes": {"../x/events.out.tfevents.1.a": 0}},
     {"stem": "events.out.tfevents.1", "part": 1, "sizes": {"train/other": 0}}],
)  # fmt: skip
def test_a_state_cannot_reach_other_files(state, tmp_path):
    board = callbacks.TensorBoard(tmp_path)
    other = tmp_path / "train"
    other.mkdir()
    (other / "other").write_text("kept")
    whole = {**board.get_state(), "files": state}
    with pytest.raises(CheckpointError, match="names no event files"):
        board.set_state(whole)
    assert (other / "other").read_text() == "kept"
