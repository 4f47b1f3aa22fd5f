# SPDX-License-Identifier: Apache-2.0
"""The six kinds of hooks: order, environment, state on stdin, timeout, and what a failure does."""

import json
import os
import re
import stat
import time

import pytest

from harness import PATIENCE, until

HOST_SIDE = ["prestart", "createRuntime", "poststart", "poststop"]
CONTAINER_SIDE = ["createContainer", "startContainer"]
ORDER = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]


@pytest.fixture
def hooks(container, place):
    """A container with a log that each hook can write to, outside and inside, and a way to add hooks."""
    c = container()
    log = place.path / "hooks.log"
    log.write_text("")
    log.chmod(0o666)
    c.bundle.mount("/hooks.log", log, "bind", ["bind"])
    c.log = log

    def add(kind, script, **more):
        # createContainer hooks are found in the runtime's mounts, startContainer hooks in the container's
        hook = {"path": "/bin/sh", "args": ["sh", "-c", script.replace("@LOG", str(log if kind != "startContainer"
                                                                                   else "/hooks.log"))], **more}
        c.bundle.config.setdefault("hooks", {}).setdefault(kind, []).append(hook)

    c.hook = add
    return c


def test_hooks_run_in_the_order_of_the_specification(hooks):
    for kind in ORDER:
        hooks.hook(kind, f"echo {kind} 1 >> @LOG")
        hooks.hook(kind, f"echo {kind} 2 >> @LOG")
    hooks.bundle.sh("echo process >> /hooks.log; sleep 1000")
    hooks.create().ok()
    pairs = lambda kinds: [f"{k} {i}" for k in kinds for i in (1, 2)]
    assert hooks.log.read_text().splitlines() == pairs(ORDER[:3])
    hooks.start().ok()
    until(lambda: len(hooks.log.read_text().splitlines()) >= 11)
    seen = hooks.log.read_text().splitlines()
    assert seen[6:8] == pairs(["startContainer"])
    assert sorted(seen[8:11]) == sorted(["process", *pairs(["poststart"])])
    hooks.kill("9").ok()
    hooks.wait()
    hooks.delete().ok()
    assert hooks.log.read_text().splitlines()[11:] == pairs(["poststop"])


@pytest.mark.parametrize("kind, status", [("prestart", "created"), ("createRuntime", "created"),
                                          ("createContainer", "created"), ("startContainer", "created"),
                                          ("poststart", "running"), ("poststop", "stopped")])
def test_a_hook_gets_the_state_on_stdin(hooks, kind, status, peer):
    hooks.bundle.config["annotations"] = {"org.example": "yes"}
    hooks.hook(kind, "cat >> @LOG")
    hooks.bundle.process["args"] = ["sleep", "1000"]
    hooks.create().ok()
    pid = hooks.pid
    hooks.start().ok()
    hooks.kill("9").ok()
    hooks.wait()
    hooks.delete().ok()
    state = json.loads(hooks.log.read_text())
    assert state["id"] == hooks.id
    assert state["bundle"] == str(hooks.bundle.path)
    assert state["annotations"] == {"org.example": "yes"}
    assert state["ociVersion"]
    if status and not peer:
        assert state["status"] == status
    if kind in ("prestart", "createRuntime", "poststart"):
        assert state["pid"] == pid


def test_a_hook_of_the_container_sees_itself_in_the_containers_namespaces(hooks, peer):
    hooks.bundle.namespace("network")
    hooks.hook("createContainer", "readlink /proc/self/ns/net >> @LOG")
    hooks.hook("prestart", "readlink /proc/self/ns/net >> @LOG")
    hooks.run().ok()
    outside, inside = hooks.log.read_text().split()
    assert outside == os.readlink("/proc/self/ns/net")
    assert inside != outside


def test_a_hooks_environment_is_the_one_it_is_given(hooks, peer):
    hooks.bundle.process["env"].append("LD_PRELOAD=/evil.so")
    for kind in ("prestart", "createContainer"):
        hooks.hook(kind, "env >> @LOG; echo end >> @LOG", env=["A=1", "B=2"])
    hooks.run(env={"SECRET": "1"}).ok()
    for seen in hooks.log.read_text().split("end\n")[:2]:
        lines = {l for l in seen.splitlines() if not l.startswith(("PWD=", "SHLVL=", "_=", "OLDPWD="))}
        assert lines == {"A=1", "B=2"}


def test_without_env_a_hook_has_the_runtimes(hooks, peer):
    hooks.hook("prestart", "env >> @LOG")
    hooks.run(env={"FROM_ENGINE": "1"}).ok()
    assert "FROM_ENGINE=1" in hooks.log.read_text()


def test_a_hook_has_no_descriptors_but_the_standard_ones(hooks):
    fds = [os.open("/etc", os.O_RDONLY) for _ in range(4)]
    try:
        for kind in ("prestart", "createRuntime", "createContainer", "poststart"):
            hooks.hook(kind, "ls -l /proc/self/fd >> @LOG")
        hooks.run(pass_fds=fds).ok()
    finally:
        for fd in fds:
            os.close(fd)
    links = [re.search(r"(\d+) -> (.*)", line).groups() for line in hooks.log.read_text().splitlines() if " -> " in line]
    # besides the directory that ls reads
    assert sorted(fd for fd, target in links if not target.endswith("/fd")) == sorted(["0", "1", "2"] * 4), "\n".join(map(str, links))


@pytest.mark.parametrize("kind", ORDER[:4])
def test_a_failing_hook_ends_create_or_start(hooks, kind):
    hooks.hook(kind, "echo reason >&2; exit 3")
    hooks.hook("poststop", "echo poststop >> @LOG")
    hooks.bundle.sh("echo process >> /hooks.log")
    done = hooks.run().failed(code=1)
    assert hooks.log.read_text() == "poststop\n"
    if hooks.runtime.name == "yacr":
        assert kind in done.err and "reason" in done.err and "3" in done.err
    assert hooks.runtime.ids() == []


def test_a_failing_poststop_hook_ends_nothing(hooks, peer):
    hooks.hook("poststop", "exit 3")
    hooks.hook("poststop", "echo second >> @LOG")
    hooks.bundle.sh("echo process >> /hooks.log")
    hooks.run()
    log = hooks.log.read_text()
    assert "process" in log
    assert "second" in log or peer


@pytest.mark.yacr
def test_a_failing_poststart_hook_ends_the_container(hooks):
    hooks.hook("poststart", "exit 3")
    hooks.hook("poststart", "echo second >> @LOG")
    hooks.hook("poststop", "echo poststop >> @LOG")
    hooks.bundle.process["args"] = ["sleep", "100"]
    hooks.run().failed("poststart hook #0", code=1)
    log = hooks.log.read_text()
    assert "second" not in log and "poststop" in log
    assert hooks.runtime.ids() == []


def test_a_hook_that_does_not_exist(hooks):
    hooks.bundle.config["hooks"] = {"prestart": [{"path": "/no/such/hook"}]}
    hooks.run().failed("/no/such/hook", code=1)


def test_a_hooks_path_must_be_absolute(hooks):
    hooks.bundle.config["hooks"] = {"prestart": [{"path": "bin/true"}]}
    hooks.run().failed(code=1)


def test_the_first_argument_is_the_hooks_own_business(hooks):
    hooks.bundle.config["hooks"] = {"prestart": [{"path": "/bin/sh", "args": ["a name", "-c", f"echo $0 >> {hooks.log}"]}]}
    hooks.run().ok()
    assert hooks.log.read_text() == "a name\n"


@pytest.mark.parametrize("kind", ["prestart", "createContainer"])
def test_a_hook_that_takes_too_long_is_killed_with_its_children(hooks, kind):
    hooks.hook(kind, "sleep 77 & sleep 77", timeout=1)
    begin = time.monotonic()
    hooks.run().failed(code=1)
    assert 0.9 < time.monotonic() - begin < 5 * PATIENCE


@pytest.mark.parametrize("timeout", [0, -1])
def test_a_timeout_that_is_none_is_refused(hooks, timeout, peer):
    hooks.hook("prestart", "true", timeout=timeout)
    done = hooks.run()
    if peer and done.code == 0:
        pytest.skip(f"{peer} takes it")
    done.failed("timeout", code=1)


def test_a_hook_that_does_not_read_its_input(hooks):
    hooks.bundle.config["annotations"] = {f"key{i}": "x" * 1000 for i in range(200)}
    hooks.hook("prestart", "exec 0<&-; true")
    hooks.run().ok()


def test_a_hook_that_says_a_lot(hooks):
    hooks.hook("prestart", "head -c 1000000 /dev/zero | tr '\\0' x; head -c 1000000 /dev/zero | tr '\\0' x >&2")
    hooks.run().ok()


def test_a_hook_killed_by_a_signal(hooks):
    hooks.hook("createRuntime", "kill -9 $$")
    hooks.run().failed(code=1)


def test_poststop_hooks_run_once_for_a_forced_delete(hooks):
    hooks.hook("poststop", "echo poststop >> @LOG")
    hooks.bundle.process["args"] = ["sleep", "1000"]
    hooks.run_detached().ok()
    hooks.delete("--force").ok()
    hooks.delete("--force").ok()
    assert hooks.log.read_text() == "poststop\n"


@pytest.mark.root  # until start init is not dumpable: its namespaces are root's to look at, and no user's
def test_a_prestart_hook_may_configure_the_network_namespace(hooks):
    """What CNI plugins and Docker's libnetwork do: the pid is enough to find it."""
    hooks.hook("prestart", 'pid=$(sed -n \'s/.*"pid": *\\([0-9]*\\).*/\\1/p\'); '
                           "readlink /proc/$pid/ns/net >> @LOG")
    seen = hooks.probe()
    assert hooks.log.read_text().strip() == seen["ns"]["net"]


LOGS = ("run.oci.hooks.stdout", "run.oci.hooks.stderr")


@pytest.mark.yacr
def test_what_hooks_print_is_appended_to_the_files_of_the_annotations(hooks, place):
    out, err = place.path / "out", hooks.bundle.path / "err"
    out.write_text("before\n")
    place.give(out)
    hooks.bundle.config["annotations"] = dict(zip(LOGS, (str(out), "err")))  # one of them relative to the bundle
    for kind in ORDER:
        hooks.hook(kind, f"echo {kind}; echo {kind} >&2")
    hooks.bundle.process["args"] = ["true"]
    hooks.create().ok()
    hooks.start().ok()
    hooks.wait()
    hooks.delete().ok()
    assert out.read_text().split() == ["before", *ORDER]
    assert err.read_text().split() == ORDER
    assert stat.S_IMODE(err.stat().st_mode) == 0o600


@pytest.mark.yacr
@pytest.mark.parametrize("kind", ["createRuntime", "createContainer"])
def test_a_failing_hooks_last_words_are_in_the_error_and_in_the_file(hooks, place, kind):
    hooks.bundle.config["annotations"] = {LOGS[1]: str(place.path / "err")}
    hooks.hook(kind, "echo all is well; echo no moon >&2; exit 3")
    done = hooks.run().failed(f"error running {kind} hook #0", "exit status 3: all is well no moon", code=1)
    assert f"hooks.{kind}[0]" in done.err
    assert (place.path / "err").read_text() == "all is well\nno moon\n"


@pytest.mark.yacr
@pytest.mark.parametrize("key", LOGS)
@pytest.mark.parametrize("what", ["a link", "a fifo", "a directory", "below nothing", "a device"])
def test_a_file_for_the_output_of_hooks_is_an_ordinary_one(hooks, place, key, what):
    path, other = place.path / "log", place.path / "other"
    other.write_text("")
    {"a link": lambda: path.symlink_to(other), "a fifo": lambda: os.mkfifo(path), "a directory": path.mkdir,
     "below nothing": lambda: None, "a device": lambda: os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))}[what]()
    place.give(other, *(p for p in [path] if os.path.lexists(p)))
    if what == "below nothing":
        path = path / "log"
    hooks.bundle.config["annotations"] = {key: str(path)}
    hooks.hook("poststop", "echo poststop")
    hooks.create().failed(str(path), f"annotations.{key}", code=1)
    assert hooks.runtime.ids() == [] and other.read_text() == ""


@pytest.mark.yacr
def test_a_hook_runs_although_the_file_for_its_output_is_gone(hooks, place):
    logs = place.path / "logs"
    logs.mkdir()
    place.give(logs)
    hooks.bundle.config["annotations"] = {LOGS[0]: str(logs / "out")}
    hooks.hook("poststop", "echo poststop >> @LOG")
    hooks.bundle.process["args"] = ["true"]
    hooks.create().ok()
    (logs / "out").unlink()
    logs.rmdir()
    done = hooks.runtime.call("--log-level", "warning", "delete", "--force", hooks.id).ok()
    assert hooks.log.read_text() == "poststop\n" and LOGS[0] in done.err
