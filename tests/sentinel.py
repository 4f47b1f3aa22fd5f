# SPDX-License-Identifier: Apache-2.0
"""What attacks are after: a part of the host that must be as it was, and links in an image that lead to it."""

import hashlib
import os
import stat


class Sentinel:
    """A directory of the host that nothing may reach, and what else of the host must not change."""

    def __init__(self, path, binary):
        self.path, self.binary = path, binary
        (path / "sub").mkdir(parents=True)
        (path / "file").write_text("precious")
        (path / "sub" / "ptmx").write_text("precious")
        self.before = self.look()

    def look(self):
        files = {}
        for directory, names, plain in os.walk(self.path):
            for name in [*names, *plain]:
                full = os.path.join(directory, name)
                st = os.lstat(full)
                files[full] = (stat.filemode(st.st_mode), st.st_uid, st.st_gid,
                               open(full).read() if stat.S_ISREG(st.st_mode) else None)
        return files, [l for l in open("/proc/self/mountinfo") if f"{self.path.parent}/" in l], [
            open(f"/proc/sys/kernel/{n}").read() for n in ("core_pattern", "hostname", "sysrq", "modprobe")
            if os.path.exists(f"/proc/sys/kernel/{n}")], \
            hashlib.sha256(open(self.binary, "rb").read()).hexdigest()

    def check(self):
        after = self.look()
        assert after[0] == self.before[0], "the sentinel directory changed"
        for a, b in zip(after[1:], self.before[1:]):
            assert a == b, "the host changed"


def escape_links(rootfs, target):
    """Names in the image that point out of it."""
    up = "../" * 20 + str(target).lstrip("/")
    (rootfs / "abs").symlink_to(target)
    (rootfs / "rel").symlink_to(up)
    (rootfs / "dangling").symlink_to(f"{target}/made")
    (rootfs / "d").mkdir()
    (rootfs / "d" / "abs").symlink_to(target)
    (rootfs / "d" / "rel").symlink_to("../" + up)
    (rootfs / "chain").symlink_to("chain2")
    (rootfs / "chain2").symlink_to("d/rel")
    (rootfs / "selfroot").symlink_to("/proc/self/root")
    (rootfs / "one").symlink_to("/proc/1/root")
