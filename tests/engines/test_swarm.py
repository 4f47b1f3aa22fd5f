# SPDX-License-Identifier: Apache-2.0
"""Swarm: three machines, a service that moves between them."""

import subprocess

import pytest

from engine import Docker, configure_docker, need
from harness import until

pytestmark = [pytest.mark.xdist_group("swarm"), pytest.mark.yacr]

REPLICAS = 9


def wire(rooms):
    """One cable for all: a bridge in the first room, a veth to each of the others; addresses 10.77.0.1, .2, .3."""
    first = rooms[0]
    first("ip", "link", "add", "wire", "type", "bridge")
    first("ip", "link", "set", "wire", "up")
    first("ip", "addr", "add", "10.77.0.1/24", "dev", "wire")
    for n, room in enumerate(rooms[1:], 2):
        first("ip", "link", "add", f"to{n}", "type", "veth", "peer", "name", f"out{n}")
        subprocess.run(["nsenter", "--target", str(first.pid), "--net", "ip", "link", "set", f"out{n}", "netns", str(room.pid)],
                       check=True)
        first("ip", "link", "set", f"to{n}", "master", "wire", "up")
        room("ip", "link", "set", f"out{n}", "up")
        room("ip", "addr", "add", f"10.77.0.{n}/24", "dev", f"out{n}")


@pytest.fixture(scope="module")
def swarm(rooms):
    """Three Dockers, whose default runtime is yacr; the first manages."""
    need("dockerd", "docker", "iptables", "ip")
    machines = [rooms(f"node{n}") for n in (1, 2, 3)]
    wire(machines)
    dockers = []
    for room in machines:
        configure_docker(room)
        dockers.append(Docker(room))
        dockers[-1].daemon = room.daemon("dockerd")
    for d in dockers:
        d.await_answer()
        d("load", "-i", "/run/busybox.tar")
    dockers[0]("swarm", "init", "--advertise-addr", "10.77.0.1", "--task-history-limit", "1")
    token = dockers[0]("swarm", "join-token", "-q", "worker").strip()
    for n, d in enumerate(dockers[1:], 2):
        d("swarm", "join", "--token", token, "--advertise-addr", f"10.77.0.{n}", "10.77.0.1:2377")
    yield dockers
    dockers[0].call("service", "rm", "web")


def tasks(manager):
    """The node of each running task."""
    rows = manager("service", "ps", "web", "--filter", "desired-state=running", "--format", "{{.Node}} {{.CurrentState}}")
    return [row.split()[0] for row in rows.splitlines() if row.split()[1] == "Running"]


def running(docker):
    return docker("ps", "-q", "--no-trunc").split()


def test_swarm(swarm):
    """Each test goes on where the one before it ended, so it is one."""
    manager = swarm[0]
    nodes = manager("node", "ls", "--format", "{{.Hostname}} {{.Status}}").split("\n")
    assert sorted(filter(None, nodes)) == ["node1 Ready", "node2 Ready", "node3 Ready"]

    manager("service", "create", "--detach", "--name", "web", "--replicas", str(REPLICAS), "--no-resolve-image",
            "--update-parallelism", "3", "--stop-grace-period", "0s", "--restart-delay", "0.1s", "--health-cmd", "true",
            "--health-interval", "0.3s", "busybox", "sleep", "1000")
    until(lambda: len(tasks(manager)) == REPLICAS, 60, "nine replicas")
    assert {tasks(manager).count(f"node{n}") for n in (1, 2, 3)} == {3}
    for docker in swarm:
        assert {docker.inspect(id)["HostConfig"]["Runtime"] for id in running(docker)} == {"yacr"}
        assert len(docker.room("yacr", "--root", "/run/docker/runtime-runc/moby", "list", "-q").stdout.split()) == 3

    before = {id for docker in swarm for id in running(docker)}
    manager("service", "update", "--detach", "--env-add", "RELEASE=2", "--no-resolve-image", "web")
    status = "{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}"  # there is none until the update begins
    until(lambda: manager("service", "inspect", "web", "--format", status).strip() == "completed", 90, "the rolling update")
    after = {id for docker in swarm for id in running(docker)}
    assert len(after) == REPLICAS and not after & before
    for docker in swarm:
        for id in running(docker):
            assert "RELEASE=2" in docker.inspect(id)["Config"]["Env"]

    swarm[2].daemon.end()
    until(lambda: tasks(manager).count("node3") == 0 and len(tasks(manager)) == REPLICAS, 90, "its tasks on the other nodes")
    assert len(running(manager)) + len(running(swarm[1])) == REPLICAS

    manager("service", "scale", "--detach", "web=2")
    until(lambda: len(tasks(manager)) == 2 and len(running(manager)) + len(running(swarm[1])) == 2, 60, "two replicas")
