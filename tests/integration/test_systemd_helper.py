# SPDX-License-Identifier: Apache-2.0
"""yacr-systemd, and yacr with it, before a service manager that does what a test wants: tests/systemd1.py."""

import os
import shutil
import socket
import subprocess
import sys

import pytest

import harness
import systemd1
from harness import until

pytestmark = pytest.mark.yacr

HELPER = harness.TREE / "libexec" / "yacr" / "yacr-systemd"
EXISTS = "org.freedesktop.systemd1.UnitExists"
READ_ONLY = "org.freedesktop.DBus.Error.PropertyReadOnly"
INFINITY = 2**64 - 1


@pytest.fixture
def manager(place):
    if not HELPER.exists():
        pytest.skip("needs libsystemd, to build yacr-systemd")
    if os.path.exists("/run/dbus/system_bus_socket") or os.path.exists("/run/systemd/system"):
        pytest.skip("needs a host that is not run by systemd")
    run = place.path / "run"
    (run / "systemd").mkdir(parents=True)
    m = systemd1.Manager(run / "systemd" / "private")
    m.run_directory = run
    # a /run of its own, where nothing but this manager is
    m.prefix = ["unshare", "-m", "sh", "-c", f"mount --bind '{run}' /run && exec \"$@\"", "sh"]
    yield m
    m.stop()


# ---- the helper alone ----

class Helper:
    """yacr's side of the conversation."""

    def __init__(self, manager, ms=20000, uid=0, prefix=()):
        self.sock, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.process = subprocess.Popen([*manager.prefix, *prefix, HELPER], pass_fds=[3],
                                        preexec_fn=lambda: os.dup2(other.fileno(), 3))
        other.close()
        self.say("manager", uid, ms)

    def say(self, *words):
        self.sock.sendall(b"".join(str(w).encode() + b"\0" for w in words))
        return self

    def hear(self):
        return self.sock.recv(65536).decode().split("\0")[:-1]

    def ask(self, *words):
        return self.say(*words).hear()

    def refused(self, *words):
        """(errno, config path, text)"""
        answer = self.ask(*words)
        assert answer[0] == "failed", answer
        return int(answer[1]), answer[2], answer[3]

    def property(self, name, value, type="", at="annotations.x", since=0):
        return self.say("property", name, type, value, at, since)

    def end(self):
        self.sock.close()
        return self.process.wait(10)


@pytest.fixture
def helper(manager):
    made = []

    def make(**kw):
        made.append(Helper(manager, **kw))
        manager.places = False
        return made[-1]

    yield make
    for h in made:
        h.end()


def test_a_scope_is_started_with_the_helper_in_it(helper, manager):
    h = helper()
    h.property("MemoryMax", 4096, "t").property("Delegate", "true", "b").property("Slice", "a.slice", "s")
    assert h.ask("start", "a.scope", "scope") == ["ok"]
    unit, mode, properties, auxiliary = manager.called("StartTransientUnit")[0]
    assert (unit, mode, auxiliary) == ("a.scope", "fail", [])
    assert properties == [("MemoryMax", ("t", 4096)), ("Delegate", ("b", True)), ("Slice", ("s", "a.slice")),
                          ("PIDs", ("au", [h.process.pid]))]
    assert len(manager.calls) == 1  # nothing else was asked


def test_from_a_pid_namespace_of_its_own_the_helper_names_itself_too(helper, manager):
    """Where it is 1, which is systemd's own number."""
    h = helper(prefix=["unshare", "--pid", "--fork"])
    assert h.ask("start", "a.scope", "scope") == ["ok"]
    child = open(f"/proc/{h.process.pid}/task/{h.process.pid}/children").read().split()
    assert manager.property("PIDs")[1] == [int(child[0])]


def test_a_slice_gets_no_process(helper, manager):
    assert helper().ask("start", "a.slice", "slice") == ["ok"]
    assert manager.properties() == []


@pytest.mark.parametrize("type,value,wanted", [
    ("ay", "0-2,9", [7, 2]), ("ay", "33", [0, 0, 0, 0, 2]), ("a(ss)", "/dev/char/1:3 rwm", [("/dev/char/1:3", "rwm")]),
    ("a(ss)", "", []), ("a(st)", "/dev/block/8:0 18446744073709551615", [("/dev/block/8:0", INFINITY)]),
    ("t", "18446744073709551615", INFINITY), ("b", "false", False)])
def test_values_of_yacrs_own(helper, manager, type, value, wanted):
    assert helper().property("X", value, type).ask("start", "a.scope", "scope") == ["ok"]
    assert manager.property("X") == (type, wanted)


@pytest.mark.parametrize("text,wanted", [
    ("true", ("b", True)), ("5", ("i", 5)), ("-5", ("i", -5)), ("uint64 5", ("t", 5)), ("byte 0x1f", ("y", 31)),
    ("int16 -3", ("n", -3)), ("2.5", ("d", 2.5)), ("double 1e3", ("d", 1000.0)), ("@t 18446744073709551615", ("t", INFINITY)),
    ("'inactive-or-failed'", ("s", "inactive-or-failed")), ('"a\'b"', ("s", "a'b")), (r"'a\'\n'", ("s", "a'\n")),
    ("['a.service', 'b.service']", ("as", ["a.service", "b.service"])), ("@as []", ("as", [])),
    ("[uint32 1, 2]", ("au", [1, 2])), ("@at [1, 2]", ("at", [1, 2])),
    ("[('/dev/a', 'r'), ('/dev/b', 'w')]", ("a(ss)", [("/dev/a", "r"), ("/dev/b", "w")])),
    ("('a', uint64 1)", ("(st)", ("a", 1))), (" [ 1 , 2 ] ", ("ai", [1, 2])), ("objectpath '/a'", ("o", "/a")),
    ("[[1], [2]]", ("aai", [[1], [2]]))])
def test_annotations_are_read_as_glib_writes_variants(helper, manager, text, wanted):
    assert helper().property("X", text).ask("start", "a.scope", "scope") == ["ok"]
    assert manager.property("X") == wanted


@pytest.mark.parametrize("text", [
    "", "x", "'", "'a", "5x", "[", "[]", "[1", "[1,", "['a', 1]", "()", "(1", "byte 256", "byte -1", "uint64 -1", "uint32 4294967296",
    "int16 40000", "@t", "@ 5", "@v 5", "@zz 5", "uint64 'a'", "uint64", "boolean 5", "true false", "99999999999999999999",
    "uint64 1.5", "objectpath 'a'", "@(ss) ('a',)", "@(s) ('a', 'b')", "[[[[[[[[[1]]]]]]]]]", "{'a': 1}", "<1>",
    "@as [", "@as [ ", "@as ]"])
def test_what_is_no_value_is_refused_with_its_annotation(helper, manager, text):
    code, at, why = helper().property("TheName", text, at="annotations.a").refused("start", "a.scope", "scope")
    assert at == "annotations.a" and "TheName" in why
    assert manager.calls == []


@pytest.mark.parametrize("name,text,wanted", [
    ("TimeoutStopSec", "uint32 5", ("TimeoutStopUSec", ("t", 5000000))),
    ("TimeoutStopSec", "0.25", ("TimeoutStopUSec", ("t", 250000))),
    ("TimeoutStopUSec", "uint64 7", ("TimeoutStopUSec", ("t", 7)))])
def test_seconds_become_microseconds(helper, manager, name, text, wanted):
    assert helper().property(name, text).ask("start", "a.scope", "scope") == ["ok"]
    assert wanted in manager.properties()


def test_seconds_that_are_none_are_refused(helper, manager):
    for text in ("'5'", "-5", "[5]", "18446744073709.551615"):
        assert helper().property("TimeoutStopSec", text).refused("start", "a.scope", "scope")[1] == "annotations.x"


def test_what_is_left_of_a_failed_unit_is_cleared_away(helper, manager):
    manager.errors = {"StartTransientUnit": [(EXISTS, "Unit a.scope already exists.")]}
    assert helper().ask("start", "a.scope", "scope") == ["ok"]
    assert [name for name, _ in manager.calls] == ["StartTransientUnit", "ResetFailedUnit", "StartTransientUnit"]


def test_a_unit_that_exists_is_an_error_and_stays(helper, manager):
    manager.errors = {"StartTransientUnit": [(EXISTS, "Unit a.scope already exists.")] * 9}
    code, at, text = helper().refused("start", "a.scope", "scope")
    assert "another unit of this name" in text and "a.scope" in text and code == 17
    assert not manager.called("StopUnit")


def test_an_older_systemd_is_not_told_what_it_does_not_know(helper, manager):
    manager.version = "239 (239-45.el8)"
    manager.errors = {"StartTransientUnit": [(READ_ONLY, "Cannot set property AllowedCPUs, or unknown property.")]}
    h = helper().property("AllowedCPUs", "0", "ay", since=244).property("MemoryMax", "1", "t", since=231)
    assert h.ask("start", "a.scope", "scope") == ["ok"]
    assert [name for name, _ in manager.properties()] == ["MemoryMax", "PIDs"]


def test_a_property_that_systemd_does_not_know_is_named(helper, manager):
    manager.errors = {"StartTransientUnit": [(READ_ONLY, "Cannot set property Foo, or unknown property.")] * 3}
    code, at, text = helper().property("Foo", "1", at="annotations.foo").refused("start", "a.scope", "scope")
    assert at == "annotations.foo" and "Cannot set property Foo" in text


def test_a_job_that_fails_leaves_no_unit(helper, manager):
    manager.results = ["failed"]
    assert "failed" in helper().refused("start", "a.scope", "scope")[2]
    until(lambda: manager.called("StopUnit") and manager.called("ResetFailedUnit"))


@pytest.mark.parametrize("silent", ["StartTransientUnit", "SetUnitProperties", "StopUnit"])
def test_no_answer_is_an_error_in_bounded_time(helper, manager, silent):
    manager.silent = {silent}
    verb = {"StartTransientUnit": ["start", "a.scope", "scope"], "SetUnitProperties": ["set", "a.scope"],
            "StopUnit": ["stop", "a.scope"]}[silent]
    code, at, text = helper(ms=50).refused(*verb)
    assert "no answer" in text


def test_phrases_that_engines_search_for_are_not_repeated(helper, manager):
    manager.errors = {"StartTransientUnit": [("org.freedesktop.DBus.Error.AccessDenied", "Permission denied")]}
    assert "ermission denied" not in helper().refused("start", "a.scope", "scope")[2]


def test_stopping_what_is_not_there_is_no_error(helper, manager):
    manager.errors = {"StopUnit": [("org.freedesktop.systemd1.NoSuchUnit", "Unit a.scope not loaded.")]}
    assert helper().ask("stop", "a.scope") == ["ok"]


def test_properties_belong_to_one_request(helper, manager):
    h = helper().property("MemoryMax", "1", "t")
    assert h.ask("start", "a.scope", "scope") == ["ok"]
    assert h.property("TasksMax", "2", "t").ask("set", "a.scope") == ["ok"]
    unit, runtime, properties = manager.called("SetUnitProperties")[0]
    assert (unit, runtime, properties) == ("a.scope", True, [("TasksMax", ("t", 2))])


def test_a_process_is_attached(helper, manager):
    assert helper().ask("attach", "a.scope", "/container", 77) == ["ok"]
    assert manager.called("AttachProcessesToUnit") == [["a.scope", "/container", [77]]]


@pytest.mark.parametrize("words", [
    ["start"], ["start", "a.scope"], ["what"], ["attach", "a.scope", "", "x"], ["property", "a", "t", "1", "", "x"], [""],
    ["stop", "a", "b"]])
def test_what_is_no_request_is_refused(helper, words):
    assert helper().refused(*words)


def test_it_ends_with_yacr_even_when_systemd_does_not_answer(helper, manager):
    manager.silent = {"StartTransientUnit"}
    h = helper()
    h.say("start", "a.scope", "scope")
    until(lambda: manager.calls)
    h.sock.close()
    h.process.wait(10)


def test_a_host_without_systemd(helper, manager, place):
    os.unlink(manager.run_directory / "systemd" / "private")
    assert "cannot connect to systemd" in helper().refused("start", "a.scope", "scope")[2]
    assert "systemd of user 1000" in helper(uid=1000).refused("start", "a.scope", "scope")[2]


def test_a_users_systemd_is_found_without_environment(helper, manager):
    user = manager.run_directory / "user" / "1000" / "systemd"
    user.mkdir(parents=True)
    os.rename(manager.run_directory / "systemd" / "private", user / "private")
    assert helper(uid=1000).ask("start", "a.scope", "scope") == ["ok"]


# ---- yacr ----

@pytest.fixture
def unit(manager, runtime, container):
    """Makes containers whose cgroup driver is systemd; on yacr's side nothing is known of the manager being another."""
    if not systemd1.cgroup_roots() or not os.access("/sys/fs/cgroup", os.W_OK):
        pytest.skip("needs cgroup2 or name=systemd to be mounted, and writable")

    made = []

    def make(script="sleep 60", **linux):
        on = runtime.variant(prefix=manager.prefix)
        on.global_options = ["--systemd-cgroup"]
        c = container(on=on)
        c.bundle.sh(script)
        c.slice, c.scope = f"{c.id}.slice", f"yacr-{c.id}.scope"
        c.bundle.linux.update(cgroupsPath=f"{c.slice}:yacr:{c.id}", **linux)
        made.append(c)
        return c

    yield make
    for c in made:  # while there is a manager
        c.delete("--force").ok()


def cgroups_of(pid):
    return {line.split(":", 2)[1]: line.rstrip("\n").split(":", 2)[2] for line in open(f"/proc/{pid}/cgroup")}


def units_left(name):
    return [path for root in systemd1.cgroup_roots() for path, _, _ in os.walk(root) if name in path]


def test_a_container_is_in_its_scope(unit, manager):
    c = unit()
    c.run_detached().ok()
    for path in cgroups_of(c.pid).values():
        assert path == f"/{c.slice}/{c.scope}"
    assert manager.property("Slice") == ("s", c.slice) and manager.property("Delegate") == ("b", True)
    helper_pid, = manager.property("PIDs")[1]
    assert not os.path.exists(f"/proc/{helper_pid}")  # it has gone when its place was taken
    c.delete("--force").ok()
    assert manager.called("StopUnit")[-1] == [c.scope, "replace"]
    assert not units_left(c.scope)


def test_the_state_knows_the_driver(unit, manager, runtime):
    """containerd's shim deletes without --systemd-cgroup."""
    c = unit()
    c.create().ok()
    plain = runtime.variant(prefix=manager.prefix)
    plain.global_options = []
    plain.call("delete", "--force", c.id).ok()
    assert manager.called("StopUnit") == [[c.scope, "replace"]]


def test_a_unit_that_systemd_has_forgotten_is_not_asked_for(unit, manager):
    """A scope ends with its last process: then nobody has to be told, and no helper is started."""
    c = unit()
    c.create().ok()
    c.kill("KILL").ok()
    c.wait("stopped")
    manager.forget(c.scope)
    c.delete().ok()
    assert [name for name, _ in manager.calls] == ["StartTransientUnit"]
    assert not units_left(c.scope)


def test_where_systemds_files_are_not_to_be_seen_it_is_asked(unit, manager):
    c = unit()
    c.create().ok()
    manager.forget(c.scope)
    manager.transient.rmdir()
    c.delete("--force").ok()
    assert manager.called("StopUnit") == [[c.scope, "replace"]]


def test_verbs_of_a_scope(unit, manager, runtime):
    c = unit("while :; do sleep 0.05; done")
    c.run_detached().ok()
    c.wait("running")
    on = c.runtime
    on.call("pause", c.id).ok()
    assert c.state()["status"] == "paused"
    on.call("resume", c.id).ok()
    assert on.call("exec", c.id, "true").code == 0
    assert c.pid in on.call("ps", "--format", "json", c.id).ok().json
    assert on.call("events", "--stats", c.id).ok().json["type"] == "stats"
    c.kill("KILL").ok()
    c.wait("stopped")
    c.delete().ok()
    assert not units_left(c.scope)


def test_a_create_that_fails_leaves_no_unit(unit, manager):
    c = unit()
    c.bundle.process["args"] = ["/none"]
    c.create().failed()
    assert len(manager.called("StopUnit")) == 1
    assert not units_left(c.scope) and c.runtime.ids() == []


def test_a_unit_of_that_name_is_not_touched(unit, manager):
    manager.errors = {"StartTransientUnit": [(EXISTS, "Unit already exists.")] * 9}
    c = unit()
    c.create().failed("another unit of this name", c.scope)
    assert not manager.called("StopUnit") and c.runtime.ids() == []


@pytest.fixture
def waiting(unit, manager):
    """A create that waits for systemd: the container, the process, and the helper's pid."""
    manager.silent = {"StartTransientUnit"}
    c = unit()
    c.bundle.save()
    process = c.runtime.popen("create", "--bundle", c.bundle.path, c.id, stderr=subprocess.PIPE, text=True)
    until(lambda: manager.called("StartTransientUnit"))
    helper, = manager.property("PIDs")[1]
    yield c, process, helper
    process.kill()
    process.communicate()


def test_a_signal_while_systemd_takes_its_time(waiting, manager):
    c, process, helper = waiting
    process.terminate()
    assert "interrupted by SIGTERM" in process.communicate(timeout=20)[1]
    assert manager.called("StopUnit") and c.runtime.ids() == []


def test_a_yacr_that_is_killed_leaves_no_helper_and_a_record_of_its_unit(waiting, manager):
    c, process, helper = waiting
    process.kill()
    process.wait()
    until(lambda: not harness.reap_children() and not os.path.exists(f"/proc/{helper}"))
    assert c.runtime.ids() == [c.id] and not manager.called("StopUnit")
    c.delete("--force").ok()
    assert manager.called("StopUnit") == [[c.scope, "replace"]] and c.runtime.ids() == []


def test_an_update_is_told_before_it_stands(unit, manager):
    c = unit(resources={"pids": {"limit": 50}})
    c.run_detached().ok()
    assert manager.property("TasksMax") == ("t", 50)
    c.runtime.call("update", "--pids-limit", "40", c.id).ok()
    assert manager.property("TasksMax", "SetUnitProperties") == ("t", 40)
    manager.errors = {"SetUnitProperties": [("org.freedesktop.DBus.Error.InvalidArgs", "TasksMax is odd")]}
    c.runtime.call("update", "--pids-limit", "30", c.id).failed("TasksMax is odd")
    pids = cgroups_of(c.pid).get("pids")
    if pids:
        assert open(f"/sys/fs/cgroup/pids{pids}/pids.max").read() == "40\n"


def test_few_tasks_leave_room_for_the_helper(unit, manager):
    c = unit(resources={"pids": {"limit": 1}})
    c.run_detached().ok()
    assert manager.property("TasksMax") == ("t", 2)
    assert manager.property("TasksMax", "SetUnitProperties") == ("t", 1)


def test_annotations_reach_systemd(unit, manager):
    c = unit()
    c.bundle.config["annotations"] = {"org.systemd.property.TimeoutStopSec": "uint32 3",
                                      "org.systemd.property.CollectMode": "'inactive-or-failed'"}
    c.create().ok()
    assert manager.property("TimeoutStopUSec") == ("t", 3000000)
    assert manager.property("CollectMode") == ("s", "inactive-or-failed")


def test_an_annotation_that_is_no_value_is_named(unit, manager):
    c = unit()
    c.bundle.config["annotations"] = {"org.systemd.property.CollectMode": "inactive"}
    c.create().failed("CollectMode", "annotations.org.systemd.property.CollectMode")
    assert manager.calls == [] and c.runtime.ids() == []


def test_a_subgroup(unit, manager):
    c = unit()
    c.bundle.config["annotations"] = {"run.oci.systemd.subgroup": "container"}
    c.run_detached().ok()
    for path in cgroups_of(c.pid).values():
        assert path == f"/{c.slice}/{c.scope}/container"
    assert c.runtime.call("exec", c.id, "true").code == 0
    c.delete("--force").ok()
    assert not units_left(c.scope)


def test_a_slice_as_the_containers_unit(unit, manager):
    c = unit()
    name = f"{c.id}-a.slice"
    c.bundle.linux["cgroupsPath"] = f"{c.slice}:x:{name}"
    c.run_detached().ok()
    assert manager.property("PIDs") is None and manager.property("Delegate") is None
    assert set(cgroups_of(c.pid).values()) == {f"/{c.slice}/{name}"}
    c.delete("--force").ok()
    assert manager.called("StopUnit")[-1] == [name, "replace"]


def test_a_cgroup_that_is_elsewhere_is_an_error(unit, manager):
    manager.places = False
    c = unit()
    c.create().failed("but not in cgroup", "linux.cgroupsPath")
    assert manager.called("StopUnit") and c.runtime.ids() == []


def test_yacr_without_its_helper_says_what_is_missing(place, runtime, container):
    (place.path / "bin").mkdir()
    alone = runtime.variant(path=shutil.copy(runtime.path, place.path / "bin" / "yacr"))
    c = container(on=alone)
    alone.global_options = ["--cgroup-manager", "systemd"]
    c.create().failed("systemd cgroup driver", "yacr-systemd", "libsystemd-dev")
    assert not alone.call("features").ok().json["linux"]["cgroup"]["systemd"]


def test_a_helper_that_cannot_run_is_told_as_that(place, runtime, container):
    """A library that is missing ends it before it has heard anything."""
    (place.path / "bin").mkdir()
    broken = place.path / "libexec" / "yacr" / "yacr-systemd"
    broken.parent.mkdir(parents=True)
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    slow = ["strace", "-f", "-o", "/dev/null", "-e", "inject=clone,clone3:delay_exit=100000"] if shutil.which("strace") else []
    c = container(on=runtime.variant(path=shutil.copy(runtime.path, place.path / "bin" / "yacr"), prefix=slow))
    c.runtime.global_options = ["--cgroup-manager", "systemd"]
    c.create().failed("yacr-systemd ended without an answer")
    assert c.runtime.ids() == []


def test_features_tell_of_the_driver(runtime):
    assert runtime.call("features").ok().json["linux"]["cgroup"]["systemd"] is HELPER.exists()
