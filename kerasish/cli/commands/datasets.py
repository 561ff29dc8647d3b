"""`kerasish datasets`: which data sets there are, where their files lie, and getting them."""

from kerasish.cli import sources
from kerasish.datasets import fetch

NAME = "datasets"
HELP = "list the data sets, or download one"
DESCRIPTION = """\
List the data sets with their size and where their files lie. Files are looked for in the folder
named by KERASISH_DATA_DIR, then in KERASISH_HOME (default ~/.kerasish), then downloaded once.
"""
EPILOG = """\
examples:
  kerasish datasets
  kerasish datasets --fetch mnist
  KERASISH_DATA_DIR=/data/keras kerasish datasets
"""


def add_arguments(parser):
    parser.add_argument("--fetch", metavar="NAME", help="download the files of one data set now")


def run(arguments):
    if arguments.fetch:
        source = sources.find(arguments.fetch)
        for file in source.files:
            print(f"ready  {fetch.fetch(file)}")
        if not source.files:
            print(f"ready  {source.name} ships inside the package")
        return
    for source in sources.SOURCES.values():
        print(f"{source.name:<19} {source.about:<36} {_size(source):>9}  {_place(source)}")
    print(f"\nKERASISH_DATA_DIR  {fetch.local_folder() or 'not set'}")
    print(f"cache              {fetch.cache_folder()}")


def _size(source):
    size = sum(file.size for file in source.files)
    return f"{size / 1e6:.1f} MB" if size else "-"


def _place(source):
    if not source.files:
        return "inside the package"
    paths = [fetch.locate(file) for file in source.files]
    if not all(paths):
        return "is downloaded when first used"
    folder = fetch.local_folder()
    local = folder is not None and all(path.is_relative_to(folder) for path in paths)
    return "in KERASISH_DATA_DIR" if local else "cached"
