"""`kerasish devices`: the devices of this machine, and why there is no GPU where there is none."""

import os

import kerasish
from kerasish.arrays.device import current, why_no_gpu

NAME = "devices"
HELP = "list the devices that can train"
DESCRIPTION = "List the devices of this machine. New models go to the one marked with a star."
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


def _describe(device):
    if device.kind == "cpu":
        return f"{os.cpu_count()} processors, NumPy"
    properties = device.xp.cuda.runtime.getDeviceProperties(device.index)
    memory = properties["totalGlobalMem"] / 2**30
    return f"{properties['name'].decode()}, {memory:.0f} GiB, CuPy"
