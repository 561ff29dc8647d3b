"""What the races share: options, starting the competitors, running workloads, printing."""

import argparse
import os
import sys
from pathlib import Path

from common import describe_blas, describe_machine, save
from race import DISTURBED, VARIABLE, Process, find_rivals, prepare, race
from spread import compare, summarize


def parser(description, results):
    """The options that all races have.

    Args:
        description: str.
        results: Path. The file into which `--save` puts the results.
    """
    made = argparse.ArgumentParser(description=description)
    made.add_argument(
        "--rivals",
        action="append",
        default=[],
        metavar="PYTHON",
        help=f"interpreter that has rivals; may be repeated; default: those in ${VARIABLE}",
    )
    made.add_argument("--only", nargs="+", metavar="KIND", help="competitors; default: all found")
    made.add_argument("--rounds", type=int, default=7)
    made.add_argument("--seconds", type=float, default=1.0, help="length of a slice")
    made.add_argument("--quick", action="store_true", help="2 rounds of 0.2 s")
    made.add_argument("--threads", type=int, help="cores and threads of each; default: all cores")
    made.add_argument("--log", help="file for what the competitors print")
    made.add_argument("--save", action="store_true", help=f"keep the results in {results.name}")
    made.add_argument(
        "--results", type=Path, default=results, help="another file for --save to use"
    )
    made.add_argument(
        "--keep-variants",
        action="store_true",
        help="do not try every layout and compiler option again, take those of the results",
    )
    return made


def interpreters(options):
    """Interpreters that may have rivals: of the options, else of the environment."""
    paths = options.rivals or os.environ.get(VARIABLE, "").split(os.pathsep)
    return [path for path in paths if path]


def competitors(options, default=("kerasish",)):
    """dict of kind: interpreter of those that take part; prints what is found and what is not.

    Args:
        options: parsed arguments.
        default: kinds of ours that take part unless `--only` names others.
    """
    if options.quick:
        options.rounds, options.seconds = 2, 0.2
    print(f"{describe_machine()}; {describe_blas()}")
    found, missing = find_rivals(interpreters(options))
    print(f"rivals found: {', '.join(found) or 'none'}; not found: {', '.join(missing) or 'none'}")
    if missing:
        print(f"  (give an interpreter that has them: --rivals PYTHON, or ${VARIABLE})")
    known = {"kerasish": sys.executable, "kerasish-plain": sys.executable, **found}
    wanted = options.only or [*default, *found]
    unknown = [kind for kind in wanted if kind not in known]
    if unknown:
        raise SystemExit(
            f"no such competitor here: {', '.join(unknown)}; known: {', '.join(known)}"
        )
    return {kind: known[kind] for kind in wanted}


def start(options, default=("kerasish",), among=None):
    """Start the competitors and print their versions.

    Args:
        options: parsed arguments.
        default: kinds of ours that take part unless `--only` names others.
        among: kinds that may take part; all for None.

    Returns:
        list of Process.
    """
    kinds = competitors(options, default)
    processes = [
        Process(kind, path, options.threads, options.log)
        for kind, path in kinds.items()
        if among is None or kind in among
    ]
    for process in processes:
        process.versions = process.answer()["versions"]
        print(f"  {process.kind:18s} " + ", ".join(f"{k} {v}" for k, v in process.versions.items()))
    return processes


def finish(processes):
    """End the competitors."""
    for process in processes:
        process.close()


def run_workload(processes, workload, rounds, seconds, variants):
    """Race one workload; its result as plain values."""
    prepared, failed = prepare(processes, workload, variants)
    times, loads = race([p for p in processes if p.kind in prepared], rounds, seconds)
    result = {"workload": workload.as_message(), "times": {}, "failed": failed}
    result["others"] = loads
    for kind, runs in times.items():
        about = {key: prepared[kind][key] for key in ("variant", "variants", "losses")}
        result["times"][kind] = {**summarize(runs), **about}
    rivals = {k: v for k, v in result["times"].items() if not k.startswith("kerasish")}
    if workload.measure in ("predict", "call"):
        # A bare torch module has no `predict`: shown beside, not compared with.
        rivals = {k: v for k, v in rivals.items() if k.startswith("keras-")}
    if "kerasish" in result["times"] and rivals:
        result["against"] = compare(result["times"]["kerasish"], rivals)
    result["versions"] = {p.kind: p.versions for p in processes}
    return result


def race_workloads(processes, workloads, options, known):
    """Race workloads, print and (with `--save`) keep each result.

    Args:
        processes: list of Process.
        workloads: iterable of Workload.
        options: parsed arguments.
        known: dict of name: earlier result, for `--keep-variants`.

    Returns:
        dict of name: result.
    """
    results = {}
    for workload in workloads:
        before = known.get(workload.name, {}).get("times", {}) if options.keep_variants else {}
        variants = {kind: entry["variant"] for kind, entry in before.items()}
        result = run_workload(processes, workload, options.rounds, options.seconds, variants)
        results[workload.name] = result
        show(result)
        if options.save:
            save(options.results, {workload.name: result})
    return results


def show(result):
    """Print a result as a table."""
    workload = result["workload"]
    print(f"\n{workload['title']}: {workload['measure']}, ms")
    for kind, entry in sorted(result["times"].items(), key=lambda item: item[1]["median"]):
        losses = " -> ".join(f"{loss:.4f}" for loss in entry["losses"] or ())
        tried = "; ".join(f"{describe(variant)} {ms:.4g}" for variant, ms in entry["variants"])
        print(
            f"  {kind:18s} median {entry['median']:9.4f}  minimum {entry['minimum']:9.4f}"
            + (f"  loss {losses}" if losses else "")
            + (f"  ({describe(entry['variant'])}; tried {tried})" if entry["variant"] else "")
        )
    if max(result["others"], default=0) > DISTURBED:
        loads = ", ".join(f"{load:.2f}" for load in result["others"])
        print(f"  disturbed: other programs used {loads} cores in the rounds")
    for kind, error in result["failed"].items():
        print(f"  {kind:18s} failed: {error}")
    if "against" in result:
        print("  " + describe_ratio(result["against"], workload["goal"]))


def describe(variant):
    """A variant in words."""
    return " ".join(f"{key}={value}" for key, value in variant.items())


def describe_ratio(against, goal):
    """A comparison in words."""
    return (
        f"{against['ratio']:.2f} times as fast as the best rival, {against['best']} "
        f"({against['low']:.2f} to {against['high']:.2f}; by minima "
        f"{against['ratio_of_minima']:.2f})" + (f"; goal {goal:.1f}" if goal else "")
    )
