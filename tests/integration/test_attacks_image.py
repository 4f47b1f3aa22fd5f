# SPDX-License-Identifier: Apache-2.0
"""More attacks, as in test_attacks.py: terminals, standard streams and devices of an image, tracing, cgroups, records."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import time

import pytest

import harness
from harness import STRANGER
from sentinel import escape_links


# ---- T12: terminals ----

@pytest.mark.parametrize("what", ["console to new", "console to file", "pts link", "pts file", "ptmx link", "ptmx fake"])
def test_a_terminal_is_made_inside(container, S, place, what):
    from test_tty import Console
    console = Console(place.path / "sock")
    try:
        c = container()
        for destination in ("/dev", "/dev/shm", "/dev/mqueue"):
            c.bundle.drop_mount(destination)
        if "ptm" in what or "console" in what:
            (c.bundle.rootfs / "dev" / "pts").mkdir()
        dev = c.bundle.rootfs / "dev"
        up = "../" * 15 + str(S.path)[1:]
        {"console to new": lambda: (dev / "console").symlink_to(up + "/new"),
         "console to file": lambda: (dev / "console").symlink_to(up + "/file"),
         "pts link": lambda: (dev / "pts").symlink_to(up), "pts file": lambda: (dev / "pts").write_text(""),
         "ptmx link": lambda: (dev / "ptmx").symlink_to(up + "/new"),
         "ptmx fake": lambda: os.mknod(dev / "ptmx", stat.S_IFCHR | 0o666, os.makedev(1, 5))}[what]()
        c.bundle.process["terminal"] = True
        c.bundle.sh("echo hello")
        if c.create("--console-socket", console.path).code == 0:
            console.receive()
            c.start()
            c.wait()
        c.delete("--force")
    finally:
        console.close()


# ---- T13: standard streams ----

@pytest.mark.parametrize("streams", ["pipes", "null", "closed"])
def test_an_images_dev_null_is_not_given_as_a_standard_stream(container, S, place, streams):
    """CVE-2026-88265: a file of the host is written to, and its owner changed."""
    volume = place.path / "volume"
    volume.mkdir()
    (volume / "f").write_text("precious")
    c = container()
    for destination in ("/dev", "/dev/pts", "/dev/shm", "/dev/mqueue"):
        c.bundle.drop_mount(destination)
    (c.bundle.rootfs / "dev" / "null").symlink_to("../vol/f")
    c.bundle.mount("/vol", volume, "bind", ["bind", "rw"])
    c.bundle.process["user"] = {"uid": 1234, "gid": 1234}
    c.bundle.sh("echo PWNED; echo PWNED >&2")
    c.bundle.save()
    kw = {"pipes": dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE),
          "null": dict(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL),
          "closed": dict(preexec_fn=lambda: [os.close(fd) for fd in (0, 1, 2)])}[streams]
    c.runtime.popen("run", "--bundle", c.bundle.path, c.id, **kw).communicate(timeout=20)
    st = os.stat(volume / "f")
    assert (volume / "f").read_text() == "precious" and st.st_uid == 0


# ---- T14: /dev of the image ----

NAMES = ["null", "zero", "full", "random", "urandom", "tty", "fd", "stdin", "stdout", "stderr", "core", "ptmx", "pts", "shm",
         "mqueue"]


@pytest.mark.parametrize("what", ["absolute", "relative"])
@pytest.mark.parametrize("user", ["rootful", "userns"])
def test_a_dev_that_is_a_link_to_the_host(container, S, what, user):
    c = container()
    (c.bundle.rootfs / "dev").rmdir()
    (c.bundle.rootfs / "dev").symlink_to(S.path if what == "absolute" else "../" * 15 + str(S.path)[1:])
    c.bundle.config["mounts"] = [m for m in c.bundle.config["mounts"] if not m["destination"].startswith("/dev")]
    c.bundle.linux["devices"] = [{"path": "/dev/sub/x", "type": "c", "major": 1, "minor": 3},
                                 {"path": "/dev/y", "type": "p"}]
    if user == "userns":
        c.bundle.namespace("user")
        for maps in ("uidMappings", "gidMappings"):
            c.bundle.linux[maps] = [{"containerID": 0, "hostID": 0, "size": 65536}]
    c.bundle.process["args"] = ["true"]
    c.run()


@pytest.mark.parametrize("what", ["link", "directory", "fifo", "file", "socket", "device"])
@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_the_images_dev(container, S, name, what):
    c = container()
    c.bundle.config["mounts"] = [m for m in c.bundle.config["mounts"] if not m["destination"].startswith("/dev")]
    target = c.bundle.rootfs / "dev" / name
    if what == "socket":
        s = socket.socket(socket.AF_UNIX)
        old = os.getcwd()
        os.chdir(target.parent)
        s.bind(name)
        os.chdir(old)
        s.close()
    else:
        {"link": lambda: target.symlink_to("../" * 15 + str(S.path)[1:] + "/new"), "directory": target.mkdir,
         "fifo": lambda: os.mkfifo(target), "file": lambda: target.write_text(""),
         "device": lambda: os.mknod(target, stat.S_IFCHR | 0o666, os.makedev(1, 11))}[what]()
    c.bundle.process["args"] = ["true"]
    for _ in range(2):  # what the first run did to the image must not break the second
        first = c.run(timeout=10).code
        second = c.run(timeout=10).code
        assert first == second


@pytest.mark.parametrize("path", ["/dev/../../../../../../../../..S/x", "/x/y", "/abs/x", "/rel/x", "/dev/./x", "/abs"])
def test_a_device_is_made_inside(container, S, path):
    c = container()
    escape_links(c.bundle.rootfs, S.path)
    c.bundle.linux["devices"] = [{"path": path.replace("S", str(S.path)), "type": "c", "major": 1, "minor": 3}]
    c.bundle.process["args"] = ["true"]
    c.run()


# ---- T18: ptrace ----

@pytest.mark.root
def test_init_cannot_be_traced_by_its_future_user(container, S):
    """Until execve it has descriptors of the host: it is not dumpable."""
    c = container()
    c.bundle.process["user"] = {"uid": STRANGER, "gid": STRANGER}
    c.bundle.process["capabilities"] = {}
    c.create().ok()
    code = (f"import os,sys\nos.setgroups([]); os.setgid({STRANGER}); os.setuid({STRANGER})\n"
            "bad = []\nfor n in ('fd', 'exe', 'root', 'cwd', 'mem', 'environ', 'maps'):\n"
            f"    p = '/proc/{c.pid}/' + n\n"
            "    try:\n        os.listdir(p) if n == 'fd' else os.readlink(p) if n in ('exe','root','cwd') else open(p,'rb').read(1)\n"
            "        bad.append(n)\n    except OSError: pass\nprint(bad)")
    done = subprocess.run(["/usr/bin/python3", "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done


THIEF = """
import ctypes, os, sys
libc, mine = ctypes.CDLL(None), os.readlink("/proc/self/ns/user")
print(flush=True)
while os.getppid() == int(sys.argv[1]):
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if int(pid) == os.getpid() or os.readlink(f"/proc/{pid}/ns/user") != mine: continue
        except OSError: continue
        pidfd = libc.syscall(434, int(pid), 0)                                      # pidfd_open
        if pidfd < 0: continue
        for n in range(3, 64):
            if (fd := libc.syscall(438, pidfd, n, 0)) >= 0:                         # pidfd_getfd
                print(os.readlink(f"/proc/self/fd/{fd}"), flush=True)
                os.close(fd)
        os.close(pidfd)
"""


@pytest.mark.yacr
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
@pytest.mark.root
def test_root_of_a_joined_user_namespace_takes_no_descriptor_of_the_host(container, place):
    """Whoever is root there sees all that joins it, if it sees the host's processes. strace lets it have time for that."""
    pod, member = container(), container()
    pod.bundle.namespace("user")
    for c in (pod, member):
        for key in ("uidMappings", "gidMappings"):
            c.bundle.linux[key] = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    pod.bundle.rootfs.chmod(0o755)
    pod.bundle.process["args"] = ["sleep", "1000"]
    pod.run_detached().ok()
    user = f"/proc/{pod.pid}/ns/user"
    member.bundle.namespace("user", user)
    member.bundle.process["args"] = ["true"]
    thief = subprocess.Popen(["nsenter", f"--user={user}", "--setuid", "0", "--setgid", "0", "/usr/bin/python3", "-c", THIEF,
                              str(os.getpid())], stdout=subprocess.PIPE, text=True)
    try:
        thief.stdout.readline()
        member.runtime = member.runtime.variant(prefix=["strace", "-f", "-qq", "-o", place.path / "trace", "-e", "trace=setns",
                                                        "-e", "inject=setns:delay_exit=300000"])
        member.run().ok()
    finally:
        thief.kill()
    assert thief.communicate()[0] == ""
    assert (place.path / "trace").read_text().count("CLONE_NEWUSER") >= 2      # whoever looks at the maps, and init


# ---- T20: cgroup paths ----

@pytest.mark.parametrize("path", ["../x", "/../x", "a/../../b", "/a/../../../b", "x\ny", "x" * 5000, "..", "/.."],
                         ids=lambda p: ascii(p)[:16])
def test_a_cgroup_path_stays_below(container, S, path):
    top = "/sys/fs/cgroup/unified" if os.path.isdir("/sys/fs/cgroup/unified") else "/sys/fs/cgroup"
    before = set(os.listdir(top))
    c = container()
    c.bundle.linux["cgroupsPath"] = path
    c.bundle.process["args"] = ["true"]
    c.run()
    made = set(os.listdir(top)) - before
    assert not {name for name in made if not name.startswith(("yacr-", "bench", "t"))}  # those are of tests beside this one


# ---- T26: the state directory ----

@pytest.mark.yacr
@pytest.mark.parametrize("what", ["symlink", "fifo", "empty", "huge", "garbage", "foreign pid"])
@pytest.mark.parametrize("verb", ["state", "kill", "start", "delete"])
def test_a_state_file_that_was_tampered_with(container, S, place, verb, what):
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.run_detached().ok()
    file = next(f for f in (c.runtime.root / c.id).iterdir() if f.name.startswith("state"))
    time.sleep(0.03)  # start times count in ticks of 10 ms; a pid is never used again within one
    victim = subprocess.Popen(["sleep", "100"])
    try:
        text = file.read_text()
        pid = c.pid
        if what == "foreign pid":
            assert json.loads(text)["pid"] == pid
            file.write_text(json.dumps(json.loads(text) | {"pid": victim.pid}))
        else:
            file.unlink()
            {"symlink": lambda: file.symlink_to("/etc/passwd"), "fifo": lambda: os.mkfifo(file),
             "empty": lambda: file.write_text(""), "huge": lambda: file.write_text(" " * (20 << 20) + text),
             "garbage": lambda: file.write_text("\x00\xff{" * 100)}[what]()
        args = [c.id, "KILL"] if verb == "kill" else [c.id]
        c.runtime.call(verb, *args, timeout=5)
        c.delete("--force", timeout=10).ok()
        assert victim.poll() is None, "a foreign process was killed"
        assert not (c.runtime.root / c.id).exists()
    finally:
        victim.kill()
        victim.wait()
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


# ---- T33: namespaces: see test_namespaces.py ----

# ---- T32: what is written into the root filesystem ----

def test_a_run_writes_nothing_into_the_root_filesystem_but_mount_points(container, S):
    c = container()

    def listing():
        return {str(p.relative_to(c.bundle.rootfs)): (p.lstat().st_mode, p.lstat().st_size, p.lstat().st_mtime_ns
                                                      if p.is_file() else 0)
                for p in sorted(c.bundle.rootfs.rglob("*"))}
    before = listing()
    c.bundle.mount("/new/mount/point")
    c.bundle.process["args"] = ["true"]
    c.run().ok()
    after = listing()
    assert {k for k in after if k not in before} == {"new", "new/mount", "new/mount/point"}
    assert all(after[k] == before[k] for k in before)


# ---- AT_SECURE, unusual callers: see test_binary.py ----


# ---- T19: cgroups that are mounted ----

@pytest.mark.parametrize("own", [False, True])
def test_a_mounted_cgroup_gives_no_power_over_others(container, S, own):
    """CVE-2022-0492: it shows the container's own and nothing above; of cgroup2 all, which engines have read-only then."""
    c = container()
    everything = harness.CGROUP2_ALONE and not own
    c.bundle.mount("/sys/fs/cgroup", "cgroup", "cgroup", ["nosuid", "noexec", "nodev", *(["ro"] if everything else [])])
    if own:
        c.bundle.namespace("cgroup")
    others = ("mkdir /sys/fs/cgroup/x 2>/dev/null" if everything else
              "cat /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs 2>/dev/null | grep -x 0")
    c.bundle.sh(f"find /sys/fs/cgroup -name release_agent; {others}; for t in cgroup cgroup2; do mount -t $t -o memory none /mnt 2>/dev/null && "
                "echo mounted; done; test -e /sys/fs/cgroup/cgroup.procs -o -e /sys/fs/cgroup/memory/cgroup.procs && echo seen")
    # an agent is in the root of a hierarchy only, and 0 would be a process of another pid namespace
    assert c.run().ok().out == "seen\n"


@pytest.mark.root
def test_a_cgroup_shown_without_its_namespace_is_read_only_in_a_user_namespace(container, S):
    """CVE-2023-25809: the user whose it is on the host could write to it."""
    c = container()
    c.bundle.mount("/sys/fs/cgroup", "cgroup", "cgroup", ["nosuid", "noexec", "nodev"])
    c.bundle.namespace("user")
    for maps in ("uidMappings", "gidMappings"):
        c.bundle.linux[maps] = [{"containerID": 0, "hostID": 300000, "size": 65536}]
    c.bundle.sh("for d in /sys/fs/cgroup /sys/fs/cgroup/pids; do [ ! -e $d/cgroup.procs ] || mkdir $d/x 2>&1; done")
    refused = c.run().out.splitlines()
    assert refused and all("Read-only" in line for line in refused), refused


def test_the_cgroups_in_a_default_config_are_read_only(container, rootless):
    """The same with what `spec --rootless` writes: those delegated to the caller are below /sys, which is the host's there."""
    c = container(on=rootless)
    rootless.call("spec", "--rootless", "--bundle", c.bundle.path).ok()
    c.bundle.config = json.loads((c.bundle.path / "config.json").read_text())
    c.bundle.process["terminal"] = False
    c.bundle.sh("for d in /sys/fs/cgroup /sys/fs/cgroup/*; do [ ! -e $d/cgroup.procs ] || mkdir $d/x 2>&1; done")
    refused = c.run().out.splitlines()
    assert refused and all("Read-only" in line for line in refused), refused


# ---- T30: sizes ----

@pytest.mark.parametrize("what", ["argument", "environment", "hostname", "mappings", "namespace path", "mounts", "arguments"])
def test_what_is_too_large_is_an_error_or_works(container, S, what):
    c = container()
    linux, process = c.bundle.linux, c.bundle.process
    c.bundle.process["args"] = ["true"]
    {"argument": lambda: process["args"].append("x" * (1 << 20)),
     "arguments": lambda: process["args"].extend(["x" * 1000] * 10000),
     "environment": lambda: process["env"].extend(f"V{i}=x" for i in range(100000)),
     "hostname": lambda: c.bundle.config.update(hostname="x" * 65536),
     "mappings": lambda: linux.update(uidMappings=[{"containerID": i, "hostID": i, "size": 1} for i in range(10000)]),
     "namespace path": lambda: c.bundle.namespace("network", "/" + "x" * 65536),
     "mounts": lambda: [c.bundle.mount(f"/mnt/{i}") for i in range(300)]}[what]()
    done = c.run(timeout=10)
    assert done.code in (0, 1) and len(done.err.splitlines()[0] if done.err else "") < 1000, done.code
    assert c.runtime.ids() == []
