# SPDX-License-Identifier: Apache-2.0
"""docker run: options, and what the container sees of them."""

import platform
import shutil

import pytest

import harness
from engine import compare_seccomp

pytestmark = pytest.mark.xdist_group("docker")


def knob(v1, v2):
    """Reads a control of the container's cgroup, whichever version there is."""
    return f"cat /sys/fs/cgroup/{v1} 2>/dev/null || cat /sys/fs/cgroup/{v2}"


STATUS = "sed -n 's/^{}:\t//p' /proc/self/status".format

# option(s): (script, what it says)
OPTIONS = {
    "--hostname hh": ("hostname", "hh"),
    "--domainname dd": ("cat /proc/sys/kernel/domainname", "dd"),
    "--user 1000": ("id -u; id -g", "1000\n1000"),
    "--user 1000:2000": ("id -g", "2000"),
    "--user user": ("id -un", "user"),
    "--user 4000:5000": ("id -u", "4000"),
    "--group-add 3000": ("id -G", "0 3000"),
    "--workdir /var": ("pwd", "/var"),
    "--workdir /new/dir": ("pwd", "/new/dir"),
    "--env A=b": ("echo $A", "b"),
    "--read-only": ("touch /x 2>/dev/null || echo refused", "refused"),
    "--read-only --tmpfs /t": ("touch /t/x && echo written", "written"),
    "--tmpfs /t:size=1m,mode=1770,uid=7": ("stat -c '%a %u' /t; df -k /t | tail -1 | awk '{print $2}'", "1770 7\n1024"),
    "--tmpfs /t:noexec": ("cp /bin/busybox /t/; /t/busybox true 2>/dev/null || echo refused", "refused"),
    "--shm-size 2m": ("df -k /dev/shm | tail -1 | awk '{print $2}'", "2048"),
    "--ulimit nofile=100:200": ("ulimit -Sn; ulimit -Hn", "100\n200"),
    "--ulimit core=0": ("ulimit -c", "0"),
    "--oom-score-adj 321": ("cat /proc/self/oom_score_adj", "321"),
    "--sysctl net.core.somaxconn=77": ("cat /proc/sys/net/core/somaxconn", "77"),
    "--sysctl kernel.msgmax=4097": ("cat /proc/sys/kernel/msgmax", "4097"),
    "--init": ("tr '\\0' ' ' </proc/1/cmdline | cut -d' ' -f1", "/sbin/docker-init"),
    "--add-host far:10.1.2.3": ("grep far /etc/hosts", "10.1.2.3\tfar"),
    "--dns 10.9.8.7": ("grep -c 10.9.8.7 /etc/resolv.conf", "1"),
    "--mac-address 02:00:00:00:00:07": ("cat /sys/class/net/eth0/address", "02:00:00:00:00:07"),
    # limits
    "--memory 64m": (knob("memory/memory.limit_in_bytes", "memory.max"), str(64 << 20)),
    "--memory 64m --memory-reservation 32m": (knob("memory/memory.soft_limit_in_bytes", "memory.low"), str(32 << 20)),
    "--memory 64m --memory-swap 64m": (
        knob("memory/memory.memsw.limit_in_bytes 2>/dev/null || echo 67108864 #", "memory.max"), str(64 << 20)),
    "--memory 64m --memory-swappiness 10": (
        knob("memory/memory.swappiness", "memory.max | sed 's/.*/10/'"), "10"),
    "--cpus 0.5": (knob("cpu/cpu.cfs_quota_us", "cpu.max") + " | cut -d' ' -f1", "50000"),
    "--cpu-period 50000 --cpu-quota 20000": (knob("cpu/cpu.cfs_period_us", "cpu.max") + " | grep -o '50000$'", "50000"),
    "--cpu-shares 2048": (knob("cpu/cpu.shares", "cpu.weight") + " | sed 's/^79$/2048/'", "2048"),
    "--cpuset-cpus 0": (STATUS("Cpus_allowed_list"), "0"),
    "--cpuset-mems 0": (STATUS("Mems_allowed_list"), "0"),
    "--pids-limit 50": (knob("pids/pids.max", "pids.max"), "50"),
    # privileges
    "--user 1000 --cap-add NET_ADMIN": (STATUS("CapEff"), "0000000000000000"),
    "--cap-drop ALL": (STATUS("CapEff"), "0000000000000000"),
    "--cap-drop ALL --cap-add NET_RAW": (STATUS("CapEff"), "0000000000002000"),
    "--cap-drop ALL --cap-add SYS_TIME": (STATUS("CapBnd"), "0000000002000000"),
    "--privileged": ("mount -t tmpfs none /mnt && echo mounted", "mounted"),
    "--privileged --user 1000": (STATUS("CapEff"), "0000000000000000"),
    "--security-opt no-new-privileges": (STATUS("NoNewPrivs"), "1"),
    "--security-opt seccomp=unconfined": (STATUS("Seccomp"), "0"),
    "--security-opt apparmor=unconfined": ("echo ran", "ran"),
    "--security-opt systempaths=unconfined": ("echo 99 >/proc/sys/kernel/msgmni 2>/dev/null; grep -c ' /proc/' /proc/mounts",
                                              "0"),
    # devices
    "--device /dev/null:/dev/other": ("stat -c %t:%T /dev/other; echo x >/dev/other && echo written", "1:3\nwritten"),
    "--device /dev/fuse:/dev/f:r": ("(: >/dev/f) 2>/dev/null || echo no writing; (: </dev/f) && echo reading",
                                    "no writing\nreading"),
    "--device-cgroup-rule c\\ 10:229\\ rwm": ("mknod /dev/f c 10 229; (: </dev/f) && echo opened", "opened"),
}


@pytest.mark.parametrize("option", OPTIONS)
def test_option(docker, option):
    script, expected = OPTIONS[option]
    words = [word.replace("\0", " ") for word in option.replace("\\ ", "\0").split()]
    assert docker.sh(script, *words) == expected


# What holds without any option.
DEFAULTS = {
    "capabilities": (STATUS("CapEff"), "00000000a80425fb"),
    "seccomp": (STATUS("Seccomp"), "2"),
    "first process": ("echo $$", "1"),
    "stdin": ("wc -c", "0"),
    "devices": ("ls /dev | grep -v core | xargs", "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero"),
    "a device that is not allowed": ("mknod /dev/f c 10 229; (: </dev/f) 2>/dev/null || echo refused", "refused"),
    "masked files": ("wc -c </proc/keys", "0"),
    "read-only files": ("echo 1 2>/dev/null >/proc/sys/kernel/msgmax || echo refused", "refused"),
    "sysfs": ("touch /sys/x 2>/dev/null; grep -c '^sysfs /sys sysfs ro' /proc/mounts", "1"),
    "cgroups": ("grep cgroup /proc/mounts | grep -vc ' ro,\\|tmpfs'", "0"),
    "no shared mounts": ("grep -c 'shared:' /proc/self/mountinfo", "0"),
    "open files": ("ls /proc/self/fd | wc -l", "4"),
    "network": ("ip -o addr show eth0 | grep -c 172.17", "1"),
    "umask": ("umask", "0022"),
}


@pytest.mark.parametrize("what", DEFAULTS)
def test_without_options(docker, what):
    script, expected = DEFAULTS[what]
    assert docker.sh(script) == expected


# Calls of x86-64, each with zeros: getpid, unshare, add_key, keyctl, clone3.
CALLS = "39 272 248 250 435"
ALLOWED, REFUSED, NEWER = "0", "Operation not permitted", "Function not implemented"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="needs x86-64")
@pytest.mark.parametrize("option, expected", [
    ("", [REFUSED, REFUSED, REFUSED, NEWER]),
    ("--cap-add SYS_ADMIN", [ALLOWED, REFUSED, REFUSED, "Invalid argument"]),
    ("--security-opt seccomp=unconfined", [ALLOWED, "Bad address", "Invalid argument", "Invalid argument"]),
])
def test_dockers_own_seccomp_profile_is_in_effect(docker, option, expected):
    harness.build_helpers()
    shutil.copy2(harness.HELPERS / "foreign", docker.room.root / "run" / "foreign")
    said = docker.sh(f"for n in {CALLS}; do /foreign $n; done", "-v", "/run/foreign:/foreign:ro", *option.split())
    pid, *results = said.splitlines()
    assert int(pid) > 0
    assert [r.removeprefix("-1 ").strip() for r in results] == expected


@pytest.mark.parametrize("oci", ["yacr"], indirect=True)
def test_dockers_seccomp_profile_answers_as_libseccomp_does(docker):
    compare_seccomp(docker.room, docker.sleeper())


def test_a_seccomp_profile_of_the_users(docker):
    profile = docker.room.root / "run" / "profile.json"
    profile.write_text('{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": ['
                       '{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}')
    assert "not implemented" in docker.sh("mkdir /x 2>&1; true", "--security-opt", "seccomp=/run/profile.json")


def test_an_apparmor_profile_that_is_not_loaded(docker):
    """Without AppArmor in the kernel dockerd leaves it out; with it the runtime is to refuse."""
    done = docker.run("--security-opt", "apparmor=no-such-profile", "busybox", "true")
    enabled = docker.room("cat", "/sys/module/apparmor/parameters/enabled", check=False).stdout.strip() == "Y"
    assert (done.code != 0) == enabled, done


def test_privileged_sees_the_devices_and_may_use_them(docker):
    assert docker.sh("(: </dev/fuse) && grep -c '^sysfs /sys sysfs rw' /proc/mounts", "--privileged") == "1"


def test_blkio_weight(docker):
    done = docker.run("--blkio-weight", "300", "busybox", "sh", "-c",
                      "cat $(find /sys/fs/cgroup/ -name 'blkio*.weight' -o -name 'io*.weight')")
    if "does not support" in done.err:
        pytest.skip("needs a kernel where dockerd finds weights of block devices (blkio.weight, io.weight)")
    assert "300" in done.ok().out


def test_cgroup_parent(docker):
    id = docker.sleeper("--cgroup-parent", "/of-mine")
    assert f"/of-mine/{id}" in docker.room("cat", f"/proc/{docker.host_pid(id)}/cgroup").stdout


# ---- namespaces ----

@pytest.mark.parametrize("kind, option", [("ipc", "--ipc"), ("pid", "--pid"), ("uts", "--uts"), ("net", "--network"),
                                          ("cgroup", "--cgroupns")])
def test_a_namespace_of_the_host(docker, kind, option):
    own = docker.room("readlink", f"/proc/1/ns/{kind}").stdout.strip()
    assert docker.sh(f"readlink /proc/self/ns/{kind}", option, "host") == own


@pytest.mark.parametrize("kind, option", [("ipc", "--ipc"), ("pid", "--pid"), ("net", "--network")])
def test_a_namespace_of_another_container(docker, kind, option):
    other = docker.sleeper("--ipc", "shareable")
    own = docker.room("readlink", f"/proc/{docker.host_pid(other)}/ns/{kind}").stdout.strip()
    assert docker.sh(f"readlink /proc/self/ns/{kind}", option, f"container:{other}") == own


def test_a_private_cgroup_namespace(docker):
    assert docker.sh("cut -d: -f3 /proc/self/cgroup | sort -u", "--cgroupns", "private") == "/"


def test_no_network(docker):
    assert docker.sh("ls /sys/class/net", "--network", "none") == "lo"


def test_containers_reach_each_other(docker):
    server = docker.start("busybox", "nc", "-l", "-p", "7000", "-e", "echo", "hello")
    address = docker.inspect(server)["NetworkSettings"]["IPAddress"]
    assert docker.sh(f"for i in 1 2 3 4 5; do nc {address} 7000 && break; sleep 0.2; done") == "hello"


# ---- volumes ----

def test_a_volume_gets_what_the_image_has_there(docker):
    assert docker.sh("ls /data", "-v", "/data") == "from-the-image"


def test_a_volume_without_it(docker):
    assert docker.sh("ls /data", "-v", "/data", "-v", "fresh:/data:nocopy") == ""
    docker("volume", "rm", "fresh")


def test_a_volume_keeps_what_was_written(docker):
    docker.sh("echo kept >/v/f", "-v", "kept:/v")
    assert docker.sh("cat /v/f", "-v", "kept:/v") == "kept"
    docker("volume", "rm", "kept")


@pytest.fixture
def directory(docker):
    """A directory of the room with a file and a mount in it: (its path in the room, a Path to look into it)."""
    docker.room("sh", "-c", "mkdir -p /run/dir/sub; mount -t tmpfs dir /run/dir; mount --make-shared /run/dir; "
                "mkdir /run/dir/sub; mount -t tmpfs sub /run/dir/sub; echo text >/run/dir/file")
    yield "/run/dir"
    docker.remove_what_was_made()
    docker.room("umount", "-R", "-l", "/run/dir")


WRITE = "echo x 2>/dev/null >/d/new && echo written; echo x 2>/dev/null >/d/sub/new && echo written below; true"


@pytest.mark.parametrize("option, said", [
    (["-v", "/run/dir:/d"], "written\nwritten below"), (["-v", "/run/dir:/d:ro"], "written below"),
    (["--mount", "type=bind,src=/run/dir,dst=/d,readonly"], "written below"),
    (["--mount", "type=bind,src=/run/dir,dst=/d,bind-nonrecursive"], "written\nwritten below"),
], ids=["rw", "ro", "mount", "nonrecursive"])
def test_a_directory_of_the_host(docker, directory, option, said):
    assert docker.sh(WRITE, *option) == said
    assert "bind-nonrecursive" not in option[-1] or not (docker.room.root / "run/dir/sub/new").exists()


def test_a_directory_read_only_with_all_below(docker, directory):
    """rro: dockerd asks `features` for it since 25."""
    if int(docker("version", "--format", "{{.Server.Version}}").split(".")[0]) < 25:
        pytest.skip("needs Docker 25")
    assert docker.sh(WRITE, "--mount", "type=bind,src=/run/dir,dst=/d,readonly,bind-recursive=readonly") == ""


def test_a_mount_of_the_host_comes_into_the_container(docker, directory):
    id = docker.sleeper("-v", f"{directory}:/d:rslave")
    docker.room("sh", "-c", "mkdir /run/dir/late; mount -t tmpfs late /run/dir/late; touch /run/dir/late/seen")
    assert docker("exec", id, "ls", "/d/late").strip() == "seen"


def test_a_mount_of_the_container_comes_out(docker, directory):
    docker.sh("mkdir /d/inner; mount -t tmpfs inner /d/inner; touch /d/inner/seen",
              "--cap-add", "SYS_ADMIN", "--security-opt", "apparmor=unconfined", "-v", f"{directory}:/d:rshared")
    assert docker.room("ls", "/run/dir/inner").stdout.strip() == "seen"


def test_a_private_mount_stays_inside(docker, directory):
    docker.sh("mkdir /d/inner; mount -t tmpfs inner /d/inner; touch /d/inner/seen",
              "--cap-add", "SYS_ADMIN", "--security-opt", "apparmor=unconfined", "-v", f"{directory}:/d")
    assert docker.room("ls", "/run/dir/inner").stdout == ""


def test_a_file_of_the_host(docker, directory):
    assert docker.sh("cat /one", "-v", f"{directory}/file:/one:ro") == "text"


def test_a_tmpfs_as_a_mount(docker):
    assert docker.sh("stat -f -c %T /t; df -k /t | tail -1 | awk '{print $2}'",
                     "--mount", "type=tmpfs,dst=/t,tmpfs-size=1m").split() == ["tmpfs", "1024"]
