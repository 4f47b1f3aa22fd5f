# SPDX-License-Identifier: Apache-2.0
"""What the tests of engines are written with: an engine's command in a room, and a terminal."""

import fcntl
import json
import os
import pty
import select
import shutil
import struct
import subprocess
import termios
import time

import pytest

from harness import TREE, Result, until

RUNTIMES = {"yacr": "/usr/local/bin/yacr", "runc": "/usr/sbin/runc"}
PACKAGING = TREE / "packaging"
CGROUP = "/sys/fs/cgroup"


def need(*programs):
    """Skips without root or one of these."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    for program in programs:
        if not shutil.which(program, path="/usr/sbin:/usr/bin:/usr/libexec/podman:/usr/lib/cni"):
            pytest.skip(f"needs {program} (scripts/packages)")


def configure_docker(room):
    (room.root / "etc" / "docker").mkdir(exist_ok=True)
    shutil.copy(PACKAGING / "docker-daemon.json", room.root / "etc" / "docker" / "daemon.json")


class Engine:
    """A command in a room, which runs containers with one of the runtimes."""

    command = ()        # the engine's client and its options
    remove = ("rm", "-f", "-v")
    env = {}
    user = group = None

    def __init__(self, room, oci="yacr"):
        self.room, self.oci, self.made = room, oci, []

    def call(self, *args, timeout=60, input=None, env=None):
        """Runs it to its end, whatever that is."""
        args = [*self.command, *args]
        done = self.room(*args, user=self.user, group=self.group, env={**self.env, **(env or {})}, check=False,
                         timeout=timeout, input=input)
        return Result(done.returncode, done.stdout, done.stderr, args)

    def __call__(self, *args, **kw):
        """Runs it; it has to succeed.  What it said."""
        return self.call(*args, **kw).ok().out

    def terminal(self, *args):
        return Terminal(self.room.argv(*self.command, *args, user=self.user), self.room.environment(self.env))

    # What Docker and Podman have in common.

    def options(self):
        return ["--runtime", self.oci]

    def run(self, *args, **kw):
        """run --rm; its Result."""
        return self.call("run", "--rm", *self.options(), *args, **kw)

    def sh(self, script, *options, **kw):
        """What this script says in a container of its own, however it ends."""
        done = self.run(*options, "busybox", "sh", "-c", script, **kw)
        assert done.code < 125, done
        return done.out.strip()

    def start(self, *args):
        """run -d; the id.  The test's end is the container's."""
        id = self("run", "-d", *self.options(), *args).strip()
        self.made.append(id)
        return id

    def sleeper(self, *options):
        return self.start(*options, "busybox", "sleep", "1000")

    def inspect(self, id):
        return json.loads(self("inspect", id))[0]

    def state(self, id):
        return self.inspect(id)["State"]

    def host_pid(self, id):
        """As the room has it."""
        return self.state(id)["Pid"]

    def remove_what_was_made(self):
        if self.made:
            self.call(*self.remove, *self.made)
        self.made = []


class Docker(Engine):
    def __init__(self, room, oci="yacr", socket="/run/docker.sock"):
        super().__init__(room, oci)
        self.command = ["docker", "-H", f"unix://{socket}"]
        self.daemon, self.started_as = None, (["dockerd"], None)

    def begin(self, *args, env=None):
        """Starts dockerd, with what it was started with before if nothing else is said, until it answers."""
        if args:
            self.started_as = args, env
        args, env = self.started_as
        self.daemon = self.room.daemon(*args, env=env)
        self.await_answer()
        return self

    def await_answer(self):
        def answers():
            assert self.daemon.running(), self.room.log[-3000:]
            return self.call("version").code == 0
        until(answers, 60, "dockerd to answer")

    def end(self):
        assert self.daemon.end() == 0, self.room.log[-3000:]


def compare_seccomp(room, id):
    """The profile in the config that an engine made for this container, compiled by yacr and by libseccomp: see there."""
    program = TREE / "build/test/tests/unit/host_test_seccomp"
    config, = room("find", "/run", "/var/lib/containers", "-path", f"*/{id}*/config.json").stdout.split()
    done = subprocess.run([program, room.root / config.lstrip("/")], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0 and " comparisons" in done.stdout, done.stdout


class Terminal:
    """A program on a terminal of ours."""

    def __init__(self, argv, env, rows=30, columns=100):
        self.master, slave = pty.openpty()
        self.size(rows, columns)
        self.text = ""
        self.process = subprocess.Popen(argv, env=env, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)

    def size(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def say(self, text):
        os.write(self.master, text.encode())
        return self

    def hear(self, words, timeout=20):
        """Reads until these words were said."""
        end = time.monotonic() + timeout
        while words not in self.text:
            assert time.monotonic() < end, f"waited for {words!r}, heard {self.text!r}"
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    self.text += os.read(self.master, 4096).decode(errors="replace")
                except OSError:
                    break
        assert words in self.text, self.text
        before, _, self.text = self.text.partition(words)
        return before

    def answer(self, command, words):
        """Says it to a shell until it answers so: an engine passes the size on when the shell may already run."""
        until(lambda: words in self.say(f"{command}\n").hear("# "), what=words)

    def end(self, timeout=20):
        """Its exit code."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            os.close(self.master)
        return code
