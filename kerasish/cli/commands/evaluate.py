"""`kerasish evaluate`: the test figures of a finished run, measured again."""

from kerasish.cli import preparation, runs
from kerasish.cli.evaluation import describe, measure

NAME = "evaluate"
HELP = "test the model of a finished run"
DESCRIPTION = "Load the model of a finished run and test it on its test data."
EPILOG = """\
example:
  kerasish evaluate runs/digits_cnn
"""


def add_arguments(parser):
    parser.add_argument("directory", help="folder that `kerasish train` wrote")
    runs.add_device(parser)


def run(arguments):
    finished = runs.read(arguments.directory)
    _, (x_test, y_test) = preparation.load(finished.source, finished.config["data"])
    batch_size = finished.config["fit"]["batch_size"]
    with runs.on_device(arguments.device):
        model = finished.load_model()
        figures = measure(model, finished.preparation, x_test, y_test, batch_size)
    print(f"data   {finished.source.name}: {len(x_test)} test rows")
    print(f"test   {describe(figures, finished.source)}")
    print(f"train  {describe(finished.figures, finished.source)} (recorded after training)")
