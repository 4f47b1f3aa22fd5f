# SPDX-License-Identifier: Apache-2.0
"""The same on kernels that lack the newer system calls: a filter answers ENOSYS to them."""

import os

import pytest

from harness import HELPERS
from test_mounts import mounts_of
from test_process import mask
from harness import DOCKER_CAPS

pytestmark = pytest.mark.yacr

CALLS = ["clone3", "openat2", "mount_setattr", "open_tree_attr", "fsopen", "open_tree", "move_mount", "close_range", "pidfd_open",
         "pidfd_send_signal", "statx", "keyctl"]
ALL = "clone3,openat2,mount_setattr,open_tree_attr,fsopen,fsconfig,fsmount,open_tree,move_mount,close_range,pidfd_open"


@pytest.fixture(params=[*CALLS, ALL], ids=[*CALLS, "all"])
def old(request, runtime, rootless):
    """The runtime on a kernel without a call."""
    prefix = [str(HELPERS / "nosys"), request.param]
    runtime.prefix = prefix
    rootless.prefix = prefix
    return request.param


def test_a_container_is_what_it_should_be(anyone, old):
    c = anyone()
    (c.bundle.rootfs / "etc" / "secret").write_text("x")
    c.bundle.linux["maskedPaths"].append("/etc/secret")
    c.bundle.config["root"]["readonly"] = True
    c.bundle.mount("/mnt", options=["ro", "nosuid", "size=64k"])
    for name in ("a", "b"):
        (c.bundle.path / name).mkdir()
    (c.bundle.rootfs / "srv").mkdir()
    (c.bundle.rootfs / "opt").mkdir()
    c.bundle.mount("/srv", c.bundle.path / "a", "bind", ["bind", "ro", "noexec"])
    c.bundle.mount("/opt", c.bundle.path / "b", "bind", ["rbind", "rprivate"])
    if c.runtime.user:
        os.chown(c.bundle.path / "b", c.runtime.user, c.runtime.user)
    seen = c.probe()
    table = mounts_of(seen)
    assert {"ro", "nosuid"} <= table["/mnt"][0]
    assert {"ro", "noexec"} <= table["/srv"][0]
    assert "ro" not in table["/opt"][0]
    assert "ro" in table["/"][0] and "ro" in table["/sys"][0]
    assert seen["caps"]["bounding"] == mask(*DOCKER_CAPS)
    assert sorted(seen["fds"]) == ["0", "1", "2"]
    assert seen["pid"] == 1 and seen["nnp"] == 1
    c.bundle.sh("cat /etc/secret; touch /x /mnt/x /srv/x 2>/dev/null && echo written; touch /opt/x && echo fine; true")
    assert c.run().ok().out == "fine\n"


def test_the_life_of_a_container(anyone, old):
    c = anyone()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.create().ok()
    c.start().ok()
    assert c.status == "running"
    seen = c.runtime.call("exec", c.id, "/probe").ok().json
    assert seen["caps"]["bounding"] == mask(*DOCKER_CAPS) and sorted(seen["fds"]) == ["0", "1", "2"]
    assert c.runtime.call("exec", c.id, "sh", "-c", "exit 9").code == 9
    c.kill("KILL").ok()
    c.wait()
    c.delete().ok()


@pytest.mark.parametrize("call", ["openat2", "close_range", "statx", "faccessat2"])
def test_a_filter_that_says_not_permitted_is_no_error(anyone, call):
    """Filters older than a call answer EPERM to it."""
    c = anyone()
    c.runtime.prefix = [str(HELPERS / "nosys"), f"EPERM,{call}"]
    c.bundle.sh("echo fine")
    assert c.run().ok().out == "fine\n"


@pytest.mark.parametrize("at", ["its creation", "its end"])
def test_a_container_is_known_to_who_may_call_less(container, runtime, at):
    """A filter may be on yacr's caller at one time and not at another: the record has what each needs."""
    filtered, c = [str(HELPERS / "nosys"), ALL + ",pidfd_send_signal"], container()
    c.bundle.process["args"] = ["sleep", "1000"]
    runtime.prefix = filtered if at == "its creation" else []
    c.run_detached().ok()
    runtime.prefix = filtered if at == "its end" else []
    assert c.status == "running" and c.id in runtime.ids()
    c.kill("KILL").ok()
    c.wait("stopped")
    c.delete().ok()


def test_symbolic_links_of_the_image_stay_inside(container, old, place):
    outside = place.path / "outside"
    outside.mkdir()
    c = container()
    (c.bundle.rootfs / "escape").symlink_to(outside)
    (c.bundle.rootfs / "up").symlink_to("../../../../../../../.." + str(outside))
    for target in ("/escape/a", "/up/b"):
        c.bundle.mount(target, options=["size=64k"])
    c.bundle.process["args"] = ["true"]
    c.run()
    assert os.listdir(outside) == []


def test_a_namespace_is_joined(container, old):
    pod, member = container(), container()
    pod.bundle.namespace("network")
    pod.bundle.process["args"] = ["sleep", "1000"]
    pod.run_detached().ok()
    if pod.runtime.user:
        member.bundle.namespace("user", f"/proc/{pod.pid}/ns/user")
    member.bundle.namespace("pid", f"/proc/{pod.pid}/ns/pid")
    member.bundle.namespace("network", f"/proc/{pod.pid}/ns/net")
    seen = member.probe()
    assert seen["ns"]["pid"] == os.readlink(f"/proc/{pod.pid}/ns/pid")
    assert seen["ns"]["net"] == os.readlink(f"/proc/{pod.pid}/ns/net")


def test_recursive_attributes_are_applied_or_refused(container, old, place):
    """A fallback may say no; it may not leave a mount writable that should not be."""
    import subprocess
    source = place.path / "source"
    (source / "below").mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "below", source / "below"], check=True)
    try:
        c = container()
        c.bundle.mount("/mnt", source, "bind", ["rbind", "rro"])
        c.bundle.sh("touch /mnt/below/x 2>/dev/null && echo written; true")
        done = c.run()
        assert done.out == "" if done.code == 0 else done.failed(code=1)
    finally:
        subprocess.run(["umount", source / "below"])
