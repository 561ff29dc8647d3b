"""Elements a second of `kerasish.data.Dataset` against tf.data, the same pipelines in turn.

    python benchmarks/dataset.py --rivals PYTHON [--rounds 3] [--save]

Each competitor runs in a process of its own, one after the other, twice; the better of the two is
kept. Without `--rivals` only kerasish runs.
"""

import argparse
import json
import os
import subprocess
import sys

from common import REPOSITORY, RESULTS, describe_machine, save

RUN = (
    "import json, sys; from workloads.dataset_pipelines import measure; "
    "print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))"
)


def run(kind, interpreter, rounds):
    """Elements a second of each pipeline, in a fresh process."""
    paths = [str(REPOSITORY / "benchmarks"), str(REPOSITORY), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    done = subprocess.run(
        [interpreter, "-c", RUN, kind, str(rounds)],
        check=True,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def main():
    """Print a table, with the ratio to tf.data."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rivals", help="a Python interpreter with TensorFlow")
    parser.add_argument("--rounds", type=int, default=3, help="passes over the data")
    parser.add_argument("--save", action="store_true", help="keep the results")
    options = parser.parse_args()
    kinds = {"kerasish": sys.executable}
    if options.rivals:
        kinds["tf.data"] = options.rivals
    print(describe_machine())
    best = {kind: {} for kind in kinds}
    for _ in range(2):
        for kind, interpreter in kinds.items():
            for name, rate in run(kind, interpreter, options.rounds).items():
                best[kind][name] = max(rate, best[kind].get(name, 0))
    for name, ours in best["kerasish"].items():
        rival = best.get("tf.data", {}).get(name)
        shown = f"  tf.data {rival:12,.0f}  {ours / rival:6.2f} x" if rival else ""
        print(f"{name:50s} {ours:12,.0f} elements/s{shown}")
    if options.save:
        entries = {
            name: {kind: rates[name] for kind, rates in best.items()} for name in best["kerasish"]
        }
        save(RESULTS / "dataset.json", entries)


if __name__ == "__main__":
    main()
