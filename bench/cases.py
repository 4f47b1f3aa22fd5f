# SPDX-License-Identifier: Apache-2.0
"""The timed verbs. A case takes the stage and yields (program's name, function that returns {step: Sample})."""

import shutil
import time

import bundles
import clones
from programs import new_id

PARALLEL, BATCH = 8, 64


def runs(stage, step, bundle, floor=None):
    for r in stage.runtimes:
        yield r.name, lambda r=r: {step: r.time("run", "-b", bundle, new_id())}
    if floor:
        yield "floor", lambda: {step: floor(bundle)}


def run(stage):
    yield from runs(stage, "run docker", stage.docker, stage.floor.run)


def spaced(stage):
    yield from runs(stage, "run docker, 100 ms apart", stage.docker, stage.floor.run)


def minimal(stage):
    yield from runs(stage, "run minimal", stage.bundle("minimal", bundles.minimal(stage.layout)))


def cold(stage):
    """With no compiled filter kept from an earlier run; crun's are below its root directory."""
    def once(r):
        shutil.rmtree(r.root / ".cache", ignore_errors=True)
        return {"run docker, seccomp profile cold": r.time("run", "-b", stage.docker, new_id())}

    for r in stage.runtimes:
        yield r.name, lambda r=r: once(r)


def rootless(stage):
    user = bundles.ROOTLESS_UID
    bundle = stage.bundle("rootless", bundles.rootless(), owner=user)
    for r in stage.with_roots("rootless", user):
        yield r.name, lambda r=r: {"run rootless": r.time("run", "-b", bundle, new_id())}
    yield "floor", lambda: {"run rootless": stage.floor.run_rootless(bundle)}


def life(stage):
    """create, start, kill and delete of one container."""
    def once(r):
        id, found = new_id(), {}
        try:
            found["create"] = r.time("create", "-b", stage.sleeper, id)
            found["start"] = r.time("start", id)
            found["kill"] = r.time("kill", id, "KILL")
            r.wait_for_end(id)
            found["delete"] = r.time("delete", id)
        finally:
            if "delete" not in found:
                r.remove(id)
        return found

    for r in stage.runtimes:
        yield r.name, lambda r=r: once(r)
    yield "floor", lambda: stage.floor.life(stage.sleeper)


def living(stage):
    """(runtime, its container), each of which lives as long as the part; the last is yacr's, for the floor."""
    return [(r, stage.things.enter_context(r.living(stage.sleeper)))
            for r in sorted(stage.runtimes, key=lambda r: r is stage.yacr)]


def execs(stage, step):
    for r, container in living(stage):
        yield r.name, lambda r=r, c=container: {step: r.time("exec", c.id, "/bin/true")}
    yield "floor", lambda: {step: stage.floor.exec(container)}


def exec(stage):
    yield from execs(stage, "exec")


def exec_spaced(stage):
    yield from execs(stage, "exec, 100 ms apart")


def small(stage):
    """What only looks, and a signal that is ignored."""
    for r, container in living(stage):
        yield r.name, lambda r=r, c=container: {"state": r.time("state", c.id)}
        yield r.name, lambda r=r, c=container: {"kill, a signal": r.time("kill", c.id, "WINCH")}
        yield r.name, lambda r=r: {"--version": r.time("--version")}
    document = (stage.yacr.root / container.id / "state.json", container.pid)
    yield "floor", lambda: {"state": stage.floor.time("state", *document)}
    yield "floor", lambda: {"kill, a signal": stage.floor.time("kill", *document)}
    yield "floor", lambda: {"--version": stage.floor.time("exit")}


def lists(stage):
    for count in (count for count in (1, 100, 1000) if count <= stage.options.most):
        step = f"list, {count:,} container{'s' if count > 1 else ''}"
        for r in stage.with_roots(f"list-{count}"):
            clones.fill(r, stage.things.enter_context(r.living(stage.sleeper)), count)
            yield r.name, lambda r=r, step=step: {step: r.time("list")}
            if r.name == "yacr":
                yield "floor", lambda root=r.root, step=step: {step: stage.floor.time("list", root)}


def parallel(stage):
    """A batch of runs, so many at a time; what it took, divided by their number."""
    many = {"count": BATCH, "parallel": PARALLEL}
    step = f"run docker, {PARALLEL} at a time"
    for r in stage.runtimes:
        yield r.name, lambda r=r: {step: r.time("run", "-b", stage.docker, new_id() + "-%", **many)}
    yield "floor", lambda: {step: stage.floor.run(stage.docker, **many)}
