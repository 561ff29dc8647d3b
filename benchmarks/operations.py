"""Single operations of kerasish, with and without its kernels, and of torch, side by side."""

from common import RESULTS, load
from runner import finish, parser, race_workloads, start
from workloads.operation_cases import OPERATIONS

KINDS = ("kerasish", "kerasish-plain", "torch")


def rows(names):
    """Workloads of the operations whose name begins with one of `names` (all for none)."""
    for operation in OPERATIONS.values():
        if names and not operation.name.startswith(tuple(names)):
            continue
        yield operation.as_workload(gradient=False)
        if operation.gradient:
            yield operation.as_workload(gradient=True)


def main():
    """Race the operations named on the command line, all by default."""
    arguments = parser(__doc__, RESULTS / "operations.json")
    arguments.add_argument(
        "operations", nargs="*", metavar="NAME", help=f"or its beginning: {', '.join(OPERATIONS)}"
    )
    arguments.set_defaults(rounds=3, seconds=0.2)
    options = arguments.parse_args()
    processes = start(options, default=KINDS[:2], among=KINDS)
    results = race_workloads(processes, rows(options.operations), options, load(options.results))
    print(f"\n{'operation':48s} {'unit':8s} " + " ".join(f"{kind:>14s}" for kind in KINDS))
    for result in results.values():
        print(row(result))
    finish(processes)


def rate(result, kind):
    """(figure, unit) of a competitor from its minimum; None where it did not take part."""
    if kind not in result["times"]:
        return None
    workload = result["workload"]
    gradient = dict(workload["options"])["gradient"]
    return OPERATIONS[workload["model"]].rate(result["times"][kind]["minimum"], gradient)


def row(result):
    """A result as a line of a table."""
    rates = [rate(result, kind) for kind in KINDS]
    unit = next((found[1] for found in rates if found), "")
    cells = " ".join(f"{found[0]:14.1f}" if found else f"{'-':>14s}" for found in rates)
    return f"{result['workload']['title']:48s} {unit:8s} {cells}"


if __name__ == "__main__":
    main()
