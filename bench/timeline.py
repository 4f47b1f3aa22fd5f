# SPDX-License-Identifier: Apache-2.0
"""What host and init do when, in one create: {program: {lane: [[phase, begin, end]]}} in milliseconds, from strace."""

import collections
import re
import subprocess
import time

from programs import new_id

TRACES = 5  # of which the shortest is taken: strace slows everything, and everything else strace
LINE = re.compile(r"^(\d+) +([\d.]+) (?:<\.\.\. (\w+) resumed>)?(.*?)(?: <([\d.]+)>)?$")
PHASES = [  # the first that fits a call; what fits none goes on with the phase before
    ("waits", r"poll\(|ppoll\(|epoll_wait\(|recvmsg\(|recvfrom\(|wait4\(|waitid\(|read\(\d+<(socket|pipe)"),
    ("own program protected", r'.*"/proc/self/exe"|execveat\(|memfd_create'),
    ("starts up", r"execve\(|arch_prctl|.*\.so"),
    ("config.json", r".*config\.json"),
    ("namespaces", r"clone3?\(|unshare\(|setns\("),
    ("device program", r"bpf\("),
    ("network", r"socket\(AF_(INET|NETLINK)|.*/proc/sys/net|sethostname"),
    ("seccomp", r"seccomp\(|.*seccomp|.*\.bpf"),
    ("cgroup", r"(open|mkdir|write|statfs|unlink).*/sys/fs/cgroup|.*/proc/self/cgroup"),
    ("mounts", r"fsopen|fsconfig|fsmount|move_mount|open_tree|mount|umount|pivot_root|mknod|symlink|openat2"),
    ("state", r".*(state\.json|exec\.json|start\.sock|status|fifo)|mkdirat|rename"),
    ("identity", r"prctl\(PR_(CAPBSET|SET_KEEPCAPS|SET_NO_NEW)|capset|setgroups|setres|setsid"),
]


def phase_of(call, before):
    return next((name for name, pattern in PHASES if re.match(pattern, call)), before)


def read(trace):
    """{pid: [[phase, begin, end]]} in seconds; a phase lasts until the next one, a wait as long as its call."""
    lanes, phases = collections.defaultdict(list), collections.defaultdict(lambda: "starts up")
    for line in open(trace, errors="replace"):
        match = LINE.match(line.rstrip())
        if not match or line.split()[2].startswith(("+++", "---")):
            continue
        pid, begin, resumed, call, took = match.groups()
        begin, lane = float(begin), lanes[pid]
        if lane:
            lane[-1][2] = begin
        if resumed:
            if phases[pid] == "waits":
                phases[pid] = "starts up" if not lane else lane[-2][0] if len(lane) > 1 else lane[-1][0]
                lane.append([phases[pid], begin, begin])
            continue
        phase = phase_of(call, phases[pid])
        if not lane or lane[-1][0] != phase:
            lane.append([phase, begin, begin])
        phases[pid] = phase
        if phase == "waits" and took:  # it has come back already
            lane[-1][2] = begin + float(took)
            phases[pid] = lane[-2][0] if len(lane) > 1 else "starts up"
            lane.append([phases[pid], lane[-1][2], lane[-1][2]])
    return lanes


def lanes_of(trace):
    """The first process's and that of the one that does the most of the others, until the first one ends."""
    found = read(trace)
    host = next(iter(found))
    init = max((pid for pid in found if pid != host), key=lambda pid: len(found[pid]))
    begin, end = found[host][0][1], found[host][-1][2]

    def cut(lane):
        return [[phase, round((a - begin) * 1000, 3), round((min(b, end) - begin) * 1000, 3)] for phase, a, b in lane if a < end and b > a]

    return {"host": cut(found[host]), "init": cut(found[init])}


def length(lanes):
    return lanes["host"][-1][2]


def trace_create(stage, r):
    id, trace = new_id(), stage.place / f"trace-{new_id()}"
    tracer = subprocess.Popen(["strace", "-f", "-ttt", "-T", "-y", "-s", "80", "-o", trace, *r.argv("create", "-b", stage.sleeper, id)],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: trace.exists() and "+++ exited with" in trace.read_text(errors="replace"))
    finally:
        r.remove(id)  # which ends what strace still waits for
        tracer.wait(20)
    return lanes_of(trace)


def wait_until(condition):
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.02)
    raise RuntimeError("a create under strace does not end")


def measure(stage):
    found, failures = {}, []
    for r in stage.runtimes:
        if r.name == "runc":  # one of its lanes is a dozen threads
            continue
        try:
            found[r.name] = min((trace_create(stage, r) for _ in range(min(TRACES, stage.options.rounds))), key=length)
        except (subprocess.SubprocessError, RuntimeError, FileNotFoundError) as error:
            failures.append(f"{r.name}: {error}")
    return {"data": found, "failures": failures}
