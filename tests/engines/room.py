# SPDX-License-Identifier: Apache-2.0
"""A machine of its own for an engine: namespaces, cgroups, /etc, /run, /var/lib, /usr/local and /dev/shm.

Whatever is started in a room ends with it, also when the tests are killed: its first process is this file, which
lives as long as the pipe from the tests is open, and with it go all processes and mounts of the room.  Engines
are found and configured at the places where the documentation has them, beside those of the machine.
"""

import ctypes
import glob
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import uuid

CGROUPS = pathlib.Path("/sys/fs/cgroup")
CLONE_NEWCGROUP = 0x02000000
PRIVATE = ("etc", "var/lib", "usr/local")   # written to, with the machine's below
PLAIN = ("docker", "docker2", "containerd", "containers")  # below /var/lib: no overlay, engines put theirs there
ENTER = """for file in /sys/fs/cgroup/*/tasks /sys/fs/cgroup/init/cgroup.procs /sys/fs/cgroup/unified/init/cgroup.procs; do
[ ! -e $file ] || echo 0 >$file; done; exec "$@" """


class Room:
    def __init__(self, path, hostname="room"):
        self.path, self.name = pathlib.Path(path), f"yacr-engines-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self.path.mkdir(mode=0o755, parents=True, exist_ok=True)
        sweep()
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc",
             sys.executable, __file__, self.name, self.path, hostname],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        assert self.process.stdout.readline() == b"ready\n", "no room: see its error above"
        self.pid = child_of(self.process.pid)

    @property
    def root(self):
        """The room's file system seen from outside: room.root / "proc/1/status"."""
        return pathlib.Path(f"/proc/{self.pid}/root")

    def argv(self, *args, user=None, group=None):
        """@user: an ordinary one, in the group of his name and perhaps @group."""
        enter = ["nsenter", "--target", str(self.pid), "--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup"]
        become = ["setpriv", "--reuid", str(user), "--regid", str(user),
                  *(["--groups", str(group)] if group else ["--clear-groups"])] if user else []
        return [*enter, "sh", "-c", ENTER, "sh", *become, *map(str, args)]

    def environment(self, env=None):
        # The distribution's engines first, whatever else is installed.
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin", "HOME": "/run/home",
                "LC_ALL": "C.UTF-8", **(env or {})}

    def popen(self, *args, user=None, env=None, **kw):
        return subprocess.Popen(self.argv(*args, user=user), env=self.environment(env), **kw)

    def __call__(self, *args, user=None, group=None, env=None, check=True, timeout=60, input=None):
        done = subprocess.run(self.argv(*args, user=user, group=group), env=self.environment(env), capture_output=True, text=True,
                              timeout=timeout, **({"input": input} if input is not None else {"stdin": subprocess.DEVNULL}))
        assert not check or done.returncode == 0, f"{' '.join(map(str, args))}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def daemon(self, *args, **kw):
        """Starts what ends with the room at the latest; its output is in room.log."""
        with open(self.path / "log", "a") as log:
            return Daemon(self.popen(*args, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **kw))

    @property
    def log(self):
        return (self.path / "log").read_text()

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        sweep(self.name)
        shutil.rmtree(self.path, ignore_errors=True)


class Daemon:
    """A process in a room: nsenter waits for it, but passes no signal on."""

    def __init__(self, process):
        self.process = process

    def running(self):
        return self.process.poll() is None

    def end(self, signal=signal.SIGTERM):
        """Its exit code."""
        if self.running():
            os.kill(child_of(self.process.pid), signal)
        return self.process.wait(60)


def child_of(pid):
    return int(pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def sweep(name="yacr-engines-*"):
    """Takes away the cgroups of rooms of that name, or of all whose tests are gone: a living room would miss them."""
    # pathlib's glob ends with an error where another worker takes away the cgroup it is about to look into
    for top in map(pathlib.Path, glob.glob(f"{CGROUPS}/{name}") + glob.glob(f"{CGROUPS}/*/{name}")):
        if top.name != name and os.path.exists(f"/proc/{top.name.split('-')[2]}"):
            continue
        for directory, _, _ in os.walk(top, topdown=False):
            try:
                os.rmdir(directory)
            except OSError:
                pass


# ---- the first process of a room ----

def mount(*args):
    subprocess.run(["mount", *map(str, args)], check=True)


def hierarchies():
    """(mount point, options of mount) of each cgroup hierarchy."""
    for line in open("/proc/self/mountinfo"):
        fields = line.split()
        tail = fields[fields.index("-") + 1:]
        if tail[0].startswith("cgroup"):
            chosen = [o for o in tail[2].split(",") if o not in ("rw", "ro", "xattr", "clone_children", "nsdelegate")
                      and not o.startswith("release_agent=")]
            yield pathlib.Path(fields[4]), tail[0], ",".join(chosen)


def own_cgroups(name):
    """The room's processes, and all that they start, stay below cgroups of its name and see those as the roots."""
    found = list(hierarchies())
    for point, type, _ in found:
        own = point / name
        own.mkdir()
        for file in ("cpuset.cpus", "cpuset.mems"):
            if type == "cgroup" and (own / file).exists():
                (own / file).write_text((point / file).read_text())
        if type == "cgroup2":
            enable_controllers(point)
        (own / "cgroup.procs").write_text("0")
    ctypes.CDLL(None).unshare(CLONE_NEWCGROUP)
    subprocess.run(["umount", "-R", "-l", CGROUPS], check=True)
    if found[0][0] != CGROUPS:
        mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", CGROUPS)
    for point, type, options in found:
        point.mkdir(exist_ok=True)
        if type == "cgroup2":
            mount("-t", type, type, point)
            (point / "init").mkdir()
            (point / "init" / "cgroup.procs").write_text("0")
            enable_controllers(point)
        else:
            named = options.startswith("name=")
            mount("-t", type, "-o", f"none,{options}" if named else options, type, point)


def enable_controllers(point):
    for controller in (point / "cgroup.controllers").read_text().split():
        try:
            (point / "cgroup.subtree_control").write_text(f"+{controller}")
        except OSError:
            pass


def own_files(path):
    for place in PRIVATE:
        upper, work = path / "upper" / place, path / "work" / place
        upper.mkdir(parents=True, exist_ok=True)
        work.mkdir(parents=True)
        mount("-t", "overlay", "-o", f"lowerdir=/{place},upperdir={upper},workdir={work}", "overlay", f"/{place}")
    for name in PLAIN:
        plain = path / "plain" / name
        plain.mkdir(parents=True)
        os.makedirs(f"/var/lib/{name}", exist_ok=True)
        mount("--bind", plain, f"/var/lib/{name}")
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", "/dev/shm")  # where Podman keeps its locks
    for name in ("home", "lock", "user"):
        os.mkdir(f"/run/{name}")


def keep_house():
    """Collects the children of others until the tests close the pipe."""
    wake, written = os.pipe()
    os.set_blocking(written, False)
    signal.set_wakeup_fd(written)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready, _, _ = select.select([0, wake], [], [])
        if 0 in ready and not os.read(0, 1):
            return
        if wake in ready:
            os.read(wake, 4096)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass


def main(name, path, hostname):
    own_cgroups(name)
    own_files(pathlib.Path(path))
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["hostname", hostname], check=True)
    print("ready", flush=True)
    keep_house()


if __name__ == "__main__":
    main(*sys.argv[1:])
