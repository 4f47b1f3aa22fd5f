# SPDX-License-Identifier: Apache-2.0
"""Counts the system calls of a runtime: its own, and those of the container's init until it is the program."""

import re
import subprocess

CALL = re.compile(r"^(\d+) +(?:(\w+)\(|<\.\.\. (\w+) resumed>)(.*)$")


def count(argv, trace, **options):
    """Runs @argv under strace, which writes to @trace. (calls of the runtime, calls of everybody else)."""
    subprocess.run(["strace", "-f", "-qq", "-o", trace, *argv], check=True, **options)
    host, others, gone, waiting = 0, 0, set(), set()
    first = None
    for line in open(trace):
        match = CALL.match(line)
        if not match:
            continue
        pid, begins, ends, rest = match.groups()
        first = first or pid
        if begins and pid not in gone:
            host += pid == first
            others += pid != first
        # the second process that executes something is the container's, and no longer ours
        if (begins or ends) == "execve" and pid != first:
            if begins and rest.endswith("<unfinished ...>"):
                waiting.add(pid)
            elif rest.endswith("= 0"):
                gone.add(pid)
    return host, others
