"""`kerasish export`: the model of a run as a NumPy script, an .h5 file or a .keras file."""

from pathlib import Path

from kerasish.cli import runs

NAME = "export"
HELP = "write the model of a run in another form"
DESCRIPTION = """\
Write the model of a finished run as
  numpy   a Python script and its weights, which need NumPy only
  h5      Keras's older one-file format
  keras   Keras 3's format
"""
EPILOG = """\
examples:
  kerasish export runs/digits_cnn --format numpy
  kerasish export runs/digits_cnn --format keras --out digits.keras
"""
_SUFFIXES = {"numpy": ".py", "h5": ".h5", "keras": ".keras"}


def add_arguments(parser):
    parser.add_argument("directory", help="folder that `kerasish train` wrote")
    parser.add_argument("--format", required=True, choices=list(_SUFFIXES), help="what to write")
    parser.add_argument(
        "--out", metavar="FILE", help="default: the model's name, in the run's folder"
    )


def run(arguments):
    finished = runs.read(arguments.directory)
    suffix = _SUFFIXES[arguments.format]
    path = Path(arguments.out or finished.folder / f"{finished.config['model']['name']}{suffix}")
    if path.suffix != suffix:
        raise ValueError(f"--out must end in {suffix} for this format. Received: {str(path)!r}")
    model = finished.load_model()
    if arguments.format == "numpy":
        model.export_numpy(path)
    else:
        model.save(path)
    print(f"wrote  {path} ({path.stat().st_size:,} bytes)")
    if arguments.format == "numpy":
        print(f"next   python {path}    (needs NumPy only)")
