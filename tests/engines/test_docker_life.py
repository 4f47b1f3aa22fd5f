# SPDX-License-Identifier: Apache-2.0
"""Docker: a container's life, from run to rm."""

import json
import signal
import time

import pytest

from engine import CGROUP
from harness import until

pytestmark = pytest.mark.xdist_group("docker")


def is_status(docker, id, status):
    return lambda: docker.state(id)["Status"] == status


def said(docker, id, words):
    return lambda: words in docker("logs", id)


def events(docker, begin, container):
    """The actions of a container that dockerd has told of since then."""
    return docker("events", "--since", begin, "--until", str(time.time()), "--filter", f"container={container}",
                  "--format", "{{.Action}}").split()


# ---- run ----

def test_output_and_errors(docker):
    done = docker.run("busybox", "sh", "-c", "echo out; echo err >&2").ok()
    assert (done.out, done.err) == ("out\n", "err\n")


def test_standard_input(docker):
    assert docker.run("-i", "busybox", "cat", input="typed\n").ok().out == "typed\n"


@pytest.mark.parametrize("args, code", [
    (["busybox", "sh", "-c", "exit 5"], 5),
    (["--no-such-option"], 125),
    (["--runtime", "no-such-runtime", "busybox", "true"], 125),
    (["-v", "/x:/proc/nothing", "busybox", "true"], 125),
    (["busybox", "/etc"], 126),
    (["busybox", "/etc/passwd"], 126),
    (["busybox", "no-such-program"], 127),
    (["busybox", "/no/such/program"], 127),
    (["--init", "busybox", "sh", "-c", "kill -KILL $$"], 137),
    (["--init", "busybox", "sh", "-c", "kill -SEGV $$"], 139),
    (["--init", "busybox", "sh", "-c", "kill -TERM $$"], 143),
], ids=lambda v: str(v) if isinstance(v, int) else v[-1])
def test_exit_codes(docker, args, code):
    assert docker.run(*args).code == code


def test_a_failed_run_leaves_no_container(docker):
    docker.run("--name", "failed", "busybox", "no-such-program").failed("no-such-program")
    docker.call("inspect", "failed").failed()


def test_the_error_of_the_runtime_is_shown(docker):
    docker.run("busybox", "no-such-program").failed("exec", "no-such-program", "executable file not found in $PATH")


def test_oom_killed(docker):
    fill = "x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done"
    # whom it does not kill lives on until dockerd knows: it forgets the notice that comes after the container's end
    wait = "while [ ! $known ]; do sleep 0.1; done"
    begin = str(time.time())
    id = docker.start("-m", "16m", "busybox", "sh", "-c", f"trap known=yes USR1; sh -c '{fill}'; code=$?; {wait}; exit $code")
    until(lambda: "oom" in events(docker, begin, id))
    docker("kill", "--signal", "USR1", id)
    assert docker("wait", id).strip() == "137"
    assert docker.state(id)["OOMKilled"]


def test_fifty_at_once(docker):
    script = "for i in $(seq 50); do docker run -d --runtime $0 --network none busybox sleep 1000 & done; wait"
    docker.made += docker.room("sh", "-c", script, docker.oci, timeout=120).stdout.split()
    assert len(docker.made) == 50
    running = docker("ps", "-q", "--no-trunc").split()
    assert set(docker.made) <= set(running)


# ---- terminals ----

def test_a_terminal(docker):
    t = docker.terminal("run", "--rm", "-it", *docker.options(), "busybox", "sh")
    t.hear("# ")
    t.say("tty\n").hear("/dev/pts/0")
    t.answer("stty size", "30 100")
    t.say("exit 7\n")
    assert t.end() == 7


def test_every_line_begins_at_the_left_of_the_users_terminal(docker):
    """docker makes that terminal raw, so it is the container's that turns a newline into two characters."""
    t = docker.terminal("run", "--rm", "-it", *docker.options(), "busybox", "sh", "-c", "echo one; echo two")
    assert t.hear("two").endswith("one\r\n")
    assert t.end() == 0


def test_a_terminal_follows_the_size_of_the_users(docker):
    t = docker.terminal("run", "--rm", "-it", *docker.options(), "busybox", "sh", "-c",
                        "trap 'stty size' WINCH; trap 'exit 130' INT; echo ready; while :; do sleep 0.1; done")
    t.hear("ready")
    for rows in range(44, 54):  # docker misses a change that comes before it listens for them
        t.size(rows, 111)
        try:
            t.hear(f"{rows} 111", timeout=2)
            break
        except AssertionError:
            pass
    else:
        pytest.fail(f"heard of no change: {t.text!r}")
    t.say("\x03")
    assert t.end() == 130


def test_interrupting_a_program_on_a_terminal(docker):
    t = docker.terminal("run", "--rm", "-it", *docker.options(), "busybox", "sh", "-c",
                        "trap 'echo interrupted; exit 3' INT; echo ready; while :; do sleep 0.1; done")
    t.hear("ready")
    t.say("\x03").hear("interrupted")
    assert t.end() == 3


def test_detaching_and_attaching(docker):
    id = docker("create", "-it", *docker.options(), "busybox", "sh").strip()
    docker.made.append(id)
    t = docker.terminal("start", "-ai", id)
    t.hear("# ")
    t.say("A=kept\n").hear("# ")
    t.say("\x10\x11")
    assert t.end() == 0
    assert docker.state(id)["Running"]
    t = docker.terminal("attach", id)
    t.say("\necho $A-$A\n").hear("kept-kept")
    t.say("exit 4\n")
    assert t.end() == 4


def test_attaching_to_a_pipe(docker):
    id = docker.start("-i", "busybox", "sh", "-c", "read x; echo got $x")
    # A client whose input ends at once does not wait for the answer.
    said = docker.room("sh", "-c", "(echo line; docker wait $0) | docker attach $0", id).stdout
    assert said == "got line\n"


# ---- logs, looking ----

def test_logs(docker):
    id = docker.start("busybox", "sh", "-c", "echo one; echo two >&2")
    docker("wait", id)
    done = docker.call("logs", id).ok()
    assert (done.out, done.err) == ("one\n", "two\n")


def test_top(docker, sleeper):
    header, line = docker("top", sleeper).splitlines()
    assert "PID" in header and "sleep 1000" in line


def test_top_with_options_of_ps(docker, sleeper):
    header, line = docker("top", sleeper, "-o", "pid,ppid,comm").splitlines()
    assert header.split() == ["PID", "PPID", "COMMAND"] and line.split()[2] == "sleep"


def test_stats(docker, sleeper):
    stats = json.loads(docker("stats", "--no-stream", "--format", "{{json .}}", sleeper))
    assert stats["PIDs"] == "1" and not stats["MemUsage"].startswith("0B")


def test_events(docker):
    begin = str(time.time())
    docker.run("--name", "seen", "busybox", "true").ok()
    kinds = ["create", "start", "die", "destroy"]  # the client may hear of the last one's cause before it is told of
    until(lambda: [e for e in events(docker, begin, "seen") if e in kinds] == kinds, what=kinds)


def test_inspect(docker, sleeper):
    assert docker.inspect(sleeper)["HostConfig"]["Runtime"] == docker.oci
    status = docker.room("cat", f"/proc/{docker.host_pid(sleeper)}/status").stdout
    assert "Name:\tsleep" in status


def test_changes_of_the_file_system(docker):
    id = docker.start("busybox", "sh", "-c", "touch /new; rm /bin/top; exec sleep 1000")
    until(lambda: {"A /new", "D /bin/top"} <= set(docker("diff", id).splitlines()))


def test_copying(docker, sleeper):
    (docker.room.root / "run" / "file").write_text("copied\n")
    docker("cp", "/run/file", f"{sleeper}:/tmp/file")
    assert docker("exec", sleeper, "cat", "/tmp/file") == "copied\n"
    docker("cp", f"{sleeper}:/tmp/file", "/run/back")
    assert (docker.room.root / "run" / "back").read_text() == "copied\n"


def test_committing(docker, sleeper):
    docker("exec", sleeper, "touch", "/committed")
    docker("commit", sleeper, "committed")
    assert docker.run("committed", "ls", "/committed").ok().out == "/committed\n"


# ---- ending ----

SIGNALS = [s.name.removeprefix("SIG") for s in signal.Signals
           if s not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD) and s < 32]


def test_every_signal(docker):
    """One container that says which signal it got."""
    traps = "; ".join(f"trap 'echo got {name}' {name}" for name in SIGNALS)
    id = docker.start("busybox", "sh", "-c", f"{traps}; echo ready; while :; do sleep 0.02; done")
    until(said(docker, id, "ready"))
    for name in SIGNALS:
        docker("kill", "--signal", name, id)
        until(said(docker, id, f"got {name}\n"), what=name)


def test_kill_by_number(docker):
    id = docker.sleeper()
    docker("kill", "--signal", "9", id)
    assert docker("wait", id).strip() == "137"


def test_kill_of_what_has_ended(docker):
    id = docker.start("busybox", "true")
    docker("wait", id)
    docker.call("kill", id).failed("is not running")


def test_stop_asks_first(docker):
    id = docker.start("busybox", "sh", "-c", "trap 'echo asked; exit 9' TERM; echo ready; while :; do sleep 0.02; done")
    until(said(docker, id, "ready"))
    docker("stop", id)
    assert docker.state(id)["ExitCode"] == 9


def test_stop_then_kills(docker):
    id = docker.start("busybox", "sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.02; done")
    until(said(docker, id, "ready"))
    docker("stop", "-t", "1", id)
    assert docker.state(id)["ExitCode"] == 137


def test_a_stop_signal(docker):
    id = docker.start("--stop-signal", "USR1", "busybox", "sh", "-c",
                      "trap 'exit 8' USR1; echo ready; while :; do sleep 0.02; done")
    until(said(docker, id, "ready"))
    docker("stop", id)
    assert docker.state(id)["ExitCode"] == 8


def test_restart(docker):
    id = docker.sleeper()
    before = docker.host_pid(id)
    docker("restart", "-t", "0", id)
    assert docker.host_pid(id) not in (0, before)


def test_start_again_after_the_end(docker):
    id = docker.start("busybox", "sh", "-c", "echo again >>/file; wc -l </file")
    docker("wait", id)
    assert docker("start", "-a", id).strip() == "2"


def test_a_restart_policy(docker):
    id = docker.start("--restart", "on-failure:2", "busybox", "false")
    until(lambda: docker.inspect(id)["RestartCount"] == 2 and docker.state(id)["Status"] == "exited")


def test_rename(docker):
    id = docker.sleeper()
    docker("rename", id, f"other-{docker.oci}")
    assert docker("exec", f"other-{docker.oci}", "echo", "here") == "here\n"


def test_a_container_that_was_removed_leaves_nothing(docker):
    id = docker.sleeper()
    pid = docker.host_pid(id)
    docker("rm", "-f", id)
    assert not (docker.room.root / f"proc/{pid}").exists()
    assert docker.room("find", CGROUP, "-name", f"*{id}*").stdout == ""
    assert docker.room("sh", "-c", f"grep {id} /proc/mounts; find /run -name '*{id}*'", check=False).stdout == ""


# ---- pause, update, health ----

def test_pause(docker):
    id = docker.start("busybox", "sh", "-c", "while :; do echo tick >>/ticks; sleep 0.02; done")
    ticks = docker.room.root / f"proc/{docker.host_pid(id)}/root/ticks"  # logs may be behind
    until(ticks.exists)
    docker("pause", id)
    assert docker.state(id)["Status"] == "paused"
    before = ticks.read_text()
    time.sleep(0.2)
    assert ticks.read_text() == before
    docker("unpause", id)
    until(lambda: ticks.read_text() != before)


def test_killing_what_is_paused(docker):
    id = docker.sleeper()
    docker("pause", id)
    docker("rm", "-f", id)
    docker.call("inspect", id).failed()


UPDATES = {"--memory 48m --memory-swap 48m": ("memory/memory.limit_in_bytes", "memory.max", str(48 << 20)),
           "--cpus 0.25": ("cpu/cpu.cfs_quota_us", "cpu.max", "25000"),
           "--cpu-shares 512": ("cpu/cpu.shares", "cpu.weight", "512"),
           "--cpuset-cpus 1": ("cpuset/cpuset.cpus", "cpuset.cpus", "1"),
           "--pids-limit 33": ("pids/pids.max", "pids.max", "33")}


@pytest.mark.parametrize("option", UPDATES)
def test_update(docker, sleeper, option):
    v1, v2, expected = UPDATES[option]
    docker("update", *option.split(), sleeper)
    said = docker("exec", sleeper, "sh", "-c", f"cat {CGROUP}/{v1} 2>/dev/null || cat {CGROUP}/{v2}")
    assert said.split()[0] in (expected, "20" if expected == "512" else expected)


def test_update_of_the_restart_policy(docker):
    id = docker.sleeper()
    docker("update", "--restart", "always", id)
    before = docker.host_pid(id)
    docker.room("kill", "-9", str(before))
    until(lambda: docker.host_pid(id) not in (0, before))


def test_health(docker):
    id = docker.start("--health-cmd", "test -e /tmp/well", "--health-interval", "0.2s", "--health-retries", "1",
                      "busybox", "sleep", "1000")
    until(lambda: docker.state(id)["Health"]["Status"] == "unhealthy")
    docker("exec", id, "touch", "/tmp/well")
    until(lambda: docker.state(id)["Health"]["Status"] == "healthy")
