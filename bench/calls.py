# SPDX-License-Identifier: Apache-2.0
"""Counts the system calls of a runtime: its own, and those of the container's init until it is the program."""

import collections
import re
import subprocess

CALL = re.compile(r"^(\d+) +(?:(\w+)\(|<\.\.\. (\w+) resumed>)(.*)$")


def count(argv, trace, **options):
    """Runs @argv under strace, which writes to @trace. (calls of the runtime, calls of everybody else): {name: how many}."""
    subprocess.run(["strace", "-f", "-qq", "-o", trace, *argv], check=True, **options)
    host, others, gone, waiting = collections.Counter(), collections.Counter(), set(), set()
    first = None
    for line in open(trace):
        match = CALL.match(line)
        if not match:
            continue
        pid, begins, ends, rest = match.groups()
        first = first or pid
        if pid not in gone:
            more = bool(begins) - ("= ? ERESTART" in rest)  # what a signal interrupts comes again
            (host if pid == first else others)[begins or ends] += more
        # the second process that executes something is the container's, and no longer ours
        if (begins or ends) == "execve" and pid != first:
            if begins and rest.endswith("<unfinished ...>"):
                waiting.add(pid)
            elif rest.endswith("= 0"):
                gone.add(pid)
    return host, others
