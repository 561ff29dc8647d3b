"""`kerasish train`: one config in, a trained model, its history and its curves out."""

import time
from pathlib import Path

import kerasish
from kerasish.arrays.device import current
from kerasish.cli import build, config, pictures, preparation, runs, schema, sources, versions
from kerasish.cli.evaluation import describe, measure
from kerasish.errors import explain
from kerasish.optional import ADVICE

NAME = "train"
HELP = "train the model of a config"
DESCRIPTION = """\
Train the model that a TOML config describes, test it, and write everything to a folder:
model.keras, model.weights.h5, history.csv, curves.png and run.json.
"""
EPILOG = f"""\
examples:
  kerasish train configs/digits_cnn.toml
  kerasish train configs/mnist_cnn.toml --device gpu --out /tmp/mnist
  kerasish train configs/iris.toml --set fit.epochs=5 --set compile.optimizer=sgd

keys of a config:
{schema.describe()}

A layer, optimizer, loss, metric or callback is a name or a table: class_name and the arguments of
its constructor, which are Keras 3's.
"""


def add_arguments(parser):
    parser.add_argument("config", help="TOML file, see configs/")
    parser.add_argument("--out", metavar="DIR", help="folder for the results")
    parser.add_argument("--seed", type=int, help="seed, instead of the config's")
    parser.add_argument("--device", help='"cpu", "gpu" or "gpu:1", instead of the config\'s')
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="SECTION.KEY=VALUE",
        help="change one key of the config; may be repeated",
    )


def run(arguments):
    # As values of the config, so that run.json records what was really done.
    options = {
        "seed": arguments.seed,
        "device": arguments.device,
        "output.directory": arguments.out,
    }
    settings = config.read(arguments.config, arguments.set, options)
    folder = Path(settings["output"]["directory"])
    if folder.exists() and not folder.is_dir():
        raise ValueError(
            explain(str(folder), "the output is a file, not a folder", fix="choose another --out")
        )
    if (folder / runs.RECORD).exists():
        print(f"note   {folder} holds an earlier run, which will be replaced at the end")
    with runs.on_device(settings.get("device")):
        _train(settings, folder)


def _train(settings, folder):
    kerasish.utils.set_random_seed(settings["seed"])
    source = sources.find(settings["data"]["name"])
    plan = preparation.plan(source, settings["data"])
    shape = source.shape or (plan.maxlen,)
    num_outputs = len(source.class_names) or 1
    # The model comes before the data: a mistake in the config is answered without a download.
    model = build.make_model(settings["model"], shape, num_outputs)
    build.compile_model(model, settings["compile"])
    callbacks = build.make_callbacks(settings["fit"])
    device = current().name
    print(f"{settings['model']['name']}, seed {settings['seed']}, device {device}")

    (x_train, y_train), (x_test, y_test) = preparation.load(source, settings["data"])
    if settings["data"]["standardize"]:
        preparation.measure(plan, x_train)
    print(f"data   {source.name}: {len(x_train)} training and {len(x_test)} test rows")
    model.summary()
    fit = settings["fit"]
    started = time.perf_counter()
    history = model.fit(
        plan.inputs(x_train),
        plan.targets(y_train),
        epochs=fit["epochs"],
        batch_size=fit["batch_size"],
        validation_split=fit["validation_split"],
        shuffle=fit["shuffle"],
        callbacks=callbacks,
    ).history
    seconds = time.perf_counter() - started
    figures = measure(model, plan, x_test, y_test, fit["batch_size"])
    if not source.class_names:
        baseline = preparation.linear_regression_error(x_train, y_train, x_test, y_test)
        figures["linear_regression_mean_absolute_error"] = baseline
    print(f"test   {describe(figures, source)}")

    drawn = _write(folder, model, history, settings["model"]["name"])
    record = {
        "config": settings,
        "preparation": plan.as_dict(),
        "figures": figures,
        "epochs": len(next(iter(history.values()))),
        "train_seconds": round(seconds, 3),
        "parameters": model.count_params(),
        "rows": {"train": len(x_train), "test": len(x_test)},
        "device": device,
        "versions": versions.collect(),
    }
    runs.write_record(folder / runs.RECORD, record)
    _say_what_next(folder, source, drawn)


def _write(folder, model, history, title):
    """Write model, weights, history and curves; whether the curves could be drawn."""
    folder.mkdir(parents=True, exist_ok=True)
    # The record is what makes a folder a finished run: it goes first and comes back last.
    (folder / runs.RECORD).unlink(missing_ok=True)
    model.save(folder / runs.MODEL)
    model.save_weights(folder / runs.WEIGHTS)
    runs.write_history(folder / runs.HISTORY, history)
    return pictures.draw_curves(history, folder / runs.CURVES, title)


def _say_what_next(folder, source, drawn):
    width = len(str(folder / runs.WEIGHTS))
    for name, purpose in runs.PURPOSE.items():
        if name != runs.CURVES or drawn:
            print(f"wrote  {folder / name!s:<{width}}  {purpose}")
    if not drawn:
        print(f"note   {runs.CURVES} was not drawn: {ADVICE}")
    print(f"next   kerasish evaluate {folder}")
    if source.kind == "image":
        print(f"       kerasish predict {folder} --index 0 --save-sample sample.png")
        print(f"       kerasish predict {folder} sample.png    (or a picture of your own)")
    else:
        print(f"       kerasish predict {folder} --index 0")
    print(f"       kerasish export {folder} --format numpy")
