# SPDX-License-Identifier: Apache-2.0
"""Docker: what is configured of the daemon, and daemons beside it."""

import re
import signal

import pytest

from engine import RUNTIMES, Docker, Engine
from harness import TREE, until

pytestmark = pytest.mark.xdist_group("docker")


def test_yacr_is_the_default_runtime(dockerd):
    assert "Default Runtime: yacr\n" in dockerd("info")
    assert dockerd.inspect(dockerd("create", "--name", "plain", "busybox").strip())["HostConfig"]["Runtime"] == "yacr"
    dockerd("rm", "plain")


def test_the_version_of_the_default_runtime(dockerd):
    version = dockerd.room("yacr", "--version").stdout
    commit = version.partition("commit: ")[2].split()[0]
    assert f"runc version: {commit}\n" in dockerd("info")  # "runc" is what Docker calls it


# ---- the scripts of the README, beside the other daemon ----

class Scripts(Engine):
    command = [TREE / "scripts" / "docker"]
    env = {"YACR_DOCKER_DIR": "/var/lib/docker2/d2"}

    def options(self):
        return ["--network", "none"]


@pytest.fixture(scope="module")
def scripts(dockerd):
    s = Scripts(dockerd.room)
    daemon = s.room.daemon(TREE / "scripts" / "run-dockerd", env=s.env)
    until(lambda: s.call("version").code == 0, 30, "run-dockerd")
    yield s
    assert daemon.end() == 0


def test_run_dockerd(scripts, dockerd):
    info = scripts("info")
    assert "Default Runtime: yacr\n" in info and "Docker Root Dir: /var/lib/docker2/d2/data\n" in info
    assert "Docker Root Dir: /var/lib/docker\n" in dockerd("info")


def test_docker_image(scripts):
    scripts.room(TREE / "scripts" / "docker-image", env=scripts.env)
    t = scripts.terminal("run", "--rm", "-it", "--network", "none", "busybox:latest", "/bin/sh")
    t.hear("# ")
    t.say("ps\n").hear("/bin/sh")
    t.say("exit\n")
    assert t.end() == 0


# ---- another daemon for each runtime: as the default, and as the `runc` that BuildKit looks for ----

@pytest.fixture(scope="module")
def bridgeless(rooms):
    """A room for daemons without a bridge: they would take away that of the others."""
    return rooms("bridgeless")


RECORDING = """#!/bin/sh
echo "$@" >>/run/path-{0}/calls
exec {1} "$@"
"""


@pytest.fixture(scope="module")
def other(bridgeless, oci):
    room = bridgeless
    path = room.root / "run" / f"path-{oci}"
    path.mkdir()
    (path / "runc").write_text(RECORDING.format(oci, RUNTIMES[oci]))
    (path / "runc").chmod(0o755)
    (room.root / "run" / "other.json").write_text(
        f'{{"runtimes": {{"yacr": {{"path": "{RUNTIMES["yacr"]}"}}}}, "default-runtime": "{oci}", "live-restore": true}}')
    d = Docker(room, oci, "/run/other.sock")
    d.begin("dockerd", "--config-file=/run/other.json", "-H", "unix:///run/other.sock", "--bridge=none",
            f"--data-root=/var/lib/docker2/{oci}", "--exec-root=/run/other", "--pidfile=/run/other.pid",
            env={"PATH": f"/run/path-{oci}:{room.environment()['PATH']}"})
    d("load", "-i", "/run/busybox.tar")
    yield d
    d.remove_what_was_made()
    d.end()


DOCKERFILE = """FROM busybox
RUN id -u >/built && echo $HOME >>/built
USER user
WORKDIR /home
RUN touch /built 2>/dev/null || echo refused >/tmp/refused
HEALTHCHECK CMD true
"""


@pytest.mark.parametrize("kit", ["0", "1"], ids=["legacy", "buildkit"])
def test_build(other, kit):
    (other.room.root / "run" / "context").mkdir(exist_ok=True)
    (other.room.root / "run" / "context" / "Dockerfile").write_text(DOCKERFILE)
    other("build", "--no-cache", "--network", "none", "-t", "built", "/run/context", env={"DOCKER_BUILDKIT": kit})
    said = other.run("--network", "none", "built", "sh", "-c", "cat /built /tmp/refused; id -un; pwd").ok().out
    assert said.split() == ["0", "/root", "refused", "user", "/home"]
    if kit == "1":
        assert re.search("^.* run .*", (other.room.root / "run" / f"path-{other.oci}" / "calls").read_text(), re.M)


@pytest.mark.parametrize("kit", ["0", "1"], ids=["legacy", "buildkit"])
def test_a_build_that_fails(other, kit):
    (other.room.root / "run" / "context").mkdir(exist_ok=True)
    (other.room.root / "run" / "context" / "Dockerfile").write_text("FROM busybox\nRUN exit 9\n")
    done = other.call("build", "--network", "none", "/run/context", env={"DOCKER_BUILDKIT": kit})
    assert done.code and "code: 9" in done.out + done.err


@pytest.mark.parametrize("by", ["TERM", "KILL"])
def test_a_container_outlives_the_daemon(other, by):
    id = other.start("--network", "none", "busybox", "sh", "-c", "mkfifo /fifo; while :; do read x </fifo; echo got $x; done")
    pid = other.host_pid(id)
    other.daemon.end(getattr(signal, f"SIG{by}"))
    assert (other.room.root / f"proc/{pid}").exists()
    other.begin()
    assert other.host_pid(id) == pid
    other("exec", id, "sh", "-c", "echo after >/fifo")
    until(lambda: "got after" in other("logs", id))
    other("stop", "-t", "0", id)
    assert other.state(id)["ExitCode"] == 137


# ---- user namespaces for all ----

@pytest.fixture(scope="module")
def remapped(bridgeless, oci):
    room = bridgeless
    room("sh", "-c", "id dockremap || useradd -r dockremap; grep -q dockremap /etc/subuid || "
         "echo dockremap:500000:65536 | tee -a /etc/subuid >>/etc/subgid")
    d = Docker(room, oci, "/run/remapped.sock")
    (room.root / "run" / "remapped.json").write_text(
        f'{{"runtimes": {{"yacr": {{"path": "{RUNTIMES["yacr"]}"}}}}, "userns-remap": "dockremap"}}')
    d.begin("dockerd", "--config-file=/run/remapped.json", "-H", "unix:///run/remapped.sock", "--bridge=none",
            "--data-root=/var/lib/docker2/remapped", "--exec-root=/run/remapped", "--pidfile=/run/remapped.pid")
    d("load", "-i", "/run/busybox.tar")
    d.container = d.sleeper("--network", "none")
    yield d
    d.remove_what_was_made()
    d.end()


REMAPPED = {
    "the users": ("awk '{print $1, $3}' /proc/self/uid_map", "0 65536"),
    "root": ("id -u; touch /x && stat -c %u /x", "0\n0"),
    "mounts": ("for m in /proc /sys /dev/pts /dev/shm /dev/mqueue; do grep -q \" $m \" /proc/mounts || echo $m; done", ""),
    "devices": ("echo x >/dev/null && head -c 3 /dev/zero | wc -c", "3"),
    "the kernel": ("echo 1 2>/dev/null >/proc/sys/kernel/msgmax || echo refused", "refused"),
}


@pytest.mark.parametrize("what", REMAPPED)
def test_userns_remap(remapped, what):
    script, expected = REMAPPED[what]
    assert remapped.sh(script, "--network", "none") == expected


def test_userns_remap_seen_from_the_host(remapped):
    status = remapped.room("cat", f"/proc/{remapped.host_pid(remapped.container)}/status").stdout
    assert "Uid:\t500000\t500000" in status


def test_exec_with_userns_remap(remapped):
    assert remapped("exec", "-u", "1000", remapped.container, "sh", "-c", "id -u; readlink /proc/self/ns/user").split() == [
        "1000", remapped("exec", remapped.container, "readlink", "/proc/1/ns/user").strip()]


def test_a_container_that_is_not_remapped(remapped):
    assert remapped.sh("awk '{print $2}' /proc/self/uid_map", "--network", "none", "--userns", "host") == "0"
