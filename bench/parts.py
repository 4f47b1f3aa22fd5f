# SPDX-License-Identifier: Apache-2.0
"""The parts of the benchmark: what bench.py --only chooses from."""

import dataclasses
import typing

import cases
import engines
import growth
import timeline
import weight
from rounds import interleave

BOTH, V2, DOCKER = (1, 2), (2,), (0,)


@dataclasses.dataclass
class Part:
    what: str
    layouts: tuple  # of cgroups: v1, v2, and 0 as the machine has them
    measure: typing.Callable  # of a Stage; what it found: "failures", and "samples" or what its report knows


def timed(jobs, share=1.0, gap=0.0):
    """@share: of the rounds that were asked for."""
    def measure(stage):
        rounds = stage.rounds(share)
        samples, failures = interleave(jobs(stage), rounds, min(stage.options.warm_up, rounds), gap)
        return {"samples": samples, "failures": failures}

    return measure


PARTS = {
    "run": Part("run as Docker asks for it", BOTH, timed(cases.run)),
    "spaced": Part("the same 100 ms apart", BOTH, timed(cases.spaced, gap=0.1)),
    "minimal": Part("run without limits and filter", BOTH, timed(cases.minimal)),
    "cold": Part("run with no compiled filter at hand", V2, timed(cases.cold)),
    "rootless": Part("run without root", V2, timed(cases.rootless)),
    "life": Part("create, start, kill, delete", BOTH, timed(cases.life)),
    "exec": Part("exec", BOTH, timed(cases.exec)),
    "exec-spaced": Part("exec 100 ms apart", BOTH, timed(cases.exec_spaced, 0.5, gap=0.1)),
    "small": Part("state, kill, --version", BOTH, timed(cases.small)),
    "list": Part("list", V2, timed(cases.lists, 0.4)),
    "parallel": Part("runs 8 at a time", BOTH, timed(cases.parallel, 0.2)),
    "weight": Part("memory, system calls, the smallest memory limit", BOTH, weight.measure),
    "growth": Part("containers on the host, mounts, rules, hooks, environment, processes", V2, growth.measure),
    "timeline": Part("what happens in one create", V2, timeline.measure),
    "engines": Part("docker run and docker exec, if asked for", DOCKER, engines.measure),
}
