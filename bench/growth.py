# SPDX-License-Identifier: Apache-2.0
"""How time grows with the size of something: {what: {size: {program: samples}}}."""

import contextlib
import shutil
import time

import bundles
import clones
from programs import new_id
from rounds import interleave

SHARE = 0.1  # of the rounds


# ---- what a config has more of; each function changes a config, so that it has so many ----

def mounts(config, count, stage):
    config["mounts"].append({"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid"]})
    config["mounts"] += [{"destination": f"/tmp/{n}", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid"]}
                         for n in range(1, count)]


def device_rules(config, count, stage):
    config["linux"]["resources"]["devices"] += [
        {"allow": True, "type": "c", "major": 240, "minor": n, "access": "rw"} for n in range(count)]


def system_call_rules(config, count, stage):
    config["linux"]["seccomp"] = {
        "defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
        "syscalls": [{"names": ["personality"], "action": "SCMP_ACT_ERRNO",
                      "args": [{"index": 0, "value": 1000 + 2 * n, "op": "SCMP_CMP_EQ"}]} for n in range(count)]}


def hooks(config, count, stage):
    config["hooks"] = {"createRuntime": [{"path": str(stage.floor.path), "args": ["floor", "exit"]}] * count}


def environment(config, count, stage):
    config["process"]["env"] += [f"V{n}={'x' * (1024 - 8)}" for n in range(count)]


CONFIGS = {  # what: (how, sizes)
    "mounts in the config": (mounts, (1, 10, 100, 1000)),
    "device rules": (device_rules, (1, 10, 100, 1000)),
    "system call rules": (system_call_rules, (1, 10, 100, 500)),
    "hooks": (hooks, (1, 10, 100)),
    "environment, KB": (environment, (1, 10, 100, 1000)),
}
CONTAINERS = (1, 10, 100, 1000, 5000)
PROCESSES = (1, 10, 100, 1000, 10000)


def up_to(most, sizes):
    return [size for size in sizes if size <= most]


def config_jobs(stage):
    for what, (change, sizes) in CONFIGS.items():
        for size in up_to(stage.options.most, sizes):
            config = bundles.docker(stage.layout, limits=False)
            change(config, size, stage)
            bundle = stage.bundle(f"{change.__name__}-{size}", config)
            for r in stage.runtimes:
                yield r.name, lambda r=r, b=bundle, key=(f"run: {what}", size): {key: r.time("run", "-b", b, new_id())}


def container_jobs(stage):
    """Other containers that the host has, see clones.py, do not concern create and exec."""
    def create(r, size):
        id = new_id()
        try:
            return {("create: containers on the host", size): r.time("create", "-b", stage.sleeper, id)}
        finally:
            r.remove(id)

    for size in up_to(stage.options.most, CONTAINERS):
        for r in stage.with_roots(f"containers-{size}"):
            container = stage.things.enter_context(r.living(stage.sleeper))
            clones.fill(r, container, size)
            yield r.name, lambda r=r, size=size: create(r, size)
            yield r.name, lambda r=r, c=container, size=size: {
                ("exec: containers on the host", size): r.time("exec", c.id, "/bin/true")}
            yield r.name, lambda r=r, size=size: {("list: containers on the host", size): r.time("list")}


@contextlib.contextmanager
def crowd(stage, r, size):
    """A container with so many processes."""
    path = stage.place / f"crowd-{r.name}-{size}"
    bundle = bundles.make(path, bundles.docker(stage.layout, limits=False), ["/bin/crowd", str(size)])
    shutil.copy(stage.place / "crowd", bundle / "rootfs/bin/crowd")
    with r.living(bundle) as container:
        procs = container.cgroups()[0] + "/cgroup.procs"
        end = time.monotonic() + 60
        while sum(1 for _ in open(procs)) < size:
            if time.monotonic() > end:
                raise RuntimeError(f"{r.name}: {size} processes do not start")
            time.sleep(0.05)
        yield container


def crowds(stage):
    """One container after the other: three of the largest are more than a machine has process ids for."""
    for size in up_to(stage.options.most, PROCESSES):
        for r in stage.runtimes:
            with crowd(stage, r, size) as c:
                jobs = [(r.name, lambda: {("ps --format json: processes in the container", size): r.time("ps", "--format", "json", c.id)})]
                if r.name != "runc":  # which signals all of them no longer, but for a container without a pid namespace
                    jobs.append((r.name, lambda: {("kill --all: processes in the container", size):
                                                  r.time("kill", "--all", c.id, "USR1")}))
                yield interleave(jobs, stage.rounds(SHARE))


def measure(stage):
    found, failures = {}, []
    parts = [interleave(jobs(stage), stage.rounds(SHARE), 1) for jobs in (config_jobs, container_jobs)]
    for samples, failed in [*parts, *crowds(stage)]:
        failures += failed
        for (what, size), row in samples.items():
            found.setdefault(what, {}).setdefault(size, {}).update(row)
    return {"data": found, "failures": failures}
