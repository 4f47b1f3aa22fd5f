# SPDX-License-Identifier: Apache-2.0
"""docs/performance.md and its pictures, from what bench.py found."""

import bars
import curves
import goals
import lanes
import stats

TITLES = {"v1": "cgroup v1 (nine hierarchies)", "v2": "cgroup2 alone, without controllers",
          "docker": "under Docker, on the host's network (cpu: of Docker's client)"}
OTHERS = ("crun", "runc", "floor")
BUSY = 1.0  # load average before the first part
EIGHT = "run docker, 8 at a time"
HEAD = """# Performance

Written by `make bench`, which measures everything again. Programs are measured in rounds, each once per round in
random order, so that what disturbs one disturbs the others. Ratios are medians of the ratios within a round; p95 is the
95th percentile. The floor is `bench/floor`: what the kernel has to do for the same verb, and nothing else. No runtime
can be faster.

Peak memory is that of the runtime's own processes: the exact resident size of the largest of them, looked at in each of
their system calls (`bench/peak.c`), in the run of a program smaller than any runtime; the smallest memory limit is
found with that program, too. Growth is measured in a tenth of the rounds; other containers on the host are copies of
one's state, not processes. The gap of 100 ms is there because the first join of a v1 cgroup waits for a grace period
of the kernel's that runs back to back share.
"""


def number(value, digits=2):
    return "" if value is None else f"{value:,.{digits}f}"


def figure(value):
    """With three digits that say something, from 1 on four: a ratio just beyond its bound is not to look like it."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.{4 if value >= 1 else 3}g}"


def table(head, rows, left=1):
    """@left: how many columns are words."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * left + " ---: |" * (len(head) - left)
    for row in rows:
        yield "| " + " | ".join(map(str, row)) + " |"


def machine(results):
    facts = results.facts
    yield f"* {facts['machine']}; {facts['when']}"
    for name, runtime in facts["runtimes"].items():
        yield f"* {name}: {runtime['version']}; {runtime['bytes']:,} bytes stripped, {runtime['libraries']} shared libraries"
    if facts["load"] > BUSY:
        yield ""
        yield "The machine was busy with other things: ratios of cpu time say more than those of time on the wall."


def goal_table(results):
    def row(outcome):
        goal = outcome.goal
        return (goal.what, "" if goal.layout == "file" else goal.layout, goal.of.replace("/", ", to "),
                goal.bound.replace("<=", "≤").replace(">=", "≥"), figure(outcome.measured), number(outcome.p95),
                figure(outcome.floor), outcome.met)

    found = goals.outcomes(results)
    yield from table(("what", "cgroups", "of", "goal", "measured", "p95", "floor", "met"), map(row, found), 4)
    met = sum(outcome.met == "yes" for outcome in found)
    yield ""
    yield (f"{met} of {len(found)} are met. Of a ratio of time on the wall, the ratio of the two p95 may be "
           f"{goals.P95_MAY_BE} times the goal. The floor's figure is what no runtime can pass: where it does not meet the goal, "
           "nothing would.")


def ratios(row, other):
    found = (stats.ratio(row, "yacr", other), stats.ratio_of_p95(row, "yacr", other), stats.ratio(row, "yacr", other, "cpu"))
    return " · ".join(map(number, found)) if found[0] else ""


def times(results, layout):
    def cells(step, row):
        yield step
        for name in results.names:
            yield f"{stats.median(row[name]) / 1000:.2f} / {stats.p95(row[name]) / 1000:.2f}" if row.get(name) else ""
        for other in OTHERS:
            yield ratios(row, other)

    head = ["", *(f"{name}, ms" for name in results.names), *(f"yacr / {other}" for other in OTHERS)]
    yield from table(head, (tuple(cells(*item)) for item in results.rows(layout).items()))


def weights(results, layout):
    names, steps = results.names, results.rows(layout)

    def row(what, step, figure_of):
        found = [figure_of(name, steps[step]) if steps.get(step, {}).get(name) else None for name in names]
        return [(what, *map(figure, found))] if any(found) else []

    rows = [*row("cpu of run docker, ms", "run docker", lambda name, row: stats.median(row[name], "cpu") / 1000),
            *row("cpu of a run, 8 at a time, ms", EIGHT, lambda name, row: stats.median(row[name], "cpu") / 1000),
            *row("runs per second, 8 at a time", EIGHT, lambda name, row: 1e6 / stats.median(row[name]))]
    rows += [(measure, *(figure(found.get(name)) for name in names))
             for part in results.layout(layout) for measure, found in part.get("values", {}).items()]
    return table(["", *names], rows) if rows else ()


def growth(data):
    """From the smallest to the largest, and what each one more takes."""
    def rows():
        for what, sizes in data.items():
            for name in curves.names_of(sizes):
                (least, begin), *_, (most, end) = curves.points(sizes, name)
                yield what, name, f"{least:,} to {most:,}", f"{begin:.2f}", f"{end:.2f}", f"{(end - begin) * 1000 / (most - least):.2f}"

    return table(("", "", "sizes", "smallest, ms", "largest, ms", "each, µs"), rows(), 3)


def how(results):
    def rows():
        for part, layouts in results.parts.items():
            for layout, found in layouts.items():
                counts = [len(stats.values(samples)) for row in found.get("samples", {}).values() for samples in row.values()]
                yield (part, layout, f"{min(counts)} to {max(counts)}" if counts and min(counts) < max(counts) else
                       counts[0] if counts else "", number(found["seconds"], 0), number(found["load"], 1), found["yacr"])

    return table(("part", "where", "samples of each", "seconds", "load before", "yacr"), rows(), 2)


def chapters(results, docs):
    yield from ("## Goals", "", *goal_table(results))
    for layout, title in TITLES.items():
        if not results.layout(layout):
            continue
        yield from ("", f"## {title[0].upper()}{title[1:]}", "", "Median / p95 in milliseconds; ratios of median · p95 · cpu time.", "")
        yield from times(results, layout)
        yield from ("", *weights(results, layout))
        if bars.draw(docs / f"performance-{layout}.svg", f"Time on the wall as a part of crun's, {title}", results.rows(layout)):
            yield from ("", f"![Ratios with {title}](performance-{layout}.svg)")
    data = results.data("growth", "v2")
    if data:
        curves.draw(docs / "performance-growth.svg", "Growth: time on the wall, cgroup2", data)
        yield from ("", "## Growth", "", *growth(data), "", "![Growth](performance-growth.svg)")
    data = results.data("timeline", "v2")
    if data:
        lanes.draw(docs / "performance-create.svg", "One create, cgroup2, under strace", data)
        yield from ("", "## One create", "", "Traced with strace, which stops a process at each of its calls: the shares say something,",
                    "the milliseconds are several times too long.", "", "![One create](performance-create.svg)")
    failures = list(results.failures())
    if failures:
        yield from ("", "## What failed", "", *(f"* {' '.join(failure.split())}" for failure in failures))
    yield from ("", "## How it was measured", "", *how(results))


def write(results, docs):
    lines = [*HEAD.splitlines(), "", *machine(results), "", *chapters(results, docs)]
    text = "\n".join(lines) + "\n"
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    (docs / "performance.md").write_text(text)
