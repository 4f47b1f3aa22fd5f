# SPDX-License-Identifier: Apache-2.0
"""containerd, through ctr and its usual shim."""

import itertools
import json
import subprocess
import uuid

import pytest

from engine import CGROUP, RUNTIMES, Engine, compare_seccomp
from harness import Result, until

pytestmark = pytest.mark.xdist_group("containerd")

IMAGE = "docker.io/library/busybox:latest"


class Ctr(Engine):
    command = ["ctr"]

    def running(self, *options):
        """The words that run --rm a program of a fresh id."""
        return ["run", "--rm", f"--runc-binary={RUNTIMES[self.oci]}", *options, IMAGE, fresh()]

    def executing(self, id, *options):
        """The words that execute a program in a container."""
        return ["tasks", "exec", "--exec-id", fresh(), *options, id]

    def heard(self, script, *words):
        """The Result of ctr with these words and a shell that runs this script.

        ctr stops to listen when it hears of the shell's end, which is why that waits for the end of its input: until all
        that it said has come to us.
        """
        args = [*self.command, *words, "sh", "-c", f"({script}); code=$?; echo end; echo end >&2; cat; exit $code"]
        pipes = {name: subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
        process = self.room.popen(*args, text=True, **pipes)
        said = ["".join(itertools.takewhile(lambda line: line != "end\n", s)) for s in (process.stdout, process.stderr)]
        out, err = map("".join, zip(said, process.communicate(timeout=60)))
        return Result(process.returncode, out, err, args)

    def sh(self, script, *options):
        return self.heard(script, *self.running(*options)).ok().out.strip()

    def start(self, *args, options=()):
        id = fresh()
        self("run", "-d", f"--runc-binary={RUNTIMES[self.oci]}", *options, IMAGE, id, *args)
        self.made.append(id)
        return id

    def sleeper(self, *options):
        return self.start("sleep", "1000", options=options)

    def task(self, id):
        """(pid, status), or None."""
        rows = [row.split() for row in self("tasks", "ls").splitlines()[1:]]
        return next(((int(pid), status) for name, pid, status in rows if name == id), None)

    def remove_what_was_made(self):
        for id in self.made:
            self.call("tasks", "delete", "--force", id)
            self.call("containers", "delete", id)
        self.made = []


def fresh():
    return "t" + uuid.uuid4().hex[:8]


@pytest.fixture
def ctr(containerd, oci):
    c = Ctr(containerd.room, oci)
    yield c
    c.remove_what_was_made()


@pytest.fixture(scope="module")
def running(containerd, oci):
    """A container for tests that only look at it."""
    c = Ctr(containerd.room, oci)
    yield c.sleeper()
    c.remove_what_was_made()


def test_ctr_output_and_exit_code(ctr):
    done = ctr.heard("echo out; echo err >&2; exit 5", *ctr.running())
    assert (done.code, done.out, done.err) == (5, "out\n", "err\n")


def test_ctr_as_in_the_documentation(containerd):
    done = Ctr(containerd.room).heard("echo hello", "run", "--rm", "--runc-binary=/usr/local/bin/yacr", "--snapshotter=native",
                                      IMAGE, "native")
    assert done.ok().out == "hello\n"


@pytest.mark.parametrize("oci", ["yacr"], indirect=True)
def test_containerds_seccomp_profile_answers_as_libseccomp_does(ctr):
    compare_seccomp(ctr.room, ctr.sleeper("--seccomp"))


def test_ctr_terminal(ctr):
    t = ctr.terminal("run", "--rm", "--tty", f"--runc-binary={RUNTIMES[ctr.oci]}", IMAGE, fresh(), "sh")
    t.hear("# ")
    t.say("tty\n").hear("/dev/pts/0")
    t.answer("stty size", "30 100")
    t.say("exit 3\n")
    assert t.end() == 3


def test_yacr_lists_what_containerd_runs(containerd):
    ctr = Ctr(containerd.room)
    id = ctr.sleeper()
    root = "/run/containerd/runc/default"
    row = next(line for line in ctr.room("yacr", "--root", root, "list").stdout.splitlines() if line.startswith(id))
    assert row.split()[1] == "running" and row.split()[4] == f"/run/containerd/io.containerd.runtime.v2.task/default/{id}"
    ctr.remove_what_was_made()
    assert id not in ctr.room("yacr", "--root", root, "list").stdout


@pytest.mark.parametrize("words", [["no-such-program"], ["/etc/passwd"]], ids=["missing", "no program"])
def test_ctr_says_why_a_program_cannot_be_executed(ctr, words):
    ctr.call(*ctr.running(), *words).failed(words[0])


OPTIONS = {
    "--cwd /tmp": ("pwd", "/tmp"),
    "--env A=b": ("echo $A", "b"),
    "--read-only": ("touch /x 2>/dev/null || echo refused", "refused"),
    "--net-host": ("readlink /proc/self/ns/net", None),
    "--privileged": ("mount -t tmpfs none /mnt && echo mounted", "mounted"),
    "--cap-add CAP_SYS_TIME": ("sed -n 's/^CapEff:\t//p' /proc/self/status", "00000000aa0425fb"),
    "--cap-drop CAP_KILL": ("sed -n 's/^CapEff:\t//p' /proc/self/status", "00000000a80425db"),
    "--allow-new-privs": ("sed -n 's/^NoNewPrivs:\t//p' /proc/self/status", "0"),
    "--seccomp": ("sed -n 's/^Seccomp:\t//p' /proc/self/status", "2"),
    "--memory-limit 67108864": (f"cat {CGROUP}/memory/memory.limit_in_bytes 2>/dev/null || cat {CGROUP}/memory.max", "67108864"),
    "--cpus 0.5": (f"cat {CGROUP}/cpu/cpu.cfs_quota_us 2>/dev/null || cut -d' ' -f1 {CGROUP}/cpu.max", "50000"),
    "--device /dev/fuse": ("(: </dev/fuse) && echo opened", "opened"),
    "--mount type=bind,src=/etc,dst=/mnt,options=rbind:ro": ("touch /mnt/x 2>/dev/null || ls /mnt/hostname", "/mnt/hostname"),
    "--mount type=tmpfs,src=t,dst=/mnt,options=size=1m": ("df -k /mnt | tail -1 | awk '{print $2}'", "1024"),
    "--rootfs-propagation shared": ("grep -c 'shared:' /proc/self/mountinfo | sed 's/^[1-9].*/some/'", "some"),
    "--no-pivot": ("echo ran", "ran"),
    "--cgroup /mine/of-ctr": ("grep -c /mine/of-ctr /proc/self/cgroup | sed 's/^[1-9].*/some/'", "some"),
}
CGROUPS = ["--mount", f"type=cgroup,src=cgroup,dst={CGROUP},options=ro"]


@pytest.mark.parametrize("option", OPTIONS)
def test_ctr_option(ctr, option):
    script, expected = OPTIONS[option]
    if "limit" in option or "cpus" in option:
        option += " " + " ".join(CGROUPS)
    said = ctr.sh(script, *option.split())
    assert said == (expected or ctr.room("readlink", "/proc/self/ns/net").stdout.strip())


def test_ctr_joins_a_namespace(ctr, running):
    path = f"/proc/{ctr.task(running)[0]}/ns/ipc"
    assert ctr.sh("readlink /proc/self/ns/ipc", "--with-ns", f"ipc:{path}") == ctr.room("readlink", path).stdout.strip()


# ---- tasks ----

def test_tasks_exec(ctr, running):
    done = ctr.heard("echo out; echo err >&2; exit 4", *ctr.executing(running))
    assert (done.code, done.out, done.err) == (4, "out\n", "err\n")


@pytest.mark.parametrize("options, script, expected", [
    (["--cwd", "/tmp"], "pwd", "/tmp"), (["--user", "1000"], "id -u", "1000"),
    ([], "cat /proc/self/cgroup | cmp - /proc/1/cgroup && echo same", "same")], ids=["cwd", "user", "cgroup"])
def test_tasks_exec_options(ctr, running, options, script, expected):
    assert ctr.heard(script, *ctr.executing(running, *options)).ok().out.strip() == expected


def test_tasks_exec_on_a_terminal(ctr, running):
    t = ctr.terminal("tasks", "exec", "-t", "--exec-id", fresh(), running, "sh")
    t.hear("# ")
    t.say("tty\n").hear("/dev/pts/")
    t.say("exit 2\n")
    assert t.end() == 2


def test_tasks_exec_of_what_is_none(ctr, running):
    ctr.call(*ctr.executing(running), "no-such-program").failed("no-such-program")


def test_tasks_ps(ctr, running):
    pid = ctr.task(running)[0]
    assert str(pid) in [row.split()[0] for row in ctr("tasks", "ps", running).splitlines()[1:]]


def test_tasks_metrics(ctr, running):
    metrics = json.loads(ctr("tasks", "metrics", "--format", "json", running))
    assert metrics["pids"]["current"] == 1 and metrics["memory"]["usage"]["usage"] > 0


def test_tasks_pause_and_resume(ctr):
    id = ctr.sleeper()
    ctr("tasks", "pause", id)
    assert ctr.task(id)[1] == "PAUSED"
    ctr("tasks", "resume", id)
    assert ctr.task(id)[1] == "RUNNING"


@pytest.mark.parametrize("signal", ["SIGKILL", "9"])
def test_tasks_kill(ctr, signal):
    id = ctr.sleeper()
    ctr("tasks", "kill", "-s", signal, id)
    until(lambda: ctr.task(id)[1] == "STOPPED")


def test_tasks_kill_of_what_has_ended(ctr):
    id = ctr.start("true")
    until(lambda: ctr.task(id)[1] == "STOPPED")
    ctr.call("tasks", "kill", id).failed("not found")


def test_tasks_kill_all(ctr):
    """Without a pid namespace of its own: what the first process started is killed, too."""
    id = ctr.start("sh", "-c", "sleep 2222 & exec sleep 1000", options=["--with-ns", "pid:/proc/1/ns/pid"])
    others = until(lambda: (lambda rows: rows if len(rows) == 2 else None)(
        [row.split()[0] for row in ctr("tasks", "ps", id).splitlines()[1:]]))
    ctr("tasks", "kill", "-a", "-s", "KILL", id)
    until(lambda: not any((ctr.room.root / "proc" / pid).exists() for pid in others))


def test_tasks_delete(ctr):
    id = ctr.start("sh", "-c", "exit 7")
    until(lambda: ctr.task(id)[1] == "STOPPED")
    ctr.call("tasks", "delete", id)
    assert ctr.task(id) is None
    assert ctr.room("find", CGROUP, "/run", "-name", id).stdout == ""


def test_namespaces_of_containerd(ctr):
    """The same id in two of them."""
    id = ctr.sleeper()
    ctr("-n", "second", "images", "import", "/run/busybox.tar")
    ctr("-n", "second", "run", "-d", f"--runc-binary={RUNTIMES[ctr.oci]}", IMAGE, id, "sleep", "1000")
    assert id in ctr("-n", "second", "tasks", "ls")
    ctr("-n", "second", "tasks", "delete", "--force", id)
    ctr("-n", "second", "containers", "delete", id)
    assert ctr.task(id)[1] == "RUNNING"


def test_a_shim_that_is_killed(ctr):
    """containerd cleans up with delete --force: the container, its cgroup and its state go."""
    id = ctr.sleeper()
    pid = ctr.task(id)[0]
    ctr.room("sh", "-c", f"kill -9 $(cut -d' ' -f4 /proc/{pid}/stat)")
    until(lambda: not (ctr.room.root / f"proc/{pid}").exists())
    until(lambda: ctr.room("find", CGROUP, f"/run/containerd/runc/default/{id}", "-name", id, check=False).stdout == "")
    until(lambda: ctr.task(id) is None)


def test_twenty_tasks_at_once(ctr):
    """What they say is in a file: ctr may not have listened to its end."""
    said = ctr.room("sh", "-c", "mkdir /run/$0; for i in $(seq 20); do ctr run --rm --runc-binary=$1 "
                    "--mount type=bind,src=/run/$0,dst=/mnt,options=bind:rw $2 $0$i sh -c 'echo x >>/mnt/said' & done; "
                    "wait; cat /run/$0/said", fresh(), RUNTIMES[ctr.oci], IMAGE).stdout
    assert said.split() == ["x"] * 20
