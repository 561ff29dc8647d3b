"""Time from the start of a process to its first trained step of the convnet, and of that step."""

import dataclasses
import statistics
import tempfile
import time

from common import RESULTS, save
from race import Process
from runner import competitors, parser
from workloads import WORKLOADS

PARTS = ("total", "imports", "build", "first", "second")


def measure(kind, interpreter, workload, options):
    """Seconds: whole process until the first step ended, imports, building, first, second step."""
    with tempfile.TemporaryDirectory() as folder:
        # torch.compile keeps what it compiled on disk: it starts with an empty cache.
        return _measure(kind, interpreter, workload, options, {"TORCHINDUCTOR_CACHE_DIR": folder})


def _measure(kind, interpreter, workload, options, environment):
    start = time.perf_counter()
    process = Process(kind, interpreter, options.threads, options.log, environment)
    try:
        imports = process.answer()["import_seconds"]
        seconds = process.ask(do="first_step", workload=workload.as_message())
        whole = time.perf_counter() - start
    finally:
        process.close()
    return {"total": whole - seconds["second"], "imports": imports, **seconds}


def main():
    """Print medians over fresh processes that start one after the other, in turn."""
    arguments = parser(__doc__, RESULTS / "first_step.json")
    arguments.add_argument("workload", nargs="?", default="convnet")
    arguments.set_defaults(rounds=3)
    options = arguments.parse_args()
    kinds = competitors(options)
    workload = dataclasses.replace(WORKLOADS[options.workload], steps=2)
    runs = {kind: [] for kind in kinds}
    for _ in range(options.rounds):
        for kind, path in kinds.items():
            runs[kind].append(measure(kind, path, workload, options))
    print(f"{'median s':18s} " + " ".join(f"{part:>9s}" for part in PARTS))
    for kind, times in runs.items():
        print(f"{kind:18s} " + " ".join(f"{_median(times, part):9.3f}" for part in PARTS))
        if options.save:
            entry = {part: _median(times, part) for part in PARTS}
            entry["low"], entry["high"] = (f(t["first"] for t in times) for f in (min, max))
            save(options.results, {f"{options.workload}/{kind}": entry})


def _median(times, part):
    return statistics.median(entry[part] for entry in times)


if __name__ == "__main__":
    main()
