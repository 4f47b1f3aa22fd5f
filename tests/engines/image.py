# SPDX-License-Identifier: Apache-2.0
"""An image around this machine's static busybox, as an archive that every engine loads."""

import hashlib
import io
import json
import os
import tarfile

from harness import static_busybox

APPLETS = """sh cat sleep true false echo ls stat id env mount umount touch head tail wc test hostname sort find dd kill ps stty
tty mkdir rm readlink grep tr od chmod chown nc ip ping seq date mknod sysctl top mv cp sed awk su cut df httpd wget xargs mkfifo""".split()
FILES = {"etc/passwd": "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home:/bin/sh\n",
         "etc/group": "root:x:0:\nuser:x:1000:\nextra:x:2000:user\n", "data/from-the-image": "image\n"}


def layer():
    """The layer, byte for byte the same each time."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        def add(name, type=tarfile.DIRTYPE, mode=0o755, data=b"", link=""):
            info = tarfile.TarInfo(name)
            info.type, info.mode, info.linkname, info.size = type, mode, link, len(data)
            tar.addfile(info, io.BytesIO(data))

        for name in "bin data dev etc home mnt proc root run sbin sys usr var".split():
            add(name)
        add("tmp", mode=0o1777)
        with open(static_busybox(), "rb") as busybox:
            add("bin/busybox", tarfile.REGTYPE, data=busybox.read())
        for applet in APPLETS:
            add(f"bin/{applet}", tarfile.SYMTYPE, link="busybox")
        for name, text in FILES.items():
            add(name, tarfile.REGTYPE, 0o644, text.encode())
    return out.getvalue()


def archive(path, name="docker.io/library/busybox:latest", command=("sh",)):
    """Writes an archive as `docker save` does."""
    data = layer()
    config = {"architecture": {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine),
              "os": "linux", "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(data).hexdigest()}"]},
              "history": [{"created_by": "tests/engines/image.py"}],
              "config": {"Cmd": list(command), "Env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]}}
    files = {"layer.tar": data, "config.json": json.dumps(config).encode(),
             "manifest.json": json.dumps([{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]).encode()}
    with tarfile.open(path, "w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path
