# SPDX-License-Identifier: Apache-2.0
"""Mounts with their options and propagation, devices, masked and readonly paths, the root."""

import os
import stat
import subprocess

import pytest

from harness import host_mounts


def mounts_of(seen):
    """{target: (options of the mount, propagation, type, options of the superblock)} of a probe's answer."""
    table = {}
    for line in seen["mounts"]:
        left, right = line.split(" - ", 1)
        fields, (type, source, super) = left.split(), right.split(" ", 2)
        table[fields[4]] = (set(fields[5].split(",")), " ".join(fields[6:]), type, set(super.split(",")))
    return table


def test_the_mounts_of_a_usual_config(container):
    table = mounts_of(container().probe())
    assert table["/proc"][2] == "proc" and {"nosuid", "nodev", "noexec"} <= table["/proc"][0]
    assert table["/dev"][2] == "tmpfs" and "nosuid" in table["/dev"][0] and "mode=755" in table["/dev"][3]
    assert table["/dev/pts"][2] == "devpts"
    assert table["/dev/mqueue"][2] == "mqueue"
    assert table["/sys"][2] == "sysfs" and "ro" in table["/sys"][0]


def test_nothing_of_the_host_is_left_in_the_table(anyone):
    c = anyone()
    seen = mounts_of(c.probe())
    assert "/oldroot" not in str(seen) and not [t for t in seen if "rootfs" in t or ".yacr" in t]
    allowed = {"/", *(m["destination"] for m in c.bundle.config["mounts"]), *c.bundle.linux["maskedPaths"],
               *c.bundle.linux["readonlyPaths"], "/dev/console"}
    # ordinary users get the host's devices and /sys with what is mounted below it
    extra = {t for t in seen if t not in allowed and not t.startswith(("/dev/", "/sys/"))}
    assert not extra, extra


roots_atime = pytest.mark.root  # how a mount of root's notes the access is root's to change, also in a user's namespaces
SIMPLE = [("ro", "ro"), ("nosuid", "nosuid"), ("nodev", "nodev"), ("noexec", "noexec"), ("noatime", "noatime"),
          ("nodiratime", "nodiratime"), ("relatime", "relatime"), ("rw", "rw")]


@pytest.mark.parametrize("kind, option, shown", [
    pytest.param(kind, *row, marks=[roots_atime] * (kind == "bind" and "atime" in row[0]))
    for kind in ("tmpfs", "bind") for row in SIMPLE], ids=lambda v: v)
def test_an_option_of_a_mount(container, place, kind, option, shown):
    c = container()
    if kind == "tmpfs":
        c.bundle.mount("/mnt", options=[option])
    else:
        source = place.path / "source"
        source.mkdir()
        c.bundle.mount("/mnt", source, "bind", ["bind", option])
    assert shown in mounts_of(c.probe())["/mnt"][0]


def test_strictatime(container):
    c = container()
    c.bundle.mount("/mnt", options=["strictatime"])
    assert not {"relatime", "noatime"} & mounts_of(c.probe())["/mnt"][0]


def test_nosymfollow(container, peer):
    if peer:
        pytest.skip("newer than these versions")
    c = container()
    c.bundle.mount("/mnt", options=["nosymfollow"])
    assert "nosymfollow" in mounts_of(c.probe())["/mnt"][0]


@pytest.mark.root
def test_data_goes_to_the_file_system(container):
    c = container()
    c.bundle.mount("/mnt", options=["size=1m", "mode=0711", "uid=5", "gid=6", "nr_inodes=100"])
    c.bundle.sh("stat -c '%a %u %g' /mnt; grep ' /mnt ' /proc/self/mountinfo")
    out = c.run().ok().out
    assert out.startswith("711 5 6\n") and "size=1024k" in out


def test_data_of_a_kind_the_file_system_does_not_know_is_refused(container):
    c = container()
    c.bundle.mount("/mnt", options=["beer=1"])
    c.run().failed(code=1)


@pytest.mark.parametrize("option", ["sync", "dirsync"])
def test_options_of_the_superblock(container, option):
    c = container()
    c.bundle.mount("/mnt", options=[option])
    table = mounts_of(c.probe())["/mnt"]
    assert option in table[3] | table[0] or table[2] == "tmpfs"


# without what is mounted below it shows what that covers, which is not for a user to see
@pytest.mark.parametrize("kind", [pytest.param("bind", marks=pytest.mark.root), "rbind"])
def test_bind_mounts(container, place, kind):
    source = place.path / "source"
    (source / "below").mkdir(parents=True)
    (source / "file").write_text("content")
    subprocess.run(["mount", "-t", "tmpfs", "below", source / "below"], check=True)
    (source / "below" / "deep").write_text("deep")
    try:
        c = container()
        c.bundle.mount("/mnt", source, "bind", [kind])
        c.bundle.sh("cat /mnt/file; ls /mnt/below")
        assert c.run().ok().out == "content" + ("deep\n" if kind == "rbind" else "")
    finally:
        subprocess.run(["umount", source / "below"])


@pytest.mark.parametrize("type", [None, "none", "bind", "", "ext4"])
def test_the_type_of_a_bind_mount_does_not_matter(container, place, type):
    (place.path / "file").write_text("content")
    c = container()
    m = c.bundle.mount("/mnt/file", place.path / "file", options=["bind"])
    if type is not None:
        m["type"] = type
    c.bundle.sh("cat /mnt/file")
    assert c.run().ok().out == "content"


def test_a_file_is_bound_and_its_target_made(container, place):
    (place.path / "file").write_text("content")
    c = container()
    c.bundle.mount("/etc/deep/er/file", place.path / "file", "bind", ["bind", "ro"])
    c.bundle.sh("cat /etc/deep/er/file; echo x > /etc/deep/er/file")
    done = c.run()
    assert done.out == "content" and done.code != 0
    assert (place.path / "file").read_text() == "content"
    assert (c.bundle.rootfs / "etc/deep/er/file").is_file()


def test_a_relative_source_is_below_the_bundle(container):
    c = container()
    (c.bundle.path / "data").mkdir()
    (c.bundle.path / "data" / "file").write_text("here")
    c.bundle.mount("/mnt", "data", "bind", ["bind"])
    c.bundle.sh("cat /mnt/file")
    assert c.run().ok().out == "here"


def test_a_source_that_does_not_exist(container):
    c = container()
    c.bundle.mount("/mnt", "/no/such/source", "bind", ["bind"])
    c.run().failed("/no/such/source", code=1)


@pytest.mark.yacr
def test_a_failing_mount_names_its_place_in_the_config(container):
    c = container()
    c.bundle.mount("/mnt", "x", "nosuchfs")
    c.run().failed("mounts[6]", "nosuchfs", code=1)


def test_mounts_are_made_in_the_order_given(container):
    c = container()
    c.bundle.mount("/mnt", options=["mode=0700"])
    c.bundle.mount("/mnt/inner", options=["mode=0711"])
    c.bundle.mount("/mnt/inner", options=["mode=0722"])
    c.bundle.sh("stat -c %a /mnt /mnt/inner")
    assert c.run().ok().out.split() == ["700", "722"]


def test_ro_of_a_recursive_bind_concerns_the_top_only_and_rro_all(container, place, peer):
    source = place.path / "source"
    (source / "below").mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "below", source / "below"], check=True)
    try:
        for option, written in [("ro", True)] + ([] if peer == "crun" else [("rro", False)]):
            c = container()
            c.bundle.mount("/mnt", source, "bind", ["rbind", option])
            c.bundle.sh("touch /mnt/x && echo top; touch /mnt/below/x && echo below; true")
            assert c.run().ok().out == ("below\n" if written else "")
    finally:
        subprocess.run(["umount", source / "below"])


@pytest.mark.parametrize("option", ["rnosuid", "rnodev", "rnoexec", "rnosymfollow", *(
    pytest.param(option, marks=roots_atime) for option in ("rnoatime", "rnodiratime", "rrelatime"))])
def test_recursive_attributes_reach_every_mount_below(container, place, option, peer):
    if peer:
        pytest.skip("newer than these versions")
    source = place.path / "source"
    (source / "below").mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "below", source / "below"], check=True)
    try:
        c = container()
        c.bundle.mount("/mnt", source, "bind", ["rbind", option])
        table = mounts_of(c.probe())
        assert option[1:] in table["/mnt"][0] and option[1:] in table["/mnt/below"][0]
    finally:
        subprocess.run(["umount", source / "below"])


@pytest.fixture
def tree(place):
    """Makes a directory to bind, and one below, each a mount with this option."""
    paths = [place.path / "tree", place.path / "tree" / "below"]

    def make(option="rw"):
        for path in paths:
            path.mkdir()
            subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tree", path], check=True)
        for path in paths:
            subprocess.run(["mount", "-o", f"remount,bind,{option}", path], check=True)
        return paths[0]

    yield make
    subprocess.run(["umount", "-R", paths[0]])


TAKES_BACK = {"rrw": "ro", "rsuid": "nosuid", "rdev": "nodev", "rexec": "noexec", "rdiratime": "nodiratime",
              "ratime": "noatime", "rrelatime": "noatime", "rstrictatime": "noatime", "rsymfollow": "nosymfollow"}


@pytest.mark.yacr
@pytest.mark.parametrize("option", TAKES_BACK)
@pytest.mark.root  # what a mount of root's forbids it forbids in a user's namespaces
def test_recursive_attributes_are_taken_back_on_every_mount_below(container, tree, option):
    c = container()
    c.bundle.mount("/mnt", tree(TAKES_BACK[option]), "bind", ["rbind", option])
    table = mounts_of(c.probe())
    for place in ("/mnt", "/mnt/below"):
        assert TAKES_BACK[option] not in table[place][0], table[place]


NOT_A_MODE = {"rnostrictatime": ("strictatime", ["rnostrictatime"], {"relatime"}),
              "rnorelatime": ("noatime", ["rstrictatime", "rnorelatime"], set())}


@pytest.mark.yacr
@pytest.mark.parametrize("option", NOT_A_MODE)
@roots_atime
def test_not_a_mode_of_access_time_leaves_another(container, tree, option):
    before, options, after = NOT_A_MODE[option]
    c = container()
    c.bundle.mount("/mnt", tree(before), "bind", ["rbind", *options])
    table = mounts_of(c.probe())
    for place in ("/mnt", "/mnt/below"):
        assert {"relatime", "noatime"} & table[place][0] == after, table[place]


SPREADS = {"rshared": "shared", "rslave": "master", "rprivate": "", "runbindable": "unbindable"}


@pytest.mark.yacr
@pytest.mark.parametrize("option", SPREADS)
def test_recursive_propagation_reaches_every_mount_below(container, tree, option):
    source = tree()
    subprocess.run(["mount", "--make-rshared", source], check=True)
    c = container()
    c.bundle.mount("/mnt", source, "bind", ["rbind", option])
    table = mounts_of(c.probe())
    for place in ("/mnt", "/mnt/below"):
        assert table[place][1].split(":")[0] == SPREADS[option], table[place]


@pytest.mark.yacr
def test_data_on_a_bind_mount_is_passed_over(container, place):
    (place.path / "source").mkdir()
    c = container()
    c.bundle.mount("/mnt", place.path / "source", "bind", ["bind", "nosuid", "mode=755", "size=1k"])
    log = place.path / "log"
    done = c.runtime.call("--debug", "--log", log, "run", "--bundle", c.bundle.save().path, c.id).ok()
    assert "nosuid" in mounts_of(done.json)["/mnt"][0]
    assert "mode=755,size=1k" in log.read_text()


def test_remount(container):
    c = container()
    c.bundle.mount("/mnt", options=["mode=0755"])
    c.bundle.mount("/mnt", "none", "tmpfs", ["remount", "ro", "nosuid"])
    assert {"ro", "nosuid"} <= mounts_of(c.probe())["/mnt"][0]


@pytest.mark.parametrize("option, shown", [("shared", "shared:"), ("slave", ""), ("private", ""),
                                           ("unbindable", "unbindable")])
def test_propagation_of_a_mount(container, place, option, shown):
    source = place.path / "source"
    source.mkdir()
    c = container()
    c.bundle.mount("/mnt", source, "bind", ["bind", option])
    seen = mounts_of(c.probe())["/mnt"][1]
    assert shown in seen if shown else "shared" not in seen


@pytest.mark.parametrize("option, shown", [("shared", "shared:"), ("rshared", "shared:"), ("private", ""),
                                           ("rprivate", ""), ("slave", ""), ("unbindable", "unbindable")])
def test_propagation_of_the_root(container, option, shown, peer):
    if peer == "crun" and option == "unbindable":
        pytest.skip()
    c = container()
    c.bundle.linux["rootfsPropagation"] = option
    before = host_mounts(c.bundle.path.parent)
    seen = mounts_of(c.probe())["/"][1]
    assert shown in seen if shown else "shared" not in seen
    assert host_mounts(c.bundle.path.parent) == before


@pytest.mark.yacr
def test_what_masks_a_file_is_no_peer_of_the_hosts(container):
    """With a shared root the host's /dev is; what root mounts over the mask would be over the host's /dev/null, too."""
    c = container()
    c.bundle.linux["rootfsPropagation"] = "rshared"
    for name in ("a", "b"):
        (c.bundle.rootfs / name).write_text("secret")
    c.bundle.linux["maskedPaths"] = ["/a", "/b"]
    table = mounts_of(c.probe())
    assert "shared" not in table["/a"][1] and "shared" not in table["/b"][1]


def test_mounts_of_the_container_do_not_reach_the_host(container):
    c = container()
    before = host_mounts(c.bundle.path.parent)
    c.bundle.mount("/mnt")
    c.bundle.process["args"] = ["sleep", "1000"]
    c.run_detached().ok()
    assert host_mounts(c.bundle.path.parent) == before


def test_tmpcopyup(container, place):
    c = container()
    (c.bundle.rootfs / "var" / "data").mkdir()
    place.give(c.bundle.rootfs / "var" / "data")
    (c.bundle.rootfs / "var" / "data" / "file").write_text("original")
    (c.bundle.rootfs / "var" / "link").symlink_to("data/file")
    os.chmod(c.bundle.rootfs / "var" / "data", 0o711)
    c.bundle.mount("/var", options=["tmpcopyup"])
    c.bundle.sh("cat /var/data/file /var/link; stat -c %a /var/data; echo changed > /var/data/file; "
                "grep -c ' /var ' /proc/self/mountinfo")
    assert c.run().ok().out == "originaloriginal711\n1\n"
    assert (c.bundle.rootfs / "var" / "data" / "file").read_text() == "original"


def test_a_tmpfs_has_the_mode_of_the_directory_it_covers(container, peer):
    c = container()
    (c.bundle.rootfs / "var").chmod(0o751)
    c.bundle.mount("/var")
    c.bundle.sh("stat -c %a /var")
    mode = c.run().ok().out.strip()
    assert mode == "751" or peer


def test_src_nofollow_is_refused_or_works(container, place, peer):
    if peer:
        pytest.skip("crun's, newer than this version")
    (place.path / "link").symlink_to("/etc/passwd")
    c = container()
    c.bundle.mount("/mnt/x", place.path / "link", "bind", ["bind", "copy-symlink"])
    c.bundle.sh("readlink /mnt/x")
    assert c.run().ok().out.strip() == "/etc/passwd"


@pytest.mark.root
def test_an_idmapped_mount(container, mappable, peer):
    if peer:
        pytest.skip("newer than these versions")
    (mappable / "file").write_text("")
    os.chown(mappable / "file", 0, 0)
    c = container()
    c.bundle.namespace("user")
    for maps in ("uidMappings", "gidMappings"):
        c.bundle.linux[maps] = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    m = c.bundle.mount("/mnt", mappable, "bind", ["bind", "idmap"])
    c.bundle.sh("stat -c %u:%g /mnt/file")
    done = c.run()
    if done.code and ("EINVAL" in done.err or "nvalid" in done.err):
        pytest.skip("this file system has no id-mapped mounts")
    assert done.ok().out.strip() == "0:0"


@pytest.mark.root
def test_an_idmapped_mount_with_a_mapping_of_its_own(container, mappable, peer):
    if peer:
        pytest.skip("newer than these versions")
    (mappable / "file").write_text("")
    os.chown(mappable / "file", 1000, 1000)
    c = container()
    m = c.bundle.mount("/mnt", mappable, "bind", ["bind", "idmap"])
    m["uidMappings"] = m["gidMappings"] = [{"containerID": 1000, "hostID": 0, "size": 1}]
    c.bundle.sh("stat -c %u:%g /mnt/file")
    done = c.run()
    if done.code and ("EINVAL" in done.err or "nvalid" in done.err):
        pytest.skip("this file system has no id-mapped mounts")
    assert done.ok().out.strip() == "0:0"


@pytest.mark.yacr
@pytest.mark.parametrize("option, below", [("idmap", "1000:1000"), ("ridmap", "0:0")])
@pytest.mark.root
def test_an_idmapped_mount_may_have_mounts_below(container, tree, option, below):
    source = tree()
    for path in (source, source / "below"):
        (path / "file").write_text("")
        os.chown(path / "file", 1000, 1000)
    c = container()
    m = c.bundle.mount("/mnt", source, "bind", ["rbind", option])
    m["uidMappings"] = m["gidMappings"] = [{"containerID": 1000, "hostID": 0, "size": 1}]
    c.bundle.sh("stat -c %u:%g /mnt/file /mnt/below/file")
    done = c.run()
    if done.code and ("EINVAL" in done.err or "nvalid" in done.err):
        pytest.skip("needs a tmpfs with id-mapped mounts (Linux 6.3)")
    assert done.ok().out.split() == ["0:0", below]


@pytest.mark.parametrize("destination", ["mnt", "/mnt/", "//mnt", "/mnt/.", "/x/../mnt"])
def test_a_destination_is_taken_from_the_root_of_the_container(container, destination):
    c = container()
    (c.bundle.rootfs / "x").mkdir()
    c.bundle.mount(destination, options=["mode=0711"])
    c.bundle.sh("stat -c %a /mnt")
    done = c.run()
    assert done.code or done.out.strip() == "711"


def test_a_destination_through_the_images_symbolic_links(container):
    """/var/run → /run is in every second image."""
    c = container()
    (c.bundle.rootfs / "var" / "run").symlink_to("/run")
    (c.bundle.rootfs / "var" / "lib").symlink_to("../tmp")
    c.bundle.mount("/var/run/secrets", options=["mode=0711"])
    c.bundle.mount("/var/lib/x/y", options=["mode=0722"])
    c.bundle.sh("stat -c %a /run/secrets /tmp/x/y")
    assert c.run().ok().out.split() == ["711", "722"]


# ---- devices ----

DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}


def test_default_devices_and_links(anyone):
    c = anyone()
    c.bundle.sh("for d in null zero full random urandom tty; do stat -c '%n %F %t,%T %a' /dev/$d; done; "
                "for l in fd stdin stdout stderr ptmx; do echo $l $(readlink /dev/$l); done; echo x > /dev/null; "
                "head -c 4 /dev/zero | wc -c; head -c 4 /dev/urandom | wc -c")
    lines = c.run().ok().out.splitlines()
    for line, (name, (major, minor)) in zip(lines, DEVICES.items()):
        assert line == f"/dev/{name} character special file {major:x},{minor:x} 666"
    assert lines[6:11] == ["fd /proc/self/fd", "stdin /proc/self/fd/0", "stdout /proc/self/fd/1",
                           "stderr /proc/self/fd/2", "ptmx pts/ptmx"]
    assert lines[11:] == ["4", "4"]


def test_a_ptmx_among_the_devices_is_the_one_of_the_containers_devpts(anyone):
    """Who lists all devices of a host lists this one, too.  The host's is of no use here."""
    c = anyone()
    c.bundle.linux["devices"] = [{"path": "/dev/ptmx", "type": "c", "major": 5, "minor": 2, "fileMode": 0o666}]
    c.bundle.sh("(: <>/dev/ptmx) && readlink /dev/ptmx")
    assert c.run().ok().out == "pts/ptmx\n"


@pytest.mark.root
def test_devices_of_the_config(container):
    c = container()
    c.bundle.linux["devices"] = [
        {"path": "/dev/mine", "type": "c", "major": 1, "minor": 5, "fileMode": 0o640, "uid": 7, "gid": 8},
        {"path": "/dev/sub/fifo", "type": "p", "fileMode": 0o600},
        {"path": "/dev/block", "type": "b", "major": 7, "minor": 200},
        {"path": "/dev/uchar", "type": "u", "major": 1, "minor": 3},
    ]
    c.bundle.sh("stat -c '%F %t,%T %a %u %g' /dev/mine /dev/sub/fifo /dev/block /dev/uchar")
    lines = c.run().ok().out.splitlines()
    assert lines[0] == "character special file 1,5 640 7 8"
    assert lines[1].startswith("fifo 0,0 600 0 0")
    assert lines[2].startswith("block special file 7,c8")
    assert lines[3].startswith("character special file 1,3")


@pytest.mark.root
def test_the_mode_of_a_device_does_not_depend_on_the_callers_umask(container):
    c = container()
    c.bundle.linux["devices"] = [{"path": "/dev/mine", "type": "c", "major": 1, "minor": 5, "fileMode": 0o666}]
    c.bundle.sh("stat -c %a /dev/mine /dev/null")
    assert c.run(preexec_fn=lambda: os.umask(0o077)).ok().out.split() == ["666", "666"]


@pytest.mark.parametrize("device", [
    {"path": "/dev/x", "type": "q", "major": 1, "minor": 1}, {"path": "/dev/x", "type": "c"},
    {"path": "relative", "type": "c", "major": 1, "minor": 3}, {"type": "c", "major": 1, "minor": 3},
    {"path": "/dev/x", "type": "c", "major": -1, "minor": 3},
], ids=["type", "no number", "relative", "no path", "negative"])
def test_impossible_devices_are_refused(container, device, peer):
    c = container()
    c.bundle.linux["devices"] = [device]
    done = c.run()
    if peer and done.code == 0:
        pytest.skip(f"{peer} takes it")
    done.failed(code=1)


# ---- masked and readonly paths ----

def test_masked_paths(anyone):
    c = anyone()
    (c.bundle.rootfs / "etc" / "secret").write_text("secret")
    (c.bundle.rootfs / "var" / "dir").mkdir()
    (c.bundle.rootfs / "var" / "dir" / "file").write_text("x")
    c.bundle.linux["maskedPaths"] += ["/etc/secret", "/var/dir", "/not/there"]
    c.bundle.sh("cat /etc/secret; ls /var/dir; echo x > /etc/secret; touch /var/dir/new 2>/dev/null && echo written; "
                "cat /etc/secret; true")
    assert c.run().ok().out == ""
    assert (c.bundle.rootfs / "etc" / "secret").read_text() == "secret"


def test_readonly_paths(anyone):
    c = anyone()
    (c.bundle.rootfs / "var" / "dir").mkdir()
    (c.bundle.rootfs / "var" / "dir" / "file").write_text("x")
    os.chmod(c.bundle.rootfs / "var" / "dir", 0o777)
    c.bundle.linux["readonlyPaths"] += ["/var/dir", "/not/there"]
    c.bundle.sh("cat /var/dir/file; touch /var/dir/new 2>/dev/null && echo written; "
                "echo 1 > /proc/sys/kernel/msgmax && echo written; true")
    assert c.run().ok().out == "x"


def test_a_masked_path_stays_masked_with_a_mount_below_it(container):
    c = container()
    c.bundle.linux["readonlyPaths"] += ["/mnt"]
    c.bundle.mount("/mnt", options=["mode=0777"])
    c.bundle.sh("touch /mnt/x && echo written; true")
    assert c.run().ok().out == ""


def test_readonly_root(anyone):
    c = anyone()
    c.bundle.config["root"]["readonly"] = True
    c.bundle.sh("touch /x 2>/dev/null && echo written; touch /dev/shm/x && echo shm; true")
    assert c.run().ok().out == "shm\n"
    assert not (c.bundle.rootfs / "x").exists()


def test_a_readonly_root_whose_mount_points_exist_can_be_used_twice(container):
    for _ in range(2):
        c = container()
        c.bundle.config["root"]["readonly"] = True
        c.bundle.process["args"] = ["true"]
        c.run().ok()
        c.run().ok()


def test_the_dev_of_the_image_serves_when_nothing_is_mounted_there(container):
    """…and a second run on the same root filesystem works as the first did."""
    c = container()
    c.bundle.config["mounts"] = [c.bundle.config["mounts"][0]]
    c.bundle.sh("ls -l /dev/null /dev/stdout; echo x > /dev/null")
    for _ in range(2):
        c.run().ok()


@pytest.mark.parametrize("option", ["--no-pivot"])
def test_no_pivot(container, option):
    c = container()
    c.bundle.sh("ls /probe; ls / | wc -l")
    done = c.run(option).ok()
    assert done.out.startswith("/probe\n")


def test_a_root_that_is_a_symbolic_link(container):
    c = container()
    (c.bundle.path / "link").symlink_to("rootfs")
    c.bundle.config["root"]["path"] = "link"
    done = c.run()
    assert done.code == 0 or done.failed(code=1)


def test_an_absolute_root(container):
    c = container()
    c.bundle.config["root"]["path"] = str(c.bundle.rootfs)
    c.probe()


def test_many_mounts(container, place):
    source = place.path / "source"
    source.mkdir()
    c = container()
    for i in range(200):
        c.bundle.mount(f"/mnt/{i}", source, "bind", ["bind", "ro"])
    c.bundle.process["args"] = ["true"]
    c.run().ok()
