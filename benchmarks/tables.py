"""The generated tables of docs/performance.md, each from the entries of one file of results."""

from operations import KINDS, rate
from workloads import WORKLOADS

NAMES = {
    "kerasish": "kerasish",
    "kerasish-plain": "kerasish without kernels",
    "keras-jax": "Keras on JAX",
    "keras-tensorflow": "Keras on TensorFlow",
    "keras-torch": "Keras on torch",
    "torch": "torch eager",
    "torch-compile": "torch.compile",
}


def markdown(head, rows):
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def about(entries):
    """One line: machines and dates of some entries."""
    machines = sorted({entry["machine"] for entry in entries})
    dates = sorted({entry["date"] for entry in entries})
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    return f"*{'; '.join(machines)}. Measured {when}.*\n\n"


def number(value):
    """Three digits, without exponent."""
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def _races(entries, measures):
    known = [entries[name] for name in WORKLOADS if name in entries]
    return [entry for entry in known if entry["workload"]["measure"] in measures]


def _ratio(entry):
    """Cells of a race: ours, the best rival, ratio with spread, goal, met."""
    against, goal = entry.get("against"), entry["workload"]["goal"]
    ours = entry["times"].get("kerasish")
    if not against:
        return [number(ours["median"]) if ours else "-", "-", "-", "-", "-"]
    best = entry["times"][against["best"]]
    spread = f"{against['low']:.2f} to {against['high']:.2f}"
    return [
        f"{number(ours['median'])} ({number(ours['minimum'])})",
        f"{number(best['median'])} ({number(best['minimum'])}) {NAMES[against['best']]}",
        f"**{against['ratio']:.2f}** ({spread}); {against['ratio_of_minima']:.2f}",
        f"{goal:.1f}" if goal else "-",
        "-" if not goal else "yes" if against["ratio"] >= goal else "no",
    ]


def ratios(entries):
    """Every workload against its best rival, and whether its goal is met."""
    found = _races(entries, ("train", "predict", "call"))
    head = ["workload (batch)", "kerasish, ms: median (minimum)", "best rival, ms"]
    head += ["times as fast: median (spread); of minima", "goal", "met"]
    return about(found) + markdown(
        head, [[entry["workload"]["title"], *_ratio(entry)] for entry in found]
    )


def _kinds(found):
    return [kind for kind in NAMES if any(kind in entry["times"] for entry in found)]


def competitors(entries):
    """Milliseconds of every competitor, with the variant that was fastest."""
    found = _races(entries, ("train", "predict", "call"))
    kinds = _kinds(found)
    rows = []
    for entry in found:
        cells = [entry["times"].get(kind) for kind in kinds]
        rows.append(
            [entry["workload"]["title"]]
            + [f"{number(c['median'])} ({number(c['minimum'])})" if c else "-" for c in cells]
        )
    return markdown(["ms: median (minimum)", *(NAMES[kind] for kind in kinds)], rows)


def losses(entries):
    """Losses of the first steps, which show that everyone trains the same model."""
    found = _races(entries, ("train",))
    kinds = _kinds(found)
    rows = []
    for entry in found:
        pairs = [entry["times"].get(kind, {}).get("losses") for kind in kinds]
        cells = [" → ".join(f"{loss:.4f}" for loss in pair) if pair else "-" for pair in pairs]
        rows.append([entry["workload"]["title"], *cells])
    return markdown(["mean loss", *(NAMES[kind] for kind in kinds)], rows)


def versions(entries):
    """Versions of everyone's packages."""
    known = {}
    for entry in entries.values():
        known.update(entry.get("versions", {}))
    lines = [
        f"- {NAMES[kind]}: " + ", ".join(f"{name} {value}" for name, value in known[kind].items())
        for kind in NAMES
        if kind in known
    ]
    return "\n".join(lines)


def growth(entries):
    """Series of batch size, depth and threads: ours, the best rival, the ratio."""
    rows = []
    for name, entry in entries.items():
        model, _, setting = name.partition("/")
        rows.append([entry["workload"]["title"], setting, *_ratio(entry)[:3]])
    rows.sort(key=lambda row: (row[1].partition("=")[0], row[0], int(row[1].partition("=")[2])))
    head = ["workload", "setting", "kerasish, ms: median (minimum)", "best rival, ms"]
    return about(entries.values()) + markdown(head + ["times as fast"], rows)


def first_step(entries):
    """Seconds to the first trained step."""
    parts = ("total", "imports", "build", "first", "second")
    rows = [
        [NAMES[name.partition("/")[2]], *(f"{entry[part]:.3f}" for part in parts)]
        for name, entry in entries.items()
    ]
    rows.sort(key=lambda row: float(row[1]))
    head = ["s", "process start to end of step", "imports", "model and data", "first step"]
    return about(entries.values()) + markdown([*head, "second step"], rows)


def imports(entries):
    """Import times against NumPy's."""
    rows = [
        [
            f"`{name}`",
            f"{number(entry['median'])} ({number(entry['low'])} to {number(entry['high'])})",
            f"{entry['ratio']:.2f}",
        ]
        for name, entry in sorted(entries.items(), key=lambda item: item[1]["median"])
    ]
    head = ["statement", "ms: median (least to most)", "times `import numpy`"]
    return about(entries.values()) + markdown(head, rows)


def memory(entries):
    """Peak memory of every workload."""
    found = {name: entries[name] for name in WORKLOADS if name in entries}
    kinds = [kind for kind in NAMES if any(kind in e["memory"] for e in found.values())]
    rows = []
    for entry in found.values():
        known = entry["memory"]
        cells = [
            f"{known[kind]['peak']:.0f} ({known[kind]['above_imports']:.0f})"
            if kind in known
            else "-"
            for kind in kinds
        ]
        rows.append([entry["title"], *cells, *_memory_ratios(known)])
    head = ["MiB at peak (above imports)", *(NAMES[kind] for kind in kinds)]
    head += ["share of the least rival", "above imports"]
    return about(found.values()) + markdown(head, rows)


def _memory_ratios(known):
    rivals = [entry for kind, entry in known.items() if not kind.startswith("kerasish")]
    if not rivals or "kerasish" not in known:
        return ["-", "-"]
    return [
        f"{known['kerasish'][part] / min(rival[part] for rival in rivals):.2f}"
        for part in ("peak", "above_imports")
    ]


def long_run(entries):
    """Memory over many steps."""
    rows = []
    for name, entry in entries.items():
        if name.startswith("long/"):
            readings = entry["memory"]
            change = readings[-1] - readings[1]
            rows.append(
                [NAMES[name[5:]], f"{entry['steps']:,}"]
                + [f"{value:.1f}" for value in (readings[1], readings[-1])]
                + [f"{change:+.2f}"]
            )
    head = ["", "steps", "MiB after a twentieth", "MiB at the end", "growth"]
    return markdown(head, rows) if rows else None


def operations(entries):
    """Rate of every operation."""
    rows = []
    for name in entries:
        rates = [rate(entries[name], kind) for kind in KINDS]
        unit = next(found[1] for found in rates if found)
        rows.append([name, unit, *(number(found[0]) if found else "-" for found in rates)])
    head = ["operation", "unit", *(NAMES[kind] for kind in KINDS)]
    return about(entries.values()) + markdown(head, rows)


def op_overhead(entries):
    """One eager operation against NumPy's."""
    rows = [
        [f"`{name}`", *(f"{value:.1f}" for value in (ours, theirs, ours - theirs))]
        for name, entry in entries.items()
        for ours, theirs in [(entry["kerasish"], entry["numpy"])]
    ]
    head = ["operation", "kerasish, us", "NumPy, us", "overhead, us"]
    return about(entries.values()) + markdown(head, rows)


def step_overhead(entries):
    """Levels of one step of the tiny MLP."""
    rows = [
        [name, f"{entry['minimum']:.4f}", f"{entry['median']:.4f}"]
        for name, entry in entries.items()
    ]
    head = ["level", "minimum, ms", "median, ms"]
    return about(entries.values()) + markdown(head, rows)


TABLES = {
    "ratios": (ratios, "training.json"),
    "competitors": (competitors, "training.json"),
    "losses": (losses, "training.json"),
    "versions": (versions, "training.json"),
    "growth": (growth, "growth.json"),
    "first_step": (first_step, "first_step.json"),
    "imports": (imports, "import_time.json"),
    "memory": (memory, "memory.json"),
    "long_run": (long_run, "memory.json"),
    "operations": (operations, "operations.json"),
    "op_overhead": (op_overhead, "op_overhead.json"),
    "step_overhead": (step_overhead, "step_overhead.json"),
}
