# SPDX-License-Identifier: Apache-2.0
"""What engines rely on beyond the specification, without an engine: how they call, read and classify."""

import os
import re
import subprocess
import sys

import pytest

from harness import PATIENCE, end_processes, until
from test_tty import console  # noqa: F401: a fixture

pytestmark = pytest.mark.yacr


# ---- reading ----

def test_version_as_engines_read_it(runtime):
    """dockerd: of every line with the word "version" the last word, the last line wins; and "commit"."""
    lines = runtime.call("--version", root=False).ok().out.splitlines()
    version = [line.split()[-1] for line in lines if "version" in line]
    commit = [line.split(": ")[1] for line in lines if line.startswith("commit: ")]
    assert len(version) == 1 and re.fullmatch(r"\d+\.\d+\.\d+", version[0])
    assert len(commit) == 1 and commit[0]
    assert [line.split(": ")[1] for line in lines if line.startswith("spec: ")]


def test_features_as_engines_read_it(runtime):
    """CRI-O decodes stdout and stderr together, and wants both versions; containerd's gates."""
    features = runtime.call("features", root=False).ok()
    assert features.err == ""
    linux = features.json["linux"]
    assert features.json["ociVersionMin"] and features.json["ociVersionMax"]
    assert "rro" in features.json["mountOptions"] and "user" in linux["namespaces"]
    assert linux["mountExtensions"]["idmap"]["enabled"] is True


# ---- classifying: the rules of engines, over messages of ours ----

def docker(message):
    """Exit code of `docker run` (moby, translateContainerdStartErr)."""
    message = message.lower()
    if any(words in message for words in ("executable file not found", "no such file or directory", "not a directory")):
        return 127
    return 126 if any(words in message for words in ("permission denied", "is a directory")) else 125


def podman(message):
    """Exit code of `podman run` (libpod, getOCIRuntimeError); its patterns end at the end of a line."""
    if re.search("(?i).*permission denied.*|.*operation not permitted.*", message):
        return 126
    return 127 if re.search("(?i).*executable file not found in.*|.*no such file or directory.*", message) else 126


def containerd(message):
    """What became of a kill or delete (containerd, checkKillError)."""
    if any(words in message for words in ("os: process already finished", "container not running")) or \
            "no such process" in message.lower():
        return "ended"
    return "gone" if "does not exist" in message else "failed"


def crio(message):
    """Whether a kill failed because there was nothing to kill (CRI-O, runtime_oci.go)."""
    return any(words in message for words in ("no such process", "container not running", "does not exist"))


def broken(b, what):
    process = b.process
    if what == "no program":
        process["args"] = ["no-such-program"]
    elif what == "no path":
        process["args"] = ["/no/such/program"]
    elif what == "directory":
        process["args"] = ["/etc"]
    elif what == "no executable":
        process["args"] = ["/etc/passwd"]
    elif what == "no interpreter":
        (b.rootfs / "script").write_text("#!/no/such/interpreter\n")
        (b.rootfs / "script").chmod(0o755)
        process["args"] = ["/script"]
    elif what == "file over a directory":
        b.mount("/etc/passwd", b.path, "bind", ["bind"])
    elif what == "no source":
        b.mount("/data", "/no/such/source", "bind", ["bind"])
    elif what == "no namespace":
        b.namespace("ipc", "/no/such/namespace")
    elif what == "no rootfs":
        b.config["root"]["path"] = "/no/such/rootfs"
    elif what == "hook":
        b.config["hooks"] = {"createRuntime": [{"path": "/no/such/hook"}]}
    elif what == "device":
        b.linux["devices"] = [{"path": "/etc/passwd/x", "type": "c", "major": 1, "minor": 3}]
    elif what == "sysctl":
        b.linux["sysctl"] = {"kernel.no_such_sysctl": "1"}
    elif what == "mount":
        b.mount("/mnt", "none", "no-such-file-system")
    elif what == "directory to be in":
        process["cwd"] = "/etc/passwd/x"
    elif what == "cgroup":
        b.linux["cgroupsPath"] = "/" + "x" * 300


@pytest.mark.parametrize("what, code", [
    ("no program", 127), ("no path", 127), ("directory", 126), ("no executable", 126), ("no interpreter", 127),
    ("file over a directory", 127), *((what, 125) for what in (
        "no source", "no namespace", "no rootfs", "hook", "device", "sysctl", "mount", "directory to be in", "cgroup"))])
def test_docker_and_podman_understand_a_failed_create(container, place, what, code):
    """Only what is wrong with the program is 127 or 126; a directory over a file has Docker's own explanation."""
    c = container()
    broken(c.bundle, what)
    c.runtime.global_options = ["--log", place.path / "log.json", "--log-format", "json"]
    if c.create().code == 0:
        c.start().failed(code=1)
    said = (place.path / "log.json").read_text()
    assert docker(said) == code, said
    if what != "file over a directory":
        assert podman(said) == (127 if code == 127 else 126), said


def test_containerd_and_crio_understand_a_kill_that_comes_too_late(container):
    c = container()
    c.bundle.process["args"] = ["true"]
    c.run_detached().ok()
    c.wait()
    done = c.kill("9").failed("container not running")
    assert containerd(done.err) == "ended" and crio(done.err)


@pytest.mark.parametrize("args", [["kill", "nobody", "9"], ["delete", "nobody"], ["state", "nobody"], ["start", "nobody"]],
                         ids=lambda args: args[0])
def test_containerd_and_crio_understand_that_there_is_no_container(runtime, args):
    done = runtime.call(*args).failed("does not exist")
    assert containerd(done.err) == "gone" and crio(done.err)


def test_a_kill_that_failed_is_no_kill_that_came_too_late(container):
    c = container()
    c.create().ok()
    done = c.kill("BEER").failed("BEER")
    assert containerd(done.err) == "failed" and not crio(done.err)


# ---- calling ----

def test_pipes_of_create_and_start_end_with_them(container, place, console):
    """go-runc reads both to their end, while the container and what its hooks have left go on."""
    c = container()
    c.bundle.process["terminal"] = True
    c.bundle.process["args"] = ["sleep", "1000"]
    hook = {"path": "/bin/sh", "args": ["sh", "-c", f"sleep 30 & echo $! >>{place.path}/left"]}
    c.bundle.config["hooks"] = {"createRuntime": [hook], "poststart": [hook]}
    c.bundle.save()
    c.runtime.call("create", "--bundle", c.bundle.path, "--console-socket", console.path, c.id, timeout=10).ok()
    c.start(timeout=10).ok()
    left = (place.path / "left").read_text().split()
    end_processes(map(int, left))
    assert c.status == "running" and len(left) == 2


def test_the_container_outlives_a_caller_with_a_death_signal(container):
    """containerd and conmon: PR_SET_PDEATHSIG of SIGKILL on yacr, whose caller may end right after."""
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.bundle.save()
    caller = ("import ctypes, os, subprocess, sys\n"
              "ask = lambda: ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)\n"
              "sys.exit(subprocess.run(sys.argv[1:], preexec_fn=ask, stdout=2).returncode)")
    for args in (["create", "--bundle", c.bundle.path, c.id], ["start", c.id]):
        with open(c.output, "w") as out:
            subprocess.run([sys.executable, "-c", caller, *c.runtime.argv(*args)], check=True, stderr=out, timeout=30 * PATIENCE)
    assert c.status == "running"


def test_no_subreaper_with_one_dash(container):
    c = container()
    c.bundle.process["args"] = ["true"]
    assert c.run("-no-subreaper").code == 0


def test_an_environment_without_anything(container):
    """Podman has XDG_RUNTIME_DIR at most, not even a PATH."""
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    bare = {"PATH": None, "LC_ALL": None}
    c.create(env=bare).ok()
    for args in (["start", c.id], ["state", c.id], ["pause", c.id], ["resume", c.id], ["kill", c.id, "9"],
                 ["delete", "--force", c.id]):
        c.runtime.call(*args, env=bare).ok()


def test_a_wrapper_of_dockerd(container, place):
    """With runtimeArgs dockerd writes a script and runs that."""
    wrapper = place.path / "wrapper"
    wrapper.write_text(f"#!/bin/sh\n{container().runtime.path} --debug $@\n")
    wrapper.chmod(0o755)
    c = container()
    c.runtime = c.runtime.variant(path=str(wrapper))
    c.bundle.process["args"] = ["sleep", "1000"]
    c.create().ok()
    c.start().ok()
    assert c.status == "running"
    c.delete("--force").ok()


def test_kill_all_of_what_the_first_process_has_left(container):
    """containerd's shim does this when a container without a pid namespace ends."""
    c = container()
    c.bundle.drop_namespace("pid")
    c.bundle.drop_mount("/proc")
    c.bundle.linux.pop("maskedPaths")
    c.bundle.linux.pop("readonlyPaths")
    c.bundle.sh("sleep 4321 >/dev/null & echo $!")
    c.run_detached().ok()
    c.wait()
    pid = int(c.said())
    assert os.path.exists(f"/proc/{pid}")
    c.runtime.call("kill", "--all", c.id, "9").ok()
    until(lambda: not os.path.exists(f"/proc/{pid}") or "Z" in open(f"/proc/{pid}/stat").read().split(")")[1][:3])
