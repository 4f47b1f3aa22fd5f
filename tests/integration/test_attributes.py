# SPDX-License-Identifier: Apache-2.0
"""What the kernel's schedulers and allocators are told of the program: the younger properties of the specification."""

import os
import subprocess

import pytest

pytestmark = pytest.mark.yacr  # the versions of runc and crun beside which the tests run have few of them

RESET_ON_FORK, RECLAIM = 1, 2


def roots(*values):
    """Values of a test that take what root alone may: more than an ordinary share of the processor."""
    return pytest.param(*values, marks=pytest.mark.root)


@pytest.mark.parametrize("scheduler, expected", [
    ({"policy": "SCHED_OTHER", "nice": 5}, {"policy": 0, "nice": 5}),
    roots({"policy": "SCHED_BATCH", "nice": -3}, {"policy": 3, "nice": -3}),
    ({"policy": "SCHED_IDLE"}, {"policy": 5}),
    roots({"policy": "SCHED_FIFO", "priority": 10}, {"policy": 1, "priority": 10}),
    roots({"policy": "SCHED_RR", "priority": 1, "flags": ["SCHED_FLAG_RESET_ON_FORK"]},
          {"policy": 2, "priority": 1, "flags": RESET_ON_FORK}),
    roots({"policy": "SCHED_DEADLINE", "runtime": 1000000, "deadline": 20000000, "period": 30000000,
           "flags": ["SCHED_FLAG_RECLAIM", "SCHED_FLAG_RESET_ON_FORK"]},
          {"policy": 6, "runtime": 1000000, "deadline": 20000000, "period": 30000000, "flags": RESET_ON_FORK | RECLAIM}),
], ids=lambda v: v.get("policy") if isinstance(v.get("policy"), str) else "")
def test_scheduler(container, scheduler, expected):
    c = container()
    c.bundle.process["scheduler"] = scheduler
    if os.path.exists("/sys/fs/cgroup/cpu/cpu.rt_runtime_us"):  # v1 gives a new cgroup no real time
        c.bundle.linux["resources"] = {"cpu": {"realtimeRuntime": 1000, "realtimePeriod": 1000000}}
    seen = c.probe()["sched"]
    assert {key: seen[key] for key in expected} == expected


def test_a_scheduler_that_the_kernel_does_not_have_is_refused(container):
    c = container()
    c.bundle.process["scheduler"] = {"policy": "SCHED_ISO"}
    c.run().failed("process.scheduler", code=1)


@pytest.mark.cgroupfs
@pytest.mark.root
@pytest.mark.skipif(not os.path.exists("/sys/fs/cgroup/cpu/cpu.rt_runtime_us"), reason="needs realtime groups")
def test_a_realtime_caller_is_told_what_the_cgroup_needs(container):
    real = lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    if subprocess.run(["chrt", "--fifo", "1", "true"], check=False).returncode:
        pytest.skip("this cgroup has no realtime of its own")
    c = container()
    c.run(preexec_fn=real).failed("cannot join the container's cgroup", "cpu.realtimeRuntime", code=1)
    c.bundle.config["linux"]["resources"] = {"cpu": {"realtimePeriod": 1000000, "realtimeRuntime": 1000}}
    c.bundle.process["args"] = ["true"]
    c.run(preexec_fn=real).ok()


@pytest.mark.parametrize("name, number", [roots("IOPRIO_CLASS_RT", 1), ("IOPRIO_CLASS_BE", 2), ("IOPRIO_CLASS_IDLE", 3)])
def test_io_priority(container, name, number):
    c = container()
    c.bundle.process["ioPriority"] = {"class": name, "priority": 0 if number == 3 else 6}
    assert c.probe()["ioprio"] == number << 13 | (0 if number == 3 else 6)


@pytest.mark.parametrize("domain, machine", [("LINUX", os.uname().machine), ("LINUX32", "i686")])
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="needs x86-64")
def test_personality(container, domain, machine):
    c = container()
    c.bundle.linux["personality"] = {"domain": domain}
    seen = c.probe()
    assert seen["machine"] == machine and seen["personality"] & 0xff == (8 if domain == "LINUX32" else 0)


@pytest.mark.parametrize("policy, mode, nodes", [
    ({"mode": "MPOL_DEFAULT"}, 0, 0),
    ({"mode": "MPOL_PREFERRED", "nodes": "0"}, 1, 1),
    ({"mode": "MPOL_BIND", "nodes": "0"}, 2, 1),
    ({"mode": "MPOL_INTERLEAVE", "nodes": "0", "flags": ["MPOL_F_STATIC_NODES"]}, 3 | 1 << 15, 1),
    ({"mode": "MPOL_INTERLEAVE", "nodes": "0", "flags": ["MPOL_F_RELATIVE_NODES"]}, 3 | 1 << 14, 1),
    ({"mode": "MPOL_LOCAL"}, 4, 0),
], ids=lambda v: v["mode"] if isinstance(v, dict) else "")
@pytest.mark.skipif(not os.path.exists("/proc/self/numa_maps"), reason="needs a kernel with NUMA")
def test_memory_policy(container, policy, mode, nodes):
    c = container()
    c.bundle.linux["memoryPolicy"] = policy
    assert c.probe()["mempolicy"] == [mode, nodes]


@pytest.mark.skipif(not os.path.exists("/proc/self/numa_maps"), reason="needs a kernel with NUMA")
def test_a_memory_policy_that_the_kernel_refuses_is_an_error(container):
    c = container()
    c.bundle.linux["memoryPolicy"] = {"mode": "MPOL_BIND", "nodes": "1023"}
    c.run().failed("linux.memoryPolicy", code=1)
