# SPDX-License-Identifier: Apache-2.0
"""Terminals: through a console socket, and in the foreground."""

import array
import fcntl
import json
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import termios
import time

import pytest

from harness import PATIENCE, descriptors, until


class Console:
    """What an engine has at the other end of --console-socket."""

    def __init__(self, path):
        self.path = str(path)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o666)
        self.listener.listen(1)
        self.listener.settimeout(10 * PATIENCE)
        self.master = -1

    def receive(self):
        connection, _ = self.listener.accept()
        data, ancillary, _, _ = connection.recvmsg(4096, socket.CMSG_SPACE(64))
        (level, type, fds), = ancillary
        assert (level, type) == (socket.SOL_SOCKET, socket.SCM_RIGHTS)
        fds = array.array("i", fds[:len(fds) - len(fds) % 4])
        assert len(fds) == 1 and 0 < len(data) < 4096
        self.name, self.master = data.decode(), fds[0]
        connection.close()
        return self

    def close(self):
        self.listener.close()
        if self.master >= 0:
            os.close(self.master)


def read_until(fd, end, timeout=10):
    """What can be read until @end appears, or the terminal hangs up."""
    text, limit = b"", time.monotonic() + timeout * PATIENCE
    while end.encode() not in text and time.monotonic() < limit:
        if not select.select([fd], [], [], 0.1)[0]:
            continue
        try:
            data = os.read(fd, 4096)
        except OSError:
            break
        if not data:
            break
        text += data
    return text.decode()


@pytest.fixture
def console(place):
    c = Console(place.path / "console.sock")
    yield c
    c.close()


def begin(c, console):
    """Starts it with its terminal in our hands."""
    c.create("--console-socket", console.path).ok()
    console.receive()
    c.start().ok()


def terminal(container):
    c = container()
    c.bundle.process["terminal"] = True
    return c


def test_a_shell_through_a_console_socket(anyone, console):
    c = terminal(anyone)
    c.bundle.process["args"] = ["sh"]
    begin(c, console)
    read_until(console.master, "# ")
    os.write(console.master, b"tty; echo a $((40 + 2)); exit 5\n")
    text = read_until(console.master, "a 42")
    assert "/dev/" in text
    c.wait()


def test_the_program_has_the_terminal_as_its_own(container, console):
    c = terminal(container)
    begin(c, console)
    seen = json.loads(read_until(console.master, "\n}"))
    assert seen["tty"] == 1 and seen["controlling_tty"] == 1
    assert seen["fds"] == {"0": "char", "1": "char", "2": "char"}
    assert seen["onlcr"] == 1


def test_dev_console_is_the_terminal(container, console):
    c = terminal(container)
    c.bundle.sh("stat -c %t /dev/console; echo through > /dev/console")
    begin(c, console)
    text = read_until(console.master, "through")
    assert "88" in text and "through" in text


@pytest.mark.root
def test_the_terminal_belongs_to_the_user(container, console):
    c = terminal(container)
    c.bundle.process["user"] = {"uid": 1000, "gid": 1000}
    c.bundle.sh("stat -c 'owner %u' $(readlink /proc/self/fd/0); echo ok > /dev/tty")
    begin(c, console)
    text = read_until(console.master, "ok")
    assert "owner 1000" in text and "ok" in text


def test_console_size(container, console):
    c = terminal(container)
    c.bundle.process["consoleSize"] = {"height": 33, "width": 111}
    begin(c, console)
    assert json.loads(read_until(console.master, "\n}"))["size"] == [33, 111]


def test_a_terminal_without_a_console_socket_is_an_error_of_create(container):
    c = terminal(container)
    c.create().failed(code=1)


def test_a_console_socket_without_a_terminal_is_an_error(container, console):
    c = container()
    c.create("--console-socket", console.path).failed(code=1)


@pytest.mark.parametrize("what", ["missing", "file", "nobody listens"])
def test_a_console_socket_that_is_none(container, place, what):
    path = place.path / "sock"
    if what == "file":
        path.write_text("")
    elif what == "nobody listens":
        s = socket.socket(socket.AF_UNIX)
        s.bind(str(path))
        s.close()
    c = terminal(container)
    c.create("--console-socket", path, timeout=10).failed(code=1)


def listens(receiver):
    """Whether recvtty does: only then it opens what tells it of signals. Its socket is there before."""
    return "anon_inode:[signalfd]" in descriptors(receiver.pid)


@pytest.mark.yacr
def test_recvtty(container, place):
    """The seed's session: one terminal receives, the other creates and starts."""
    c = terminal(container)
    c.bundle.process["args"] = ["sh"]
    master, slave = pty.openpty()
    path = place.path / "console.sock"
    receiver = c.runtime.popen("recvtty", path, root=False, stdin=slave, stdout=slave, stderr=slave,
                               start_new_session=True)
    os.close(slave)
    until(lambda: listens(receiver))
    c.create("--console-socket", path).ok()
    c.start().ok()
    read_until(master, "# ")
    os.write(master, b"ps\n")
    text = read_until(master, "# ")
    assert "PID" in text and "sh" in text
    os.write(master, b"exit\n")
    assert receiver.wait(10) == 0
    c.wait()
    assert not path.exists()
    os.close(master)


# ---- foreground ----

class Foreground:
    """run with a terminal on a terminal, as from a shell."""

    def __init__(self, c, *options, first=None):
        def prepare():
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            if first:
                first()

        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        c.bundle.save()
        self.process = c.runtime.popen("run", *options, "--bundle", c.bundle.path, c.id, stdin=self.slave,
                                       stdout=self.slave, stderr=self.slave, start_new_session=True,
                                       preexec_fn=prepare)

    def say(self, text):
        os.write(self.master, text.encode())

    def hear(self, end):
        return read_until(self.master, end)

    def rest(self, timeout=10):
        """What else is said until run has ended."""
        text, limit = "", time.monotonic() + timeout * PATIENCE
        while self.process.poll() is None and time.monotonic() < limit:
            text += read_until(self.master, "\0nothing", 0.1 / PATIENCE)
        return text + read_until(self.master, "\0nothing", 0.1 / PATIENCE)

    def end(self):
        code = self.process.wait(10)
        after = termios.tcgetattr(self.slave)
        os.close(self.slave)
        os.close(self.master)
        assert after == self.before, "the terminal is not as it was"
        return code


def test_run_on_a_terminal(anyone):
    c = terminal(anyone)
    c.bundle.process["args"] = ["sh"]
    f = Foreground(c)
    f.hear("# ")
    f.say("stty size; tty; exit 42\n")
    text = f.hear("/dev/pts") if "crun" not in c.runtime.name else f.hear("30")
    assert "30 100" in text
    f.rest()
    assert f.end() == 42


def test_every_line_begins_at_the_left_of_the_users_terminal(container):
    c = terminal(container)
    c.bundle.sh("echo one; echo two; echo three")
    f = Foreground(c)
    assert "one\r\ntwo\r\n" in f.hear("three")
    f.rest()
    f.end()


@pytest.mark.parametrize("verb", ["run", "exec"])
def test_in_a_file_a_newline_stays_one(container, place, verb):
    c = terminal(container)
    if verb == "exec":
        c.bundle.process["terminal"] = False
        c.bundle.process["args"] = ["sleep", "1000"]
        c.run_detached().ok()
    else:
        c.bundle.sh("echo one; echo two")
        c.bundle.save()
    args = {"run": ["--bundle", c.bundle.path, c.id], "exec": ["--tty", c.id, "sh", "-c", "echo one; echo two"]}[verb]
    master, slave = pty.openpty()
    with open(place.path / "output", "wb") as output:
        process = c.runtime.popen(verb, *args, stdin=slave, stdout=output, start_new_session=True)
    assert process.wait(10) == 0
    os.close(master)
    os.close(slave)
    assert (place.path / "output").read_bytes() == b"one\ntwo\n"


def test_the_window_size_is_forwarded(container):
    c = terminal(container)
    c.bundle.sh("trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.05; done")
    f = Foreground(c)
    f.hear("ready")
    fcntl.ioctl(f.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 44, 77, 0, 0))
    f.process.send_signal(signal.SIGWINCH)
    assert "44 77" in f.hear("44 77")
    f.rest()
    f.end()


def give_away_the_terminal():
    """What is executed next is in the background: another process group, which ends with us, has the terminal."""
    child = os.fork()
    if child == 0:
        os.closerange(3, 1 << 16)  # what Popen waits on
        while True:
            signal.pause()
    os.setpgid(child, child)
    os.tcsetpgrp(0, child)


@pytest.mark.parametrize("background", [False, True], ids=["foreground", "background"])
def test_after_a_stop_the_terminal_is_raw_again(container, background):
    """A shell has set it up for itself meanwhile, and keeps it when it continues us in the background."""
    c = terminal(container)
    c.bundle.sh("trap 'echo continued' CONT; echo ready; while :; do sleep 0.05; done")
    f = Foreground(c, first=give_away_the_terminal if background else None)
    f.hear("ready")
    f.process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, f.process.pid, os.WSTOPPED)
    termios.tcsetattr(f.slave, termios.TCSANOW, f.before)
    f.process.send_signal(signal.SIGCONT)
    f.hear("continued")
    assert bool(termios.tcgetattr(f.slave)[3] & termios.ICANON) == background
    c.kill("KILL").ok()
    f.rest()
    f.end()


def test_control_c_goes_to_the_program(container):
    c = terminal(container)
    c.bundle.sh("trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.05; done")
    f = Foreground(c)
    f.hear("ready")
    f.say("\x03")
    assert "caught" in f.hear("caught")
    f.rest()
    assert f.end() == 9


def test_the_terminal_is_restored_when_create_fails(container):
    c = terminal(container)
    c.bundle.process["args"] = ["/no/such/program"]
    f = Foreground(c)
    assert "/no/such/program" in f.hear("program")
    f.rest()
    assert f.end() == 1


def test_much_output_arrives_whole(container):
    c = terminal(container)
    c.bundle.sh("seq 1 20000; echo the-end")
    f = Foreground(c)
    text = f.hear("the-end") + f.rest()
    numbers = [int(w) for w in text.split() if w.isdigit()]
    f.end()
    assert numbers == list(range(1, 20001))


def test_a_terminal_in_the_foreground_with_stdin_that_is_none(container):
    """docker build, buildah, a cron job: an error, or it works; never a hang."""
    c = terminal(container)
    c.bundle.sh("echo hello")
    done = c.run(timeout=10)
    assert done.code != 0 or "hello" in done.out


# ---- without a terminal ----

def test_without_a_terminal_there_is_no_controlling_terminal(container):
    """TIOCSTI and friends: the caller's terminal must not be the container's."""
    c = container()
    f = Foreground(c)
    text = f.hear("\n}")
    f.rest()
    f.end()
    seen = json.loads(text)
    assert seen["controlling_tty"] == 0
