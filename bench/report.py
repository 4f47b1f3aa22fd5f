# SPDX-License-Identifier: Apache-2.0
"""Tables and plots of what bench.py found: docs/performance.md and docs/performance-*.svg."""

import statistics

STEPS = ["run docker", "run minimal", "create", "start", "exec", "state", "kill", "delete", "--version"]
COLOURS = {"yacr": "#2a7ae2", "crun": "#e08a2a", "runc": "#8a8a8a", "floor": "#4caf50"}
TITLES = {"v1": "cgroup v1 (nine hierarchies)", "v2": "cgroup2 alone, without controllers"}


def values(row, field="wall"):
    return [sample[field] for sample in row or [] if sample]


def p95(numbers):
    return sorted(numbers)[max(0, round(0.95 * len(numbers)) - 1)]


def ratio(mine, other, field="wall"):
    """The median of the ratios of samples from the same round; None when there are too few."""
    pairs = [a[field] / b[field] for a, b in zip(mine or [], other or []) if a and b and b[field]]
    return statistics.median(pairs) if len(pairs) >= 3 else None


def number(value, digits=2):
    return "" if value is None else f"{value:.{digits}f}"


def table(result, runtimes):
    names = [*runtimes, "floor"]
    lines = ["| | " + " | ".join(f"{n} ms" for n in names) + " | yacr / crun | yacr / runc | yacr / floor |",
             "| --- |" + " ---: |" * (len(names) + 3)]
    for step in STEPS:
        rows = result["samples"].get(step, {})
        cells = []
        for name in names:
            wall = values(rows.get(name))
            cells.append(f"{statistics.median(wall) / 1000:.2f} / {p95(wall) / 1000:.2f}" if wall else "")
        cells += [number(ratio(rows.get("yacr"), rows.get(other))) for other in ("crun", "runc", "floor")]
        lines.append(f"| {step} | " + " | ".join(cells) + " |")
    return lines


def weights(result, runtimes):
    """Processor time and memory of one run, and its system calls."""
    rows = result["samples"].get("run docker", {})
    small = result["samples"].get("state", {})
    lines = ["| | cpu of run, ms | system calls of run | memory of state, KB |", "| --- | ---: | ---: | ---: |"]
    for name in [*runtimes, "floor"]:
        cpu, memory = values(rows.get(name), "cpu"), values(small.get(name), "memory")
        lines.append(f"| {name} | {statistics.median(cpu) / 1000 if cpu else 0:.2f} | "
                     f"{result['calls'].get(name, '')} | {statistics.median(memory) if memory else '':.0f} |")
    return lines


def bars(result, runtimes, title):
    """One group of bars per step: each runtime's median, as a part of the slowest one's."""
    names, width, height, left = [*runtimes, "floor"], 720, 22, 90
    shapes, y = [], 34
    for step in STEPS:
        rows = result["samples"].get(step, {})
        medians = {n: statistics.median(values(rows[n])) for n in names if values(rows.get(n))}
        if not medians:
            continue
        shapes.append(f'<text x="{left - 6}" y="{y + height / 2 * len(medians) / 2 + 4}" text-anchor="end">{step}</text>')
        for name, median in medians.items():
            length = (width - left - 90) * median / max(medians.values())
            shapes.append(f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{height / 2 - 1}" '
                          f'fill="{COLOURS.get(name, "#999")}"/>')
            shapes.append(f'<text x="{left + length + 4:.1f}" y="{y + 9}" font-size="9">{name} {median / 1000:.2f} ms</text>')
            y += height / 2
        y += 8
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y:.0f}" font-family="sans-serif" '
                      'font-size="12">', '<rect width="100%" height="100%" fill="white"/>',
                      f'<text x="8" y="20" font-size="14">{title}: medians</text>', *shapes, "</svg>", ""])


def write(results, docs):
    facts = results["facts"]
    runtimes = list(facts["runtimes"])
    text = ["# Performance", "",
            "Written by `make bench`: medians and 95th percentiles, interleaved in random order; ratios are medians of the",
            "ratios within a round. The floor is `bench/floor.c`: the kernel's part of the same run, and nothing else.", "",
            f"* {facts['processors']}, Linux {facts['kernel']}; {facts['rounds']} rounds; load average "
            f"{' to '.join(f'{load:.1f}' for load in facts['load'])}",
            *(f"* {name}: {version}" for name, version in facts["runtimes"].items())]
    if max(facts["load"]) > 2:
        text += ["", "The machine was busy with other things: ratios of cpu time say more than those of time on the wall."]
    for layout in ("v1", "v2"):
        result = results[layout]
        text += ["", f"## {TITLES[layout]}", "", *table(result, runtimes), "", *weights(result, runtimes), ""]
        cpu = result["samples"].get("run docker", {})
        text += ["Ratios of cpu time of `run docker`: " + ", ".join(
            f"{number(ratio(cpu.get('yacr'), cpu.get(other), 'cpu'))} of {other}" for other in ("crun", "runc", "floor")
            if ratio(cpu.get("yacr"), cpu.get(other), "cpu")) + "."]
        text += ["", f"![Medians with {TITLES[layout]}](performance-{layout}.svg)"]
        (docs / f"performance-{layout}.svg").write_text(bars(result, runtimes, TITLES[layout]))
    (docs / "performance.md").write_text("\n".join(text) + "\n")
