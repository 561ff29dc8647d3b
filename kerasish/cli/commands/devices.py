"""`kerasish devices`: the devices of this machine, and why a GPU or the kernels are missing."""

import os

import kerasish
from kerasish import config
from kerasish.arrays.device import current, why_no_gpu
from kerasish.kernels.cpu import library

NAME = "devices"
HELP = "list the devices that can train"
DESCRIPTION = (
    "List the devices of this machine. New models go to the one marked with a star. "
    "Then the native kernels and the BLAS that the CPU uses, or why there are none."
)
EPILOG = """\
example:
  kerasish devices
"""


def add_arguments(parser):
    """This command takes no arguments of its own."""


def run(arguments):
    default = current().name
    for device in kerasish.devices():
        star = "*" if device.name == default else " "
        print(f"{star} {device.name:<6} {_describe(device)}")
    if why_no_gpu():
        print(f"  no gpu: {why_no_gpu()}")
    print(f"  cpu kernels: {_describe_kernels()}")
    print(f"  NumPy's BLAS: {library.blas_name()}")


def _describe_kernels():
    if library.library() is None:
        return f"none, NumPy computes everything ({library.why_none()})"
    return f"{library.path()}, {config.threads()} threads"


def _describe(device):
    if device.kind == "cpu":
        return f"{os.cpu_count()} processors, NumPy"
    properties = device.xp.cuda.runtime.getDeviceProperties(device.index)
    memory = properties["totalGlobalMem"] / 2**30
    return f"{properties['name'].decode()}, {memory:.0f} GiB, CuPy"
