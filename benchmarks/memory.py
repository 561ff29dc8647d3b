"""Peak memory of each workload for kerasish and its rivals; its growth over many steps (--long)."""

import dataclasses

from common import RESULTS, load, save
from race import Process
from runner import competitors, parser
from workloads import WORKLOADS

TRAININGS = [name for name, workload in WORKLOADS.items() if workload.measure == "train"]
LONG_STEPS, LONG_READINGS = 100_000, 20


def peak(kind, interpreter, workload, variant, options):
    """MiB at the peak of a fresh process that trains a few steps: in all, and since its imports."""
    process = Process(kind, interpreter, options.threads, options.log)
    try:
        base = process.answer()["peak"]
        process.ask(
            do="prepare", workload=workload.as_message(), variant=variant, seconds=options.seconds
        )
        top = process.ask(do="memory")["peak"]
    finally:
        process.close()
    return {"peak": top, "imports": base, "above_imports": top - base}


def peaks(options, names):
    """Measure the workloads, print a table, keep it with `--save`."""
    kinds = competitors(options)
    chosen = load(RESULTS / "training.json")
    for name in names:
        # Two batches of data: what counts is what training needs, not the user's arrays.
        workload = dataclasses.replace(WORKLOADS[name], steps=2)
        times = chosen.get(name, {}).get("times", {})
        found = {}
        print(f"\n{workload.title}: MiB at the peak, and above what the imports took")
        for kind, interpreter in kinds.items():
            # The fastest variant, which the races chose; without races, the first one.
            variant = times.get(kind, {}).get("variant")
            found[kind] = peak(kind, interpreter, workload, variant, options)
            print(f"  {kind:18s} {found[kind]['peak']:8.0f} {found[kind]['above_imports']:8.0f}")
        entry = {"title": workload.title, "memory": found}
        if options.save:
            save(options.results, {name: entry})


def growth(options):
    """Memory of one process while it trains the tiny MLP for 100,000 steps."""
    workload = WORKLOADS["tiny"]
    epochs = LONG_STEPS // workload.steps
    kinds = competitors(options)
    for kind, interpreter in kinds.items():
        process = Process(kind, interpreter, options.threads, options.log)
        process.answer()
        process.ask(do="prepare", workload=workload.as_message())
        memory = process.ask(do="train", epochs=epochs)["memory"]
        process.close()
        readings = memory[:: max(1, len(memory) // LONG_READINGS)] + memory[-1:]
        print(f"{kind:18s} " + " ".join(f"{value:.1f}" for value in readings) + " MiB")
        print(f"{'':18s} {readings[-1] - readings[1]:+.2f} MiB after the first twentieth")
        if options.save:
            entry = {"steps": epochs * workload.steps, "memory": readings}
            save(options.results, {f"long/{kind}": entry})


def main():
    """Peaks of the workloads named on the command line; growth with `--long`."""
    arguments = parser(__doc__, RESULTS / "memory.json")
    arguments.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=", ".join(TRAININGS))
    arguments.add_argument("--long", action="store_true", help=f"train {LONG_STEPS:,} steps")
    options = arguments.parse_args()
    if options.long:
        growth(options)
    else:
        peaks(options, options.workloads or TRAININGS)


if __name__ == "__main__":
    main()
