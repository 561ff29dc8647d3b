"""One competitor of a race: a process that works on command and sleeps in between.

It reads one JSON message a line from its standard input and answers each with one on its standard
output. What a message's "do" may name are the public methods of `Competitor`, the rest of the
message are the arguments.
"""

import importlib
import inspect
import json
import os
import platform
import statistics
import sys
import time
import traceback
from pathlib import Path

from workloads import Workload

# What works on images, models and operations: torch may prefer either layout.
IMAGE_MODELS = ("conv", "resnet", "depthwise_conv", "max_pool", "average_pool", "batch_norm")


class Competitor:
    """Answers the messages of the runner.

    Args:
        kind: str. "kerasish", "kerasish-plain" (kernels disabled), "keras-jax",
            "keras-tensorflow", "keras-torch", "torch" or "torch-compile".
        threads: int. Threads that libraries which can be told may use.
    """

    def __init__(self, kind, threads):
        self.kind, self.run = kind, None
        start = time.perf_counter()
        self.versions = {"python": platform.python_version()}
        module, _, backend = kind.partition("-")
        if "torch" in kind:
            self._import("torch").set_num_threads(threads)
        if module in ("keras", "kerasish"):
            self.keras = self._import(module)
        if module == "keras" and backend != "torch":
            self._import(backend)
        if module == "kerasish":
            self.keras.config.set_threads(threads)
            if backend == "plain":
                self.keras.config.disable_kernels()
            else:
                library = importlib.import_module("kerasish.kernels.cpu.library")
                path = library.path()
                self.versions["kernels"] = Path(path).stem if path else "none"
            self.versions["blas"] = importlib.import_module("common").describe_blas()
        self.runs = importlib.import_module(RUNS[module])
        self.import_seconds = time.perf_counter() - start

    def _import(self, name):
        module = importlib.import_module(name)
        self.versions[name] = module.__version__
        return module

    def hello(self):
        """Versions, time of the imports, and memory after them."""
        return {"versions": self.versions, "import_seconds": self.import_seconds, **self.memory()}

    def variants(self, workload):
        """The settings of a competitor between which the fastest is chosen."""
        layouts = ["channels_last"]
        if workload.model.startswith(IMAGE_MODELS):
            layouts.append("channels_first")
        if self.kind == "keras-tensorflow" and workload.measure in ("train", "predict"):
            return [{"jit_compile": True}, {"jit_compile": False}]
        if self.kind in ("keras-torch", "torch"):
            return [{"layout": layout} for layout in layouts]
        if self.kind == "torch-compile":
            return [{"layout": layout, "compiled": True} for layout in layouts]
        return [{}]

    def prepare(self, workload, variant=None, seconds=0.5):
        """Build the given variant, or each one to keep the fastest; its first steps' losses."""
        workload = Workload.from_message(workload)
        start = time.perf_counter()
        self.run, tried = None, []
        for variant in self.variants(workload) if variant is None else [variant]:
            run = self._make(workload, variant)
            losses = run.first_losses() if workload.measure == "train" else None
            speed = statistics.median(run.times(seconds))
            tried.append([variant, speed])
            if speed == min(entry[1] for entry in tried):
                self.run, chosen, chosen_losses = run, variant, losses
        return {
            "variant": chosen,
            "losses": chosen_losses,
            "variants": tried,
            "seconds": time.perf_counter() - start,
        }

    def _make(self, workload, variant):
        if workload.measure == "operation":
            module = importlib.import_module(OPERATIONS[self.kind.partition("-")[0]])
            return module.SingleOperation(workload, variant)
        if self.kind.startswith("torch"):
            return self.runs.TorchRun(workload, variant)
        return self.runs.KerasRun(self.keras, workload, variant)

    def slice(self, seconds):
        """Milliseconds a step, several figures."""
        return {"milliseconds": self.run.times(seconds)}

    def first_step(self, workload, variant=None):
        """Build a model, train one step, and a second one: seconds of each."""
        workload, marks = Workload.from_message(workload), [time.perf_counter()]
        run = self._make(workload, variant or self.variants(workload)[0])
        marks.append(time.perf_counter())
        for _ in range(2):
            run.first_losses(steps=(1,))
            marks.append(time.perf_counter())
        build, first, second = (b - a for a, b in zip(marks[:-1], marks[1:], strict=True))
        return {"build": build, "first": first, "second": second}

    def train(self, epochs):
        """Train some epochs of the prepared workload: MiB of memory after each one."""
        memory = []
        self.run.train(epochs, lambda: memory.append(self.memory()["now"]))
        return {"memory": memory}

    def memory(self):
        """MiB of memory: at its peak so far, and now."""
        try:
            text = Path("/proc/self/status").read_text(encoding="ascii")
            fields = dict(line.split(":", 1) for line in text.splitlines())
            peak, now = (int(fields[name].split()[0]) / 1024 for name in ("VmHWM", "VmRSS"))
        except FileNotFoundError:
            resource = importlib.import_module("resource")
            peak = now = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        return {"peak": peak, "now": now}


RUNS = {
    "kerasish": "workloads.keras_runs",
    "keras": "workloads.keras_runs",
    "torch": "workloads.torch_runs",
}
OPERATIONS = {"kerasish": "workloads.operations_kerasish", "torch": "workloads.operations_torch"}
ACTIONS = [
    name
    for name, _ in inspect.getmembers(Competitor, inspect.isfunction)
    if not name.startswith("_")
]


def main(kind, threads):
    """Answer messages until the input ends."""
    # Whatever libraries print goes to the error output: the standard output is the pipe's.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    competitor = Competitor(kind, int(threads))
    for line in sys.stdin:
        message = json.loads(line)
        action = message.pop("do")
        try:
            if action not in ACTIONS:
                raise ValueError(f"no action {action!r}, only {ACTIONS}")
            answer = getattr(competitor, action)(**message)
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main(*sys.argv[1:])
