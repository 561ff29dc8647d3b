"""Versions of everything a result may depend on."""

import importlib.metadata
import platform
import sys

import kerasish

PACKAGES = (
    "numpy",
    "h5py",
    "tqdm",
    "ml_dtypes",
    "matplotlib",
    "Pillow",
    "cupy-cuda13x",
    "cupy-cuda12x",
)


def collect():
    """Return a dict from package to version, without the packages that are not installed."""
    found = {"kerasish": kerasish.__version__}
    found |= {"python": platform.python_version(), "system": platform.platform()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    found["byte_order"] = sys.byteorder
    return found
