# SPDX-License-Identifier: Apache-2.0
"""Engines that leave cgroups to systemd: what was asked for, what systemd shows and what the files hold are one, to the end."""

import functools
import json
import os
import subprocess

import pytest

import harness
from cgroups import MIB, Knobs
from harness import PATIENCE
from test_session import call, image, pytestmark, session  # noqa: F401: fixtures
from units import gone, shown, systemctl

# the engine's options, what files hold then, what systemd shows
NEW = (["--memory=64m", "--memory-swap=64m", "--memory-reservation=32m", "--cpus=0.5", "--cpu-shares=512", "--cpuset-cpus=0",
        "--pids-limit=30"],
       {"memory.max": 64 * MIB, "memory.swap.max": 0, "memory.low": 32 * MIB, "cpu.max": "50000 100000", "cpu.weight": 59,
        "cpuset.cpus": 0, "pids.max": 30},
       {"MemoryMax": 64 * MIB, "MemorySwapMax": 0, "MemoryLow": 32 * MIB, "CPUQuotaPerSecUSec": "500ms", "CPUWeight": 59,
        "AllowedCPUs": 0, "TasksMax": 30})
CHANGED = (["--memory=48m", "--memory-swap=48m", "--cpus=0.25", "--cpu-shares=1024", "--cpuset-cpus=0-1", "--pids-limit=20"],
           {"memory.max": 48 * MIB, "memory.swap.max": 0, "memory.low": 32 * MIB, "cpu.max": "25000 100000", "cpu.weight": 100,
            "cpuset.cpus": "0-1", "pids.max": 20},
           {"MemoryMax": 48 * MIB, "MemorySwapMax": 0, "MemoryLow": 32 * MIB, "CPUQuotaPerSecUSec": "250ms", "CPUWeight": 100,
            "AllowedCPUs": "0-1", "TasksMax": 20})


class Engine:
    def __init__(self, argv, unit, user=None):
        self.argv, self.unit, self.user = argv, unit, user

    def __call__(self, *words):
        return call(*self.argv, *words, timeout=60)

    def reload(self):
        assert systemctl("daemon-reload", user=self.user).returncode == 0


class Running:
    """A container of an engine."""

    def __init__(self, engine, *options, script="sleep 1000"):
        self.engine = engine
        out = engine("run", "-d", "--network=none", *options, "yacr-test", "sh", "-c", script)
        self.id, self.unit = out.split()[-1], engine.unit % out.split()[-1]

    @functools.cached_property
    def directory(self):
        return Knobs(self.inspect()["State"]["Pid"]).dirs[""]

    def inspect(self):
        return json.loads(self.engine("inspect", self.id))[0]

    def file(self, name):
        return open(f"{self.directory}/{name}").read().strip()

    def is_limited(self, limits):
        _, files, properties = limits
        assert {name: self.file(name) for name in files} == {name: str(value) for name, value in files.items()}
        found = dict(zip(properties, shown(self.unit, *properties, user=self.engine.user)))
        assert found == {name: str(value) for name, value in properties.items()}
        return True


@pytest.fixture(scope="module")
def docker(image, tmp_path_factory, runtime_path):  # noqa: F811
    top = tmp_path_factory.mktemp("docker")
    socket = f"unix://{top}/socket"
    daemon = subprocess.Popen(["dockerd", "-H", socket, "--data-root", top / "data", "--exec-root", top / "exec", "-p", top / "pid",
                               "--add-runtime", f"yacr={runtime_path}", "--default-runtime", "yacr", "--bridge", "none",
                               "--iptables=false", "--exec-opt", "native.cgroupdriver=systemd"],
                              stdout=open(top / "log", "w"), stderr=subprocess.STDOUT)
    engine = Engine(["docker", "-H", socket], "docker-%s.scope")
    try:
        harness.until(lambda: subprocess.run([*engine.argv, "version"], capture_output=True).returncode == 0, 60, "dockerd")
        engine("import", image, "yacr-test")
        yield engine
    finally:
        daemon.terminate()
        daemon.wait(60 * PATIENCE)


@pytest.fixture(scope="module")
def podman(image, runtime_path):  # noqa: F811
    engine = Engine(["podman", "--runtime", runtime_path, "--cgroup-manager=systemd"], "libpod-%s.scope")
    engine("import", image, "yacr-test")
    return engine


@pytest.fixture(scope="module")
def podman_of_a_user(image, session, runtime_path):  # noqa: F811
    argv = session.in_scope("podman", "--runtime", runtime_path, "--cgroup-manager=systemd")
    engine = Engine(argv, "libpod-%s.scope", session)
    with open(image) as file:  # which the user could not open
        call(*engine.argv, "import", "-", "yacr-test", timeout=120, stdin=file)
    yield engine
    engine("system", "migrate")  # ends the process that holds the user namespace


@pytest.fixture(scope="module")
def runtime_path(request, workplace):
    return request.config.getoption("--runtime")


@pytest.fixture(scope="module", params=["docker", "podman", "podman_of_a_user"])
def engine(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def running(engine):
    """Makes containers, which are taken away again."""
    made = []

    def make(*options, **kw):
        made.append(Running(engine, *options, **kw))
        return made[-1]

    yield make
    for c in made:
        engine("rm", "-f", c.id)
        gone(c.unit, user=engine.user)


def test_limits_are_one_when_they_are_new_and_when_they_have_changed(running, engine):
    c = running(*NEW[0])
    assert c.is_limited(NEW)
    engine.reload()
    assert c.is_limited(NEW)
    engine("update", *CHANGED[0], c.id)
    assert c.is_limited(CHANGED)
    engine.reload()
    assert c.is_limited(CHANGED)


def test_a_paused_container_stays_so_though_systemd_reloads(running, engine):
    c = running()
    engine("pause", c.id)
    engine.reload()
    assert "frozen 1" in c.file("cgroup.events") and c.inspect()["State"]["Status"] == "paused"
    engine("unpause", c.id)
    assert "frozen 0" in c.file("cgroup.events") and c.inspect()["State"]["Status"] == "running"


def test_what_is_executed_is_in_the_scope_and_counted(running, engine):
    c = running(*NEW[0])
    engine("exec", "-d", c.id, "sleep", "1000")
    harness.until(lambda: len(c.file("cgroup.procs").split()) == 2)
    assert "sleep" in engine("exec", c.id, "sh", "-c", "cat /proc/*/cmdline; cat /dev/null")
    pids, used = engine("stats", "--no-stream", "--format", "{{.PIDs}}|{{.MemUsage}}", c.id).strip().split("|")
    assert pids == "2" and used.split("/")[1].strip() in ("64MiB", "67.11MB"), used


def test_after_a_restart_it_is_a_scope_with_its_limits_again(running, engine):
    c = running(*NEW[0])
    engine("restart", "-t", "0", c.id)
    assert c.is_limited(NEW)


def test_its_end_is_that_of_its_scope(engine):
    killed, ended = Running(engine), Running(engine, "--rm", script="exit 0")
    assert os.path.basename(killed.directory) == killed.unit
    engine("rm", "-f", killed.id)
    for c in (killed, ended):
        gone(c.unit, user=engine.user)
    assert not os.path.exists(killed.directory)
