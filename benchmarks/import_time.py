"""Time of `import kerasish` and its first use against `import numpy` and rivals, in turn."""

import statistics
import subprocess
import sys
import time

from common import REPOSITORY, RESULTS, save
from race import clean_environment
from runner import competitors, parser

OURS = {
    "import numpy": "import numpy",
    "import kerasish": "import kerasish",
    "from kerasish import layers, models": "from kerasish import layers, models",
}


def statements(kinds):
    """dict of name: (kind, interpreter, statement) for ours and every rival."""
    found = {name: ("kerasish", sys.executable, text) for name, text in OURS.items()}
    for kind, interpreter in kinds.items():
        module, _, backend = kind.partition("-")
        if module == "keras":
            found[f"import keras on {backend}"] = (kind, interpreter, "import keras")
        elif kind == "torch":
            found["import torch"] = (kind, interpreter, "import torch")
    return found


def run(kind, interpreter, statement):
    """Seconds of a fresh interpreter that runs one statement."""
    start = time.perf_counter()
    subprocess.run(
        [interpreter, "-c", statement],
        check=True,
        env=clean_environment(kind),
        cwd=REPOSITORY,  # where kerasish is found, installed or not
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - start


def main():
    """Print medians, least and most, and the ratios to NumPy's import."""
    arguments = parser(__doc__, RESULTS / "import_time.json")
    arguments.set_defaults(rounds=15)
    options = arguments.parse_args()
    entries = {"bare interpreter": ("kerasish", sys.executable, "pass")}
    entries.update(statements(competitors(options)))
    times = {name: [] for name in entries}
    for i in range(options.rounds):
        for name, entry in entries.items():
            if "import keras " not in name or i < 3:  # these take seconds
                times[name].append(run(*entry))
    bare = statistics.median(times.pop("bare interpreter"))
    base = statistics.median(times["import numpy"]) - bare
    print(f"bare interpreter: {bare * 1e3:.1f} ms; figures below without it")
    for name, runs in times.items():
        low, median, high = (
            1e3 * (figure - bare) for figure in (min(runs), statistics.median(runs), max(runs))
        )
        ratio = median / base / 1e3
        print(f"{name:40s} {median:8.1f} ms ({low:.1f} to {high:.1f})  {ratio:.2f} x numpy")
        if options.save:
            save(
                options.results,
                {name: {"median": median, "low": low, "high": high, "ratio": ratio}},
            )


if __name__ == "__main__":
    main()
