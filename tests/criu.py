# SPDX-License-Identifier: Apache-2.0
"""A CRIU that works with this kernel: the installed one, or Debian's next, unpacked beside the system."""

import fcntl
import functools
import os
import pathlib
import shutil
import subprocess
import tempfile

from harness import PATIENCE

TESTS = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("YACR_CRIU_CACHE", "/var/cache/yacr-criu"))
SUITE = "trixie"


def works(program):
    """Debian 12's 3.17 does not understand the vDSO of newer kernels. Debian 13's 4.1 gives up without a word in a network
    namespace of the newest, which have no UDP-Lite any more: that takes a try."""
    if subprocess.run([program, "check"], capture_output=True, timeout=60 * PATIENCE).returncode != 0:
        return False
    sleep = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; exec sleep 1000 >/dev/null 2>&1"], start_new_session=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    sleep.stdout.readline()
    with tempfile.TemporaryDirectory() as images:
        done = subprocess.run([program, "dump", "--tree", str(sleep.pid), "--images-dir", images], capture_output=True,
                              timeout=60 * PATIENCE)
    sleep.kill()
    sleep.wait()
    return done.returncode == 0


def fetch(to):
    """Debian's package and what it needs, run by the loader that it was built for."""
    subprocess.run([TESTS / "vm" / "fetch", SUITE, to, "[a-z0-9.+-]+", "criu"], check=True, capture_output=True, text=True,
                   timeout=300)
    loader = next(iter(sorted(to.glob("usr/lib/*/ld-linux*.so.*")) + sorted(to.glob("usr/lib*/ld-linux*.so.*"))))
    libraries = next(to.glob("usr/lib/*-linux-gnu"))
    program = to / "criu"
    program.write_text(f'#!/bin/sh\nexec {loader} --library-path {libraries} {to}/usr/sbin/criu "$@"\n')
    program.chmod(0o755)
    return program


@functools.lru_cache
def find():
    """(its path, None), or (None, what it needs)."""
    if os.geteuid() != 0:
        return None, "needs root"
    installed = shutil.which("criu")
    if installed and works(installed):
        return installed, None
    if not shutil.which("apt-get"):
        return None, "needs a CRIU that works with this kernel (`criu check`)"
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        program = CACHE / SUITE / "criu"
        if not program.exists():
            shutil.rmtree(CACHE / SUITE, ignore_errors=True)
            (CACHE / SUITE).mkdir()
            try:
                program = fetch(CACHE / SUITE)
            except subprocess.SubprocessError as e:
                return None, f"needs CRIU of Debian {SUITE}, which apt cannot get: {getattr(e, 'stderr', e)}"
    return (program, None) if works(program) else (None, "needs a CRIU that works with this kernel")
