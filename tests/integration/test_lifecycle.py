# SPDX-License-Identifier: Apache-2.0
"""create, start, state, list, kill, delete, run: the life of a container."""

import json
import os
import re
import signal
import stat

import pytest

from harness import cgroups_named, until


def test_create_does_not_run_the_program_and_start_does(anyone):
    c = anyone()
    c.bundle.sh("echo ran")
    c.create().ok()
    assert c.status == "created"
    assert c.said() == ""
    c.start().ok()
    c.wait("stopped")
    assert c.said() == "ran\n"
    c.delete().ok()


def test_the_life_of_a_container_seen_by_state(anyone):
    c = anyone()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.create().ok()
    created = c.state()
    assert created["status"] == "created" and created["pid"] > 0
    c.start().ok()
    running = c.state()
    assert running["status"] == "running" and running["pid"] == created["pid"]
    c.kill("9").ok()
    c.wait("stopped")
    assert c.state()["pid"] == 0
    c.delete().ok()
    c.runtime.call("state", c.id).failed("does not exist", code=1)


def test_the_program_is_a_child_of_who_adopts_orphans(container):
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.create().ok()
    status = open(f"/proc/{c.pid}/status").read()
    assert f"PPid:\t{os.getpid()}\n" in status


@pytest.mark.yacr
def test_its_cgroup_is_where_this_run_wants_it(container, request):
    """What --driver and --session (tests/conftest.py) are for."""
    driver, uid = (request.config.getoption(option) for option in ("--driver", "--session"))
    c = container()
    c.create().ok()
    path = open(f"/proc/{c.pid}/cgroup").read().splitlines()[-1]
    assert c.id in path and path.endswith(".scope") == (driver == "systemd"), path
    assert (f"/user@{uid}.service/" in path) == bool(uid), path


def test_success_is_silent(anyone):
    c = anyone()
    c.bundle.process["args"] = ["sleep", "1000"]
    assert c.create().ok().err == ""
    for done in (c.start(), c.kill("KILL")):
        assert done.ok().out == "" and done.err == ""
    c.wait()
    done = c.delete().ok()
    assert done.out == "" and done.err == ""


def test_state_has_what_the_specification_asks_for(container):
    c = container()
    c.bundle.config["annotations"] = {"org.example.key": "value"}
    c.create().ok()
    state = c.state()
    assert re.fullmatch(r"\d+\.\d+\.\d+(-.*)?(\+.*)?", state["ociVersion"])
    assert state["id"] == c.id
    assert state["status"] == "created"
    assert state["bundle"] == str(c.bundle.path)
    assert state["annotations"]["org.example.key"] == "value"
    assert state["rootfs"] == str(c.bundle.rootfs)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", state["created"])


def test_the_bundle_is_the_working_directory_by_default(container):
    c = container()
    c.bundle.save()
    c.runtime.call("create", c.id, cwd=c.bundle.path, out=open(c.output, "w")).ok()
    assert c.state()["bundle"] == str(c.bundle.path)


@pytest.mark.parametrize("name, number", [("9", 9), ("KILL", 9), ("SIGKILL", 9), ("15", 15), ("TERM", 15),
                                          ("SIGUSR1", 10), ("HUP", 1), (None, 15)])
def test_kill_takes_names_and_numbers(container, name, number):
    c = container()
    c.bundle.sh("trap 'echo got 15; exit' 15; trap 'echo got 10; exit' 10; trap 'echo got 1; exit' 1; "
                "echo up; while :; do sleep 0.02; done")
    c.run_detached().ok()
    until(lambda: "up" in c.said())
    c.kill(*([name] if name else [])).ok()
    c.wait("stopped")
    if number != 9:
        assert f"got {number}" in c.said()


def test_kill_of_a_created_container(container):
    c = container()
    c.create().ok()
    c.kill("KILL").ok()
    c.wait("stopped")


@pytest.mark.cgroups
def test_kill_with_all_reaches_every_process(container):
    c = container()
    c.bundle.sh("sleep 1000 & sleep 1000 & wait")
    c.run_detached().ok()
    c.runtime.call("kill", "--all", c.id, "KILL").ok()
    c.wait("stopped")


def test_delete_force_takes_a_running_container(anyone):
    c = anyone()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.run_detached().ok()
    c.delete("--force").ok()
    assert c.runtime.ids() == []


def test_delete_force_of_what_does_not_exist_is_a_success(runtime):
    runtime.call("delete", "--force", "nobody").ok()


def test_the_same_id_can_be_used_again(container):
    c = container()
    c.bundle.process["args"] = ["true"]
    for _ in range(2):
        c.create().ok()
        c.start().ok()
        c.wait("stopped")
        c.delete().ok()


def test_the_same_bundle_serves_two_containers(container):
    first = container()
    second = container(first.bundle)
    first.bundle.process["args"] = ["sleep", "1000"]
    first.run_detached().ok()
    second.run_detached().ok()
    assert first.status == second.status == "running"
    assert sorted(first.runtime.ids()) == sorted([first.id, second.id])


def test_nothing_reads_the_bundle_after_create(container):
    """Not even whether the file is there: reading a FIFO would not end."""
    c = container()
    c.bundle.sh("echo what was asked for; sleep 1000")
    c.create().ok()
    os.unlink(c.bundle.path / "config.json")
    os.mkfifo(c.bundle.path / "config.json")
    c.start().ok()
    until(lambda: c.said() == "what was asked for\n")
    c.kill("9").ok()
    c.wait()
    c.delete().ok()


def test_list_as_json(container):
    c = container()
    assert c.runtime.call("list", "--format", "json").ok().json in ([], None)
    c.create().ok()
    listed, = c.runtime.call("list", "-f", "json").ok().json
    state = c.state()
    for key in ("id", "pid", "status", "bundle", "created"):
        assert listed[key] == state[key]


def test_list_quiet_prints_ids(container):
    ids = []
    for _ in range(3):
        c = container()
        c.create().ok()
        ids.append(c.id)
    assert sorted(c.runtime.ids()) == sorted(ids)


def test_list_without_a_root_directory_is_empty_and_makes_none(runtime):
    runtime.root.rmdir()
    runtime.call("list", "-q").ok()
    assert not runtime.root.exists()


@pytest.mark.parametrize("code", [0, 1, 7, 255])
def test_run_exits_with_the_programs_code(anyone, code):
    c = anyone()
    c.bundle.sh(f"echo out; echo err >&2; exit {code}")
    done = c.run()
    assert (done.code, done.out, done.err) == (code, "out\n", "err\n")
    assert c.runtime.ids() == []


def test_run_exits_with_128_and_the_signal(container):
    c = container()
    c.bundle.drop_namespace("pid")  # a first process of a pid namespace cannot kill itself
    c.bundle.drop_mount("/proc")
    c.bundle.sh("kill -9 $$")
    assert c.run().code == 137


def test_run_passes_standard_input(anyone):
    c = anyone()
    c.bundle.sh("tr a-z A-Z")
    assert c.run(input="hello\n").ok().out == "HELLO\n"


def test_run_forwards_signals(container):
    c = container()
    c.bundle.sh("trap 'echo caught; exit 3' TERM; echo up; while :; do sleep 0.02; done")
    c.bundle.save()
    import subprocess
    process = c.runtime.popen("run", "--bundle", c.bundle.path, c.id, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=10)[0] == "caught\n"
    assert process.returncode == 3


def test_run_detached_leaves_the_container_running(anyone):
    c = anyone()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.run_detached().ok()
    assert c.status == "running"


def test_run_with_keep_leaves_the_stopped_container(container):
    c = container()
    c.bundle.process["args"] = ["true"]
    c.run("--keep").ok()
    assert c.status == "stopped"
    c.delete().ok()


@pytest.mark.parametrize("verb", ["create", "run"])
def test_the_pid_file_holds_digits_only(container, place, verb):
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    file = place.path / "pid"
    if verb == "create":
        c.create("--pid-file", file).ok()
    else:
        c.run_detached("--pid-file", file).ok()
    assert file.read_text() == str(c.pid)
    assert [n for n in os.listdir(place.path) if "pid" in n] == ["pid"]


@pytest.mark.parametrize("detach", [False, True])
def test_a_run_whose_program_is_missing_leaves_nothing(container, place, detach):
    c = container()
    c.bundle.process["args"] = ["/nowhere/program"]
    r = (c.run_detached if detach else c.run)("--pid-file", place.path / "pid")
    r.failed("/nowhere/program", "no such file or directory")
    assert c.id not in c.runtime.ids() and "pid" not in os.listdir(place.path)


def test_the_pid_file_is_replaced_not_rewritten(container, place):
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    file = place.path / "pid"
    file.write_text("12345 and more than a pid is long")
    old = os.open(file, os.O_RDONLY)
    c.create("--pid-file", file).ok()
    assert file.read_text() == str(c.pid)
    assert os.read(old, 100).startswith(b"12345") or os.fstat(old).st_nlink == 1
    os.close(old)


@pytest.mark.yacr
@pytest.mark.parametrize("what", ["null", "stdout", "fifo", "directory"])
def test_what_is_no_file_is_not_replaced_by_the_pid_file(container, place, what):
    """Somebody will try --pid-file /dev/stdout, as root."""
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    path = place.path / what
    make = {"null": lambda: os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 3)), "fifo": lambda: os.mkfifo(path),
            "stdout": lambda: path.symlink_to("/proc/self/fd/1"), "directory": path.mkdir}
    make[what]()
    before = os.lstat(path)
    c.create("--pid-file", path).failed(f'pid file "{path}" is no regular file', code=1)
    after = os.lstat(path)
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode) and c.id not in c.runtime.ids()
    c.create().ok()
    c.start().ok()
    c.runtime.call("exec", "--pid-file", path, c.id, "true").failed("no regular file", code=255)
    assert os.lstat(path).st_ino == before.st_ino


def test_an_engines_create_and_start_do_not_keep_its_pipes_open(container):
    """containerd reads the pipes of create (with a terminal) and of start to their end."""
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.create().ok()
    assert c.start(timeout=5).ok().out == ""


def test_the_pid_of_a_killed_container_may_be_reused_safely(container):
    """A container whose first process died and was reaped is stopped, whoever has that pid now."""
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.run_detached().ok()
    os.kill(c.pid, signal.SIGKILL)
    c.wait("stopped")
    assert c.state()["pid"] == 0
    c.kill("TERM").failed("container not running", code=1)


@pytest.mark.yacr
def test_a_record_says_by_its_mode_that_the_container_was_started(container):
    """So that nobody who looks asks the start socket; `start` itself does, whatever the mode."""
    def mode(c):
        return stat.S_IMODE((c.runtime.root / c.id / "state.json").stat().st_mode)

    c, other = container(), container()
    c.bundle.process["args"] = other.bundle.process["args"] = ["sleep", "1000"]
    c.create().ok()
    assert mode(c) == 0o600 and c.status == "created"
    (c.runtime.root / c.id / "state.json").chmod(0o400)
    c.start().ok()
    assert mode(c) == 0o400 and c.status == "running"
    c.start().failed("already running")
    assert other.run_detached().ok() and mode(other) == 0o400 and other.status == "running"
    (c.runtime.root / c.id / "state.json").chmod(0o600)
    assert c.status == "running"
    c.start().failed("already running")


@pytest.fixture
def known(container):
    """A running container that is known by the inode of its pidfd, and its record."""
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.run_detached().ok()
    record = c.runtime.root / c.id / "state.json"
    if "pidfdInode" not in json.loads(record.read_text()):
        pytest.skip("needs pidfs, Linux 6.9")
    return c, record


@pytest.mark.yacr
def test_a_process_with_another_inode_is_not_the_container(known):
    """Not even one that has its pid, and was started in the same tick of 10 ms."""
    c, record = known
    pid, text = c.pid, record.read_text()
    record.write_text(json.dumps(json.loads(text) | {"pidfdInode": json.loads(text)["pidfdInode"] + 1}))
    assert c.state()["status"] == "stopped" and c.state()["pid"] == 0
    assert [line.split()[1] for line in c.runtime.call("list").ok().out.splitlines()[1:]] == ["stopped"]
    for verb in (("kill", c.id, "KILL"), ("exec", c.id, "true"), ("pause", c.id), ("ps", c.id)):
        c.runtime.call(*verb)
    os.kill(pid, 0)
    record.write_text(text)
    assert c.status == "running" and c.pid == pid
    c.kill("KILL").ok()
    c.wait("stopped")


@pytest.mark.yacr
@pytest.mark.parametrize("without", ["pidfdInode", "startTime"])
def test_a_process_is_known_by_what_its_record_has(known, without):
    """By the start time in one of an older yacr; where there is an inode that alone counts."""
    c, record = known
    state = json.loads(record.read_text())
    state.pop(without)
    record.write_text(json.dumps(state))
    assert c.status == "running"
    c.kill("KILL").ok()
    c.wait("stopped")
    c.delete().ok()


@pytest.mark.yacr
def test_a_record_that_does_not_know_its_boot_is_of_this_one(container):
    """create could not read the boot's id, for want of a descriptor: nothing of the container is lost by that."""
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.create().ok()
    record = c.runtime.root / c.id / "state.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"bootID": ""}))
    c.start().ok()
    assert c.status == "running"
    c.delete("--force").ok()


@pytest.mark.yacr
@pytest.mark.cgroupfs
def test_what_a_record_of_an_earlier_boot_names_is_anothers(container):
    """A root on a disk outlives a boot: whoever is in a cgroup of that name now has nothing to do with the record."""
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.run_detached().ok()
    pid, record = c.pid, c.runtime.root / c.id / "state.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"bootID": "0-of-an-earlier-boot"}))
    assert c.status == "stopped"
    c.runtime.call("kill", "--all", c.id, "KILL").ok()
    c.delete().ok()
    try:
        assert c.id not in c.runtime.ids()
        until(lambda: open(f"/proc/{pid}/stat").read().split()[2] == "S")  # neither dead nor, any more, beginning
        assert cgroups_named([c.id])
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        for directory in cgroups_named([c.id]):
            os.rmdir(directory)


def test_engine_options_before_the_command(container, place):
    """What containerd's shim sends."""
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    log = place.path / "log.json"
    c.runtime.global_options = ["--log", str(log), "--log-format", "json"]
    c.create("--pid-file", place.path / "init.pid").ok()
    c.start().ok()
    c.kill("9").ok()
    c.wait("stopped")
    c.delete().ok()
    assert not log.exists() or log.read_text() == ""


def test_an_error_is_one_json_line_in_the_log(runtime, place):
    log = place.path / "log.json"
    runtime.global_options = ["--log", str(log), "--log-format", "json"]
    runtime.call("start", "nobody").failed()
    line, = log.read_text().splitlines()
    entry = json.loads(line)
    assert entry["level"] == "error"
    assert "does not exist" in entry["msg"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", entry["time"])
