"""Time of `import kerasish` and its first use against `import numpy`, whole processes in turn."""

import statistics
import subprocess
import sys
import time

from common import describe_machine

STATEMENTS = {
    "import numpy": "import numpy",
    "import kerasish": "import kerasish",
    "from kerasish import layers, models": "from kerasish import layers, models",
}


def run(statement):
    """Seconds of a fresh interpreter that runs one statement."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - start


def main(rounds=15):
    """Print a table of medians, and the ratios to NumPy's import."""
    print(describe_machine())
    bare = [run("pass") for _ in range(rounds)]
    times = {name: [] for name in STATEMENTS}
    for _ in range(rounds):
        for name, statement in STATEMENTS.items():
            times[name].append(run(statement))
    start = statistics.median(bare)
    base = statistics.median(times["import numpy"]) - start
    print(f"bare interpreter: {start * 1e3:.1f} ms; figures below without it")
    for name, runs in times.items():
        median = statistics.median(runs) - start
        spread = f"{(min(runs) - start) * 1e3:.1f} to {(max(runs) - start) * 1e3:.1f}"
        print(f"{name:40s} {median * 1e3:7.1f} ms ({spread})  {median / base:.2f} x numpy")


if __name__ == "__main__":
    main()
