"""Devices: which exist, which one new arrays go to, and moving arrays between them."""

import threading

import numpy

from kerasish.arrays import namespace
from kerasish.errors import DeviceError, explain

_local = threading.local()


class Device:
    """A place where arrays live: "cpu", or "gpu:0", "gpu:1", ...

    Args:
        kind: "cpu" or "gpu".
        index: int. Which GPU.
        xp: array namespace.

    Example:
        >>> cpu
        Device('cpu')
        >>> cpu.kind
        'cpu'
    """

    __slots__ = ("kind", "index", "name", "xp", "_scope")

    def __init__(self, kind, index, xp):
        self.kind, self.index, self.xp = kind, index, xp
        self.name = "cpu" if kind == "cpu" else f"gpu:{index}"

    def send(self, array):
        """The same values as an array on this device (no copy if it is there already)."""
        if self.kind == "cpu" or (isinstance(array, numpy.ndarray) and array.dtype.kind == "O"):
            return array if isinstance(array, numpy.ndarray) else to_host(array)  # text: no GPU
        with self.xp.cuda.Device(self.index):
            return self.xp.asarray(array)

    def synchronize(self):
        """Wait until all work queued on this device is done."""
        if self.kind == "gpu":
            self.xp.cuda.Device(self.index).synchronize()

    def __repr__(self):
        return f"Device({self.name!r})"


cpu = Device("cpu", 0, namespace.make_cpu())


class _Gpus:
    """What is known of GPUs: nothing until somebody asks, then the namespace or the reason."""

    def __init__(self):
        self.devices = None
        self.reason = None
        self.array_type = None
        self._lock = threading.Lock()

    def find(self):
        if self.devices is None:
            with self._lock:  # another thread must not take an unfinished search for "none"
                if self.devices is None:
                    self.devices = self._search()
        return self.devices

    def _search(self):
        if not namespace.cupy_installed():
            self.reason = "cupy is not installed (pip install 'kerasish[gpu]')"
            return []
        try:
            xp = namespace.make_gpu()
            count = xp.cuda.runtime.getDeviceCount()
        except Exception as error:  # a broken driver or wheel raises many types: all mean absent
            self.reason = f"cupy cannot use a GPU: {type(error).__name__}: {error}"
            return []
        self.array_type = xp.ndarray
        if not count:
            self.reason = "no NVIDIA GPU is visible to this process"
        return [Device("gpu", i, xp) for i in range(count)]


_gpus = _Gpus()


def gpus():
    """Devices of all visible GPUs (cupy is imported by the first call)."""
    return list(_gpus.find())


def why_no_gpu():
    """The reason why `gpus()` is empty, or None."""
    _gpus.find()
    return _gpus.reason


def devices():
    """All devices of this machine, the CPU first."""
    return [cpu, *gpus()]


def get(name):
    """The device of a name: "cpu", "gpu", "gpu:1", "/cpu:0", "cuda:0" or a Device.

    Raises:
        DeviceError: unknown name, or no such device here (the text says why).
    """
    if isinstance(name, Device):
        return name
    text = str(name).lower().strip("/").removeprefix("device:")
    kind, _, index = text.partition(":")
    kind = {"cuda": "gpu"}.get(kind, kind)
    if kind not in ("cpu", "gpu") or (index and not index.isdecimal()):
        raise DeviceError(
            explain("device", "unknown device", received=name, expected='"cpu", "gpu:0", ...')
        )
    found, number = [cpu] if kind == "cpu" else gpus(), int(index or 0)
    if number >= len(found):
        reason = why_no_gpu() if kind == "gpu" else None
        raise DeviceError(
            explain(
                "device",
                f"there is no device {kind}:{number}",
                received=name,
                expected=f"one of {[d.name for d in devices()]}",
                fix=reason or "use one of these, or leave the device out",
            )
        )
    return found[number]


def current():
    """The device that new arrays go to: the innermost `device(...)` scope, else the default."""
    stack = getattr(_local, "stack", None)
    return stack[-1] if stack else _default()


def _default():
    global _default_device
    if _default_device is None:  # looked for at the first array, not at import
        found = gpus()
        _default_device = found[0] if found else cpu
    return _default_device


_default_device = None


def set_default_device(name):
    """Make a device the default of this process: where new arrays go outside any scope.

    Args:
        name: str or Device.

    Raises:
        DeviceError: the device does not exist here.
    """
    global _default_device
    _default_device = get(name)


class device:  # noqa: N801 - used like a function: with kerasish.device("gpu:0")
    """Context in which new arrays, weights and random numbers are made on the named device.

    Args:
        device_name: str or Device.

    Raises:
        DeviceError: the device does not exist here; raised at once, not at first use.

    Example:
        >>> with device("cpu") as d:
        ...     d.name
        'cpu'
    """

    def __init__(self, device_name):
        self.target = get(device_name)

    def __enter__(self):
        if not hasattr(_local, "stack"):
            _local.stack = []
        _local.stack.append(self.target)
        if self.target.kind == "gpu":
            self.target.xp.cuda.Device(self.target.index).use()
        return self.target

    def __exit__(self, *exc_info):
        _local.stack.pop()
        previous = current()
        if previous.kind == "gpu":
            previous.xp.cuda.Device(previous.index).use()


def of(array):
    """The device an array lives on."""
    if _gpus.array_type is not None and isinstance(array, _gpus.array_type):
        return _gpus.devices[array.device.id]
    return cpu


def place(arrays):
    """Namespace in which to compute on these arrays, and the arrays moved to one device.

    Arrays of several devices meet on the GPU; Python scalars and None pass unchanged.
    """
    if _gpus.array_type is None:
        return cpu.xp, arrays
    gpu = _gpus.array_type
    target = next((a for a in arrays if isinstance(a, gpu)), None)
    if target is None:
        here = current()
        if here.kind == "cpu" or any(isinstance(a, numpy.ndarray) for a in arrays):
            return cpu.xp, arrays
        return here.xp, arrays
    xp = _gpus.devices[0].xp
    return xp, [_devices_array(xp, a) for a in arrays]


def _devices_array(xp, value):
    """An array on the GPU, less text, which stays on the host; anything else as it is."""
    is_sent = isinstance(value, numpy.ndarray) and value.dtype.kind != "O"
    return xp.asarray(value) if is_sent else value


def to_host(array):
    """A NumPy array with the values of any array."""
    if isinstance(array, numpy.ndarray):
        return array
    if _gpus.array_type is not None and isinstance(array, _gpus.array_type):
        return _gpus.devices[0].xp.asnumpy(array)
    return numpy.asarray(array)


def is_array(value):
    """Whether a value is an array of NumPy, or of CuPy where it is in use."""
    return isinstance(value, numpy.ndarray) or (
        _gpus.array_type is not None and isinstance(value, _gpus.array_type)
    )
