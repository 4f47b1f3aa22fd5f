# SPDX-License-Identifier: Apache-2.0
"""linux.seccomp at work: an agent that answers calls, other architectures, calls newer than the profile."""

import array
import errno
import fcntl
import json
import os
import platform
import shutil
import socket
import struct
import threading

import pytest

import harness

NOTIF_RECV, NOTIF_SEND = 0xC0502100, 0xC0182101
x86_64 = pytest.mark.skipif(platform.machine() != "x86_64", reason="needs x86-64")


class Agent(threading.Thread):
    """Listens as linux.seccomp.listenerPath and answers each call of the first listener with an error."""

    def __init__(self, path, error=errno.EXDEV, calls=1):
        super().__init__(daemon=True)
        self.path, self.error, self.calls = str(path), error, calls
        self.told, self.fds, self.seen, self.rest = None, [], [], None
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(self.path)
        os.chmod(self.path, 0o777)
        self.server.listen()
        self.server.settimeout(20 * harness.PATIENCE)

    def run(self):
        conn, _ = self.server.accept()
        with conn:
            data, ancillary, _, _ = conn.recvmsg(65536, socket.CMSG_SPACE(16 * 4))
            for level, kind, body in ancillary:
                assert (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS)
                self.fds += array.array("i", body).tolist()
            conn.settimeout(20 * harness.PATIENCE)
            self.rest = conn.recv(1)
        if not data:
            return
        self.told = json.loads(data)
        for _ in range(self.calls):
            self.answer(self.fds[0])

    def answer(self, listener):
        request = bytearray(80)
        fcntl.ioctl(listener, NOTIF_RECV, request)
        id, pid, _, number = struct.unpack_from("QIIi", request)
        self.seen.append((pid, number))
        fcntl.ioctl(listener, NOTIF_SEND, struct.pack("Qqii", id, 0, -self.error, 0))

    def close(self):
        self.join(20)
        self.server.close()
        while self.fds:
            os.close(self.fds.pop())


@pytest.fixture
def agent(place):
    agents = []

    def make(**kw):
        agents.append(Agent(place.path / f"agent{len(agents)}.sock", **kw))
        agents[-1].start()
        return agents[-1]

    yield make
    for a in agents:
        a.close()


def notify(c, path, *names, metadata=None):
    c.bundle.linux["seccomp"] = {
        "defaultAction": "SCMP_ACT_ALLOW", "listenerPath": str(path),
        "syscalls": [{"names": list(names or ("mkdir", "mkdirat")), "action": "SCMP_ACT_NOTIFY"}]}
    if metadata:
        c.bundle.linux["seccomp"]["listenerMetadata"] = metadata
    return c.bundle.sh("mkdir /tmp/x; echo done")


# ---- SCMP_ACT_NOTIFY ----

@pytest.mark.parametrize("no_new_privs", [True, False])
def test_an_agent_answers_a_call(container, agent, no_new_privs):
    c, a = container(), agent()
    c.bundle.process["noNewPrivileges"] = no_new_privs
    notify(c, a.path, metadata="m 1")
    c.create().ok()
    assert a.told is None
    pid = c.pid
    c.start().ok()
    c.wait()
    a.join(20)
    assert "cross-device" in c.said().lower() and "done" in c.said()
    assert a.told["fds"] == ["seccompFd"] and len(a.fds) == 1 and a.rest == b""
    assert a.told["metadata"] == "m 1" and a.told["pid"] == pid and a.told["ociVersion"]
    assert a.told["state"]["id"] == c.id and a.told["state"]["pid"] == pid
    assert a.told["state"]["bundle"] == str(c.bundle.path)


def test_without_a_gate_and_as_an_ordinary_user(anyone, agent):
    c, a = anyone(), agent()
    notify(c, a.path)
    result = c.run().ok()
    a.join(20)
    assert "cross-device" in result.err.lower() and "metadata" not in a.told


@pytest.mark.yacr
def test_exec_has_a_listener_of_its_own(container, agent):
    c, first = container(), agent(calls=0)
    notify(c, first.path)
    c.bundle.sh("sleep 1000")
    c.run_detached().ok()
    first.close()
    os.unlink(first.path)
    second = Agent(first.path)
    second.start()
    result = c.runtime.call("exec", c.id, "mkdir", "/tmp/y")
    second.close()
    assert result.code == 1 and "cross-device" in result.err.lower()
    assert second.told["pid"] != c.pid and second.told["state"]["status"] == "running"


def test_the_execve_of_the_program_may_be_the_call(container, agent):
    c, a = container(), agent(error=errno.EACCES)
    notify(c, a.path, "execve")
    c.create().ok()
    c.start().failed("ermission denied")


@pytest.mark.yacr
def test_an_agent_that_is_not_there_is_an_error_and_start_can_be_tried_again(container, agent, place):
    c = container()
    notify(c, place.path / "agent0.sock")
    c.create().ok()
    c.start().failed("cannot reach the seccomp agent", "linux.seccomp.listenerPath")
    assert c.status == "created"
    a = agent()
    c.start().ok()
    a.join(20)
    c.wait()
    d = container()
    notify(d, place.path / "nobody")
    d.run().failed("cannot reach the seccomp agent")


@pytest.mark.yacr
def test_init_must_be_able_to_send_the_listener(container, agent):
    c = container()
    notify(c, "/nowhere", "sendmsg")
    c.create().failed("sendmsg", "linux.seccomp.syscalls[0]")
    d, a = container(), agent()
    notify(d, a.path)
    d.bundle.linux["seccomp"]["syscalls"].append({"names": ["sendmsg"], "action": "SCMP_ACT_ERRNO"})
    d.create().ok()
    d.start().failed("sendmsg", "linux.seccomp")
    a.join(20)
    assert a.told is None
    d.wait()


# ---- a profile of an engine's kind ----

ALLOWLIST = ["accept4", "access", "arch_prctl", "brk", "capget", "capset", "chdir", "clone", "close", "dup2", "dup3",
             "execve", "exit", "exit_group", "fcntl", "fstat", "futex", "getcwd", "getegid", "geteuid", "getgid",
             "getpid", "getppid", "getuid", "ioctl", "mmap", "mprotect", "munmap", "newfstatat", "open", "openat",
             "prctl", "read", "readlink", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "set_tid_address",
             "setgid", "setuid", "stat", "lstat", "wait4", "write", "writev", "fork", "vfork", "rseq", "prlimit64",
             "clone3", "close_range", "faccessat2", "statx"]


def foreign(c, what, archs=("SCMP_ARCH_X86_64",)):
    shutil.copy(harness.HELPERS / "foreign", c.bundle.rootfs / "foreign")
    c.bundle.linux["seccomp"] = {
        "defaultAction": "SCMP_ACT_ERRNO", "architectures": list(archs),
        "syscalls": [{"names": ALLOWLIST, "action": "SCMP_ACT_ALLOW"}]}
    c.bundle.process["args"] = ["/foreign", str(what)]
    return c.run()


@pytest.mark.yacr
@pytest.mark.parametrize("profile", [
    {"defaultAction": "SCMP_ACT_ERRNO"},
    {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["execve", "sendmsg", "exit", "exit_group"], "action": "SCMP_ACT_ERRNO"}]},
], ids=["nothing is allowed", "neither to become the program nor to end"])
def test_a_profile_that_does_not_let_init_end_is_no_reason_to_wait_for_ever(container, profile):
    c = container()
    c.bundle.linux["seccomp"] = profile
    assert c.run(timeout=10).code > 128  # nobody can be told why: it looks as if the program had crashed
    c.create().ok()
    c.start(timeout=10)
    c.wait("stopped")


def test_a_call_that_is_newer_than_the_profile_does_not_exist(container):
    assert foreign(container(), 999).ok().out == "-1 Function not implemented\n"


@x86_64
def test_a_call_that_the_profile_refuses(container):
    assert foreign(container(), 165).ok().out == "-1 Operation not permitted\n"  # mount


@x86_64
@pytest.mark.parametrize("arch", ["i386", "x32"])
def test_a_call_of_an_architecture_that_is_not_in_the_profile_ends_the_program(container, arch):
    assert foreign(container(), arch).code == 128 + 31  # SIGSYS


@x86_64
def test_a_call_of_i386_that_is_in_the_profile(container):
    result = foreign(container(), "i386", ("SCMP_ARCH_X86_64", "SCMP_ARCH_X86")).ok()
    assert int(result.out.split()[0]) in (1, -38)  # a kernel without i386 would have killed it above, too
