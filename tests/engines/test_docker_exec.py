# SPDX-License-Identifier: Apache-2.0
"""docker exec, in a container that is there for all of them."""

import itertools
import re

import pytest

from harness import until

pytestmark = pytest.mark.xdist_group("docker")

# options: (script, what it says)
OPTIONS = {
    "": ("id -u; pwd; hostname", "0\n/\nsleeper"),
    "-u 1000": ("id -u; id -g", "1000\n1000"),
    "-u user": ("id -un; id -G", "user\n1000 2000"),
    "-u 1000:3000": ("id -g", "3000"),
    "-w /tmp": ("pwd", "/tmp"),
    "-e A=b": ("echo $A", "b"),
    "-e A=b -e C=d -u 1000 -w /var": ("echo $A $C; pwd", "b d\n/var"),
    "--privileged": ("sed -n 's/^CapEff:\t0*//p' /proc/self/status | wc -c | sed 's/^1[01]$/many/'", "many"),
    "-u 1000 -u 0": ("id -u", "0"),
}


@pytest.mark.parametrize("options", OPTIONS)
def test_exec_option(docker, sleeper, options):
    script, expected = OPTIONS[options]
    assert docker("exec", *options.split(), sleeper, "sh", "-c", script).strip() == expected


# What an exec has of the container it is in.
INSIDE = {
    "namespaces": ("for n in cgroup ipc mnt net pid uts; do [ $(readlink /proc/1/ns/$n) = $(readlink /proc/self/ns/$n) ] || "
                   "echo $n; done", ""),
    "cgroups": ("cmp /proc/1/cgroup /proc/self/cgroup 2>&1 || diff /proc/1/cgroup /proc/self/cgroup", ""),
    "capabilities": ("grep ^Cap /proc/self/status >/tmp/a; grep ^Cap /proc/1/status | diff - /tmp/a", ""),
    "seccomp": ("sed -n 's/^Seccomp:\t//p' /proc/self/status", "2"),
    "open files": ("ls /proc/self/fd | wc -l", "4"),
    "environment": ("env | cut -d= -f1 | sort | xargs", "HOME HOSTNAME PATH PWD SHLVL"),
    "processes": ("ps -o pid,args | grep -c '^ *1 sleep 1000'", "1"),
    "oom score": ("cmp /proc/1/oom_score_adj /proc/self/oom_score_adj", ""),
}


@pytest.mark.parametrize("what", INSIDE)
def test_exec_is_inside(docker, sleeper, what):
    script, expected = INSIDE[what]
    assert docker.call("exec", sleeper, "sh", "-c", script).out.strip() == expected


@pytest.mark.parametrize("program, code", [(["sh", "-c", "exit 3"], 3), (["no-such-program"], 127), (["/etc/passwd"], 126),
                                           (["/etc"], 126), (["sh", "-c", "kill -KILL $$"], 137)],
                         ids=lambda v: v[-1] if isinstance(v, list) else str(v))
def test_exit_codes_of_exec(docker, sleeper, program, code):
    done = docker.call("exec", sleeper, *program)
    # Docker 20.10 has 126 for both.
    assert done.code == code or (code == 127 and done.code == 126), done


def test_exec_into_a_directory_that_is_not_there(docker, sleeper):
    done = docker.call("exec", "-w", "/no/such", sleeper, "true")
    assert done.code in (126, 127) and "/no/such" in done.out + done.err


def test_exec_with_standard_input(docker, sleeper):
    assert docker.call("exec", "-i", sleeper, "cat", input="typed\n").ok().out == "typed\n"


def test_exec_on_a_terminal(docker, sleeper):
    t = docker.terminal("exec", "-it", sleeper, "sh")
    t.hear("# ")
    t.say("tty\n").hear("/dev/pts/")
    t.answer("stty size", "30 100")
    rows = itertools.cycle((44, 45))  # docker misses a change that comes before it listens for them
    until(lambda: t.size(next(rows), 111) or re.search("4[45] 111", t.say("stty size\n").hear("# ")))
    t.say("exit 6\n")
    assert t.end() == 6


def test_exec_detached(docker, sleeper):
    docker("exec", "-d", sleeper, "sh", "-c", "echo done >/tmp/detached")
    until(lambda: docker.call("exec", sleeper, "cat", "/tmp/detached").out == "done\n")


def test_exec_ends_with_the_container(docker):
    id = docker.sleeper()
    docker("exec", "-d", id, "sleep", "2000")
    pids = until(lambda: (lambda rows: [r.split()[1] for r in rows] if len(rows) == 2 else None)(
        docker("top", id).splitlines()[1:]))
    docker("kill", id)
    until(lambda: not any((docker.room.root / "proc" / pid).exists() for pid in pids))


def test_exec_into_what_is_paused(docker):
    id = docker.sleeper()
    docker("pause", id)
    docker.call("exec", id, "true").failed("paused")


def test_twenty_execs_at_once(docker, sleeper):
    said = docker.room("sh", "-c", "for i in $(seq 20); do docker exec $0 echo x & done; wait", sleeper).stdout
    assert said.split() == ["x"] * 20
