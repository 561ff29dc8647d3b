"""Devices: names, errors that say why there is no GPU, scopes per thread, placing arrays."""

import threading

import numpy as np
import pytest

import kerasish
from kerasish import ops
from kerasish.arrays import device as devices
from kerasish.arrays import namespace
from kerasish.errors import DeviceError


@pytest.fixture
def searched(monkeypatch):
    """A search for GPUs that has not been made yet."""
    found = devices._Gpus()
    monkeypatch.setattr(devices, "_gpus", found)
    return found


@pytest.mark.parametrize("name", ["cpu", "CPU", "/cpu:0", "/device:CPU:0", "cpu:0", devices.cpu])
def test_names_of_the_cpu(name):
    assert devices.get(name) is devices.cpu


@pytest.mark.parametrize("name", ["tpu", "", "gpu:x", "gpu:-1", "gpu:²", None, 0, "cpu:a"])
def test_unknown_names(name):
    with pytest.raises(DeviceError, match="device: unknown device.*Expected"):
        kerasish.device(name)


def test_a_second_cpu_is_no_device():
    with pytest.raises(DeviceError, match=r"there is no device cpu:1.*Expected: one of \['cpu'"):
        devices.get("cpu:1")


def test_absent_cupy_is_the_reason(searched, monkeypatch):
    monkeypatch.setattr(namespace, "cupy_installed", lambda: False)
    assert devices.gpus() == [] and "cupy is not installed" in devices.why_no_gpu()
    for name in ("gpu", "gpu:0", "cuda:1", "/GPU:0"):
        with pytest.raises(
            DeviceError, match=r"there is no device gpu.*pip install 'kerasish\[gpu\]'"
        ):
            kerasish.device(name)
    assert [d.name for d in kerasish.devices()] == ["cpu"]


def test_a_broken_driver_is_the_reason(searched, monkeypatch):
    def broken():
        raise OSError("libcuda.so.1 not found")

    monkeypatch.setattr(namespace, "cupy_installed", lambda: True)
    monkeypatch.setattr(namespace, "make_gpu", broken)
    with pytest.raises(DeviceError, match="cannot use a GPU: OSError: libcuda.so.1 not found"):
        devices.get("gpu")


class FakeCupy:
    """A module of arrays with as many GPUs as asked for."""

    ndarray = type("ndarray", (), {})
    is_gpu = True

    def __init__(self, count):
        self.count = count
        self.cuda = self.runtime = self

    def getDeviceCount(self):  # noqa: N802 - cupy's name
        return self.count


def test_no_visible_gpu_is_the_reason(searched, monkeypatch):
    monkeypatch.setattr(namespace, "cupy_installed", lambda: True)
    monkeypatch.setattr(namespace, "make_gpu", lambda: FakeCupy(0))
    assert devices.gpus() == []
    with pytest.raises(DeviceError, match="no NVIDIA GPU is visible"):
        devices.get("gpu")


def test_numbers_of_gpus(searched, monkeypatch):
    monkeypatch.setattr(namespace, "cupy_installed", lambda: True)
    monkeypatch.setattr(namespace, "make_gpu", lambda: FakeCupy(2))
    assert [d.name for d in kerasish.devices()] == ["cpu", "gpu:0", "gpu:1"]
    assert devices.get("cuda:1").index == 1 and devices.why_no_gpu() is None
    with pytest.raises(DeviceError, match="gpu:2.*use one of these"):
        devices.get("gpu:2")


def test_threads_that_search_at_once_all_wait_for_the_answer(searched, monkeypatch):
    is_searching, may_end, found = threading.Event(), threading.Event(), []

    def make():
        is_searching.set()
        assert may_end.wait(10)
        return FakeCupy(1)

    monkeypatch.setattr(namespace, "cupy_installed", lambda: True)
    monkeypatch.setattr(namespace, "make_gpu", make)
    first = threading.Thread(target=lambda: found.append(len(devices.gpus())))
    first.start()
    assert is_searching.wait(10)
    second = threading.Thread(target=lambda: found.append(len(devices.gpus())))
    second.start()
    may_end.set()
    first.join(10)
    second.join(10)
    assert found == [1, 1]


def test_scopes_nest_end_with_errors_and_belong_to_a_thread():
    default, seen = devices.current(), []
    other = devices.Device("cpu", 0, devices.cpu.xp)
    with kerasish.device(other) as d:
        assert d is other is devices.current()
        with kerasish.device("cpu"):
            assert devices.current() is devices.cpu
        with pytest.raises(ZeroDivisionError), kerasish.device("cpu"):
            raise ZeroDivisionError
        assert devices.current() is other
        thread = threading.Thread(target=lambda: seen.append(devices.current()))
        thread.start()
        thread.join()
    assert devices.current() is default and seen == [default]


def test_an_unknown_device_fails_before_the_scope_opens():
    with pytest.raises(DeviceError):
        with kerasish.device("tpu"):
            raise AssertionError("entered")
    assert devices.current() is devices.current()


def test_the_default_device(monkeypatch):
    monkeypatch.setattr(devices, "_default_device", None)
    kerasish.set_default_device("cpu")
    assert devices.current() is devices.cpu
    with pytest.raises(DeviceError):
        kerasish.set_default_device("tpu")
    assert devices.current() is devices.cpu


def test_placing_keeps_scalars_and_none():
    a = np.ones(2)
    xp, arrays = devices.place([a, 2.0, None])
    assert xp is devices.cpu.xp and arrays[0] is a and arrays[1:] == [2.0, None]
    assert devices.of(a) is devices.cpu and devices.to_host(a) is a
    assert devices.cpu.send(a) is a and devices.is_array(a) and not devices.is_array([1])
    assert repr(devices.cpu) == "Device('cpu')"
    devices.cpu.synchronize()


def test_arrays_go_to_the_gpu_and_back(device):
    t = ops.convert_to_tensor([1.0, 2.0])
    assert t.device.startswith(device)
    v = kerasish.Variable(t)
    step = kerasish.function(lambda x: v.assign_add(x))
    assert step(t).tolist() == [2.0, 4.0] and v.device == t.device
    assert (t + np.ones(2, np.float32)).device == t.device
