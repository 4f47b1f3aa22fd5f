# SPDX-License-Identifier: Apache-2.0
"""exec: one more program in a container, as everything but options says the container's own is."""

import contextlib
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import socket
import subprocess
import time

import pytest

from harness import STRANGER, until
from test_process import mask
from test_tty import Console, read_until


@pytest.fixture
def running(anyone):
    """A container that waits, as root and as an ordinary user."""

    def make(change=lambda b: None):
        return start(anyone(), change)

    return make


@pytest.fixture
def rooted(container):
    """The same as root only."""

    def make(change=lambda b: None):
        return start(container(), change)

    return make


@pytest.fixture
def console(place):
    c = Console(place.path / "console.sock")
    yield c
    c.close()


def start(c, change):
    c.bundle.sh("sleep 1000")
    change(c.bundle)
    c.run_detached().ok()
    return c


def call(c, *args, **kw):
    """exec's options and the command; the container's id is "ID"."""
    return c.runtime.call("exec", *[c.id if a == "ID" else a for a in args], **kw)


def probe(c, *options, **kw):
    return call(c, *options, "ID", "/probe", **kw).ok().json


def end(pid):
    """What was detached is ours: until we have reaped it, its pid namespace cannot end."""
    os.kill(int(pid), signal.SIGKILL)
    os.waitpid(int(pid), 0)


def record(c):
    return json.loads((c.runtime.root / c.id / "state.json").read_text())


# ---- what it is ----

def test_it_is_in_all_namespaces_of_the_container(running):
    c = running()
    ours = call(c, "ID", "sh", "-c", "for n in user pid net ipc uts mnt cgroup time; do readlink /proc/self/ns/$n; done")
    pid = c.pid
    types = "user pid net ipc uts mnt cgroup time".split()
    assert ours.ok().out.split() == [os.readlink(f"/proc/{pid}/ns/{t}") for t in types]


@pytest.mark.root
def test_root_of_a_user_namespace_in_the_pid_namespace_of_its_parent(rooted, runtime):
    """As Podman calls without root: a pid namespace that is left for the container's is none to come back to."""
    with subprocess.Popen(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", "echo; exec sleep 1000"],
                          stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        runtime.prefix = ["nsenter", f"--target={holder.pid}", "--user", "--mount", "--preserve-credentials"]
        runtime.global_options = ["--rootless=true"]
        c = rooted()
        assert call(c, "ID", "readlink", "/proc/self/ns/pid").ok().out.strip() == os.readlink(f"/proc/{c.pid}/ns/pid")
        c.delete("--force").ok()
        holder.kill()


def test_time_namespace(rooted):
    def change(b):
        b.namespace("time")
        b.linux["timeOffsets"] = {"monotonic": {"secs": 86400}}

    c = rooted(change)
    seen = call(c, "ID", "readlink", "/proc/self/ns/time").ok().out.strip()
    assert seen == os.readlink(f"/proc/{c.pid}/ns/time") != os.readlink("/proc/self/ns/time")


def with_user_namespace(b):
    b.namespace("user")
    for maps in ("uidMappings", "gidMappings"):
        b.linux[maps] = [{"containerID": 0, "hostID": 200000, "size": 65536}]
    for path in [b.path, b.rootfs]:
        os.chmod(path, 0o755)


@pytest.mark.root
def test_user_namespace_of_a_container_of_root(rooted):
    c = rooted(with_user_namespace)
    assert call(c, "ID", "readlink", "/proc/self/ns/user").ok().out.strip() == os.readlink(f"/proc/{c.pid}/ns/user")
    seen = probe(c, "-u", "1000:1000", "-g", "7")
    assert seen["uids"] == [1000] * 3 and seen["gids"] == [1000] * 3 and 7 in seen["groups"]


@pytest.mark.yacr
@pytest.mark.root
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
@pytest.mark.parametrize("whose", ["self", "PID"])
def test_a_namespace_that_cannot_be_looked_at_is_not_taken_for_the_hosts(rooted, whose):
    """The program would be root of the host in the container's files."""
    c = rooted(with_user_namespace)
    path = f"/proc/{whose.replace('PID', str(c.pid))}/ns"
    faulty = c.runtime.variant(prefix=["strace", "-qq", "-o", c.bundle.path / "trace", "-P", path,
                                       "-e", "inject=openat:error=ENFILE"])
    done = faulty.call("exec", c.id, "cat", "/proc/self/uid_map")
    assert "INJECTED" in (c.bundle.path / "trace").read_text()
    done.failed("cannot examine the namespaces of the container", "(ENFILE)", code=255)


@pytest.mark.root
def test_without_a_mount_namespace_it_is_in_the_containers_root(rooted):
    def change(b):
        b.drop_namespace("mount")
        b.config["mounts"] = []
        for paths in ("maskedPaths", "readonlyPaths"):
            del b.linux[paths]

    c = rooted(change)
    assert call(c, "ID", "sh", "-c", "echo /*").ok().out.split().count("/probe") == 1


def test_nothing_of_the_host_is_inherited(running):
    def hostile():
        os.umask(0o077)
        signal.signal(signal.SIGUSR2, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGTERM])

    c = running()
    leaked = os.open("/", os.O_RDONLY)
    os.set_inheritable(leaked, True)
    try:
        seen = probe(c, env={"LEAK": "1"}, pass_fds=[leaked], preexec_fn=hostile)
    finally:
        os.close(leaked)
    assert sorted(seen["fds"]) == ["0", "1", "2"]
    assert seen["umask"] == 0o022 and seen["blocked"] == 0 and seen["ignored"] == []
    assert seen["pdeathsig"] == 0 and seen["dumpable"] == 1 and seen["nnp"] == 1
    assert seen["cwd"] == "/" and seen["sid"] == seen["pid"]
    assert "LEAK" not in json.dumps(seen)


def test_the_containers_defaults(running):
    def change(b):
        b.process["cwd"] = "/tmp"
        b.process["env"].append("MINE=yes")
        b.process["oomScoreAdj"] = 500
        b.process["rlimits"] = [{"type": "RLIMIT_NOFILE", "soft": 77, "hard": 88}]

    c = running(change)
    out = call(c, "ID", "sh", "-c", "pwd; echo $MINE; ulimit -n; cat /proc/self/oom_score_adj").ok().out.split()
    assert out == ["/tmp", "yes", "77", "500"]


def test_config_json_is_not_read_again(running):
    c = running()
    (c.bundle.path / "config.json").unlink()
    call(c, "ID", "true").ok()


@pytest.mark.cgroups
def test_it_is_in_the_containers_cgroup(rooted):
    c = rooted()
    call(c, "-d", "--pid-file", c.bundle.path / "pid", "ID", "sleep", "1000", out=open(c.output, "w")).ok()
    pid = (c.bundle.path / "pid").read_text()
    assert pid.isdigit()
    assert pathlib.Path(f"/proc/{pid}/cgroup").read_text() == pathlib.Path(f"/proc/{c.pid}/cgroup").read_text()
    assert int(pid) in c.runtime.call("ps", "-f", "json", c.id).ok().json
    end(pid)


def test_a_filter_is_inherited(rooted):
    def change(b):
        b.linux["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW",
                              "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]}

    c = rooted(change)
    assert "Seccomp:\t2" in call(c, "ID", "cat", "/proc/self/status").ok().out
    call(c, "ID", "mkdir", "/tmp/d").failed("not supported")


@pytest.mark.root
def test_a_filter_without_no_new_privileges(rooted):
    def change(b):
        b.process["noNewPrivileges"] = False
        b.linux["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW",
                              "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}

    c = rooted(change)
    seen = probe(c, "-u", "1000")
    assert seen["caps"]["effective"] == 0 and seen["nnp"] == 0
    assert "Seccomp:\t2" in call(c, "ID", "cat", "/proc/self/status").ok().out


@pytest.mark.yacr
def test_a_damaged_filter_is_no_reason_to_do_without(rooted):
    def change(b):
        b.linux["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW"}

    c = rooted(change)
    program = c.runtime.root / c.id / "exec.bpf"
    program.write_bytes(program.read_bytes()[:-3])
    call(c, "ID", "true").failed("seccomp", code=255)
    program.unlink()
    call(c, "ID", "true").failed(code=255)


# ---- options ----

def test_environment_and_directory(running):
    c = running()
    out = call(c, "-e", "A=1", "--env", "TERM=dumb", "-e", "A=2", "--cwd", "/etc", "ID",
               "sh", "-c", "echo $A $TERM $PWD").ok().out
    assert out.split() == ["2", "dumb", "/etc"]


def test_a_directory_that_is_not_there_is_not_made(rooted):
    """Unlike that of the container itself, which create makes."""
    c = rooted()
    call(c, "--cwd", "/no/such", "ID", "true").failed("/no/such", code=255)
    assert not (c.bundle.rootfs / "no").exists()


def test_a_variable_without_a_name_is_refused(rooted):
    call(rooted(), "-e", "=1", "ID", "true").failed("NAME=value", code=255)


@pytest.mark.parametrize("user, ids", [("1000", (1000, 0)), ("1000:5", (1000, 5)), ("4294967294:0", (4294967294, 0))])
@pytest.mark.root
def test_user(rooted, user, ids):
    seen = probe(rooted(), "--user", user)
    assert (seen["uids"][0], seen["gids"][0]) == ids


@pytest.mark.parametrize("user", ["0x0", "+1", " 1", "-1", "1x", "", ":1", "1:", "4294967295", "4294967296", "root"])
def test_what_is_no_user_is_never_root(rooted, user):
    """CVE-2026-30892: "-u 1" ran as uid 0; CVE-2024-40635: 2^32 did."""
    call(rooted(), f"--user={user}", "ID", "id").failed(f'"{user.split(":")[0]}"' if user != "1:" else '""', code=255)


@pytest.mark.root
def test_additional_groups(rooted):
    assert {5, 6} <= set(probe(rooted(), "-g", "5", "--additional-gids=6")["groups"])


def test_more_capabilities_but_none_to_inherit(rooted):
    """CVE-2022-29162."""
    c = rooted()
    seen = probe(c, "--cap", "CAP_NET_ADMIN", "-c", "CAP_SYS_TIME")["caps"]
    more = mask("CAP_NET_ADMIN", "CAP_SYS_TIME")
    assert seen["effective"] & more == more and seen["bounding"] & more == more
    assert seen["inheritable"] == 0 and seen["ambient"] == 0
    assert probe(c)["caps"]["effective"] & more == 0
    call(c, "--cap", "CAP_NONE_SUCH", "ID", "true").failed("CAP_NONE_SUCH", code=255)


@pytest.mark.root
def test_a_capability_that_the_container_may_inherit_reaches_a_user_without_privilege(rooted):
    caps = {"inheritable": ["CAP_NET_ADMIN"], "bounding": ["CAP_NET_ADMIN"]}
    c = rooted(lambda b: b.process.update(capabilities=caps))
    seen = probe(c, "--cap", "CAP_NET_ADMIN", "--cap", "CAP_SYS_TIME", "-u", "1000")["caps"]
    assert seen["ambient"] == seen["effective"] == mask("CAP_NET_ADMIN")


@pytest.mark.root
def test_a_user_without_privilege_has_no_capabilities(rooted):
    caps = probe(rooted(), "-u", "1000")["caps"]
    assert caps["effective"] == caps["permitted"] == caps["inheritable"] == 0


def test_no_new_privileges(rooted):
    c = rooted(lambda b: b.process.pop("noNewPrivileges"))
    assert probe(c)["nnp"] == 0 and probe(c, "--no-new-privs")["nnp"] == 1


def test_preserved_descriptors(rooted):
    c = rooted()
    r, w = os.pipe()
    try:
        def number_three():
            os.dup2(r, 3)
            os.set_inheritable(3, True)

        assert sorted(probe(c, "--preserve-fds", "1", preexec_fn=number_three, pass_fds=[r, 3] if r != 3 else [3])["fds"]) \
            == ["0", "1", "2", "3"]
    finally:
        os.close(r), os.close(w)
    call(c, "--preserve-fds", "3", "ID", "true").failed("preserved-fd", code=255)


def test_labels_that_this_host_does_not_have_are_refused(rooted):
    c = rooted()
    if not os.path.exists("/sys/fs/selinux/enforce"):
        call(c, "--process-label", "a:b:c:s0", "ID", "true").failed("SELinux", code=255)
    if not os.path.exists("/sys/module/apparmor/parameters/enabled"):
        call(c, "--apparmor", "unconfined", "ID", "true").failed("AppArmor", code=255)


def test_what_follows_the_id_is_the_command(running):
    assert call(running(), "ID", "echo", "-t", "--user", "x").ok().out == "-t --user x\n"


def test_no_command(rooted):
    call(rooted(), "ID").failed("command", code=255)


# ---- the process file ----

def process_file(c, **members):
    path = c.bundle.path / "process.json"
    path.write_text(json.dumps({"args": ["/probe"], "cwd": "/tmp", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0},
                                **members}))
    return path


@pytest.mark.root
def test_process_file(rooted):
    c = rooted(lambda b: b.process.update(user={"uid": 0, "gid": 0, "umask": 0o27}))
    path = process_file(c, user={"uid": 3, "gid": 4, "additionalGids": [8]},
                        capabilities={"bounding": ["CAP_KILL"], "permitted": ["CAP_KILL"], "effective": ["CAP_KILL"]})
    seen = call(c, "--process", path, "ID").ok().json
    assert seen["uids"][0] == 3 and seen["gids"][0] == 4 and 8 in seen["groups"] and seen["cwd"] == "/tmp"
    assert seen["caps"]["bounding"] == mask("CAP_KILL") and seen["umask"] == 0o27


@contextlib.contextmanager
def pipe_of(text):
    """A descriptor to read it from, which an ordinary user may open anew."""
    read, write = os.pipe()
    os.fchmod(read, 0o644)
    with os.fdopen(write, "wb") as file:
        file.write(text)
    with os.fdopen(read) as file:
        yield file.fileno()


def test_a_process_file_may_be_a_pipe(rooted):
    """As with <(...) of a shell, whose descriptor is none that the program is given."""
    c = rooted()
    text = process_file(c).read_bytes()
    with pipe_of(text) as fd:
        assert call(c, "--process", f"/dev/fd/{fd}", "ID", pass_fds=[fd]).ok().json["cwd"] == "/tmp"
    with pipe_of(text) as fd:
        assert call(c, "--process", "/dev/stdin", "ID", stdin=fd).ok().json["cwd"] == "/tmp"
    with pipe_of(b"") as fd:
        call(c, "--process", "/dev/stdin", "ID", stdin=fd).failed("process file", "ends", code=255)


def test_who_waits_for_a_process_file_can_be_interrupted(rooted):
    c = rooted()
    fifo = c.bundle.path / "fifo"
    os.mkfifo(fifo)
    waiting = c.runtime.popen("exec", "--process", fifo, c.id)
    with open(fifo, "wb"):  # this returns when it has been opened by the other side
        waiting.send_signal(signal.SIGTERM)  # not SIGINT, which a shell has its background jobs ignore
        assert waiting.wait(10) == -signal.SIGTERM


def test_a_process_file_that_says_nothing_of_capabilities_gets_the_containers(rooted):
    c = rooted()
    assert call(c, "-p", process_file(c), "ID").ok().json["caps"] == probe(c)["caps"]


@pytest.mark.parametrize("members, words", [
    ({"args": []}, "args"), ({"cwd": "tmp"}, "absolute"), ({"env": ["x"]}, "NAME=value"), ({"user": {"uid": -1, "gid": 0}}, "uid"),
    ({"rlimits": [{"type": "RLIMIT_X", "soft": 1, "hard": 1}]}, "RLIMIT_X"),
])
def test_a_bad_process_file(rooted, members, words):
    c = rooted()
    call(c, "-p", process_file(c, **members), "ID").failed(words, code=255)


def test_a_process_file_that_is_none(rooted):
    c = rooted()
    call(c, "-p", c.bundle.path / "missing", "ID").failed(code=255)
    call(c, "-p", "/", "ID").failed(code=255)


# ---- ends ----

@pytest.mark.parametrize("script, code", [("exit 7", 7), ("kill -9 $$", 137), ("kill -TERM $$", 143)])
def test_exit_codes(running, script, code):
    assert call(running(), "ID", "sh", "-c", script).code == code


def test_a_missing_program(running):
    c = running()
    r = call(c, "ID", "nosuch").failed('exec: "nosuch": executable file not found in $PATH', code=255)
    assert "no such file" not in r.err.splitlines()[0]
    call(c, "ID", "/nosuch").failed("no such file or directory", code=255)
    call(c, "ID", "/etc").failed(code=255)
    call(c, "ID", "/etc/passwd").failed("permission denied", code=255)


def test_nothing_is_said_on_success(running):
    r = call(running(), "ID", "true").ok()
    assert r.out == "" and r.err == ""


def test_detached(running):
    c = running()
    pid_file = c.bundle.path / "pid"
    if c.runtime.user:
        os.chmod(c.bundle.path, 0o777)
    with open(c.bundle.path / "out", "w") as out:
        call(c, "--detach", "--pid-file", pid_file, "ID", "sh", "-c", "echo here; exec sleep 1000", out=out).ok()
    pid = pid_file.read_text()
    assert pid.isdigit()
    until(lambda: (c.bundle.path / "out").read_text() == "here\n")
    assert os.readlink(f"/proc/{pid}/ns/pid") == os.readlink(f"/proc/{c.pid}/ns/pid")
    end(pid)


def test_a_detached_program_that_cannot_be_run_leaves_no_pid_file(rooted):
    c = rooted()
    with open(c.output, "w") as out:
        call(c, "-d", "--pid-file", c.bundle.path / "pid", "ID", "nosuch", out=out)
    assert not (c.bundle.path / "pid").exists()


def test_pidfd_socket(rooted, place):
    c = rooted()
    s = socket.socket(socket.AF_UNIX)
    s.bind(str(place.path / "s"))
    os.chmod(place.path / "s", 0o666)
    s.listen(1)
    call(c, "--pidfd-socket", place.path / "s", "ID", "true").ok()
    _, fds, _, _ = socket.recv_fds(s.accept()[0], 100, 1)
    assert "Pid:" in open(f"/proc/self/fdinfo/{fds[0]}").read()
    os.close(fds[0])
    s.close()


def test_signals_are_forwarded(running):
    c = running()
    p = c.runtime.popen("exec", c.id, "sh", "-c", "trap 'echo got; exit 9' USR1; echo up; while :; do sleep 0.05; done",
                        stdout=subprocess.PIPE, text=True)
    assert p.stdout.readline() == "up\n"
    if c.runtime.user:
        os.kill(p.pid, signal.SIGUSR1)
    else:
        p.send_signal(signal.SIGUSR1)
    assert p.stdout.read() == "got\n" and p.wait(10) == 9


def test_standard_streams(running):
    assert call(running(), "ID", "cat", input="through\n").ok().out == "through\n"


def test_the_end_of_the_container_ends_it(rooted):
    c = rooted()
    p = c.runtime.popen("exec", c.id, "sleep", "1000")

    def executed():  # before that it is exec that is ended, which is 255
        pids = [pid for pid in c.runtime.call("ps", "-f", "json", c.id).json if pid != c.pid]
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # one of exec's own, which has ended meanwhile
            return pids and open(f"/proc/{pids[0]}/cmdline").read() == "sleep\x001000\x00"

    until(executed)
    c.kill("KILL").ok()
    assert p.wait(10) == 137


# ---- terminals ----

def test_terminal_in_the_foreground(running):
    c = running()
    master, slave = pty.openpty()
    p = c.runtime.popen("exec", "-t", c.id, "sh", "-c", "tty; test -t 0 && echo yes", stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    text = read_until(master, "yes")
    assert "/dev/pts/" in text and "yes" in text
    assert p.wait(10) == 0
    os.close(master)


def test_terminal_through_a_console_socket(running, console):
    c = running()
    os.chmod(c.bundle.path, 0o777)
    with open(c.bundle.path / "out", "w") as out:
        call(c, "-t", "-d", "--console-socket", console.path, "--pid-file", c.bundle.path / "pid", "ID", "sh", "-c", "tty; echo a $((40 + 2)); read x", out=out).ok()
    console.receive()
    assert "a 42" in read_until(console.master, "a 42")
    end((c.bundle.path / "pid").read_text())


def test_terminal_of_a_process_file(rooted, console):
    c = rooted()
    path = process_file(c, terminal=True, consoleSize={"height": 33, "width": 111})
    with open(c.output, "w") as out:
        call(c, "-d", "--console-socket", console.path, "-p", path, "--pid-file", c.bundle.path / "pid", "ID", out=out).ok()
    console.receive()
    assert json.loads(read_until(console.master, "\n}"))["size"] == [33, 111]
    os.waitpid(int((c.bundle.path / "pid").read_text()), 0)


def test_terminal_and_socket_have_to_go_together(rooted, console):
    c = rooted()
    call(c, "-t", "-d", "ID", "true").failed("without setting console socket", code=255)
    call(c, "--console-socket", console.path, "ID", "true").failed("console socket", code=255)


def test_a_container_with_a_terminal_does_not_give_one_to_exec(container, console):
    c = container()
    c.bundle.sh("sleep 1000").process["terminal"] = True
    c.create("--console-socket", console.path).ok()
    console.receive()
    c.start().ok()
    assert probe(c)["tty"] == 0


# ---- the container's state ----

def test_a_stopped_container(running):
    c = running()
    c.kill("KILL").ok()
    c.wait()
    call(c, "ID", "true").failed("container not running", code=255)


def test_a_container_that_does_not_exist(runtime):
    runtime.call("exec", "nosuch", "true").failed("does not exist", code=255)


@pytest.mark.root  # until start init is not dumpable: its namespaces are root's to look at, and no user's
def test_a_created_container(container):
    c = container()
    c.create().ok()
    call(c, "ID", "true").ok()
    assert c.status == "created"


def freezer(c):
    for d in record(c)["cgroup"]["dirs"]:
        base = pathlib.Path(d["mountpoint"] + d["path"])
        if "freezer" in d["hierarchy"].split(","):
            return base / "freezer.state", "FROZEN", "THAWED"
    return base / "cgroup.freeze", "1", "0"


@pytest.mark.yacr
def test_a_paused_container(rooted):
    c = rooted()
    file, frozen, thawed = freezer(c)
    file.write_text(frozen)
    try:
        until(lambda: c.status == "paused")
        call(c, "ID", "true").failed("cannot exec in a paused container", code=255)
        p = c.runtime.popen("exec", "--ignore-paused", c.id, "true")
        time.sleep(0.2)
        assert p.poll() is None
    finally:
        file.write_text(thawed)
    assert p.wait(10) == 0


def test_exec_at_once_many_times(rooted):
    c = rooted()
    them = [c.runtime.popen("exec", c.id, "sh", "-c", "exit 3") for _ in range(20)]
    assert [p.wait(20) for p in them] == [3] * 20


# ---- cgroups below ----

def cgroup_dirs(c):
    return [pathlib.Path(d["mountpoint"] + d["path"]) for d in record(c)["cgroup"]["dirs"]]


@pytest.mark.yacr
@pytest.mark.root
def test_a_cgroup_below_the_containers(rooted):
    c = rooted()
    for d in cgroup_dirs(c):
        (d / "below").mkdir()
        if (d / "below" / "cpuset.mems").exists():
            for name in ("cpuset.cpus", "cpuset.mems"):
                (d / "below" / name).write_text((d / name).read_text())
    script = "grep pids /proc/self/cgroup || cat /proc/self/cgroup"
    assert call(c, "--cgroup", "below", "ID", "sh", "-c", script).ok().out.strip().endswith("/below")
    assert call(c, "--cgroup", "/below/", "ID", "sh", "-c", script).ok().out.strip().endswith("/below")
    assert not call(c, "--cgroup", "/", "ID", "sh", "-c", script).ok().out.strip().endswith("/below")
    for d in cgroup_dirs(c):
        (d / "below").rmdir()


@pytest.mark.yacr
@pytest.mark.root
def test_where_the_containers_own_cgroup_takes_nobody_it_follows_its_init(rooted):
    c = rooted()
    own = next(d for d, e in zip(cgroup_dirs(c), record(c)["cgroup"]["dirs"]) if not e.get("hierarchy"))
    controllers = (own / "cgroup.controllers").read_text().split()
    if not controllers:
        pytest.skip("this host's cgroup2 has no controllers")
    inner = own / "inner"
    inner.mkdir()
    (inner / "cgroup.procs").write_text(str(c.pid))
    (own / "cgroup.subtree_control").write_text("+" + controllers[0])
    assert "/inner\n" in call(c, "ID", "cat", "/proc/self/cgroup").ok().out


@pytest.mark.yacr
@pytest.mark.parametrize("path", ["../x", "..", "a/../../b", "x" * 4096, "a\nb", "missing", "nosuch:/", "/../{id}0"])
def test_no_cgroup_but_one_below(rooted, path):
    c = rooted()
    sibling = [d.with_name(d.name + "0") for d in cgroup_dirs(c)]
    for d in sibling:
        d.mkdir()
    try:
        call(c, "--cgroup", path.format(id=cgroup_dirs(c)[0].name), "ID", "true").failed("cgroup", code=255)
    finally:
        for d in sibling:
            d.rmdir()


# ---- escapes ----

@pytest.mark.parametrize("cwd", ["/proc/self/fd/3", "/proc/self/fd/7", "/proc/1/root/../..", "/w"])
def test_the_working_directory_is_never_the_hosts(rooted, cwd):
    """CVE-2024-21626."""
    c = rooted(lambda b: (b.rootfs / "w").symlink_to("/proc/self/fd/7"))
    top = os.open("/", os.O_RDONLY)
    try:
        r = call(c, "--cwd", cwd, "ID", "ls", pass_fds=[top])
    finally:
        os.close(top)
    assert r.code == 255 or "probe" in r.out.split()


def test_nobody_in_the_container_can_look_into_it_before_it_is_the_program(rooted):
    """CVE-2016-9962: what sets itself up inside is not traceable, so /proc says nothing about it."""
    look = "[ -e $p/exe ] && ! [ $p/exe -ef /bin/busybox ] && [ -e $p/exe ] && echo seen $p"
    c = rooted(lambda b: b.sh(f"while :; do for p in /proc/[2-9]* /proc/1[0-9]*; do {look}; done; done"))
    for _ in range(30):
        call(c, "ID", "/bin/busybox", "true").ok()
    assert c.said() == ""


def test_nobody_in_the_container_can_read_the_command_line_before_it_is_the_programs(rooted):
    """/proc/PID/cmdline is for everybody: variables for the program alone, and paths of the host."""
    read = "for p in /proc/[2-9]* /proc/1[0-9]*; do tr '\\0' ' ' < $p/cmdline; done 2>/dev/null | grep -e --env"
    c = rooted(lambda b: b.sh(f"while :; do {read}; done"))
    for _ in range(40):
        call(c, "--env", "SECRET=of the program", "ID", "true").ok()
    assert "SECRET" not in c.said()


LINUX = tuple(map(int, re.match(r"(\d+)\.(\d+)", os.uname().release).groups()))


@pytest.mark.yacr
@pytest.mark.parametrize("initial, final, expected", [
    ("0", "0", "0"), (" 0 , 0-0", "0 - 0", "0"), ("0", "", "0"), ("", " 0", "0"), ("", " ", None), (None, "0", "0")])
def test_cpu_affinity(rooted, initial, final, expected):
    """Lists as cpuset(7) writes them; an empty one changes nothing, but Linux before 6.2 may, in the container's cpuset."""
    c = rooted()
    affinity = {k: v for k, v in (("initial", initial), ("final", final)) if v is not None}
    path = process_file(c, args=["grep", "Cpus_allowed_list", "/proc/self/status"], execCPUAffinity=affinity)
    own = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("Cpus_allowed_list"))
    expected = [expected or own, *([own] if final == "" and LINUX < (6, 2) else [])]
    assert call(c, "-p", path, "ID").ok().out.split()[1] in expected


@pytest.mark.yacr
@pytest.mark.parametrize("which", ["initial", "final"])
@pytest.mark.parametrize("cpus", ["8191", "9000", "3-1", "a", "0,"])
def test_cpus_that_are_not_there(rooted, which, cpus):
    c = rooted()
    path = process_file(c, args=["true"], execCPUAffinity={which: cpus})
    call(c, "-p", path, "ID").failed(f"execCPUAffinity.{which}")
