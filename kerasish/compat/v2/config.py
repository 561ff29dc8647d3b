"""tf.config, tf.device and the like: devices by TensorFlow's names, eager functions."""

import collections
import contextlib
import logging

from kerasish import config as own
from kerasish.arrays import device as devices
from kerasish.core import modes

PhysicalDevice = collections.namedtuple("PhysicalDevice", "name device_type")
LogicalDevice = collections.namedtuple("LogicalDevice", "name device_type")


def run_functions_eagerly(run_eagerly):
    """Run `tf.function`s step by step, for looking into them.

    Args:
        run_eagerly: bool.
    """
    own.run_functions_eagerly(run_eagerly)


def functions_run_eagerly():
    """Whether functions run step by step."""
    return own.settings.functions_eager


def list_physical_devices(device_type=None):
    """Devices of this machine.

    Args:
        device_type: "CPU", "GPU" or None.

    Returns:
        list of PhysicalDevice.
    """
    kinds = [d.name.partition(":")[0].upper() for d in devices.devices()]
    count = collections.Counter()
    found = []
    for kind in kinds:
        found.append(PhysicalDevice(f"/physical_device:{kind}:{count[kind]}", kind))
        count[kind] += 1
    return [d for d in found if device_type in (None, d.device_type)]


def list_logical_devices(device_type=None):
    """Devices of this machine, as TensorFlow's logical ones.

    Args:
        device_type: "CPU", "GPU" or None.

    Returns:
        list of LogicalDevice.
    """
    found = list_physical_devices(device_type)
    return [LogicalDevice(d.name.replace("physical_", ""), d.device_type) for d in found]


def get_visible_devices(device_type=None):
    """Devices that programs may use: all.

    Args:
        device_type: "CPU", "GPU" or None.

    Returns:
        list of PhysicalDevice.
    """
    return list_physical_devices(device_type)


def device(device_name):
    """Context in which tensors are made on a device.

    Args:
        device_name: such as "/CPU:0", "/device:GPU:0", "cpu" or None.

    Returns:
        context manager. A GPU that is absent is an error, as in TensorFlow without soft placement.
    """
    if device_name is None:
        return contextlib.nullcontext()
    parts = device_name.lower().replace("/", ":").split(":")
    kind = next((p for p in parts if p in ("cpu", "gpu")), "cpu")
    number = parts[-1] if parts[-1].isdigit() else "0"
    return devices.device("cpu" if kind == "cpu" else f"gpu:{number}")


def executing_eagerly():
    """Whether operations compute at once: not inside a traced function.

    Returns:
        bool.
    """
    return not modes.is_tracing()


def get_logger():
    """Python's logger of the name "tensorflow".

    Returns:
        logging.Logger.
    """
    return logging.getLogger("tensorflow")


@contextlib.contextmanager
def control_dependencies(control_inputs):
    """Context without effect: operations run in the order of the program.

    Args:
        control_inputs: ignored.
    """
    yield


@contextlib.contextmanager
def init_scope():
    """Context in which operations compute at once, even inside a traced function."""
    with modes.outside_trace():
        yield
