"""The runner's side of a race: starts competitors, lets them run slices in turn."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import usable_cores

HERE = Path(__file__).resolve().parent
VARIABLE = "KERASISH_RIVALS_PYTHON"
# How the environment could favour one competitor: nobody gets these.
STRIPPED = ("OPENBLAS_", "OMP_", "MKL_", "GOMP_", "KMP_", "GOTO_", "XLA_", "TF_", "KERAS_")
STRIPPED += ("JAX_", "TORCH", "KERASISH_NUM_THREADS")
MODULES = {
    "keras-jax": ("keras", "jax"),
    "keras-tensorflow": ("keras", "tensorflow"),
    "keras-torch": ("keras", "torch"),
    "torch": ("torch",),
    "torch-compile": ("torch",),
}
# Cores that other programs may use on average during a slice before its round is run again.
DISTURBED = 0.15

# Entered around every round; a machine shared with other work can put a lock here.
quiet = contextlib.nullcontext


def clean_environment(kind):
    """The environment of a competitor: the runner's, less what sets threads and processor types."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(STRIPPED)}
    kept.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", JAX_PLATFORMS="cpu")
    kept["KERAS_HOME"] = str(Path(tempfile.gettempdir()) / "benchmarks_keras_home")
    if kind.startswith("keras-"):
        kept["KERAS_BACKEND"] = kind.partition("-")[2]
    return kept


def find_rivals(interpreters):
    """Which rivals the given interpreters can import, without importing them.

    Args:
        interpreters: list of str. Paths of Python interpreters.

    Returns:
        dict of kind: interpreter, and a list of the kinds that no interpreter has.
    """
    names = sorted({name for modules in MODULES.values() for name in modules})
    probe = f"import importlib.util as u; print(*[n for n in {names} if u.find_spec(n)])"
    found = {}
    for interpreter in interpreters:
        answer = subprocess.run([interpreter, "-c", probe], capture_output=True, text=True)
        if answer.returncode:
            raise SystemExit(f"{interpreter} does not run: {answer.stderr.strip()}")
        present = set(answer.stdout.split())
        for kind, needed in MODULES.items():
            if present.issuperset(needed):
                found.setdefault(kind, interpreter)
    return found, [kind for kind in MODULES if kind not in found]


def pin(cores):
    """Keep this process on some cores, where the system allows that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)


class Process:
    """A competitor's process, and the line protocol with it.

    Args:
        kind: str. See competitor.Competitor.
        interpreter: str.
        threads: int. Cores and threads it may use.
        log: str or None. File for its error output.
        environment: dict. Variables beside those of `clean_environment`.
    """

    def __init__(self, kind, interpreter=sys.executable, threads=None, log=None, environment=None):
        self.kind, self.versions = kind, {}
        cores = usable_cores()
        threads = threads or len(cores)
        with open(log or os.devnull, "ab") as errors:
            self.process = subprocess.Popen(
                [interpreter, str(HERE / "competitor.py"), kind, str(threads)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**clean_environment(kind), **(environment or {})},
                preexec_fn=lambda: pin(cores[:threads]),
            )
        self.send(do="hello")

    def send(self, **message):
        """Send a message without waiting for the answer."""
        try:
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise RuntimeError(f"{self.kind} ended early") from error

    def answer(self):
        """Wait for the answer to the last message; RuntimeError where it is an error."""
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": "the process ended"}
        if "error" in answer:
            raise RuntimeError(f"{self.kind}: {answer['error']}")
        return answer

    def ask(self, **message):
        """Send a message and wait for the answer."""
        self.send(**message)
        return self.answer()

    def processor_seconds(self):
        """Processor time that the process has used, all threads; 0 where it is not told."""
        try:
            text = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8")
        except FileNotFoundError:
            return 0.0
        fields = text.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        """End the process."""
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def prepare(processes, workload, variants):
    """Let each process in turn build a workload; those that fail are told and left out.

    Args:
        processes: list of Process.
        workload: Workload.
        variants: dict of kind: variant to take; processes not in it try all of theirs.

    Returns:
        (dict of kind: answer, dict of kind: error).
    """
    prepared, failed = {}, {}
    for process in processes:
        try:
            prepared[process.kind] = process.ask(
                do="prepare", workload=workload.as_message(), variant=variants.get(process.kind)
            )
        except RuntimeError as error:
            failed[process.kind] = str(error)
    return prepared, failed


def race(processes, rounds, seconds, pause=0.05):
    """Slices in turn: every round each process runs one, while the others sleep.

    A round in which other programs used the processor is run again, up to half as many times more;
    the least disturbed ones count.

    Returns:
        (dict of kind: list of rounds, each a list of milliseconds a step; list of the cores that
        other programs used at most in each round).
    """
    found = []
    for i in range(rounds + max(2, rounds // 2) if processes else 0):
        # Another one begins each round, so that nobody always follows the same neighbour.
        first = i % len(processes)
        with quiet():
            found.append(_round(processes[first:] + processes[:first], seconds, pause))
        if sum(entry[0] <= DISTURBED for entry in found) >= rounds:
            break
    kept = sorted(sorted(range(len(found)), key=lambda i: found[i][0])[:rounds])
    times = {process.kind: [found[i][1][process.kind] for i in kept] for process in processes}
    return times, [found[i][0] for i in kept]


def _round(processes, seconds, pause):
    """(cores that others used at most during a slice, dict of kind: milliseconds)."""
    loads, times = [0.0], {}
    for process in processes:
        time.sleep(pause)  # the last one's threads stop spinning
        start, busy = time.perf_counter(), busy_seconds() - process.processor_seconds()
        times[process.kind] = process.ask(do="slice", seconds=seconds)["milliseconds"]
        foreign = busy_seconds() - process.processor_seconds() - busy
        loads.append(foreign / (time.perf_counter() - start))
    return max(loads), times


def busy_seconds():
    """Processor time that everything on the machine has used; 0 where it is not told."""
    try:
        numbers = Path("/proc/stat").read_text(encoding="ascii").split("\n")[0].split()[1:9]
    except FileNotFoundError:
        return 0.0
    user, nice, system, _idle, _wait, interrupts, soft, stolen = map(int, numbers)
    return (user + nice + system + interrupts + soft + stolen) / os.sysconf("SC_CLK_TCK")
