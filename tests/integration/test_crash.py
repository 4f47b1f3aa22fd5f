# SPDX-License-Identifier: Apache-2.0
"""Killed at a random moment, many at once, or a system call failing: nothing is left, and the id is free again."""

import os
import random
import shutil
import signal
import subprocess
import time

import pytest

from harness import cgroups_named, until


def run_and_kill(c, verb, delay):
    c.bundle.save()
    with open(c.output, "w") as out:
        args = [verb, *(["-d"] if verb == "run" else []), "--bundle", c.bundle.path, c.id] if verb in ("create", "run") \
            else [verb, c.id]
        process = c.runtime.popen(*args, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    time.sleep(delay)
    process.kill()
    process.wait()


def check_force(c):
    c.delete("--force", timeout=10).ok()
    assert c.id not in os.listdir(c.runtime.root)
    assert cgroups_named([c.id]) == []


@pytest.mark.parametrize("verb", ["create", "run"])
@pytest.mark.parametrize("round", range(4))
def test_killed_while_creating(anyone, verb, round):
    rng = random.Random(f"{verb}{round}")
    c = anyone()
    c.bundle.process["args"] = ["sleep", "1000"]
    for _ in range(12):
        run_and_kill(c, verb, rng.uniform(0, 0.012))
        check_force(c)
    c.create().ok()
    c.delete("--force").ok()


@pytest.mark.yacr
@pytest.mark.root
@pytest.mark.cgroups
@pytest.mark.cgroupfs
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_killed_while_making_the_cgroups_on_the_way(container):
    """At each mkdir(2) of create: what there is by then was recorded before it was made."""
    c = container()
    c.bundle.linux["cgroupsPath"] = f"/{c.id}-above/x/y"
    c.bundle.save()
    for n in range(1, 200):
        killed = c.runtime.variant(prefix=["strace", "-qq", "-o", c.bundle.path / "trace",
                                           "-e", f"inject=mkdir,mkdirat:signal=KILL:when={n}"])
        with open(c.output, "w") as out:
            done = killed.call("create", "--bundle", c.bundle.path, c.id, out=out)
        check_force(c)
        if done.code == 0:
            break
    assert done.code == 0 and n > 3


def each_fault(c, calls, error, *options):
    """The runtime with the first of these system calls failing, with the second, ..., and with none."""
    trace = c.bundle.path / "trace"
    for n in range(1, 200):
        yield c.runtime.variant(prefix=["strace", "-qq", *options, "-o", trace,
                                        "-e", f"inject={calls}:error={error}:when={n}"])
        if "INJECTED" not in trace.read_text():
            break


@pytest.mark.yacr
@pytest.mark.root
@pytest.mark.cgroupfs
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
@pytest.mark.parametrize("calls, error", [("openat", "EMFILE"), ("write", "ENOSPC"), ("mkdir,mkdirat", "ENOSPC"),
                                          ("clone3,socketpair", "EAGAIN"), ("renameat,renameat2,read", "EIO"),
                                          ("sendmsg,fcntl,recvmsg", "ENOBUFS")])
def test_each_call_of_create_fails_once(container, calls, error):
    """It takes back what it has made, and says why; or it has another way, and the container can be started."""
    c = container()
    c.bundle.save()
    for faulty in each_fault(c, calls, error):
        with open(c.output, "w") as out:
            done = faulty.call("create", "--bundle", c.bundle.path, c.id, out=out)
        if done.code == 0:
            c.start().ok()
            c.delete("--force").ok()
        else:
            assert done.code == 1 and done.err.startswith("yacr: "), done
        assert os.listdir(c.runtime.root) == [], done
        assert cgroups_named([c.id]) == [], done
    assert done.code == 0


@pytest.mark.yacr
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_a_program_that_could_not_be_looked_for_is_not_said_to_be_missing(container):
    c = container()
    c.bundle.process["args"] = ["true"]
    c.bundle.save()
    for faulty in each_fault(c, "openat2", "EMFILE", "-f"):
        done = faulty.call("run", "--bundle", c.bundle.path, c.id)
        assert "not found" not in done.err, done


POWERS = "grep -E '^(Uid|Gid|Groups|Cap|NoNew|Seccomp|Sig[IB])' /proc/self/status; cat /proc/self/uid_map; " \
    "cut -d' ' -f4- /proc/self/mountinfo | sort; head -c1 /proc/kcore /proc/keys; ls /dev"


@pytest.mark.yacr
@pytest.mark.root
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
@pytest.mark.parametrize("calls, error", [
    ("openat2 newfstatat", "ENOMEM"),
    ("mount_setattr move_mount open_tree", "ENOMEM"),
    ("fsopen fsconfig fsmount pivot_root umount2 setns", "EPERM"),
    ("capset capget setgroups setresuid setresgid seccomp openat", "ENOMEM"),
    ("prctl", "EPERM"),
])
@pytest.mark.parametrize("verb", ["run", "exec"])
def test_a_program_has_what_it_is_to_have_or_does_not_run(container, verb, calls, error):
    """Whatever call of run, of exec or of init fails, once: nothing that was asked for is passed over."""
    c = container()
    c.bundle.namespace("user")
    for maps in ("uidMappings", "gidMappings"):
        c.bundle.linux[maps] = [{"containerID": 0, "hostID": 200000, "size": 65536}]
    c.bundle.linux["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW",
                                 "syscalls": [{"names": ["reboot"], "action": "SCMP_ACT_ERRNO"}]}
    c.bundle.process["user"].update(uid=1000, gid=1000, additionalGids=[7])
    for path in [c.bundle.path, c.bundle.rootfs]:
        path.chmod(0o755)
    if verb == "exec":
        c.bundle.sh("sleep 1000")
        c.run_detached().ok()
        args = ["exec", c.id, "/bin/sh", "-c", POWERS]
    else:
        c.bundle.sh(POWERS).save()
        args = ["run", "--bundle", c.bundle.path, c.id]
    good = c.runtime.call(*args).ok().out
    for call in calls.split():
        for faulty in each_fault(c, call, error, "-f"):
            done = faulty.call(*args)
            assert done.out == good or done.code != 0, done
            assert verb == "exec" or os.listdir(c.runtime.root) == [], done


@pytest.mark.yacr
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
@pytest.mark.parametrize("verb, fault", [
    ("delete", "poll:error=EINTR:when=2+"),  # the first is about descriptors 0 to 2
    ("start", "poll:error=EINTR:when=2"),
])
def test_what_cannot_be_asked_is_not_taken_for_ended(container, verb, fault):
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.create().ok()
    faulty = c.runtime.variant(prefix=["strace", "-qq", "-o", c.bundle.path / "trace", "-e", f"inject={fault}"])
    done = faulty.call(verb, c.id)
    assert "INJECTED" in (c.bundle.path / "trace").read_text()
    assert (done.code == 0) == (verb == "start"), done
    assert c.status == ("running" if verb == "start" else "created")


@pytest.mark.yacr
@pytest.mark.root
@pytest.mark.cgroups
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
@pytest.mark.parametrize("args", [["pause"], ["update", "--pids-limit=-1"]], ids=lambda a: a[0])
def test_a_cgroup_that_cannot_be_opened_is_not_taken_for_none(container, args):
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.bundle.linux["resources"] = {"pids": {"limit": 100}}
    c.run_detached().ok()
    paths = [word for path in cgroups_named([c.id]) if "/unified/" not in path for word in ("-P", path)]
    faulty = c.runtime.variant(prefix=["strace", "-qq", "-o", c.bundle.path / "trace", *paths,
                                       "-e", "inject=openat:error=ENFILE"])
    faulty.call(*args, c.id).failed("cgroup", "(ENFILE)", code=1)
    assert c.status == "running"


@pytest.mark.yacr
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
@pytest.mark.parametrize("verb", ["run", "delete"])
def test_a_record_that_cannot_be_looked_at_is_not_gone(container, verb):
    """What was made is removed all the same, and nobody asks for ever."""
    c = container()
    c.bundle.process["args"] = ["true"]
    c.bundle.save()
    args = ["--bundle", c.bundle.path] if verb == "run" else ["--force"]
    if verb == "delete":
        c.create().ok()
    faulty = c.runtime.variant(prefix=["strace", "-qq", "-o", c.bundle.path / "trace", "-P", c.runtime.root,
                                       "-e", "inject=newfstatat:error=EIO"])
    faulty.call(verb, *args, c.id).ok()
    assert "INJECTED" in (c.bundle.path / "trace").read_text()
    assert c.id not in os.listdir(c.runtime.root)
    assert cgroups_named([c.id]) == []


@pytest.mark.yacr
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_a_record_that_cannot_be_read_for_now_is_not_broken(container):
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.run_detached().ok()
    faulty = c.runtime.variant(prefix=["strace", "-qq", "-o", c.bundle.path / "trace", "-P",
                                       c.runtime.root / c.id, "-e", "inject=openat:error=EMFILE"])
    faulty.call("delete", "--force", c.id).failed("cannot open the state", "(EMFILE)", code=1)
    assert c.status == "running"
    check_force(c)


def test_killed_while_deleting(container):
    rng = random.Random(1)
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    for _ in range(8):
        c.create().ok()
        c.kill("KILL")
        c.wait()
        run_and_kill(c, "delete", rng.uniform(0, 0.003))
        check_force(c)


def test_killed_while_starting(container):
    rng = random.Random(2)
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    for _ in range(8):
        c.create().ok()
        run_and_kill(c, "start", rng.uniform(0, 0.004))
        assert c.status in ("created", "running", "stopped")
        check_force(c)


@pytest.mark.yacr
def test_the_half_made_container_is_listed_and_its_id_is_taken(container):
    """Killed early enough, create leaves a record: state and list live with it."""
    rng = random.Random(3)
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    seen = set()
    for _ in range(30):
        run_and_kill(c, "create", rng.uniform(0, 0.008))
        done = c.runtime.call("list", "--format", "json").ok()
        if c.id in c.runtime.ids():
            state = c.runtime.call("state", c.id)
            if state.code == 0:
                seen.add(state.json["status"])
            again = c.create()
            assert again.code == 1 and "exist" in again.err
        check_force(c)
    assert seen <= {"creating", "created", "stopped"}


def test_init_killed_before_start(container):
    c = container()
    c.create().ok()
    os.kill(c.pid, signal.SIGKILL)
    c.wait("stopped")
    c.start().failed(code=1)
    c.delete().ok()


def test_create_is_killed_while_a_hook_runs(container, place):
    c = container()
    c.bundle.config["hooks"] = {"prestart": [{"path": "/bin/sh", "args": ["sh", "-c", f"touch {place.path}/up; exec sleep 3"]}]}
    c.bundle.save()
    process = c.runtime.popen("create", "--bundle", c.bundle.path, c.id, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    until((place.path / "up").exists)
    process.kill()
    process.wait()
    c.delete("--force", timeout=10).ok()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_create_is_ended_while_a_hook_runs(container, place, number):
    c = container()
    c.bundle.config["hooks"] = {"prestart": [{"path": "/bin/sh", "args": ["sh", "-c", f"touch {place.path}/up; sleep 5"]}]}
    c.bundle.save()
    process = c.runtime.popen("create", "--bundle", c.bundle.path, c.id, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    until((place.path / "up").exists)
    process.send_signal(number)
    process.wait(10)
    c.delete("--force", timeout=10).ok()


def test_only_one_of_many_gets_the_id(container):
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.bundle.save()
    many = [c.runtime.popen("create", "--bundle", c.bundle.path, c.id, stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(12)]
    codes = [p.wait(20) for p in many]
    assert codes.count(0) == 1, codes
    assert c.status == "created"


def test_start_and_delete_at_once(container):
    for _ in range(6):
        c = container()
        c.bundle.process["args"] = ["sleep", "1000"]
        c.create().ok()
        both = [c.runtime.popen(*args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                for args in (["start", c.id], ["delete", "--force", c.id])]
        codes = [p.wait(10) for p in both]
        assert codes[1] == 0
        assert c.id not in os.listdir(c.runtime.root)


def test_many_starts_of_one_container(container):
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.create().ok()
    many = [c.runtime.popen("start", c.id, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(8)]
    codes = [p.wait(10) for p in many]
    assert codes.count(0) == 1, codes
    assert c.status == "running"


def test_many_containers_at_once(container):
    many = []
    for _ in range(8):
        c = container()
        c.bundle.process["args"] = ["sleep", "1000"]
        c.bundle.save()
        many.append((c, c.runtime.popen("run", "-d", "--bundle", c.bundle.path, c.id, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)))
    assert [p.wait(20) for _, p in many] == [0] * 8
    listed = many[0][0].runtime.call("list", "--format", "json").ok().json
    assert [s["status"] for s in listed] == ["running"] * 8
    for c, _ in many:
        c.delete("--force").ok()
