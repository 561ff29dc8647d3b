"""`kerasish info`: versions and folders, as one needs them in a bug report."""

import os
from pathlib import Path

import kerasish
from kerasish.cli import versions
from kerasish.datasets import fetch

NAME = "info"
HELP = "show versions and folders"
DESCRIPTION = "Show versions, folders and settings: paste this into a bug report."
EPILOG = """\
example:
  kerasish info
"""


def add_arguments(parser):
    """This command takes no arguments of its own."""


def run(arguments):
    rows = {
        **versions.collect(),
        "package": Path(kerasish.__file__).parent,
        # As it was set: a wrong folder is just what a bug report should show.
        fetch.FOLDER_VARIABLE: os.environ.get(fetch.FOLDER_VARIABLE, "not set"),
        "cache": fetch.cache_folder(),
        "devices": ", ".join(device.name for device in kerasish.devices()),
        "floatx": kerasish.config.floatx(),
    }
    for name, value in rows.items():
        print(f"{name:<18} {value}")
