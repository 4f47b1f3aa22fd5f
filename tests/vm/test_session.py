# SPDX-License-Identifier: Apache-2.0
"""What takes systemd, AppArmor or engines on cgroup2: the machine has them (tests/vm/run)."""

import os
import pathlib
import subprocess

import pytest

import harness
from cgroups import MIB
from harness import PATIENCE, make_rootless
from session import HAS_SYSTEMD, Session

# One after the other: there is one AppArmor, and of two dockerds that start at once neither may come up.
pytestmark = [pytest.mark.xdist_group("session"),
              pytest.mark.skipif(not HAS_SYSTEMD, reason="needs systemd as PID 1, and cgroup v2 alone: tests/vm/run has it")]


def call(*argv, timeout=60, **kw):
    done = subprocess.run([str(a) for a in argv], text=True, capture_output=True, timeout=timeout * PATIENCE, **kw)
    assert done.returncode == 0, f"{argv}\n{done.stdout}\n{done.stderr}"
    return done.stdout


# ---- AppArmor ----

PROFILE = """
profile yacr-test flags=(attach_disconnected,mediate_deleted) {
  file, capability, network, mount, umount, pivot_root, signal, ptrace, unix,
  deny /etc/passwd r,
}
"""


@pytest.fixture(scope="module")
def profile(tmp_path_factory):
    if not os.path.isdir("/sys/kernel/security/apparmor"):
        pytest.skip("needs AppArmor in the kernel")
    file = tmp_path_factory.mktemp("apparmor") / "yacr-test"
    file.write_text(PROFILE)
    call("apparmor_parser", "-Kr", file)
    yield "yacr-test"
    call("apparmor_parser", "-R", file)


def test_an_apparmor_profile_is_enforced_in_the_container_and_in_exec(container, profile):
    c = container()
    c.bundle.process["apparmorProfile"] = profile
    c.bundle.sh("cat /proc/self/attr/apparmor/current; cat /etc/passwd 2>&1; cat /etc/group >/dev/null && echo fine; sleep 1000")
    c.run_detached().ok()
    harness.until(lambda: "fine" in c.said())
    label, refused, _ = c.said().splitlines()
    assert label == "yacr-test (enforce)" and "Permission denied" in refused
    done = c.runtime.call("exec", c.id, "cat", "/proc/self/attr/apparmor/current", "/etc/passwd")
    assert done.out == "yacr-test (enforce)\n" and "Permission denied" in done.err


def test_an_apparmor_profile_that_is_not_loaded_is_refused(container, profile):
    c = container()
    c.bundle.process["apparmorProfile"] = "yacr-none"
    c.create().failed("yacr-none", "process.apparmorProfile")


# ---- a user's session ----

@pytest.fixture(scope="module")
def session():
    return Session("tester")


def test_a_user_has_limits_in_a_delegated_scope_of_the_session(session, place, runtime):
    """In a scope of its own yacr's cgroup is beside the scope; the session hands down what it was given."""
    b = harness.Bundle(place.fresh("bundle"))
    make_rootless(b.config, 1000)
    b.sh("cat /proc/self/cgroup")
    b.linux["resources"] = {"memory": {"limit": 64 * MIB}, "pids": {"limit": 30}}
    b.save()
    for directory, _, files in os.walk(b.path):
        for name in [directory, *(os.path.join(directory, f) for f in files)]:
            os.chown(name, 1000, 1000, follow_symlinks=False)
    root = place.fresh("root")
    root.mkdir()
    os.chown(root, 1000, 1000)
    out = call(*session.in_scope(runtime.path, "--root", root, "run", "--bundle", b.path, "in-session"))
    assert "user@1000.service" in out and "yacr-in-session" in out, out


# ---- engines ----

@pytest.fixture(scope="module")
def image(tmp_path_factory, workplace):
    """A file for `import`: busybox."""
    top = tmp_path_factory.mktemp("image")
    b = harness.Bundle(top / "bundle")
    call("tar", "-C", b.rootfs, "-cf", top / "image.tar", ".")
    return top / "image.tar"


LIMITS = ["--memory", "64m", "--pids-limit", "30"]
SHOW = ["sh", "-c", "cd /sys/fs/cgroup; cat memory.max pids.max; cat /proc/self/cgroup /proc/self/attr/apparmor/current"]
DRIVERS = pytest.mark.parametrize("driver", ["cgroupfs", "systemd"])


@DRIVERS
def test_podman_as_root(image, runtime, driver):
    podman = ["podman", "--runtime", runtime.path, "--cgroup-manager", driver]
    call(*podman, "import", image, "yacr-test")
    out = call(*podman, "run", "--rm", "--network", "none", *LIMITS, "yacr-test", *SHOW)
    assert out.split()[:3] == [str(64 * MIB), "30", "0::/"], out


def test_podman_as_an_ordinary_user(image, session, runtime):
    podman = session.in_scope("podman", "--runtime", runtime.path, "--cgroup-manager", "systemd")
    with open(image) as file:  # which the user could not open
        call(*podman, "import", "-", "yacr-test", timeout=120, stdin=file)
    try:
        out = call(*podman, "run", "--rm", "--network", "none", *LIMITS, "yacr-test", *SHOW, timeout=120)
        assert out.split()[:3] == [str(64 * MIB), "30", "0::/"], out
    finally:
        call(*podman, "system", "migrate")  # ends the process that holds the user namespace


@DRIVERS
def test_docker(image, tmp_path_factory, runtime, driver):
    top = pathlib.Path(tmp_path_factory.mktemp("docker"))
    socket = f"unix://{top}/socket"
    daemon = subprocess.Popen(["dockerd", "-H", socket, "--data-root", top / "data", "--exec-root", top / "exec", "-p", top / "pid",
                               "--add-runtime", f"yacr={runtime.path}", "--default-runtime", "yacr", "--bridge", "none",
                               "--iptables=false", "--exec-opt", f"native.cgroupdriver={driver}"],
                              stdout=open(top / "log", "w"), stderr=subprocess.STDOUT)
    docker = ["docker", "-H", socket]
    try:
        harness.until(lambda: subprocess.run([*docker, "version"], capture_output=True).returncode == 0, 60, "dockerd")
        call(*docker, "import", image, "yacr-test")
        out = call(*docker, "run", "--rm", "--network", "none", *LIMITS, "yacr-test", *SHOW)
        assert out.split()[:3] == [str(64 * MIB), "30", "0::/"] and "docker-default (enforce)" in out, out
    finally:
        daemon.terminate()
        daemon.wait(60 * PATIENCE)
