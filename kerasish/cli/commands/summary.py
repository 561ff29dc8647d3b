"""`kerasish summary`: the layers of a finished run or of a config, without training."""

from pathlib import Path

from kerasish.cli import build, config, preparation, runs, sources

NAME = "summary"
HELP = "show the layers of a run or of a config"
DESCRIPTION = "Show layers, output shapes and parameter counts. A config needs no data for it."
EPILOG = """\
examples:
  kerasish summary configs/cifar10_resnet20.toml
  kerasish summary runs/digits_cnn
"""


def add_arguments(parser):
    parser.add_argument("target", help="folder that `kerasish train` wrote, or a TOML config")


def run(arguments):
    if Path(arguments.target).suffix == ".toml":
        settings = config.read(arguments.target)
        source = sources.find(settings["data"]["name"])
        plan = preparation.plan(source, settings["data"])
        shape = source.shape or (plan.maxlen,)
        model = build.make_model(settings["model"], shape, len(source.class_names) or 1)
    else:
        model = runs.read(arguments.target).load_model()
    model.summary()
