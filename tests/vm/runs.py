# SPDX-License-Identifier: Apache-2.0
"""What runs in the machine: `make check` has the rows that are "short", `make check-vm` all."""

import dataclasses

# The integration suite in parts, each of which comes to its end in an hour on a busy machine.
PARTS = {
    "cgroups": "cgroup cgroup_inside cgroup_verbs systemd",
    "life": "lifecycle exec crash tty hooks seed service checkpoint",
    "inside": "process mounts namespaces rootless seccomp netdevices attributes intelrdt",
    "kernels": "kernels",
    "refused": "errors attacks attacks_image cli contract",
}
NOT_HERE = {
    "bench": "measures, which is no use where all is emulated",
    "binary": "looks at the executable, which is the same one",
    "budgets": "counts instructions and system calls: what is counted is the same, and valgrind on top of QEMU has no end",
    "documents": "holds what yacr prints against the specification, which is not in the machine",
    "runtime_tools": "needs programs in Go, which are not in the machine",
    "systemd_helper": "has a systemd of its own (tests/systemd1.py) in the place of the machine's",
}


def files(names):
    return tuple(f"tests/integration/test_{name}.py" for name in names.split())


CGROUPS = files(PARTS["cgroups"])
PEERS_TESTS = CGROUPS
# with the systemd driver: what has most to do with it, and the rest; test_systemd.py chooses it itself
SYSTEMD = files("cgroup cgroup_inside cgroup_verbs process errors lifecycle exec crash tty hooks checkpoint")
REST = tuple(file for part in PARTS.values() for file in files(part) if file not in (*SYSTEMD, *files("systemd")))
# what a user with a session runs, row by row; network devices, checkpoints and resctrl are root's
USERS = {
    "user": files("lifecycle exec crash cgroup_verbs rootless"),
    "user-rest": files("hooks tty seed service errors contract cli process mounts namespaces seccomp attributes"),
    "user-cgroups": files("cgroup cgroup_inside"),
    "user-attacks": files("attacks attacks_image kernels"),
}

# systemd's other layouts: only kernels before 6.12 have all controllers of v1, and only systemd before 258 knows them
HYBRID = "systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=0 SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1"
V1 = HYBRID.replace("controller=0", "controller=1")


@dataclasses.dataclass(frozen=True)
class Run:
    name: str
    short: bool
    kernel: str     # of tests/vm/kernels
    tests: tuple    # pytest's arguments, understood here and in the machine
    seconds: int    # several times what it takes on an idle machine with two processors
    runtime: str = "yacr"  # or one of the machine's own: then it is held against tests/data/peers.tsv (tests/peers.py)
    words: str = ""        # more for the kernel's command line


RUNS = [
    Run("cgroup2", True, "new", CGROUPS, 2100),
    # 6.1: no statx of mount ids, no tmpfs with mapped ids, no listing of mounts: every ladder's lower rungs
    Run("old", True, "old", files("lifecycle cgroup_inside"), 1200),
    # another architecture: numbers of system calls, the linker's layout, what a filter is compiled to
    Run("arm64", True, "arm64", files("lifecycle seccomp"), 1200),
    *(Run(peer, False, "new", PEERS_TESTS, 2700, peer) for peer in ("runc", "crun")),
    # There systemd gives and takes controllers, at a reload for one, by moving all processes and removing empty cgroups,
    # whosever they are: what is not its own is tested apart from it.
    Run("v1", True, "old", files("cgroup"), 1200, words=V1),
    Run("systemd-v1", True, "old", files("systemd"), 1200, words=V1),
    Run("cgroups-v1", False, "old", files("cgroup_inside cgroup_verbs"), 2100, words=V1),  # the rest of them
    Run("hybrid", False, "old", tuple(file for file in CGROUPS if file not in files("systemd")), 2100, words=HYBRID),
    Run("systemd-hybrid", False, "old", files("systemd"), 1200, words=HYBRID),
    *(Run(name, True, "lts", ("tests/vm/test_controllers.py",), 600, words=words)
      for name, words in (("controllers", ""), ("controllers-v1", V1))),
    Run("session", False, "new", ("tests/vm/test_session.py", "tests/vm/test_engine_units.py"), 2700),
    *(Run(f"{part}-{kernel}", False, kernel, files(names), 7200)
      for kernel in ("new", "old") for part, names in PARTS.items() if (part, kernel) != ("cgroups", "new")),
    # without the systemd driver, for which there is no libsystemd of that architecture here
    *(Run(f"{part}-arm64", False, "arm64", tuple(file for file in files(names) if file not in files("systemd")), 7200)
      for part, names in PARTS.items()),
    # the same with systemd as the manager of cgroups, and for a user with a session, with both
    Run("systemd", False, "new", ("--driver=systemd", *SYSTEMD), 7200),
    Run("systemd-rest", False, "new", ("--driver=systemd", *REST), 7200),
    *(Run(f"{row}-{driver}", False, "new", (f"--driver={driver}", "--session=1000", *tests), 7200)
      for row, tests in USERS.items() for driver in ("cgroupfs", "systemd")),
]
