# SPDX-License-Identifier: Apache-2.0
"""What runs in the machine: `make check` has the rows that are "short", `make check-vm` all."""

import dataclasses

INTEGRATION = "tests/integration"
CGROUPS = [f"{INTEGRATION}/test_cgroup{name}.py" for name in ("", "_inside", "_verbs")]

PEERS_TESTS = tuple(CGROUPS[:2])  # of the third much is about yacr's own words


@dataclasses.dataclass(frozen=True)
class Run:
    name: str
    short: bool
    kernel: str     # of tests/vm/kernels
    tests: tuple    # pytest's arguments, understood here and in the machine
    seconds: int    # several times what it takes on an idle machine with two processors
    runtime: str = "yacr"  # or one of the machine's own: then it is held against tests/data/peers.tsv (tests/peers.py)


RUNS = [
    Run("cgroup2", True, "new", (*CGROUPS, f"{INTEGRATION}/test_systemd.py"), 2100),
    # 6.1: no statx of mount ids, no tmpfs with mapped ids, no listing of mounts: every ladder's lower rungs
    Run("old", True, "old", (f"{INTEGRATION}/test_lifecycle.py", f"{INTEGRATION}/test_cgroup_inside.py"), 1200),
    *(Run(peer, False, "new", PEERS_TESTS, 1800, peer) for peer in ("runc", "crun")),
    Run("session", False, "new", ("tests/vm/test_session.py",), 1800),
    Run("all-new", False, "new", (INTEGRATION,), 7200),
    Run("all-old", False, "old", (INTEGRATION,), 7200),
]
