# SPDX-License-Identifier: Apache-2.0
"""Resources that take a device or a driver, in a kernel that has them: RDMA by Soft-RoCE, weights of a disk by BFQ."""

import contextlib
import ctypes
import errno
import json
import os
import pathlib
import struct
import subprocess

import pytest

import cgroups
from cgroups import Knobs

pytestmark = pytest.mark.skipif(os.system("modprobe -nq rdma_rxe 2>/dev/null") != 0,
                                reason="needs a kernel with rdma_rxe: tests/vm/run -k lts")


def call(*argv):
    return subprocess.run(argv, check=True, capture_output=True, text=True)


@pytest.fixture
def limited(container):
    """Makes containers with these resources; their cgroup's files are c.file(v1's controller, name)."""

    def make(**resources):
        c = container()
        c.bundle.sh("sleep 1000")
        c.bundle.linux["resources"] = resources
        c.run_detached().ok()
        knobs = Knobs(c.pid)
        c.file = lambda controller, name: pathlib.Path(knobs.path(controller if controller in cgroups.mounted() else "", name))
        return c

    return make


# ---- RDMA ----

NAME, NETDEV = f"rxe{os.getpid()}", f"dummy{os.getpid()}"


def device_of(uverbs):
    """The name of its RDMA device; None while the kernel is still making that of another worker, whose directory comes first."""
    with contextlib.suppress(FileNotFoundError):
        return (uverbs / "ibdev").read_text().strip()


@pytest.fixture(scope="module")
def device():
    """
    The number of the file by which an RDMA device is used; its network device goes nowhere.

    It stays, and ends with the machine: where cgroups that had to do with it are gone, Linux 6.12 may find its list of them
    corrupted when it is deleted, and panics (free_cg_rpool_locked).
    """
    for module in ("dummy", "rdma_rxe", "ib_uverbs"):
        call("modprobe", module)
    call("ip", "link", "add", NETDEV, "type", "dummy")
    call("ip", "link", "set", NETDEV, "up")
    call("rdma", "link", "add", NAME, "type", "rxe", "netdev", NETDEV)
    number, = [(uverbs / "dev").read_text() for uverbs in pathlib.Path("/sys/class/infiniband_verbs").glob("uverbs*")
               if device_of(uverbs) == NAME]
    return os.makedev(*map(int, number.split(":")))


def get_context(fd):
    """IB_USER_VERBS_CMD_GET_CONTEXT: command, words in and out, and where the answer goes."""
    answer = (ctypes.c_char * 8)()
    os.write(fd, struct.pack("=IHHQ", 0, 4, 2, ctypes.addressof(answer)))


def contexts(device, file, procs):
    """How many contexts of a device a process gets that is in a cgroup: each is a handle. Above 100: an error."""
    os.mknod(file, 0o600 | 0o020000, device)
    pid = os.fork()
    if pid == 0:
        procs.write_text("0")
        for got in range(9):
            try:
                get_context(os.open(file, os.O_RDWR))
            except OSError as e:
                os._exit(got if e.errno == errno.EAGAIN else 100 + e.errno)
        os._exit(9)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_handles_and_objects_of_a_device_are_limited(device, limited, place):
    c = limited(rdma={NAME: {"hcaHandles": 2, "hcaObjects": 77}}, devices=[{"allow": True, "access": "rwm"}])
    assert f"{NAME} hca_handle=2 hca_object=77" in c.file("rdma", "rdma.max").read_text()
    assert contexts(device, place.path / "a", c.file("rdma", "cgroup.procs")) == 2
    c.runtime.call("update", "-r", "-", c.id, input=json.dumps({"rdma": {NAME: {"hcaHandles": 1}}})).ok()
    assert f"{NAME} hca_handle=1 hca_object=77" in c.file("rdma", "rdma.max").read_text()
    assert contexts(device, place.path / "b", c.file("rdma", "cgroup.procs")) == 1


def test_of_several_devices_the_one_that_is_not_there_is_named(device, container):
    c = container()
    c.bundle.linux["resources"] = {"rdma": {NAME: {"hcaHandles": 2}, "none0": {"hcaObjects": 3}}}
    c.create().failed("none0", "linux.resources.rdma.none0")


# ---- weights of a disk ----

@pytest.fixture
def disk():
    """The numbers of the machine's disk, whose scheduler is BFQ meanwhile."""
    call("modprobe", "bfq")
    scheduler = pathlib.Path("/sys/block/vda/queue/scheduler")
    before = scheduler.read_text().split("[")[1].split("]")[0]
    scheduler.write_text("bfq")
    yield tuple(map(int, pathlib.Path("/sys/block/vda/dev").read_text().split(":")))
    scheduler.write_text(before)


def test_weights_of_block_devices(disk, limited):
    major, minor = disk
    c = limited(blockIO={"weight": 200, "weightDevice": [{"major": major, "minor": minor, "weight": 300}]})

    def weights():
        if "blkio" not in cgroups.mounted():
            return c.file("", "io.bfq.weight").read_text().split()
        return ["default", *c.file("blkio", "blkio.bfq.weight").read_text().split(),
                *c.file("blkio", "blkio.bfq.weight_device").read_text().split()[-2:]]

    assert weights() == ["default", "200", f"{major}:{minor}", "300"]
    c.runtime.call("update", "--blkio-weight", "500", c.id).ok()  # which takes the device's weight back: BFQ's idea
    assert weights()[:2] == ["default", "500"]
