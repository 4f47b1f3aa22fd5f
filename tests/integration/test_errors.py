# SPDX-License-Identifier: Apache-2.0
"""Bad input: each ends with one clear line, the right exit code, and nothing left behind (every test looks)."""

import json
import os
import shutil
import subprocess

import pytest

import harness
from harness import mounts_under


# ---- the bundle ----

def test_a_missing_bundle(runtime):
    runtime.call("create", "--bundle", "/no/such/bundle", "x").failed(code=1)
    assert runtime.ids() == []


def test_a_missing_config(runtime, bundle):
    b = bundle()
    runtime.call("create", "--bundle", b.path, "x").failed("config.json", code=1)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "not json", '{"ociVersion": "1.0.2"', '{"a": 1}}', "\0",
                                  '{"ociVersion": 1.0}', '{"ociVersion": "1.0.2", "process": []}'])
def test_a_config_that_is_none(runtime, bundle, text):
    b = bundle()
    (b.path / "config.json").write_text(text)
    runtime.call("create", "--bundle", b.path, "x").failed(code=1)
    assert runtime.ids() == []


def test_a_config_that_cannot_be_read(rootless, bundle):
    b = bundle(rootless.user)
    b.save()
    os.chown(b.path / "config.json", 0, 0)
    (b.path / "config.json").chmod(0o600)
    rootless.call("create", "--bundle", b.path, "x").failed("config.json", code=1)


@pytest.mark.yacr
def test_a_config_that_is_a_directory_or_a_fifo(runtime, bundle):
    for make in (os.mkdir, os.mkfifo):
        b = bundle()
        make(b.path / "config.json")
        runtime.call("create", "--bundle", b.path, "x", timeout=5).failed("config.json", code=1)


WRONG = [
    ("process.args", "sh"), ("process.args", [1]), ("process.env", {"A": "b"}), ("process.cwd", 7),
    ("process.user", "root"), ("process.user.uid", "0"), ("process.terminal", "yes"), ("process.noNewPrivileges", 1),
    ("process.capabilities", []), ("process.capabilities.bounding", "CAP_KILL"), ("process.rlimits", {}),
    ("process.oomScoreAdj", "5"), ("root", []), ("root.path", 5), ("root.readonly", "true"), ("hostname", 5),
    ("mounts", {}), ("mounts", ["/proc"]), ("linux", []), ("linux.namespaces", {}), ("linux.namespaces", ["pid"]),
    ("linux.namespaces", [{"type": "beer"}]), ("linux.uidMappings", {}), ("linux.maskedPaths", "/proc/kcore"),
    ("linux.devices", {}), ("linux.sysctl", []), ("linux.sysctl", {"kernel.msgmax": 1}), ("hooks", []),
    ("hooks", {"prestart": {}}), ("hooks", {"prestart": [{"args": ["x"]}]}), ("annotations", []),
    ("annotations", {"a": 1}), ("linux.rootfsPropagation", "upwards"),
]


@pytest.mark.parametrize("path, value", WRONG, ids=lambda v: str(v)[:40])
def test_a_value_of_the_wrong_kind_is_refused_with_its_path(container, path, value, peer):
    c = container()
    target = c.bundle.config
    *parents, last = path.split(".")
    for name in parents:
        target = target.setdefault(name, {})
    target[last] = value
    done = c.run()
    if peer and done.code == 0:
        pytest.skip(f"{peer} takes it")
    done.failed(*([] if peer else [path.split(".")[-1]]), code=1)


@pytest.mark.yacr
def test_an_error_names_line_and_column(container):
    c = container()
    c.bundle.config["process"]["cwd"] = 7
    done = c.run().failed("process.cwd")
    text = (c.bundle.path / "config.json").read_text().splitlines()
    line = next(i for i, l in enumerate(text, 1) if '"cwd"' in l)
    assert f"config.json:{line}:" in done.err


@pytest.mark.yacr
def test_an_error_begins_with_one_line_that_says_what_was_being_done(container):
    c = container()
    c.bundle.process["args"] = ["/no/such/program"]
    first = c.create().failed().err.splitlines()[0]
    assert c.id in first and "/no/such/program" in first


@pytest.mark.parametrize("version", ["", "1", "0.1.0", "2.0.0", "x.y.z"])
def test_a_version_of_the_specification_that_is_not_ours(container, version, peer):
    c = container()
    c.bundle.config["ociVersion"] = version
    done = c.run()
    if peer and done.code == 0:
        pytest.skip(f"{peer} takes it")
    done.failed("ociVersion" if not peer else "", code=1)


@pytest.mark.yacr
@pytest.mark.root
def test_an_error_before_anything_else_says_why(runtime):
    """What stands for a closed descriptor is opened first of all."""
    bare = runtime.variant(prefix=["unshare", "-m", "sh", "-c", "mount -t tmpfs none /dev && exec \"$@\" <&-", "sh"])
    bare.call("--version", root=False).failed("cannot open /dev/null", "ENOENT", code=1)


@pytest.mark.yacr
@pytest.mark.parametrize("text", ['"hostname": "a", "hostname": "b"', '"process": {"cwd": "/", "cwd": "/"}'])
def test_a_duplicate_key_is_refused(runtime, bundle, text):
    b = bundle()
    (b.path / "config.json").write_text('{"ociVersion": "1.0.2", "root": {"path": "rootfs"}, %s}' % text)
    runtime.call("create", "--bundle", b.path, "x").failed("twice", code=1)


@pytest.mark.yacr
@pytest.mark.parametrize("text", [
    "[" * 100000, '{"a":' * 100000, '{"a": "\\u0000"}', '{"a": "\\ud800"}', '{"a": 1e400}', '{"a": 01}', '{"a": +1}',
    '\ufeff{}', '{"a": "\x01"}', "{'a': 1}", '{"a": 1,}', '{"a": NaN}', '{"a": "\\q"}',
], ids=lambda t: t[:12].encode("unicode_escape").decode())
def test_json_that_is_not(runtime, bundle, text):
    b = bundle()
    (b.path / "config.json").write_text(text)
    runtime.call("create", "--bundle", b.path, "x", timeout=5).failed("config.json", code=1)


@pytest.mark.yacr
def test_a_huge_config_is_refused_quickly(runtime, bundle):
    b = bundle()
    with open(b.path / "config.json", "w") as f:
        f.truncate(64 << 20)
    runtime.call("create", "--bundle", b.path, "x", timeout=5).failed("config.json", code=1)


@pytest.mark.parametrize("text", ["a\\u0000b"])
@pytest.mark.parametrize("where", ["args", "env", "cwd", "hostname", "mount"])
def test_a_nul_in_a_string_is_refused(container, text, where, peer):
    c = container()
    c.bundle.save()
    config = (c.bundle.path / "config.json").read_text()
    edits = {"args": ('"/probe"', f'"/probe{text}"'), "env": ('"TERM=xterm"', f'"TERM={text}"'),
             "cwd": ('"cwd": "/"', f'"cwd": "/{text}"'), "hostname": ('"hostname": "test"', f'"hostname": "{text}"'),
             "mount": ('"destination": "/dev/shm"', f'"destination": "/dev/{text}"')}
    old, new = edits[where]
    assert old in config
    (c.bundle.path / "config.json").write_text(config.replace(old, new))
    done = c.runtime.call("run", "--bundle", c.bundle.path, c.id)
    if peer and done.code == 0:
        pytest.skip(f"{peer} takes it")
    done.failed(code=1)


# ---- the root filesystem ----

def test_a_missing_rootfs(container):
    c = container()
    c.bundle.config["root"]["path"] = "nowhere"
    c.run().failed("nowhere", code=1)


def test_a_rootfs_that_is_a_file(container):
    c = container()
    (c.bundle.path / "file").write_text("")
    c.bundle.config["root"]["path"] = "file"
    c.run().failed("file", code=1)


def test_a_config_without_root(container):
    c = container()
    del c.bundle.config["root"]
    c.run().failed("root", code=1)


def test_a_config_without_process_can_be_created_but_not_run(container, peer):
    c = container()
    del c.bundle.config["process"]
    if peer:
        c.run().failed(code=1)
        return
    c.create().ok()
    c.start().failed("process", code=1)


# ---- ids ----

BAD_IDS = ["", ".", "..", "a/b", "/a", "../x", "a b", "a\n", "a:b", "a\tb", "é", "x" * 1025]


@pytest.mark.parametrize("id", BAD_IDS, ids=lambda i: ascii(i)[:12])
def test_an_id_that_is_none(runtime, bundle, id, peer):
    b = bundle().save()
    done = runtime.call("create", "--bundle", b.path, id)
    if peer == "crun" and done.code == 0:
        runtime.call("delete", "-f", id)
        pytest.skip("crun 1.8.1 does not look")
    done.failed(code=1)


@pytest.mark.yacr
@pytest.mark.parametrize("id", [".hidden", "..x"])
def test_an_id_that_begins_with_a_dot_is_not_ours_to_give(runtime, bundle, id):
    b = bundle().save()
    runtime.call("create", "--bundle", b.path, id).failed("invalid container ID format", code=1)


@pytest.mark.parametrize("id", ["a", "A-b_c+d.e", "0", "x" * 100])
def test_an_id_that_is_one(container, id):
    c = container(id=id)
    c.create().ok()
    assert c.runtime.ids() == [id]


@pytest.mark.parametrize("state", ["created", "running", "stopped"])
def test_an_id_in_use(container, state):
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"] if state != "stopped" else ["true"]
    c.create().ok()
    pid = c.pid
    if state != "created":
        c.start().ok()
        c.wait(state)
    c.runtime.call("create", "--bundle", c.bundle.path, c.id).failed("exist", code=1)
    assert c.status == state
    assert c.pid == (0 if state == "stopped" else pid)


# ---- the wrong moment ----

@pytest.mark.parametrize("verb", ["start", "state", "kill", "delete", "ps"])
def test_an_unknown_id(runtime, verb):
    args = ["nobody", "9"] if verb == "kill" else ["nobody"]
    runtime.call(verb, *args).failed("does not exist", code=1)


def test_starting_twice(container):
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.run_detached().ok()
    c.start().failed(code=1)
    assert c.status == "running"


def test_starting_a_stopped_container(container):
    c = container()
    c.bundle.process["args"] = ["true"]
    c.run_detached().ok()
    c.wait()
    c.start().failed(code=1)


def test_killing_a_stopped_container(container):
    c = container()
    c.bundle.process["args"] = ["true"]
    c.run_detached().ok()
    c.wait()
    c.kill("9").failed("container not running" if "crun" not in c.runtime.name else "", code=1)


@pytest.mark.parametrize("signal", ["0x9", "SIGBEER", "-9", "65536", "9x", ""])
def test_a_signal_that_is_none(container, signal):
    c = container()
    c.create().ok()
    c.runtime.call("kill", c.id, signal).failed(code=1)
    assert c.status == "created"


def test_deleting_a_running_container(container):
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.run_detached().ok()
    c.delete().failed(code=1)
    assert c.status == "running"


def test_deleting_a_created_container_needs_force(container):
    c = container()
    c.create().ok()
    c.delete().failed("--force", code=1)
    assert c.status == "created"


# ---- the host ----

def test_a_root_directory_that_is_not_writable(rootless, bundle, place):
    b = bundle(rootless.user).save()
    closed = place.path / "closed"
    closed.mkdir(mode=0o755)
    rootless.variant(root=closed).call("create", "--bundle", b.path, "x").failed(code=1)


@pytest.mark.parametrize("below", ["yacr", "missing/yacr", "missing/"])
def test_a_root_directory_that_cannot_be_made(rootless, bundle, place, below):
    """It is not that it is missing: without XDG_RUNTIME_DIR that is where a user's first try ends."""
    b = bundle(rootless.user).save()
    closed = place.path / "closed"
    closed.mkdir(mode=0o755)
    rootless.call("--root", f"{closed}/{below}", "create", "--bundle", b.path, "x", root=False).failed(
        "cannot create state root", "EACCES", "set XDG_RUNTIME_DIR", code=1)
    assert os.listdir(closed) == []


def test_a_root_directory_that_is_a_file(runtime, bundle, place):
    b = bundle().save()
    (place.path / "file").write_text("")
    runtime.variant(root=place.path / "file").call("create", "--bundle", b.path, "x").failed(code=1)


@pytest.mark.yacr
def test_a_root_directory_of_somebody_else(runtime, bundle, place):
    b = bundle().save()
    other = place.path / "other"
    other.mkdir()
    os.chown(other, 12345, 12345)
    runtime.variant(root=other).call("create", "--bundle", b.path, "x").failed(code=1)


@pytest.mark.yacr
@pytest.mark.parametrize("mode", [0o777, 0o775])
def test_a_root_directory_that_others_may_write_to(runtime, bundle, place, mode):
    b = bundle().save()
    other = place.path / "other"
    other.mkdir()
    other.chmod(mode)
    place.give(other)
    runtime.variant(root=other).call("create", "--bundle", b.path, "x").failed(code=1)


@pytest.fixture
def small_disk(place):
    """Mounts a tmpfs of a few pages and gives its path."""
    path = place.path / "small"
    path.mkdir()

    def mount(pages):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={4096 * pages},mode=700", "small", path], check=True)
        place.give(path)
        return path

    yield mount
    subprocess.run(["umount", "-l", path])


@pytest.mark.yacr
@pytest.mark.parametrize("pages", [1, 2, 3])
def test_a_full_disk_below_the_root_directory(runtime, bundle, place, small_disk, pages):
    b = bundle()
    b.process["args"] = ["true"]
    b.config["annotations"] = {"a": "x" * 4000}
    b.save()
    root = small_disk(pages)
    (root / "filler").write_bytes(b"x" * 4096 * (pages - 1))
    on = runtime.variant(root=root)
    for attempt in range(2):
        done = on.call("run", "--bundle", b.path, f"x-{place.path.name}")
        if done.code:
            done.failed()
        assert os.listdir(root) == ["filler"]


@pytest.fixture
def one_pid(place):
    """A cgroup with room for one process."""
    top = next((t for t in ("/sys/fs/cgroup/pids", "/sys/fs/cgroup") if os.path.exists(f"{t}/cgroup.procs")), None)
    path = f"{top}/yacr-one-pid-{place.path.name}"
    try:
        os.mkdir(path)
        with open(f"{path}/pids.max", "w") as f:
            f.write("1")
    except OSError:
        pytest.skip("no pids controller here")
    yield lambda: open(f"{path}/cgroup.procs", "w").write("0")
    os.rmdir(path)


@pytest.mark.yacr
@pytest.mark.parametrize("verb", ["create", "run"])
def test_no_free_pids(container, one_pid, verb):
    c = container()
    c.bundle.save()
    if harness.CGROUP2_ALONE:  # a process that is born into the container's cgroup counts there
        c.runtime.global_options, c.runtime.entrance = ["--cgroup-manager=disabled"], []
    c.runtime.call(verb, "--bundle", c.bundle.path, c.id, preexec_fn=one_pid).failed("EAGAIN", code=1)
    assert c.runtime.ids() == []


def test_few_descriptors(container):
    """Whatever the number of descriptors: it works, or fails cleanly (the fixture looks for what is left)."""
    import resource
    for limit in list(range(3, 24)) + [32, 48]:
        c = container()
        c.bundle.process["args"] = ["true"]
        done = c.run(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
        if done.code != 0 and "yacr" in c.runtime.name:
            assert done.err.strip() or limit < 4, (limit, done)
        assert mounts_under(c.bundle.path) == []


@pytest.mark.yacr
def test_few_descriptors_are_what_is_said_to_be_missing(anyone):
    """Whatever could not be opened for want of one: neither the id, nor the host, nor the config is to blame."""
    for limit in range(5, 40):
        c = anyone()
        c.runtime = c.runtime.variant(prefix=["prlimit", f"--nofile={limit}:{limit}"])
        c.bundle.process["args"] = ["true"]
        done = c.run()
        assert done.code == 0 or "(EMFILE)" in done.err and "`ulimit -n`" in done.err, (limit, done)


@pytest.mark.yacr
@pytest.mark.root
def test_a_host_without_proc(runtime, bundle):
    b = bundle().save()
    bare = runtime.variant(prefix=["unshare", "-m", "sh", "-c", 'umount -l /proc; exec "$@"', "sh"])
    bare.call("create", "--bundle", b.path, "x").failed("/proc/self/exe", code=1)
    assert runtime.ids() == []


@pytest.mark.yacr
def test_a_message_does_not_move_the_cursor(container):
    """The names in it come from a config, an image or a command line; a C1 control is two bytes of UTF-8."""
    c = container()
    c.bundle.process["args"] = ["\x1b[2Jno\nsuch\x7f\u009b2J\r program of Zürich"]
    done = c.run()
    assert r"\x1b[2Jno\nsuch\x7f\u009b2J" in done.err and r"\x0d program of Zürich" in done.err
    c.bundle.config["annotations"] = {"\x1b[1m": 7}
    assert r"annotations.\x1b[1m" in c.run().err
    assert r'"x\x1b"' in c.runtime.call("state", "x\x1b").err


# ---- the command line ----

@pytest.mark.parametrize("args", [["beer"], ["create", "--beer", "x"], ["start"], ["state"], ["kill"], ["delete"],
                                  ["create"], ["start", "a", "b"], ["state", "a", "b"]], ids=" ".join)
def test_wrong_usage(runtime, args, bundle):
    b = bundle().save()
    runtime.call(*args, cwd=b.path).failed() if args != ["beer"] or "runc" not in runtime.name else None


@pytest.mark.yacr
def test_wrong_usage_is_told_with_the_right_one(runtime):
    runtime.call("list", "x").failed("(usage: yacr list [OPTION]...)")
    runtime.call("start").failed("(usage: yacr start [OPTION]... ID)")


@pytest.mark.yacr
@pytest.mark.parametrize("args", [["create", "--checkpoint", "x"], ["kill", "--regex", "x"], ["list", "--beer"],
                                  ["start", "--bundle", ".", "x"], ["state", "--force", "x"], ["--beer", "list"]],
                         ids=" ".join)
def test_options_of_other_commands_are_errors(runtime, args):
    runtime.call(*args).failed(args[1] if args[0][0] != "-" else args[0], code=1)


@pytest.mark.yacr
def test_what_yacr_finds_is_not_said_to_be_the_kernels(container):
    c = container()
    c.bundle.config["linux"]["namespaces"].append({"type": "cgroup", "path": "/proc/self/ns/net"})
    assert "kernel" not in c.run().failed("is a network namespace", "linux.namespaces[5]", code=1).err


@pytest.mark.yacr
def test_words_that_engines_take_for_something_else_are_avoided(container):
    """Docker and Podman look for these in the whole message: 127 and 126 instead of the real error."""
    c = container()
    c.bundle.mount("/data", "/no/such/source", options=["bind"], type="bind")
    done = c.run().failed("mounts[6]")
    for words in ("permission denied", "is a directory", "not a directory", "operation not permitted"):
        assert words not in done.err.lower()


@pytest.mark.yacr
def test_a_full_root_filesystem(container, runtime, place):
    """There is no room for a mount point, and nothing is left; once there is room the same id can be had."""
    c = container()
    full = place.path / "full"
    full.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "nr_inodes=3", "tmpfs", full], check=True)
    place.give(full)
    try:
        (full / "bin").mkdir()
        shutil.copy(c.bundle.rootfs / "bin" / "busybox", full / "bin" / "true")
        c.bundle.config["root"]["path"] = str(full)
        c.bundle.process["args"] = ["/bin/true"]
        c.run().failed("no space left (ENOSPC)", "mounts[0]", code=1)
        assert runtime.ids() == []
        subprocess.run(["mount", "-o", "remount,nr_inodes=100", full], check=True)
        c.run().ok()
    finally:
        subprocess.run(["umount", full], check=True)
