# SPDX-License-Identifier: Apache-2.0
"""What was measured, and on what machine."""

import datetime
import os
import platform
import re
import subprocess
import tempfile


def first_line(argv):
    return subprocess.run(argv, capture_output=True, text=True).stdout.split("\n")[0]


def value(path, key):
    """Of a file of lines "key : value"."""
    with open(path) as lines:
        return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), "")


def stripped_size(path):
    with tempfile.NamedTemporaryFile() as copy:
        done = subprocess.run(["strip", "-o", copy.name, path], capture_output=True)
        return os.path.getsize(path if done.returncode else copy.name)


def libraries(path):
    """How many shared ones it asks for itself."""
    return len(re.findall(r"\(NEEDED\)", subprocess.run(["readelf", "-dW", path], capture_output=True, text=True).stdout))


def of(options):
    return {
        "when": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{os.cpu_count()} x {value('/proc/cpuinfo', 'model name') or platform.machine()}, "
                   f"{int(value('/proc/meminfo', 'MemTotal').split()[0]) >> 20} GB, Linux {platform.release()}",
        "load": os.getloadavg()[0],
        "runtimes": {name: {"version": first_line([path, "--version"]), "bytes": stripped_size(path),
                            "libraries": libraries(path)} for name, path in options.runtimes.items()},
    }
