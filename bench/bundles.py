# SPDX-License-Identifier: Apache-2.0
"""Bundles to measure with: the containers of a Docker-like engine, of `runc spec`, of a person without root."""

import copy
import json
import pathlib
import shutil

HERE = pathlib.Path(__file__).resolve().parent
FOLDERS = "bin data dev etc proc sys tmp".split()
ROOTLESS_UID = 54321  # a user of no account
BUSYBOX = ("/bin/busybox.static", "/usr/bin/busybox.static", "/usr/bin/busybox", "/bin/busybox")


def docker(version=1, limits=True):
    """What dockerd 20.10 asks for: run -m 256m --cpus 1 --pids-limit 100 -v …; @version: of the cgroups.

    Without @limits: for a cgroup2 tree whose controllers are held by v1 ones.
    """
    config = json.loads((HERE / "configs" / "docker.json").read_text())
    config["linux"]["seccomp"] = json.loads((HERE / "configs" / "seccomp.json").read_text())
    if version == 2:
        config["linux"]["namespaces"].append({"type": "cgroup"})
    if not limits:
        config["linux"]["resources"] = {"devices": config["linux"]["resources"]["devices"]}
    return config


def minimal(version=1):
    """What `spec` writes, without its terminal: no limits, no filter."""
    config = docker(version)
    config["linux"].pop("seccomp")
    config["linux"].pop("sysctl")
    config["linux"]["resources"] = {"devices": [{"allow": False, "access": "rwm"}]}
    config["mounts"] = [m for m in config["mounts"] if m["type"] != "bind"]
    config["process"]["noNewPrivileges"] = True
    return config


def rootless(uid=ROOTLESS_UID):
    """The same without root: one id, the host's network, no limits."""
    config = minimal()
    linux = config["linux"]
    linux.pop("resources")
    linux["namespaces"] = [{"type": t} for t in ("pid", "ipc", "uts", "mount", "user")]
    for ids in ("uidMappings", "gidMappings"):
        linux[ids] = [{"containerID": 0, "hostID": uid, "size": 1}]
    config["process"]["user"] = {"uid": 0, "gid": 0}
    config["mounts"] = [m for m in config["mounts"] if m["destination"] != "/sys/fs/cgroup"]
    for mount in config["mounts"]:
        mount["options"] = [o for o in mount["options"] if not o.startswith("gid=")]
        if mount["destination"] == "/sys":
            mount.update(type="none", source="/sys", options=["rbind", "nosuid", "noexec", "nodev", "ro"])
    return config


def busybox():
    return next(path for path in BUSYBOX if pathlib.Path(path).exists())


def make(path, config, args=("/bin/true",), owner=None):
    """A bundle at @path, with a root filesystem around busybox."""
    path, config = pathlib.Path(path), copy.deepcopy(config)
    for folder in FOLDERS:
        (path / "rootfs" / folder).mkdir(parents=True)
    shutil.copy(busybox(), path / "rootfs/bin/busybox")
    for applet in ("true", "sh", "sleep"):
        (path / "rootfs/bin" / applet).symlink_to("busybox")
    (path / "files/data").mkdir(parents=True)
    for name in ("resolv.conf", "hostname", "hosts"):
        (path / "files" / name).touch()
        (path / "rootfs/etc" / name).touch()
    for mount in config["mounts"]:
        if mount["source"].startswith("files/"):
            mount["source"] = str(path / mount["source"])
    config["process"]["args"] = list(args)
    (path / "config.json").write_text(json.dumps(config))
    if owner:
        for entry in [path, *path.rglob("*")]:
            shutil.chown(entry, owner, owner) if not entry.is_symlink() else None
    return path
