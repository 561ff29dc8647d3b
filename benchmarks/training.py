"""Training steps, `predict` and eager calls of kerasish and its rivals, side by side."""

from common import RESULTS, load
from runner import finish, parser, race_workloads, start
from workloads import WORKLOADS


def main():
    """Race the workloads named on the command line, all by default."""
    arguments = parser(__doc__, RESULTS / "training.json")
    arguments.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=", ".join(WORKLOADS))
    options = arguments.parse_args()
    processes = start(options)
    chosen = [WORKLOADS[name] for name in options.workloads or WORKLOADS]
    race_workloads(processes, chosen, options, load(options.results))
    finish(processes)


if __name__ == "__main__":
    main()
