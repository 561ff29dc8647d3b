"""The thread pool: every piece once, any number of callers, forks, sleep, and fixed results."""

import ctypes
import functools
import os
import sys
import threading
import time

import numpy as np
import pytest

from kerasish import config
from kerasish.kernels.cpu import library
from kerasish.kernels.cpu.records import RECORD
from tests.kernels.compiled import compile_with_pool, needs_compiler, run

pytestmark = needs_compiler

# One word per way of building the pool: the way of sleeping, and how soon.
BUILDS = {
    "futex": (),
    "condition": ("-DPOOL_WITHOUT_FUTEX",),
    "drowsy": ("-DPOOL_SPINS=5",),
    "address": ("-fsanitize=address,undefined", "-fno-sanitize-recover=all"),
    "race": ("-fsanitize=thread",),
    "race-condition-drowsy": ("-fsanitize=thread", "-DPOOL_WITHOUT_FUTEX", "-DPOOL_SPINS=5"),
}


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """Function from the name of a build to the test program, compiled when first asked for."""
    folder = tmp_path_factory.mktemp("pool")
    return functools.cache(lambda n: compile_with_pool("pool.c", folder / n, *BUILDS[n]))


@pytest.mark.parametrize("name", BUILDS)
@pytest.mark.parametrize("check", ["meet 2", "meet 7", "stress 2", "stress 6", "rest 4", "fork 3"])
def test_the_pool_alone(programs, name, check):
    if "race" in name and check.startswith("fork"):
        pytest.skip("ThreadSanitizer does not follow threads into a fork")
    run([programs(name), *check.split()], env={**os.environ, "TSAN_OPTIONS": "halt_on_error=1"})


@pytest.mark.parametrize("name", ["futex", "address"])
def test_memory_of_threads_that_ended_is_freed(programs, name):
    options = {"ASAN_OPTIONS": "quarantine_size_mb=1"}  # else it keeps what is freed for a while
    run([programs(name), "memory", "2"], env={**os.environ, **options})


# ---- from Python -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    target = tmp_path_factory.mktemp("summing") / "summing.so"
    return compile_with_pool("summing.c", target, "-shared", "-fPIC")


@pytest.fixture(scope="module")
def native(path):
    return ctypes.CDLL(str(path))


def native_sum(native, numbers):
    """Sum through one record, as a program does it."""
    record, result = np.zeros(1, RECORD), np.zeros(1, np.float32)
    record["kernel"] = ctypes.cast(native.sum_numbers, ctypes.c_void_p).value
    record["integer"][0, 0] = len(numbers)
    record["value"][0, :2] = 0, 1
    table = np.array([numbers.ctypes.data, result.ctypes.data], "u8")
    pointers = [ctypes.c_void_p(a.ctypes.data) for a in (record, table)]
    native.run_records.restype = ctypes.c_long
    assert native.run_records(pointers[0], ctypes.c_long(1), pointers[1]) == -1
    return result[0]


@pytest.fixture(scope="module")
def numbers():
    return np.random.default_rng(0).standard_normal(300_500).astype(np.float32)


@pytest.mark.parametrize("size", [0, 1, 999, 1001, 300_500])
def test_results_are_the_same_at_any_number_of_threads(native, numbers, size):
    found = set()
    for threads in range(1, 9):
        native.set_thread_count(threads)
        found.add(native_sum(native, numbers[:size]))
    assert len(found) == 1
    np.testing.assert_allclose(found.pop(), numbers[:size].sum(dtype=np.float64), atol=0.05)


def test_sixteen_python_threads_at_once(native, numbers):
    native.set_thread_count(3)
    wanted = [native_sum(native, numbers[i * 1000 :]) for i in range(16)]
    barrier, found = threading.Barrier(16), {}

    def work(i):
        barrier.wait(10)
        found[i] = {native_sum(native, numbers[i * 1000 :]) for _ in range(50)}

    threads = [threading.Thread(target=work, args=(i,)) for i in range(16)]
    [t.start() for t in threads]
    for count in (1, 4, 2, 5, 3):  # the number changes while they run
        native.set_thread_count(count)
        time.sleep(0.01)
    [t.join(60) for t in threads]
    assert found == {i: {w} for i, w in enumerate(wanted)}


def test_a_process_at_rest_uses_no_processor(native, numbers):
    native.set_thread_count(4)
    native_sum(native, numbers)
    time.sleep(0.1)
    before = time.process_time()
    time.sleep(0.3)
    assert time.process_time() - before < 0.01


FORKS = """
import ctypes, multiprocessing, os, sys
import numpy as np
from tests.kernels.test_threads import native_sum

native = ctypes.CDLL(sys.argv[1])
native.set_thread_count(3)
numbers = np.ones(200_000, np.float32)

def work(_=0):
    return float(native_sum(native, numbers))

assert work() == 200_000
for _ in range(5):
    child = os.fork()
    if not child:
        os._exit(0 if work() == 200_000 and native.thread_count() == 3 else 1)
    assert work() == 200_000
    assert os.waitpid(child, 0)[1] == 0
with multiprocessing.get_context("fork").Pool(2) as pool:
    assert pool.map(work, range(8)) == [200_000.0] * 8
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_children_of_a_fork_have_a_pool_of_their_own(path):
    run([sys.executable, "-W", "ignore", "-c", FORKS, path])


# ---- the number of threads ---------------------------------------------------------------------


@pytest.fixture
def fresh_settings(monkeypatch):
    monkeypatch.setattr(config.settings, "threads", None)
    monkeypatch.setattr(config.settings, "threads_changed", None)
    for name in ("KERASISH_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    "variables, wanted",
    [
        ({"KERASISH_NUM_THREADS": "3", "OMP_NUM_THREADS": "5"}, 3),
        ({"OMP_NUM_THREADS": "5"}, 5),
        ({"OMP_NUM_THREADS": "4,2"}, 4),
        ({"OMP_NUM_THREADS": ""}, None),
        ({}, None),
    ],
)
def test_threads_follow_the_environment(fresh_settings, variables, wanted):
    for name, value in variables.items():
        fresh_settings.setenv(name, value)
    fresh_settings.setattr(config, "_usable_processors", lambda: 77)
    assert config.threads() == (wanted or 77)


@pytest.mark.parametrize("value", ["many", "0", "-1", "1.5", "5000"])
def test_a_wrong_variable_is_an_error_that_names_it(fresh_settings, value):
    fresh_settings.setenv("KERASISH_NUM_THREADS", value)
    with pytest.raises(ValueError, match="KERASISH_NUM_THREADS"):
        config.threads()


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "2", 1025])
def test_a_wrong_number_changes_nothing(fresh_settings, value):
    config.set_threads(2)
    with pytest.raises(ValueError, match="set_threads"):
        config.set_threads(value)
    assert config.threads() == 2


def test_a_number_set_early_is_given_to_the_library_and_so_is_a_change(fresh_settings, native):
    for name in ("handle", "path"):
        fresh_settings.setattr(library._Loaded, name, None)
    config.set_threads(5)
    library._adopt(native, "somewhere")
    assert native.thread_count() == 5
    config.set_threads(2)
    assert native.thread_count() == 2
    config.set_threads(None)
    assert native.thread_count() == config.threads()


@pytest.mark.parametrize(
    "files, wanted",
    [
        ({"cpu.max": "150000 100000\n"}, 2),
        ({"cpu.max": "10000 100000\n"}, 1),
        ({"cpu.max": "max 100000\n"}, None),
        ({"cpu/cpu.cfs_quota_us": "400000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 4),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None),
        ({}, None),
    ],
)
def test_the_quota_of_a_container(tmp_path, files, wanted):
    (tmp_path / "cpu").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert config._container_quota(tmp_path) == wanted


def test_processors_are_those_of_the_affinity(fresh_settings):
    fresh_settings.setattr(config, "_container_quota", lambda: None)
    if hasattr(os, "sched_getaffinity"):
        fresh_settings.setattr(os, "sched_getaffinity", lambda _: {1, 5, 8})
        assert config.threads() == 3
    fresh_settings.setattr(config, "_container_quota", lambda: 1)
    fresh_settings.setattr(config.settings, "threads", None)
    assert config.threads() == 1


def test_the_installed_library_obeys(fresh_settings):
    loaded = library.library()
    if loaded is None:
        pytest.skip(f"native library: {library.why_none()}")
    before = loaded.thread_count()
    fresh_settings.setattr(config.settings, "threads_changed", loaded.set_thread_count)
    config.set_threads(before + 1)
    assert loaded.thread_count() == before + 1
    config.set_threads(before)
