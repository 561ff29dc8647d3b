"""How the time of a training step grows with batch size and depth, and falls with threads."""

from common import RESULTS, load, usable_cores
from runner import finish, parser, race_workloads, start
from workloads import WORKLOADS, deep_mlp

BATCHES = (32, 64, 128, 256, 512, 1024)
DEPTHS = (2, 4, 8, 16, 32)
QUICK = 3  # of each series' sizes, the first


def series(quick):
    """dict of the name of a series: its workloads."""
    limit = QUICK if quick else None
    return {
        "batch": [
            WORKLOADS[name].with_batch(batch)
            for name in ("mlp", "convnet")
            for batch in BATCHES[:limit]
        ],
        "depth": [deep_mlp(depth) for depth in DEPTHS[:limit]],
        "threads": [WORKLOADS[name] for name in ("mlp", "convnet", "lstm", "transformer")],
    }


def main():
    """Race the series named on the command line, all by default."""
    arguments = parser(__doc__, RESULTS / "growth.json")
    arguments.add_argument("series", nargs="*", metavar="SERIES", help=", ".join(series(False)))
    arguments.set_defaults(rounds=3, seconds=0.5)
    options = arguments.parse_args()
    chosen, known = series(options.quick), load(options.results)
    for name in options.series or chosen:
        counts = sorted({1, len(usable_cores())}) if name == "threads" else [options.threads]
        for threads in counts:
            options.threads = threads
            processes = start(options)
            workloads = chosen[name]
            if name == "threads":
                workloads = [workload.with_name(f"threads={threads}") for workload in workloads]
            race_workloads(processes, workloads, options, known)
            finish(processes)


if __name__ == "__main__":
    main()
