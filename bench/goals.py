# SPDX-License-Identifier: Apache-2.0
"""The goals (goals.tsv) beside what was measured."""

import dataclasses
import pathlib

import stats

P95_MAY_BE = 1.3  # times the goal


@dataclasses.dataclass
class Goal:
    what: str
    layout: str
    measure: str
    of: str
    bound: str

    def holds(self, value, slack=1.0):
        relation, limit = self.bound.split()
        return value <= float(limit) * slack if relation == "<=" else value >= float(limit) / slack


@dataclasses.dataclass
class Outcome:
    goal: Goal
    measured: float | None
    p95: float | None  # where the goal is one of time on the wall
    floor: float | None  # what the figure would be of what the kernel has to do alone

    @property
    def met(self):
        if self.measured is None:
            return "not measured"
        if not self.goal.holds(self.measured):
            return "**no**"
        return "yes" if self.p95 is None or self.goal.holds(self.p95, P95_MAY_BE) else "**p95 not**"


def read():
    lines = (pathlib.Path(__file__).parent / "goals.tsv").read_text().splitlines()
    return [Goal(*line.split("\t")) for line in lines if not line.startswith("#")]


def look(goal, results):
    """(the figure, its p95, the floor's) in results; None is what was not measured."""
    kind, _, other = goal.of.partition("/")
    if kind == "value":
        row = results.value(goal.layout, goal.measure)
        others = row.get(other) if other else 1
        mine, floor = (row[name] / others if others and row.get(name) is not None else None for name in ("yacr", "floor"))
        return mine, None, floor
    row = results.row(goal.layout, goal.measure)
    mine, floor = (stats.ratio(row, other, name) if kind == "rate" else stats.ratio(row, name, other, kind)
                   for name in ("yacr", "floor"))
    return mine, stats.ratio_of_p95(row, "yacr", other) if kind == "wall" else None, floor if other != "floor" else None


def outcomes(results):
    return [Outcome(goal, *look(goal, results)) for goal in read()]
