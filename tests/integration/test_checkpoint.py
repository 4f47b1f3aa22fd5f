# SPDX-License-Identifier: Apache-2.0
"""checkpoint and restore, with a CRIU that works here (see tests/criu.py)."""

import json
import os
import pathlib
import pty
import re
import shutil
import subprocess

import pytest

import criu
from harness import TREE, cgroups_named, reap_children, until
from test_tty import Console, read_until

COUNTER = "n=0; while :; do n=$((n+1)); echo $n; sleep 0.05; done"


@pytest.fixture(scope="session")
def helper():
    if not (TREE / "libexec" / "yacr" / "yacr-criu").exists():
        pytest.skip("needs yacr-criu: `make helpers` where scripts/need test is content")


@pytest.fixture(scope="session")
def program(request, helper):
    if "crun" in request.config.getoption("--runtime"):
        pytest.skip("needs checkpoint, which Debian's crun does not have")
    found, lacking = criu.find()
    if not found:
        pytest.skip(lacking)
    return found


class Pipe:
    """Standard output of containers as engines have it: a pipe, which is handed to the restored one too."""

    def __init__(self):
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)
        self.text = ""

    def read(self):
        try:
            while data := os.read(self.reader, 65536):
                self.text += data.decode()
        except BlockingIOError:
            pass
        return self.text

    def close(self):
        os.close(self.reader)
        os.close(self.writer)


@pytest.fixture
def pipe():
    p = Pipe()
    yield p
    p.close()


@pytest.fixture
def checkpointed(container, program, pipe, place):
    """Makes containers that count, and know how to be checkpointed and restored."""

    class Checkpointed:
        def __init__(self, c):
            self.c, self.images = c, place.fresh("images")
            c.runtime = c.runtime.variant(global_options=["--criu", str(program)])

        def start(self, *options, **kw):
            self.c.bundle.save()
            self.c.runtime.call("run", "-d", *options, "--bundle", self.c.bundle.path, self.c.id, out=pipe.writer,
                                **kw).ok()
            return self

        def dump(self, *options, **kw):
            return self.c.runtime.call("checkpoint", "--image-path", self.images, *options, self.c.id, **kw)

        def restore(self, *options, to=None, detach=True, **kw):
            self.to = to or container(self.c.bundle, on=self.c.runtime)
            self.to.bundle.save()
            kw.setdefault("out", pipe.writer)
            return self.to.runtime.call("restore", *(["-d"] if detach else []), "--image-path", self.images, *options,
                                        "--bundle", self.to.bundle.path, self.to.id, **kw)

    def make(script=COUNTER):
        c = container()
        c.bundle.sh(script)
        return Checkpointed(c)

    return make


def count(pipe):
    lines = pipe.read().split("\n")
    return int(lines[-2]) if len(lines) > 1 and lines[-2].isdigit() else 0


def errors_in(pipe):
    return "\n".join(line for line in pipe.read().split("\n") if not line.isdigit())


def test_a_container_goes_on_where_it_was(checkpointed, pipe, place):
    x = checkpointed().start()
    until(lambda: count(pipe) >= 3)
    x.dump().ok()
    at = count(pipe)
    assert x.c.id not in x.c.runtime.ids()
    assert x.restore("--pid-file", place.path / "pid").code == 0, errors_in(pipe)
    until(lambda: count(pipe) >= at + 3)
    numbers = pipe.read().split()
    assert numbers == [str(n + 1) for n in range(len(numbers))]     # none is missing, none comes twice
    state = x.to.state()
    assert state["status"] == "running" and state["pid"] == int((place.path / "pid").read_text())
    assert x.to.runtime.call("exec", x.to.id, "hostname").ok().out == "test\n"
    x.to.kill("KILL").ok()
    x.to.wait()


def test_the_restored_container_is_in_a_cgroup_of_its_own_with_the_limits_of_its_config(checkpointed, pipe):
    x = checkpointed().start()
    until(lambda: count(pipe) >= 1)
    x.dump().ok()
    x.c.bundle.linux["resources"] = {"pids": {"limit": 77}}
    assert x.restore().code == 0, errors_in(pipe)
    cgroups = open(f"/proc/{x.to.pid}/cgroup").read()
    assert x.to.id in cgroups and x.c.id not in cgroups
    stats = x.to.runtime.call("events", "--stats", x.to.id).ok().json
    assert stats["data"]["pids"]["limit"] == 77


def test_a_container_that_is_left_running_goes_on_and_its_twin_beside_it(checkpointed, pipe):
    x = checkpointed("while :; do : >/mnt/n; sleep 0.05; done")  # never of a size that CRIU could not find again
    shared = x.c.bundle.path / "shared"
    shared.mkdir()
    x.c.bundle.mount("/mnt", shared, options=["bind", "rw"])
    x.start()
    until((shared / "n").exists)
    x.dump("--leave-running", "--leave-running").ok()
    assert x.c.status == "running"
    assert x.restore().code == 0, errors_in(pipe)
    assert x.to.status == x.c.status == "running"
    (shared / "n").unlink()
    until((shared / "n").exists)


def test_a_paused_container_can_be_checkpointed(checkpointed, pipe):
    x = checkpointed().start()
    until(lambda: count(pipe) >= 1)
    x.c.runtime.call("pause", x.c.id).ok()
    x.dump().ok()
    at = count(pipe)
    assert x.restore().code == 0, errors_in(pipe)
    until(lambda: count(pipe) > at)


def test_in_the_foreground_restore_has_the_exit_code_and_leaves_nothing(checkpointed, pipe):
    x = checkpointed("while [ ! -e /tmp/end ]; do sleep 0.05; done; exit 7").start()
    x.dump().ok()
    (x.c.bundle.rootfs / "tmp" / "end").touch()
    assert x.restore(detach=False).code == 7, errors_in(pipe)
    assert x.to.id not in x.to.runtime.ids()


def test_the_terminal_comes_back_through_the_console_socket(checkpointed, place, pipe):
    x = checkpointed("while read line; do echo got $line; done")
    x.c.bundle.process["terminal"] = True
    first = Console(place.path / "first.sock")
    x.start("--console-socket", first.path)
    first.receive()
    os.write(first.master, b"one\n")
    assert "got one" in read_until(first.master, "got one")
    x.dump().ok()
    first.close()

    second = Console(place.path / "second.sock")
    assert x.restore("--console-socket", second.path).code == 0, errors_in(pipe)
    second.receive()
    os.write(second.master, b"two\n")
    assert "got two" in read_until(second.master, "got two")
    second.close()


def test_a_restored_terminal_in_the_foreground_is_ours(checkpointed, place):
    x = checkpointed("while read line; do echo got $line; done; exit 4")
    x.c.bundle.process["terminal"] = True
    first = Console(place.path / "first.sock")
    x.start("--console-socket", first.path)
    first.receive()
    x.dump().ok()
    first.close()

    master, slave = pty.openpty()
    process = x.c.runtime.popen("restore", "--image-path", x.images, "--bundle", x.c.bundle.path, x.c.id,
                                stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    os.write(master, b"two\n")
    assert "got two" in read_until(master, "got two")
    os.write(master, b"\x04")
    assert process.wait(20) == 4
    os.close(master)
    assert x.c.id not in x.c.runtime.ids()


def test_what_is_mounted_read_only_is_so_when_restored(checkpointed, pipe):
    x = checkpointed("while :; do echo x >/mnt/file 2>/dev/null && echo written; sleep 0.05; done")
    source = x.c.bundle.path / "source"
    source.mkdir()
    x.c.bundle.mount("/mnt", source, options=["rbind", "ro"])
    x.start()
    x.dump().ok()
    assert x.restore().code == 0, errors_in(pipe)
    mount, = [line.split() for line in open(f"/proc/{x.to.pid}/mountinfo") if line.split()[4] == "/mnt"]
    assert "ro" in mount[5].split(",")
    x.to.runtime.call("exec", x.to.id, "touch", "/mnt/file").failed("Read-only")
    assert not list(source.iterdir())


def test_the_images_do_not_say_what_is_bound_and_how(checkpointed, pipe):
    x = checkpointed()
    old, new = x.c.bundle.path / "old", x.c.bundle.path / "new"
    for directory in (old, new):
        directory.mkdir()
        (directory / "name").write_text(directory.name)
    mount = x.c.bundle.mount("/mnt", old, options=["bind", "rw"])
    x.start()
    x.dump().ok()
    mount.update(source=str(new))
    assert x.restore().code == 0, errors_in(pipe)
    assert x.to.runtime.call("exec", x.to.id, "cat", "/mnt/name").ok().out == "new"
    x.to.delete("--force").ok()

    mount.update(options=["bind", "ro"])
    assert x.restore().code == 1
    assert "less limited" in errors_in(pipe)
    assert x.to.id not in x.to.runtime.ids()


def test_links_in_the_root_file_system_confuse_no_mounts(checkpointed, pipe):
    """CVE-2026-119101: two destinations that become one, so that the source of one was bound for the other."""
    x = checkpointed()
    open_, shut = x.c.bundle.path / "open", x.c.bundle.path / "shut"
    for directory in (open_, shut):
        directory.mkdir()
        (directory / "name").write_text(directory.name)
    x.c.bundle.mount("/mnt/a", open_, options=["bind", "rw"])
    x.c.bundle.mount("/mnt/b", shut, options=["bind", "ro"])
    x.start()
    x.dump().ok()
    (x.c.bundle.rootfs / "mnt" / "a").rmdir()
    (x.c.bundle.rootfs / "mnt" / "a").symlink_to("b")
    if x.restore().code == 0:
        x.to.runtime.call("exec", x.to.id, "sh", "-c", "echo x >/mnt/b/file")
    assert os.listdir(shut) == ["name"]


def test_mount_points_that_the_new_root_file_system_lacks_are_made(checkpointed, pipe):
    x = checkpointed()
    source = x.c.bundle.path / "source"
    (source / "below").mkdir(parents=True)
    (source / "file").write_text("from the host")
    x.c.bundle.mount("/new/place", source, options=["bind"])
    x.c.bundle.mount("/dev/place", source, options=["bind"])            # on a tmpfs, which CRIU brings
    x.c.bundle.mount("/new/place/below", source, options=["bind"])
    x.c.bundle.mount("/etc/new-file", source / "file", options=["bind"])
    x.start()
    x.dump().ok()
    made = [x.c.bundle.rootfs / "new", x.c.bundle.rootfs / "new" / "place", x.c.bundle.rootfs / "etc" / "new-file"]
    modes = [path.stat().st_mode for path in made]
    shutil.rmtree(made[0])
    made[-1].unlink()
    assert x.restore().code == 0, errors_in(pipe)
    assert [path.stat().st_mode for path in made] == modes
    for file in ("/new/place/file", "/dev/place/file", "/new/place/below/file", "/etc/new-file"):
        assert x.to.runtime.call("exec", x.to.id, "cat", file).ok().out == "from the host"
    modes = {name: oct((x.c.bundle.rootfs / name).stat().st_mode & 0o7777) for name in ("new", "new/place", "etc/new-file")}
    assert modes == {"new": "0o755", "new/place": "0o755", "etc/new-file": "0o644"}


@pytest.mark.yacr
@pytest.mark.parametrize("told", [("start",), ("restore",), ("start", "restore")])
def test_the_service_manager_of_the_one_need_not_be_that_of_the_other(checkpointed, pipe, place, told):
    """NOTIFY_SOCKET brings a mount with it, which no config has."""
    x = checkpointed("[ -z $NOTIFY_SOCKET ] || [ -d /run/notify ] || exit 1; " + COUNTER)
    env = {"NOTIFY_SOCKET": str(place.path / "manager")}
    x.c.bundle.save()
    x.c.runtime.call("create", "--bundle", x.c.bundle.path, x.c.id, out=pipe.writer, env=env if "start" in told else {}).ok()
    x.c.runtime.call("start", x.c.id).ok()
    until(lambda: count(pipe) >= 3)
    x.dump().ok()
    at = count(pipe)
    assert x.restore(env=env if "restore" in told else {}).code == 0, errors_in(pipe)
    until(lambda: count(pipe) > at)
    assert (x.c.bundle.rootfs / "run" / "notify").exists() == ("start" in told)


@pytest.mark.yacr
def test_a_mount_point_that_cannot_be_made_is_told_by_its_place_in_the_config(container, place, helper):
    """Also when who found that out had ended long before yacr has looked."""
    c = container()
    c.bundle.mount("/file/place", c.bundle.rootfs, options=["bind"])
    (c.bundle.rootfs / "file").write_text("")
    c.bundle.save()
    at = f"mounts[{len(c.bundle.config['mounts']) - 1}]"
    for prefix in ([], ["strace", "-f", "-o", "/dev/null", "-e", "inject=clone,clone3:delay_exit=100000"]):
        if prefix and not shutil.which("strace"):
            pytest.skip("needs strace")
        c.runtime.variant(prefix=prefix, global_options=["--criu", "/bin/true"]).call(
            "restore", "--image-path", place.path, "--bundle", c.bundle.path, c.id).failed(
                at, 'cannot make mount point "/file/place"')
    assert c.id not in c.runtime.ids()


def test_mounts_that_are_slaves_of_one_mount_of_the_host(checkpointed, pipe):
    """As they all are where systemd has shared "/"."""
    x = checkpointed()
    source, plain = x.c.bundle.path / "source", x.c.runtime
    source.mkdir()
    (source / "file").write_text("from the host")
    for place in ("/mnt", "/opt"):
        x.c.bundle.mount(place, source, options=["bind"])
    host = subprocess.Popen(["unshare", "--mount", "--propagation", "shared", "sh", "-c", "echo; exec sleep 1000"],
                            stdout=subprocess.PIPE)
    try:
        host.stdout.read(1)
        x.c.runtime = plain.variant(prefix=["nsenter", f"--mount=/proc/{host.pid}/ns/mnt"])
        x.start()
        masters = lambda pid: [line.split()[6] for line in open(f"/proc/{pid}/mountinfo")
                               if line.split()[4] in ("/", "/mnt", "/opt") and "master:" in line]
        before = masters(x.c.pid)
        assert len(before) == 3 and len(set(before)) == 1
        x.dump().ok()
        assert x.restore().code == 0, errors_in(pipe)
        x.to.runtime = plain
        assert masters(x.to.pid) == before
        assert x.to.runtime.call("exec", x.to.id, "cat", "/mnt/file").ok().out == "from the host"
    finally:
        x.c.runtime = plain
        host.kill()
        host.wait()


def test_masked_paths_stay_masked(checkpointed, pipe):
    x = checkpointed()
    x.c.bundle.linux["maskedPaths"].append("/proc/uptime")
    x.start()
    x.dump().ok()
    assert x.restore().code == 0, errors_in(pipe)
    done = x.to.runtime.call("exec", x.to.id, "sh", "-c", "cat /proc/uptime | wc -c; ls /sys/firmware | wc -l").ok()
    assert done.out.split() == ["0", "0"]


def test_hooks_at_restore_and_after_a_checkpoint(checkpointed, pipe):
    x = checkpointed()
    log = x.c.bundle.path / "hooks"
    x.c.bundle.config["hooks"] = {
        kind: [{"path": "/bin/sh", "args": ["sh", "-c", f"echo {kind} $(cat) >>{log}"]}]
        for kind in ("prestart", "createRuntime", "poststop")}
    x.start()
    log.unlink()
    x.dump().ok()
    assert [line.split()[0] for line in log.read_text().splitlines()] == ["poststop"]
    log.unlink()
    assert x.restore().code == 0, errors_in(pipe)
    lines = [line.split(" ", 1) for line in log.read_text().splitlines()]
    assert [kind for kind, _ in lines] == ["prestart", "createRuntime"]
    assert {json.loads(state)["pid"] for _, state in lines} == {x.to.pid}


def test_a_hook_that_fails_leaves_nothing_of_the_restored(checkpointed, pipe):
    x = checkpointed().start()
    x.dump().ok()
    x.c.bundle.config["hooks"] = {"createRuntime": [{"path": "/bin/false"}]}
    assert x.restore().code == 1
    assert re.search("error running .*hook", errors_in(pipe))
    assert x.to.id not in x.to.runtime.ids()


@pytest.fixture
def network():
    """A network namespace in which nobody sees what we do; its path."""
    holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link set lo up; echo; exec sleep 1000"],
                              stdout=subprocess.PIPE)
    holder.stdout.read(1)
    yield f"/proc/{holder.pid}/ns/net"
    holder.kill()
    holder.wait()


def test_a_joined_network_namespace_is_joined_again(checkpointed, pipe, network):
    x = checkpointed()
    x.c.bundle.namespace("network", network)
    x.start()
    x.dump().ok()
    assert x.restore().code == 0, errors_in(pipe)
    assert os.readlink(f"/proc/{x.to.pid}/ns/net") == os.readlink(network)


@pytest.mark.yacr
def test_the_network_namespace_is_as_that_of_a_new_container(checkpointed, pipe, network):
    x = checkpointed()
    plain, link = x.c.runtime, ["nsenter", f"--net={network}", "ip", "link"]
    add = [*link, "add", "yacr-c", "type", "veth", "peer", "name", "yacr-p"]
    x.c.bundle.linux["netDevices"] = {"yacr-c": {"name": "moved"}}
    subprocess.run(add, check=True)
    x.c.runtime = plain.variant(prefix=link[:2])
    try:
        x.start()
        x.dump().ok()
        subprocess.run([*link, "del", "yacr-p"])    # ends with the first container's namespace, sooner or later
        subprocess.run(add, check=True)
        assert x.restore().code == 0, errors_in(pipe)
        links = x.to.runtime.call("exec", x.to.id, "ip", "link").ok().out
        x.to.runtime = plain
    finally:
        x.c.runtime = plain
    assert " moved" in links and "<LOOPBACK,UP" in links


def test_a_container_with_a_user_namespace(checkpointed, pipe):
    x = checkpointed()
    x.c.bundle.namespace("user")
    for maps in ("uidMappings", "gidMappings"):
        x.c.bundle.linux[maps] = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    for directory, _, files in os.walk(x.c.bundle.rootfs):
        for name in [directory, *(os.path.join(directory, f) for f in files)]:
            os.chown(name, 100000, 100000, follow_symlinks=False)
    x.start()
    until(lambda: count(pipe) >= 2)
    x.images.mkdir(mode=0o711)      # CRIU reads them as root of the user namespace
    x.images.chmod(0o711)
    x.dump().ok()
    at = count(pipe)
    assert x.restore().code == 0, errors_in(pipe)
    until(lambda: count(pipe) > at)
    assert os.stat(f"/proc/{x.to.pid}").st_uid == 100000


def test_seccomp_and_capabilities_are_those_of_before(checkpointed, pipe):
    x = checkpointed()
    x.c.bundle.linux["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW",
                                   "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]}
    x.start()
    before = status(x.c.pid)
    x.dump().ok()
    assert x.restore().code == 0, errors_in(pipe)
    assert status(x.to.pid) == before
    x.to.runtime.call("exec", x.to.id, "mkdir", "/tmp/x").failed()


def status(pid):
    lines = open(f"/proc/{pid}/status").read().splitlines()
    return [line for line in lines if line.split(":")[0] in ("CapEff", "CapBnd", "CapPrm", "NoNewPrivs", "Seccomp", "Uid")]


def test_a_file_of_options_for_criu_by_annotation(checkpointed, pipe):
    x = checkpointed()
    options = x.c.bundle.path / "criu.conf"
    options.write_text("log-file=other.log\n")
    x.c.bundle.config["annotations"] = {"org.criu.config": str(options)}
    x.start()
    x.dump().ok()
    assert (x.images / "other.log").exists()


# ---- what is refused, and what is left then ----

@pytest.mark.yacr
def test_only_what_runs_can_be_checkpointed(checkpointed):
    x = checkpointed()
    x.c.create().ok()
    x.dump().failed("cannot be checkpointed in created state")
    x.c.start().ok()
    x.c.kill("KILL").ok()
    x.c.wait()
    x.dump().failed("cannot be checkpointed in stopped state")
    assert not x.images.exists()


@pytest.mark.yacr
def test_a_failure_says_what_criu_says_and_where_its_log_is(checkpointed, pipe, place):
    x = checkpointed()
    x.c.bundle.save()
    x.c.run_detached().ok()         # its output is a file outside of it, which CRIU cannot bring back
    done = x.dump("--work-path", place.path / "work").failed("CRIU has failed: ", str(place.path / "work" / "dump.log"))
    assert "Can't lookup mount" in done.err
    assert done.err.count("\n") == 1
    assert x.c.status == "running"


@pytest.mark.yacr
def test_the_phrases_that_engines_grep_for_are_not_taken_from_criu(checkpointed, pipe, place):
    x = checkpointed().start()
    x.dump().ok()
    (x.images / "inventory.img").unlink()
    assert x.restore().code == 1
    said = errors_in(pipe)
    assert "restore.log" in said
    for phrase in ("no such file or directory", "permission denied", "operation not permitted"):
        assert phrase not in said.lower()


@pytest.mark.yacr
def test_restore_of_nothing_leaves_nothing(checkpointed, place, pipe):
    x = checkpointed()
    assert x.restore().code == 1
    assert "--image-path" in errors_in(pipe)
    x.images.mkdir()
    assert x.restore().code == 1
    assert x.to.id not in x.to.runtime.ids()


@pytest.mark.yacr
def test_an_id_that_is_taken_is_not_restored_to(checkpointed, pipe, container):
    x = checkpointed().start()
    x.dump("--leave-running").ok()
    assert x.restore(to=x.c).code == 1
    assert "already exists" in errors_in(pipe)
    assert x.c.status == "running"


@pytest.mark.yacr
@pytest.mark.parametrize("options,words", [
    (["--parent-path", "/tmp"], ["--parent-path", "relative"]),
    (["--parent-path", "none"], ["--parent-path", "no directory"]),
    (["--page-server", "nowhere"], ["--page-server", "ADDRESS:PORT"]),
    (["--page-server", "host:0"], ["--page-server", "ADDRESS:PORT"]),
    (["--status-fd", "77"], ["--status-fd 77"]),
    (["--manage-cgroups-mode", "odd"], ["soft, full, strict, ignore"]),
    (["--empty-ns", "mount"], ["--empty-ns", "network"]),
])
def test_options_that_make_no_sense_are_refused(checkpointed, options, words):
    x = checkpointed().start()
    x.dump(*options).failed(*words)
    assert x.c.status == "running"


@pytest.mark.yacr
@pytest.mark.parametrize("mode", ["soft", "full", "ignore"])
def test_ways_to_treat_cgroups(checkpointed, pipe, mode):
    x = checkpointed().start()
    x.dump("--manage-cgroups-mode", mode).ok()
    at = count(pipe)
    assert x.restore("--manage-cgroups-mode", mode).code == 0, errors_in(pipe)
    until(lambda: count(pipe) > at)


@pytest.mark.yacr
@pytest.mark.parametrize("option", ["--image-path", "--work-path"])
def test_a_directory_of_the_host_is_not_said_to_be_the_containers(container, place, option):
    c = container()
    c.bundle.save()
    (place.path / "file").touch()
    done = c.runtime.call("restore", "--image-path", place.path, option, place.path / "file", "--bundle", c.bundle.path, c.id)
    assert "in the container" not in done.failed(option, f'"{place.path / "file"}"', "ENOTDIR", code=1).err


@pytest.mark.yacr
def test_without_criu_the_message_says_so(container, place):
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.create().ok()
    c.start().ok()
    call = c.runtime.call
    call("checkpoint", "--image-path", place.path / "i", c.id, env={"PATH": "/nowhere"}).failed(
        '"criu" is not installed', "hint:")
    (place.path / "criu").mkdir()
    call("checkpoint", "--image-path", place.path / "i", c.id, env={"PATH": str(place.path)}).failed(
        '"criu" is not installed')
    assert not (place.path / "i").exists()
    c.runtime.variant(global_options=["--criu", "/nowhere"]).call("checkpoint", c.id, cwd=place.path).failed(
        'cannot execute "/nowhere"')
    assert c.status == "running"


@pytest.mark.yacr
def test_without_the_helper_the_message_says_what_to_build(container, place):
    """A yacr that was copied away from its libexec."""
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    (place.path / "bin").mkdir()
    copy = shutil.copy(c.runtime.path, place.path / "bin" / "yacr")
    c.runtime = c.runtime.variant(path=copy, driver=[], global_options=["--criu", "/bin/true"])
    c.create().ok()
    c.start().ok()
    c.runtime.call("checkpoint", "--image-path", place.path / "i", c.id).failed("libexec/yacr/yacr-criu", "hint:")
    assert not (place.path / "i").exists()
    c.runtime.call("restore", "--image-path", place.path, "--bundle", c.bundle.path, "other").failed(
        "libexec/yacr/yacr-criu")


# ---- what CRIU is asked ----

FAKE = """#!/usr/bin/python3
import json, os, socket, sys
sock = socket.socket(fileno=int(sys.argv[2]))
request = sock.recv(1 << 16)
with open({log!r}, "wb") as f:
    f.write(request)
sock.send(bytes([0x08, request[1], 0x10, 0]))       # type; success: false
"""


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7f) << shift
        shift, at = shift + 7, at + 1
        if not data[at - 1] & 0x80:
            return value, at


def fields(data):
    """[(number, value)] of a message of protobuf: numbers, and bytes."""
    at, found = 0, []
    while at < len(data):
        key, at = varint(data, at)
        value, at = varint(data, at)
        if key & 7 == 2:
            at, value = at + value, data[at:at + value]
        found.append((key >> 3, value))
    return found


def names_of(message):
    """{number: name} as CRIU's own rpc.proto has them."""
    proto = pathlib.Path("/usr/include/criu/rpc.proto")
    if not proto.exists():
        pytest.skip("needs /usr/include/criu/rpc.proto (scripts/packages)")
    body = proto.read_text().split(f"message {message} {{")[1].split("\n}")[0]
    return {int(number): name for name, number in re.findall(r"(\w+)\s*=\s*(\d+)[^,;]*;", body)}


@pytest.fixture
def asked(container, place, program):
    """What CRIU is asked by a command: {field: [values]} of criu_opts."""
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.run_detached().ok()
    fake, log, images = place.path / "criu", place.path / "request", place.fresh("images")
    fake.write_text(FAKE.format(log=str(log)))
    fake.chmod(0o755)
    images.mkdir()
    on = c.runtime.variant(global_options=["--criu", str(fake)])

    def ask(verb, *options, **kw):
        more = ["--bundle", c.bundle.path, c.id + "x"] if verb == "restore" else [c.id]
        on.call(verb, "--image-path", images, *options, *more, **kw).failed("CRIU did not succeed")
        names, found = names_of("criu_opts"), {}
        for number, value in fields(dict(fields(log.read_bytes()))[2]):
            found.setdefault(names[number], []).append(value)
        return found

    return ask


COMMON = {
    "--tcp-established": ("tcp_established", 1), "--ext-unix-sk": ("ext_unix_sk", 1), "--shell-job": ("shell_job", 1),
    "--file-locks": ("file_locks", 1), "--link-remap": ("link_remap", 1), "--auto-dedup": ("auto_dedup", 1),
    "--lazy-pages": ("lazy_pages", 1), "--empty-ns=network": ("empty_ns", 0x40000000),
    "--manage-cgroups-mode=full": ("manage_cgroups_mode", 4),
}
OPTIONS = {
    "checkpoint": {**COMMON, "--leave-running": ("leave_running", 1), "--tcp-skip-in-flight": ("tcp_skip_in_flight", 1),
                   "--page-server=10.0.0.1:99": ("ps", b"\x0a\x0810.0.0.1\x10\x63"),
                   "--parent-path=.": ("parent_img", b".")},
    "restore": {**COMMON, "--tcp-close": ("tcp_close", 1), "--lsm-profile=selinux:x": ("lsm_profile", b"selinux:x"),
                "--lsm-mount-context=y": ("lsm_mount_context", b"y")},
}


@pytest.mark.yacr
@pytest.mark.parametrize("verb", OPTIONS)
def test_each_option_comes_to_criu_and_only_when_it_is_given(asked, verb):
    without = asked(verb)
    assert without["empty_ns"] == [0x40000000] and without["manage_cgroups_mode"] == [3]
    given = asked(verb, *OPTIONS[verb])
    for option, (field, value) in OPTIONS[verb].items():
        assert given[field] == [value], option
        assert field in ("empty_ns", "manage_cgroups_mode") or field not in without


@pytest.mark.yacr
def test_the_status_descriptor_comes_to_criu(asked):
    reader, writer = os.pipe()
    status, = asked("checkpoint", "--lazy-pages", "--status-fd", str(writer), pass_fds=[writer])["status_fd"]
    assert status > 3
    os.close(reader)
    os.close(writer)


@pytest.fixture
def stuck(checkpointed, place, pipe):
    """(a restore that gets nowhere, its process)."""
    x = checkpointed()
    x.images.mkdir()
    fake = place.path / "criu"
    fake.write_text("#!/bin/sh\nexec sleep 1000\n")
    fake.chmod(0o755)
    x.c.runtime = x.c.runtime.variant(global_options=["--criu", str(fake)])
    x.c.bundle.save()
    process = x.c.runtime.popen("restore", "-d", "--image-path", x.images, "--bundle", x.c.bundle.path, x.c.id,
                                stdout=pipe.writer, stderr=pipe.writer)
    until(lambda: x.c.id in x.c.runtime.ids() and "sleep\0" in commands_in(x.c.id))
    yield x, process
    process.kill()
    process.wait()


def commands_in(id):
    """Command lines of all processes in the container's cgroup."""
    text = ""
    for directory in cgroups_named([id]):
        for pid in open(f"{directory}/cgroup.procs").read().split():
            try:
                text += open(f"/proc/{pid}/cmdline").read()
            except OSError:
                pass
    return text


@pytest.mark.yacr
def test_a_restore_that_was_killed_is_deleted_by_its_id(stuck):
    x, process = stuck
    process.kill()
    process.wait()
    assert x.c.status == "stopped"
    x.c.delete("--force").ok()
    assert x.c.id not in x.c.runtime.ids() and not commands_in(x.c.id)


@pytest.mark.yacr
def test_a_restore_that_is_interrupted_takes_itself_back(stuck, pipe):
    x, process = stuck
    process.terminate()
    assert process.wait(20) == 1
    assert "interrupted by SIGTERM" in errors_in(pipe)
    assert x.c.id not in x.c.runtime.ids() and not cgroups_named([x.c.id])


@pytest.mark.yacr
def test_a_checkpoint_that_is_interrupted_leaves_the_container_as_it_was(checkpointed, place, pipe, program):
    x = checkpointed().start()
    slow = place.path / "criu"
    slow.write_text(f'#!/bin/sh\ntouch {place.path}/begun\nuntil test -e {place.path}/go; do sleep 0.05; done\nexec {program} "$@"\n')
    slow.chmod(0o755)
    process = x.c.runtime.variant(global_options=["--criu", str(slow)]).popen(
        "checkpoint", "--image-path", x.images, x.c.id, stderr=subprocess.PIPE, text=True)
    until((place.path / "begun").exists)
    process.terminate()
    (place.path / "go").touch()
    assert "interrupted by SIGTERM" in process.communicate(timeout=20)[1] and process.returncode == 1
    at = count(pipe)
    until(lambda: count(pipe) > at)
    x.dump().ok()


def test_memory_first_and_then_the_rest(checkpointed, pipe, program):
    if subprocess.run([program, "check", "--feature", "mem_dirty_track"], capture_output=True).returncode:
        pytest.skip("needs a kernel that tracks changes of memory (CONFIG_MEM_SOFT_DIRTY)")
    x = checkpointed().start()
    x.images.mkdir()
    whole, x.images = x.images, x.images / "first"
    x.dump("--pre-dump").ok()
    assert x.c.status == "running"
    x.images = whole / "second"
    x.dump("--parent-path", "../first").ok()
    assert (x.images / "parent").is_symlink()
    at = count(pipe)
    assert x.restore().code == 0, errors_in(pipe)
    until(lambda: count(pipe) > at)


@pytest.mark.yacr
def test_the_helper_ends_with_yacr_and_the_container_goes_on(checkpointed, place, pipe):
    x = checkpointed().start()
    fake = place.path / "criu"
    fake.write_text(f"#!/bin/sh\necho $$ >{place.path}/pid.new\nmv {place.path}/pid.new {place.path}/pid\nexec sleep 1000\n")
    fake.chmod(0o755)
    process = x.c.runtime.variant(global_options=["--criu", str(fake)]).popen(
        "checkpoint", "--image-path", x.images, x.c.id)
    until((place.path / "pid").exists)
    process.kill()
    process.wait()
    os.kill(int((place.path / "pid").read_text()), 9)
    until(lambda: not any("yacr-criu" in open(f"/proc/{p}/cmdline").read() for p in reap_children()))
    assert x.c.status == "running"


@pytest.mark.yacr
def test_without_root_criu_says_what_it_lacks(rootless, container, place, program):
    c = container(on=rootless)
    c.bundle.process["args"] = ["sleep", "1000"]
    c.create().ok()
    c.start().ok()
    (place.path / "i").mkdir(mode=0o777)
    (place.path / "i").chmod(0o777)
    c.runtime.variant(global_options=["--criu", str(program)]).call(
        "checkpoint", "--image-path", place.path / "i", c.id).failed()
    assert c.status == "running"


@pytest.mark.yacr
def test_what_podman_asks_to_know_whether_this_works(runtime):
    runtime.call("checkpoint", "--help").ok()
    runtime.call("restore", "--lsm-mount-context").failed("flag needs an argument")
