# SPDX-License-Identifier: Apache-2.0
"""What the integration tests are written with: a runtime, a bundle, a container."""

import contextlib
import copy
import ctypes
import fcntl
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import uuid

TESTS = pathlib.Path(__file__).resolve().parent
TREE = TESTS.parent
HELPERS = TREE / "build" / "helpers"
CGROUP2_ALONE = os.path.exists("/sys/fs/cgroup/cgroup.controllers")
STRANGER = 54321            # an id of no user; with --session the id of a user of this machine
STRANGER_NAME = "yacr-stranger"
PATIENCE = int(os.environ.get("YACR_TEST_PATIENCE", 1))  # how many times slower than usual this machine may be
SUB_IDS = (2000000, 65536)  # its ranges in the /etc/subuid that our wrapper mounts


# ---- programs the tests need ----

def build_helpers(to=HELPERS, compiler=(TREE / "scripts" / "musl-cc",), kernel_headers=TREE / "build" / "kernel-headers"):
    """Compiles tests/probe and tests/tools, static; safe to call from several workers at once."""
    to.mkdir(parents=True, exist_ok=True)
    with open(to / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for source in [TESTS / "probe" / "probe.c", *sorted((TESTS / "tools").glob("*.c"))]:
            target = to / source.stem
            if target.exists() and target.stat().st_mtime > source.stat().st_mtime:
                continue
            subprocess.run([*compiler, "-O1", "-Wall", "-isystem", kernel_headers, "-o", f"{target}.new", source], check=True)
            os.rename(f"{target}.new", target)


def static_busybox():
    for path in ("/bin/busybox.static", "/usr/bin/busybox.static", "/usr/bin/busybox", "/bin/busybox",
                 "/usr/bin/busybox-static", "/usr/sbin/busybox"):
        if os.path.exists(path):
            return path
    raise RuntimeError("no static busybox: scripts/need demo")


def runtime_spec():
    """The OCI runtime-spec: the checkout RUNTIME_SPEC, or what distributions ship of it (an older version)."""
    return pathlib.Path(os.environ.get("RUNTIME_SPEC", "/usr/share/gocode/src/github.com/opencontainers/runtime-spec"))


# ---- the runtime under test ----

class Result:
    def __init__(self, code, out, err, args=(), ours=True):
        self.code, self.out, self.err, self.args, self.ours = code, out, err, args, ours

    def __repr__(self):
        return f"<{' '.join(map(str, self.args))}: {self.code}\n out: {self.out}\n err: {self.err}>"

    @property
    def json(self):
        return json.loads(self.out)

    def ok(self):
        assert self.code == 0, self
        return self

    def failed(self, *words, code=None):
        """It failed, in one clear first line that holds these words; of another runtime it is enough that it fails."""
        if not self.ours:
            assert self.code != 0, self
            return self
        assert self.code != 0 if code is None else self.code == code, self
        assert self.err.strip(), self
        for word in words:
            assert word in self.err, self
        return self


def without_cgroups(name):
    """Whether a runtime is tested without cgroups: crun refuses a hybrid hierarchy."""
    return name.startswith("crun") and not CGROUP2_ALONE


def as_user(uid):
    """Prefix of a command that an ordinary user runs."""
    return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--inh-caps=-all"]


class Process(subprocess.Popen):
    """A process that has as much longer to end as this machine is slower."""

    def wait(self, timeout=None):
        return super().wait(timeout and timeout * PATIENCE)

    def communicate(self, input=None, timeout=None):
        return super().communicate(input, timeout and timeout * PATIENCE)


class Runtime:
    """One runtime with its own root directory; @user: run as that unprivileged uid; @driver: the options that choose a
    cgroup driver, where global_options and the caller choose none; @entrance: a prefix that enters the user's own cgroup."""

    def __init__(self, path, root, user=None, prefix=(), sub_ids=False, driver=(), entrance=()):
        self.path, self.root, self.user, self.sub_ids = str(path), pathlib.Path(root), user, sub_ids
        self.prefix, self.driver, self.entrance = list(prefix), list(driver), list(entrance)
        self.name = os.path.basename(self.path)
        self.global_options = ["--cgroup-manager=disabled"] if without_cgroups(self.name) else []
        self.root.mkdir(mode=0o700, exist_ok=True)
        if user:
            os.chown(self.root, user, user)

    def variant(self, **changes):
        twin = copy.copy(self)
        for name, value in changes.items():
            setattr(twin, name, value)
        return twin

    def environment(self, env=None):
        base = {"PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), "LC_ALL": "C"}
        if self.user:
            base["XDG_RUNTIME_DIR"] = str(self.root)
        base.update(env or {})
        return {k: v for k, v in base.items() if v is not None}

    def chosen_driver(self, args):
        """The options that choose the driver, unless these already do."""
        chosen = any(str(a).startswith(("--cgroup-manager", "--systemd-cgroup")) for a in [*self.global_options, *args])
        return [] if chosen else self.driver

    def argv(self, *args, root=True):
        argv = [self.path, *(["--root", str(self.root)] if root else []), *self.chosen_driver(args), *self.global_options,
                *map(str, args)]
        if self.user:
            argv = [*as_user(self.user), *argv]
        argv = self.entrance + self.prefix + argv
        if self.user and self.sub_ids:
            argv = [str(TESTS / "tools" / "with-subids.sh"), STRANGER_NAME, str(self.user), *map(str, SUB_IDS), *argv]
        if without_cgroups(self.name):
            argv = ["unshare", "-m", "sh", "-c",
                    "umount -Rl /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; exec \"$@\"", "sh", *argv]
        return argv

    def call(self, *args, root=True, stdin=subprocess.DEVNULL, out=None, timeout=30, env=None, cwd=None, input=None,
             pass_fds=(), preexec_fn=None, text=True):
        """Runs a command to its end.  @out: a file to have as stdout and stderr (for what outlives the command)."""
        argv = self.argv(*args, root=root)
        ours = not self.name.startswith(("runc", "crun"))
        if input is not None:
            stdin = None
        streams = dict(stdout=out, stderr=out) if out else dict(stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        done = subprocess.run(argv, stdin=stdin, input=input, timeout=timeout * PATIENCE, env=self.environment(env), cwd=cwd,
                              pass_fds=pass_fds, preexec_fn=preexec_fn, text=text, **streams)
        if out:
            said = open(out.name).read() if hasattr(out, "name") else ""
            return Result(done.returncode, "", said, argv, ours)
        return Result(done.returncode, done.stdout, done.stderr, argv, ours)

    def popen(self, *args, root=True, env=None, **kw):
        return Process(self.argv(*args, root=root), env=self.environment(env), **kw)

    def state(self, id):
        return self.call("state", id).ok().json

    def ids(self):
        return self.call("list", "-q").ok().out.split()


# ---- bundles ----

DOCKER_CAPS = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID",
               "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL",
               "CAP_AUDIT_WRITE"]

MOUNTS = [
    {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"]},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
     "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
    {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
     "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
    {"destination": "/dev/shm", "type": "tmpfs", "source": "shm",
     "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]},
    {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": ["nosuid", "noexec", "nodev"]},
    {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]},
]

MASKED = ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/sched_debug",
          "/sys/firmware"]
READONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]


def base_config():
    return {
        "ociVersion": "1.0.2",
        "process": {
            "user": {"uid": 0, "gid": 0},
            "args": ["/probe"],
            "env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
            "cwd": "/",
            "noNewPrivileges": True,
            "capabilities": {k: list(DOCKER_CAPS) for k in ("bounding", "effective", "permitted")},
        },
        "root": {"path": "rootfs", "readonly": False},
        "hostname": "test",
        "mounts": copy.deepcopy(MOUNTS),
        "linux": {
            "namespaces": [{"type": t} for t in ("pid", "network", "ipc", "uts", "mount")],
            "maskedPaths": list(MASKED),
            "readonlyPaths": list(READONLY),
        },
    }


def make_rootless(config, uid=None, ranges=None):
    """The same for a user without privileges (STRANGER): a user namespace, no network namespace of its own."""
    uid = STRANGER if uid is None else uid
    linux = config["linux"]
    linux["namespaces"] = [{"type": t} for t in ("pid", "ipc", "uts", "mount", "user")]
    linux["uidMappings"] = [{"containerID": 0, "hostID": uid, "size": 1}]
    linux["gidMappings"] = [{"containerID": 0, "hostID": uid, "size": 1}]
    if ranges:
        for maps in (linux["uidMappings"], linux["gidMappings"]):
            maps.append({"containerID": 1, "hostID": ranges[0], "size": ranges[1]})
    for mount in config["mounts"]:
        if mount["destination"] == "/sys":
            mount.update(type="none", source="/sys", options=["rbind", "nosuid", "noexec", "nodev", "ro"])
    return config


class Bundle:
    """A directory with a root filesystem around busybox and the probe, and a config to edit."""

    def __init__(self, path, owner=None):
        self.path = pathlib.Path(path)
        self.rootfs = self.path / "rootfs"
        self.config = base_config()
        if owner:
            make_rootless(self.config, owner)
        self.make_rootfs()
        if owner:
            for directory, _, files in os.walk(self.path):
                for name in [directory, *(os.path.join(directory, f) for f in files)]:
                    os.chown(name, owner, owner, follow_symlinks=False)

    def make_rootfs(self):
        for name in "bin dev etc home mnt proc root run sbin sys tmp usr/bin usr/sbin var".split():
            (self.rootfs / name).mkdir(parents=True)
        (self.rootfs / "tmp").chmod(0o1777)
        link_or_copy(static_busybox(), self.rootfs / "bin" / "busybox")
        for applet in ("sh", "cat", "sleep", "true", "false", "echo", "ls", "stat", "id", "env", "mount", "touch",
                       "head", "wc", "test", "hostname", "sort", "find", "dd", "kill", "ps", "stty", "trap", "tty",
                       "mkdir", "rm", "readlink", "grep", "tr", "od", "chmod", "nc", "ip", "ulimit", "seq", "date"):
            (self.rootfs / "bin" / applet).symlink_to("busybox")
        link_or_copy(HELPERS / "probe", self.rootfs / "probe")
        (self.rootfs / "etc" / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home:/bin/sh\n")
        (self.rootfs / "etc" / "group").write_text("root:x:0:\nuser:x:1000:\n")

    @property
    def process(self):
        return self.config["process"]

    @property
    def linux(self):
        return self.config["linux"]

    def sh(self, script):
        """The container runs this shell script."""
        self.process["args"] = ["/bin/sh", "-c", script]
        return self

    def mount(self, destination, source="tmpfs", type=None, options=()):
        m = {"destination": destination, "source": str(source), "options": list(options)}
        if type or source == "tmpfs":
            m["type"] = type or "tmpfs"
        self.config["mounts"].append(m)
        return m

    def namespace(self, type, path=None):
        """The namespace of this type is to be joined (or, without a path, made)."""
        self.drop_namespace(type)
        self.linux["namespaces"].append({"type": type, **({"path": str(path)} if path else {})})

    def drop_namespace(self, type):
        self.linux["namespaces"] = [n for n in self.linux["namespaces"] if n["type"] != type]

    def drop_mount(self, destination):
        self.config["mounts"] = [m for m in self.config["mounts"] if m["destination"] != destination]

    def save(self):
        (self.path / "config.json").write_text(json.dumps(self.config, indent=1))
        return self


def link_or_copy(source, target):
    """Each test may damage its own copy: contents are never shared."""
    shutil.copyfile(source, target)
    os.chmod(target, 0o755)


# ---- containers ----

class Container:
    def __init__(self, runtime, bundle, id=None):
        self.runtime, self.bundle = runtime, bundle
        self.id = id or "t" + uuid.uuid4().hex[:12]
        self.output = bundle.path / f"{self.id}.out"

    def create(self, *options, **kw):
        """Detached: the container writes to self.output, where self.said() reads."""
        self.bundle.save()
        with open(self.output, "w") as out:
            return self.runtime.call("create", *options, "--bundle", self.bundle.path, self.id, out=out, **kw)

    def run(self, *options, **kw):
        self.bundle.save()
        return self.runtime.call("run", *options, "--bundle", self.bundle.path, self.id, **kw)

    def run_detached(self, *options, **kw):
        self.bundle.save()
        with open(self.output, "w") as out:
            return self.runtime.call("run", "-d", *options, "--bundle", self.bundle.path, self.id, out=out, **kw)

    def start(self, **kw):
        return self.runtime.call("start", self.id, **kw)

    def kill(self, *signal, **kw):
        return self.runtime.call("kill", self.id, *signal, **kw)

    def delete(self, *options, **kw):
        return self.runtime.call("delete", *options, self.id, **kw)

    def state(self):
        return self.runtime.state(self.id)

    @property
    def status(self):
        return self.state()["status"]

    @property
    def pid(self):
        return self.state()["pid"]

    def said(self):
        return self.output.read_text()

    def wait(self, status="stopped", timeout=10):
        return until(lambda: self.status == status, timeout, f"{self.id} to be {status}")

    def probe(self, *options, **kw):
        """What the probe finds when it is run in this container."""
        return self.run(*options, **kw).ok().json


def until(condition, timeout=10, what="the condition"):
    end = time.monotonic() + timeout * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"waited {timeout} s for {what}"
        time.sleep(0.01)


def descriptors(pid):
    """What the descriptors of a process lead to, but those that it closes meanwhile."""
    found = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            found.append(os.readlink(f"/proc/{pid}/fd/{fd}"))
    return found


# ---- what may be left behind ----

def become_subreaper():
    """Containers of commands that ended become our children, as an engine's shim has them."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def children():
    pids = []
    for task in os.listdir("/proc/self/task"):
        try:
            pids += open(f"/proc/self/task/{task}/children").read().split()
        except OSError:
            pass
    return [int(p) for p in pids]


EARLIER = set()  # children that were there before the test, such as the rooms of engines


def reap_children():
    """Takes the zombies; returns the children that still live, and are of this test."""
    alive = []
    for pid in set(children()) - EARLIER:
        try:
            done, _ = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            continue
        if not done:
            alive.append(pid)
    return alive


def cgroups_named(ids):
    """The cgroups of containers with one of these ids."""
    found = []
    for base, directories, _ in os.walk("/sys/fs/cgroup"):
        found += [os.path.join(base, d) for d in directories
                  if any(d in (i, f"yacr-{i}") or (len(i) > 8 and i in d) for i in ids)]
    return found


def host_mounts(own):
    """Mount points of the host with their options and propagation; of those in temporary directories, where other
    tests mount things at the same time, only the ones below @own."""
    with open("/proc/self/mountinfo") as f:
        rows = [line.split()[4:7] for line in f]
    return [row for row in rows if not row[0].startswith("/tmp/") or row[0].startswith(f"{own}/")]


def mounts_under(path):
    with open("/proc/self/mountinfo") as f:
        return [line for line in f if f"{path}/" in line]


def processes_in(path):
    """Processes whose root is a mount of something under @path, or that were started with it."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if int(pid) == os.getpid():
            continue
        try:
            mounts = open(f"/proc/{pid}/mountinfo").readline()
            if f"{path}/" in mounts or f"{path}/" in os.readlink(f"/proc/{pid}/cwd"):
                found.append(int(pid))
        except OSError:
            pass
    return found


def end_processes(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
