# SPDX-License-Identifier: Apache-2.0
"""What an image, a config or a container could try against the host.

Each attack looks at the host afterwards: the sentinel directory S is as it was, the host's mounts are, and
the settings an attacker would like to change are.  tests/differences.py says which of them succeed against
the versions of runc and crun that distributions still ship: each is a proof that the test can fail.
"""

import errno
import fcntl
import json
import os
import shutil
import socket
import stat
import subprocess
import time

import pytest

from harness import HELPERS, PATIENCE, TREE, until
from sentinel import escape_links


# ---- T01: the runtime's own executable ----

@pytest.mark.parametrize("how", ["argument", "interpreter"])
def test_the_program_is_never_the_runtime_itself(container, S, how):
    c = container()
    if how == "argument":
        c.bundle.process["args"] = ["/proc/self/exe", "--version"]
    else:
        script = c.bundle.rootfs / "script"
        script.write_text("#!/proc/self/exe --version\n")
        script.chmod(0o755)
        c.bundle.process["args"] = ["/script"]
    done = c.run()
    assert "version" not in done.out or "BusyBox" in done.out, "the container ran the runtime's executable"


@pytest.fixture
def own_pid_namespace(runtime):
    """Has the runtime enter a pid namespace of this test's own, once it is called."""
    with subprocess.Popen(["unshare", "--pid", "--mount-proc", "--fork", "--kill-child", "sh", "-c", "echo; exec sleep 1000"],
                          stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        enter = ["nsenter", f"--pid=/proc/{holder.pid}/ns/pid_for_children", f"--mount=/proc/{holder.pid}/ns/mnt"]
        yield lambda: setattr(runtime, "prefix", enter)
        holder.kill()
    runtime.prefix = []


@pytest.fixture
def own_executable(runtime, place):
    """The runtime is a file that no other test executes: the kernel counts a writer before it finds the mount read-only."""
    copy = place.path / "bin" / runtime.name
    copy.parent.mkdir()
    shutil.copy(runtime.path, copy)
    (place.path / "libexec").symlink_to(TREE / "libexec")  # the systemd driver needs a program that is there
    runtime.path = str(copy)


def unless_busy(call):
    """For that moment the file cannot be executed."""
    try:
        return call()
    except OSError as error:
        if error.errno != errno.ETXTBSY:
            raise


@pytest.mark.parametrize("shared_pid", [False, True])
@pytest.mark.root  # whose the executable is: another user may not write to it in any case
def test_a_container_cannot_write_to_the_runtimes_executable(container, runtime, S, own_executable, own_pid_namespace, shared_pid):
    """CVE-2019-5736, the loop over /proc/*/exe, while further containers start in the same pid namespace."""
    c = container()
    tool = c.bundle.rootfs / "overwrite"
    tool.write_bytes((HELPERS / "overwrite").read_bytes())
    tool.chmod(0o755)
    file = os.stat(runtime.path)
    c.bundle.process["args"] = ["/overwrite", str(3 * PATIENCE), str(file.st_dev), str(file.st_ino)]
    if shared_pid:  # with the runtime itself, before it is in its own mount: whom CAP_SYS_PTRACE lets look there can write
        own_pid_namespace()
        c.bundle.drop_namespace("pid")
    else:
        for capabilities in c.bundle.process["capabilities"].values():
            capabilities.append("CAP_SYS_PTRACE")
    c.create().ok()
    init = c.pid  # from here on the file may be busy
    c.start().ok()
    until(lambda: "up" in c.said())
    end = time.monotonic() + 1.5 * PATIENCE
    while time.monotonic() < end and unless_busy(lambda: c.status) in ("running", None):
        other = container()
        if not shared_pid:
            other.bundle.namespace("pid", f"/proc/{init}/ns/pid")
        other.bundle.process["args"] = ["true"]
        if done := unless_busy(other.run):
            done.ok()
    until(lambda: unless_busy(lambda: c.status) == "stopped")
    result = dict(zip(c.said().split()[1::2], map(int, c.said().split()[2::2])))
    assert result["opened"] == 0 and (result["seen"] or shared_pid), result


def test_processes_of_the_runtime_do_not_show_its_executable_writable(container, S):
    """While init waits for start, its /proc/PID/exe is no way to the file on disk."""
    c = container()
    c.create().ok()
    exe = f"/proc/{c.pid}/exe"
    c.wait("created")
    try:
        fd = os.open(exe, os.O_WRONLY)
    except OSError:
        return
    os.close(fd)
    pytest.fail("opened for writing")


# ---- T18: what the root of a container owns ----

LOOKER = """
import os, select, sys
print(flush=True)
while not select.select([0], [], [], 0)[0]:                                             # until that is closed
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if int(pid) != os.getpid() and os.path.exists(f"/proc/{pid}/root{sys.argv[1]}"):
            print(pid, flush=True)
"""


@pytest.mark.parametrize("what", ["container", "idmapped mount"])
@pytest.mark.root
def test_a_new_user_namespace_is_no_way_to_the_host_for_root_without_capabilities(container, runtime, S, mappable,
                                                                                  own_pid_namespace, what):
    """A container that sees the host's processes: what root makes, its root owns too, with all capabilities in there."""
    own_pid_namespace()
    looker = subprocess.Popen([*runtime.prefix, "setpriv", "--bounding-set=-all", "--inh-caps=-all", "/usr/bin/python3", "-c",
                               LOOKER, S.path / "file"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    looker.stdout.readline()
    for i in range(10):
        c = container()
        if what == "container":
            c.bundle.namespace("user")
            c.bundle.rootfs.chmod(0o755)
        else:
            c.bundle.mount("/mnt", mappable, "bind", ["bind", "idmap"])
        for key in ("uidMappings", "gidMappings"):
            mapped = c.bundle.linux if what == "container" else c.bundle.config["mounts"][-1]
            mapped[key] = [{"containerID": 0, "hostID": 100000 + i, "size": 65536}]
        c.bundle.process["args"] = ["true"]
        c.run().ok()
    assert looker.communicate(timeout=10)[0] == ""


# ---- T02, T03, T04: descriptors ----

@pytest.fixture
def leaked():
    """Descriptors of the host, inheritable, on many numbers; what this process has there comes back."""
    base, fds, own = os.open("/", os.O_RDONLY), list(range(20, 40)), {}
    for fd in fds:
        try:
            own[fd] = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100)
        except OSError:
            pass  # free
        os.dup2(base, fd, inheritable=True)
    sock = socket.socket()
    os.set_inheritable(sock.fileno(), True)
    yield fds
    for fd in fds:
        if fd in own:
            os.dup2(own[fd], fd, inheritable=False)
            os.close(own[fd])
        else:
            os.close(fd)
    os.close(base)
    sock.close()


@pytest.mark.parametrize("verb", ["run", "create"])
def test_descriptors_of_the_caller_do_not_leak(container, S, leaked, verb):
    c = container()
    if verb == "run":
        seen = c.run(pass_fds=leaked).ok().json
    else:
        c.create(pass_fds=leaked).ok()
        c.start(pass_fds=leaked).ok()
        c.wait()
        seen = json.loads(c.said())
    assert sorted(seen["fds"]) == ["0", "1", "2"]


CWDS = [*(f"/proc/self/fd/{n}" for n in (*range(3, 16), 20, 30)), "/proc/self/cwd", "/proc/1/root/../..",
        "/proc/self/fd/20/..", "/w"]


@pytest.mark.parametrize("cwd", CWDS)
def test_the_working_directory_is_inside(container, S, leaked, cwd):
    """CVE-2024-21626: a directory of the host by a descriptor that leaked."""
    c = container()
    (c.bundle.rootfs / "w").symlink_to("/proc/self/fd/20")
    c.bundle.process["cwd"] = cwd
    c.bundle.sh(f"ls -di . ; ls ../../../..{S.path} 2>/dev/null")
    done = c.run(pass_fds=leaked)
    assert "precious" not in done.out and "file" not in done.out
    if done.code == 0 and done.out:
        inode = int(done.out.split()[0])
        assert inode != os.stat("/").st_ino or inode == os.stat(c.bundle.rootfs).st_ino


@pytest.mark.parametrize("path", ["/proc/self/fd/20/bin/busybox", "/link"])
def test_the_program_is_inside(container, S, leaked, path):
    c = container()
    host_busybox = "/usr/bin/busybox" if os.path.exists("/usr/bin/busybox") else "/bin/busybox"
    (c.bundle.rootfs / "link").symlink_to(f"/proc/self/fd/20{host_busybox}")
    target = path if path == "/link" else f"/proc/self/fd/20{host_busybox}"
    c.bundle.process["args"] = [target, "echo", "escaped"]
    assert "escaped" not in c.run(pass_fds=leaked).out


# ---- T05, T06, T07: mount destinations ----

DESTINATIONS = ["/abs", "/abs/x", "/rel", "/rel/x/y", "/dangling", "/dangling/x", "/d/abs/x", "/d/rel/x", "/chain/x",
                "/chain", "/abs/file", "/abs/sub", "/..", "//abs//x", "/d/../abs/x", "/selfroot/abs", "/one/x",
                "/../../../../..S/x"]

@pytest.mark.parametrize("kind", ["tmpfs", "bind", "file", "proc", "mqueue", "copyup"])
@pytest.mark.parametrize("destination", DESTINATIONS)
def test_a_mount_lands_inside_or_nowhere(container, S, place, destination, kind):
    c = container()
    escape_links(c.bundle.rootfs, S.path)
    destination = destination.replace("S", str(S.path))
    (place.path / "dir").mkdir()
    (place.path / "file").write_text("bound")
    mounts = {"tmpfs": ("tmpfs", "tmpfs", []), "bind": (place.path / "dir", "bind", ["bind"]),
              "file": (place.path / "file", "bind", ["bind"]), "proc": ("proc", "proc", []),
              "mqueue": ("mqueue", "mqueue", []), "copyup": ("tmpfs", "tmpfs", ["tmpcopyup"])}
    source, type, options = mounts[kind]
    c.bundle.mount(destination, source, type, options)
    c.bundle.process["args"] = ["true"]
    c.run()


@pytest.mark.parametrize("name", ["proc", "sys", "dev", "sys/fs", "dev/shm"])
@pytest.mark.parametrize("what", ["absolute", "relative", "dangling", "file", "loop"])
def test_the_images_system_directories_are_not_believed(container, S, name, what):
    """/proc, /sys and /dev of the image as symbolic links: three CVEs in three runtimes in one year."""
    c = container()
    target = c.bundle.rootfs / name
    if target.is_dir():
        target.rmdir()
    target.parent.mkdir(exist_ok=True, parents=True)
    {"absolute": lambda: target.symlink_to(S.path), "relative": lambda: target.symlink_to("../" * 15 + str(S.path)[1:]),
     "dangling": lambda: target.symlink_to(S.path / "made"), "file": lambda: target.write_text(""),
     "loop": lambda: target.symlink_to(target.name)}[what]()
    if name == "sys/fs":
        c.bundle.drop_mount("/sys")
        c.bundle.mount("/sys/fs/cgroup", options=[])
    if name == "dev/shm":
        c.bundle.drop_mount("/dev")
        c.bundle.drop_mount("/dev/pts")
        c.bundle.drop_mount("/dev/mqueue")
    c.bundle.process["args"] = ["true"]
    c.run()


@pytest.fixture
def swapper():
    """Exchanges two names all the time."""
    running = []

    def swap(a, b):
        running.append(subprocess.Popen([HELPERS / "swap", a, b]))
        return running[-1]

    yield swap
    for p in running:
        p.kill()
        p.wait()


@pytest.mark.parametrize("kind", ["tmpfs", "bind", "file", "copyup", "masked", "readonly", "cwd", "device"])
def test_a_race_for_the_destination(container, S, place, swapper, kind):
    """A volume shared with another container that swaps a directory for a link to the host."""
    volume = place.path / "volume"
    (volume / "a" / "b").mkdir(parents=True)
    (volume / "link").symlink_to("../" * 15 + str(S.path)[1:])
    (place.path / "dir").mkdir()
    (place.path / "source").write_text("bound")
    swapper(volume / "a", volume / "link")
    for _ in range(15):
        c = container()
        c.bundle.mount("/v", volume, "bind", ["bind"])
        if kind == "tmpfs":
            c.bundle.mount("/v/a/b/c")
        elif kind == "bind":
            c.bundle.mount("/v/a/x", place.path / "dir", "bind", ["bind"])
        elif kind == "file":
            c.bundle.mount("/v/a/y", place.path / "source", "bind", ["bind"])
        elif kind == "copyup":
            c.bundle.mount("/v/a", options=["tmpcopyup"])
        elif kind == "masked":
            c.bundle.linux["maskedPaths"] = ["/v/a/file", "/v/a/sub"]
        elif kind == "readonly":
            c.bundle.linux["readonlyPaths"] = ["/v/a/sub"]
        elif kind == "device":
            c.bundle.linux["devices"] = [{"path": "/v/a/device", "type": "c", "major": 1, "minor": 3}]
        else:
            c.bundle.process["cwd"] = "/v/a/newdir"
        c.bundle.process["args"] = ["true"]
        c.run()


# ---- T08: mounts over /proc ----

OVER_PROC = ["/proc", "/proc/self", "/proc/self/attr", "/proc/sys", "/proc/sys/kernel", "/proc/sysrq-trigger",
             "/link-to-proc/sys"]


@pytest.mark.parametrize("kind", ["bind", "tmpfs"])
@pytest.mark.parametrize("destination", OVER_PROC)
def test_nothing_is_mounted_over_proc(container, S, place, destination, kind):
    c = container()
    (c.bundle.rootfs / "link-to-proc").symlink_to("/proc")
    source = place.path / "fake"
    if destination == "/proc/sysrq-trigger":
        source.write_text("")
    else:
        source.mkdir()
    c.bundle.mount(destination, *((source, "bind", ["bind"]) if kind == "bind" else ()))
    c.run().failed(code=1)


@pytest.mark.parametrize("destination", ["/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/uptime"])
def test_lxcfs_may_mount_over_some_files_of_proc(container, place, destination):
    fake = place.path / "fake"
    fake.write_text("fake")
    c = container()
    c.bundle.mount(destination, fake, "bind", ["bind"])
    c.bundle.sh(f"cat {destination}")
    assert c.run().ok().out == "fake"


def test_what_is_shut_in_proc_is_shut_in_the_procfs_that_was_mounted(container, S, swapper):
    """CVE-2019-19921 once more: a container with the same root file system exchanges /proc, and brings it back later."""
    calm = container()
    bundle = calm.bundle
    (bundle.rootfs / "other").mkdir()
    bundle.sh("for p in /proc /other; do [ ! -e $p/self ] || grep -c \" $p/\" $p/self/mountinfo; done")
    shut = calm.run().ok().out
    assert int(shut) > 1
    for _ in range(30):
        c = container(bundle)
        exchange = swapper(bundle.rootfs / "proc", bundle.rootfs / "other")
        created = c.create().code == 0
        exchange.kill()
        exchange.wait()
        if created:
            c.start().ok()
            c.wait()
            assert c.said() == shut


# ---- T11: masks ----

NULLS = ["to hostname", "to a volume", "file", "directory", "fifo", "absent", "zero", "loop"]


@pytest.mark.parametrize("what", NULLS)
def test_a_mask_is_made_of_the_real_dev_null(container, S, place, what):
    """CVE-2025-31133: the image's /dev/null is something else when masks are bound."""
    c = container()
    for destination in ("/dev", "/dev/pts", "/dev/shm", "/dev/mqueue"):
        c.bundle.drop_mount(destination)
    null = c.bundle.rootfs / "dev" / "null"
    volume = place.path / "volume"
    volume.mkdir()
    (volume / "f").write_text("attacker")
    c.bundle.mount("/vol", volume, "bind", ["bind", "rw"])
    {"to hostname": lambda: null.symlink_to("/proc/sys/kernel/hostname"), "to a volume": lambda: null.symlink_to("/vol/f"),
     "file": lambda: null.write_text("attacker"), "directory": null.mkdir, "fifo": lambda: os.mkfifo(null),
     "absent": lambda: None, "zero": lambda: os.mknod(null, stat.S_IFCHR | 0o666, os.makedev(1, 5)),
     "loop": lambda: null.symlink_to("null")}[what]()
    (c.bundle.rootfs / "etc" / "secret").write_text("secret")
    c.bundle.linux["maskedPaths"] = ["/proc/version", "/etc/secret", "/proc/version"]
    c.bundle.linux["readonlyPaths"] = ["/proc/sys"]
    c.bundle.sh("stat -c '%F %t,%T' /proc/version /etc/secret; cat /etc/secret; echo x > /proc/version")
    done = c.run(timeout=10)
    assert (volume / "f").read_text() == "attacker"
    if done.code == 0 or done.out:
        assert done.out == "character special file 1,3\n" * 2
