# SPDX-License-Identifier: Apache-2.0
"""An ordinary user with a systemd of their own, without a login; and a delegated scope of it."""

import os
import pwd
import subprocess

import pytest

from harness import PATIENCE, as_user, until

HAS_SYSTEMD = os.path.isdir("/run/systemd/system") and os.path.exists("/sys/fs/cgroup/cgroup.controllers")


class Session:
    """The session of a user of this machine, which lasts: it is started once, and found again."""

    def __init__(self, user):
        if not HAS_SYSTEMD:
            pytest.skip("needs systemd as PID 1, and cgroup v2 alone: tests/vm/run has it")
        try:
            self.user = pwd.getpwuid(user) if isinstance(user, int) else pwd.getpwnam(user)
        except KeyError:
            pytest.skip(f"needs a user {user}")
        self.uid, self.directory = self.user.pw_uid, f"/run/user/{self.user.pw_uid}"
        subprocess.run(["loginctl", "enable-linger", self.user.pw_name], check=True, timeout=60 * PATIENCE)
        until(lambda: os.path.exists(f"{self.directory}/systemd/private") and os.path.exists(f"{self.directory}/bus"), 60, "a session")
        until(lambda: self.systemctl("is-system-running").stdout.strip() in ("running", "degraded"), 60, "the user's systemd")

    def systemctl(self, *words):
        return subprocess.run(["systemctl", f"--machine={self.user.pw_name}@.host", "--user", *words], capture_output=True, text=True)

    def command(self, *argv):
        """@argv, run by the user as in a login."""
        return [*as_user(self.uid), "env", f"HOME={self.user.pw_dir}", f"USER={self.user.pw_name}", f"XDG_RUNTIME_DIR={self.directory}",
                f"DBUS_SESSION_BUS_ADDRESS=unix:path={self.directory}/bus", *argv]

    def in_scope(self, *argv):
        """@argv, run by the user in a delegated scope of its own."""
        return self.command("systemd-run", "--user", "--scope", "--quiet", "-p", "Delegate=yes", "--", *argv)


class Scope:
    """A delegated scope; in it a cgroup "own" to come from, so that containers' are in the scope, too."""

    def __init__(self, session):
        script = ('cd "/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)" && mkdir own && echo 0 >own/cgroup.procs && '
                  'pwd && exec sleep infinity')
        self.holder = subprocess.Popen(session.in_scope("sh", "-c", script), stdout=subprocess.PIPE, text=True)
        self.path = self.holder.stdout.readline().strip()
        assert self.path, "no scope"

    @property
    def entrance(self):
        """Prefix of a command that is to be in it."""
        return ["sh", "-c", f'echo 0 >{self.path}/own/cgroup.procs && exec "$@"', "sh"]

    def end(self):
        self.holder.kill()
        self.holder.wait()
