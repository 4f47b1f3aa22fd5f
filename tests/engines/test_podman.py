# SPDX-License-Identifier: Apache-2.0
"""Podman, as root and as an ordinary user."""

import json

import pytest

from engine import CGROUP, PACKAGING, RUNTIMES, Engine, compare_seccomp, need
from harness import until

pytestmark = pytest.mark.xdist_group("podman")

USER, GROUP = 5000, 5555


class Podman(Engine):
    remove = ("rm", "-f", "-v", "-t", "0")

    def __init__(self, room, oci="yacr", user=None):
        super().__init__(room, oci)
        self.user = user
        self.command = ["podman", "--cgroup-manager", "cgroupfs", "--runtime", "yacr" if oci == "yacr" else RUNTIMES[oci]]
        self.env = {"HOME": "/run/home/user", "XDG_RUNTIME_DIR": f"/run/user/{user}"} if user else {}

    def options(self):
        return ["--network", "none"]


@pytest.fixture(scope="module")
def home(podman_room):
    """An ordinary user with ranges of ids in the room."""
    room = podman_room
    room("sh", "-c", f"useradd -m -d /run/home/user -u {USER} user; grep -q ^user: /etc/subuid || "
         f"echo user:200000:65536 | tee -a /etc/subuid >>/etc/subgid; groupadd -g {GROUP} extra; "
         f"mkdir -m 700 /run/user/{USER}; chown {USER} /run/user/{USER}; chmod 755 /run/home")
    Podman(room, user=USER)("load", "-i", "/run/busybox.tar")
    return room


@pytest.fixture(scope="module")
def podman_room(rooms):
    need("podman", "conmon", "catatonit")
    room = rooms()
    (room.root / "etc/containers/containers.conf.d").mkdir(parents=True, exist_ok=True)
    (room.root / "etc/containers/containers.conf.d/yacr.conf").write_text((PACKAGING / "containers.conf").read_text())
    Podman(room)("load", "-i", "/run/busybox.tar")
    return room


def make(request, oci, kind):
    if kind == "rootful":
        return Podman(request.getfixturevalue("podman_room"), oci)
    return Podman(request.getfixturevalue("home"), oci, USER)


@pytest.fixture(scope="module", params=["rootful", "rootless"])
def kind(request):
    return request.param


@pytest.fixture
def podman(request, oci, kind):
    p = make(request, oci, kind)
    yield p
    p.remove_what_was_made()


@pytest.fixture
def root(request, oci):
    p = make(request, oci, "rootful")
    yield p
    p.remove_what_was_made()


@pytest.fixture
def rootless(request, oci):
    p = make(request, oci, "rootless")
    yield p
    p.remove_what_was_made()


@pytest.fixture(scope="module")
def running(request, oci, kind):
    p = make(request, oci, kind)
    yield p.sleeper("--hostname", "sleeper")
    p.remove_what_was_made()


def test_podman_info(podman):
    runtime = json.loads(podman("info", "--format", "json"))["host"]["ociRuntime"]
    assert runtime["path"] == RUNTIMES[podman.oci] and f"{podman.oci} version" in runtime["version"]


@pytest.mark.parametrize("oci", ["yacr"], indirect=True)
def test_podmans_seccomp_profile_answers_as_libseccomp_does(root):
    compare_seccomp(root.room, root.sleeper())


# ---- run ----

def test_podman_output_and_input(podman):
    done = podman.run("-i", "busybox", "sh", "-c", "cat; echo err >&2", input="typed\n").ok()
    assert (done.out, done.err) == ("typed\n", "err\n")


@pytest.mark.parametrize("args, code", [
    (["busybox", "sh", "-c", "exit 5"], 5), (["--no-such-option"], 125), (["busybox", "/etc"], 126),
    (["busybox", "/etc/passwd"], 126), (["busybox", "no-such-program"], 127), (["busybox", "/no/such/program"], 127),
    (["--init", "busybox", "sh", "-c", "kill -KILL $$"], 137), (["--init", "busybox", "sh", "-c", "kill -SEGV $$"], 139),
], ids=lambda v: str(v) if isinstance(v, int) else v[-1])
def test_podman_exit_codes(podman, args, code):
    assert podman.run(*args).code == code


def test_podman_shows_the_error_of_the_runtime(podman):
    podman.run("busybox", "no-such-program").failed("no-such-program", "not found")


def test_podman_terminal(podman):
    t = podman.terminal("run", "--rm", "-it", "--network", "none", "busybox", "sh")
    t.hear("# ")
    t.say("tty\n").hear("/dev/pts/0")
    t.answer("stty size", "30 100")
    t.say("exit 7\n")
    assert t.end() == 7


STATUS = "sed -n 's/^{}:\t//p' /proc/self/status".format
OPTIONS = {
    "--hostname hh": ("hostname", "hh"),
    "--user 1000:2000": ("id -u; id -g", "1000\n2000"),
    "--user user": ("id -un", "user"),
    "--workdir /tmp": ("pwd", "/tmp"),
    "--env A=b": ("echo $A", "b"),
    "--read-only": ("touch /x 2>/dev/null || echo refused", "refused"),
    "--tmpfs /t:size=1m": ("df -k /t | tail -1 | awk '{print $2}'", "1024"),
    "--shm-size 2m": ("df -k /dev/shm | tail -1 | awk '{print $2}'", "2048"),
    "--ulimit nofile=100:200 --ulimit nproc=1000:1000": ("ulimit -Sn; ulimit -Hn", "100\n200"),
    "--oom-score-adj 321": ("cat /proc/self/oom_score_adj", "321"),
    "--init": ("tr '\\0' ' ' </proc/1/cmdline | cut -d' ' -f1", "/run/podman-init"),
    "--cap-drop all": (STATUS("CapEff"), "0000000000000000"),
    "--cap-drop all --cap-add net_raw": (STATUS("CapEff"), "0000000000002000"),
    "--security-opt no-new-privileges": (STATUS("NoNewPrivs"), "1"),
    "--security-opt seccomp=unconfined": (STATUS("Seccomp"), "0"),
    "--security-opt mask=/proc/version": ("wc -c </proc/version", "0"),
    "--security-opt unmask=ALL": ("grep -c ' /proc/' /proc/mounts", "0"),
    "--device /dev/null:/dev/other": ("echo x >/dev/other && echo written", "written"),
    "-v /etc:/d:ro": ("touch /d/x 2>/dev/null || ls /d/hostname", "/d/hostname"),
    "-v /data": ("ls /data", "from-the-image"),
    "--mount type=tmpfs,dst=/t,tmpfs-size=1m": ("df -k /t | tail -1 | awk '{print $2}'", "1024"),
    "--umask 0027": ("umask", "0027"),
    "--pid host": ("readlink /proc/self/ns/pid", "host pid"),
    "--uts host": ("readlink /proc/self/ns/uts", "host uts"),
    "--cgroups disabled": ("echo ran", "ran"),
    "--cgroupns private": ("cut -d: -f3 /proc/self/cgroup | sort -u", "/"),
    "--systemd=always": ("grep -c ' /run tmpfs' /proc/mounts", "1"),
}


@pytest.mark.parametrize("option", OPTIONS)
def test_podman_option(podman, option):
    script, expected = OPTIONS[option]
    if expected.startswith("host "):
        expected = podman.room("readlink", f"/proc/1/ns/{expected[5:]}").stdout.strip()
    assert podman.sh(script, *option.split()) == expected


def test_podman_run_without_options_of_the_caller(podman):
    """No --ulimit, though the defaults are above what this machine allows."""
    assert podman.sh("id -u") == "0"


ROOT_ONLY = {
    "--memory 64m": (f"cat {CGROUP}/memory/memory.limit_in_bytes 2>/dev/null || cat {CGROUP}/memory.max", str(64 << 20)),
    "--cpus 0.5": (f"cat {CGROUP}/cpu/cpu.cfs_quota_us 2>/dev/null || cut -d' ' -f1 {CGROUP}/cpu.max", "50000"),
    "--cpuset-cpus 0": (STATUS("Cpus_allowed_list"), "0"),
    "--pids-limit 50": (f"cat {CGROUP}/pids/pids.max 2>/dev/null || cat {CGROUP}/pids.max", "50"),
    "--pids-limit -1": (f"cat {CGROUP}/pids/pids.max 2>/dev/null || cat {CGROUP}/pids.max", "max"),
    "--sysctl kernel.msgmax=4097": ("cat /proc/sys/kernel/msgmax", "4097"),
    "--userns auto:size=4096": ("awk '{print $3}' /proc/self/uid_map", "4096"),
    "--uidmap 0:300000:1000 --gidmap 0:300000:1000": ("awk '{print $2, $3}' /proc/self/uid_map", "300000 1000"),
    "--cgroup-parent /of-mine": ("grep -c /of-mine/ /proc/self/cgroup | sed 's/^[1-9].*/some/'", "some"),
    "--cap-add mknod --device-cgroup-rule c\\ 10:229\\ rwm": ("mknod /dev/f c 10 229; (: </dev/f) && echo opened", "opened"),
    "--privileged": ("mount -t tmpfs none /mnt && echo mounted", "mounted"),
    "-v /run/dir:/d:U --user 1000": ("stat -c %u /d", "1000"),
}


@pytest.mark.parametrize("option", ROOT_ONLY)
def test_podman_option_as_root(root, option):
    root.room("sh", "-c", "mkdir -p /run/dir; grep -q ^containers: /etc/subuid || echo containers:1000000:65536 | tee -a /etc/subuid "
              ">>/etc/subgid")
    script, expected = ROOT_ONLY[option]
    words = [word.replace("\0", " ") for word in option.replace("\\ ", "\0").split()]
    if "of-mine" in option:
        words += ["--cgroupns", "host"]
    assert root.sh(script, *words) == expected


def test_podman_volume_with_mapped_ids(root):
    """idmap: files of the host's root are those of the container's."""
    root.room("sh", "-c", "mkdir -p /run/mapped; touch /run/mapped/file")
    done = root.run("--uidmap", "0:300000:1000", "--gidmap", "0:300000:1000", "-v", "/var/lib/containers:/d:idmap", "busybox",
                    "stat", "-c", "%u", "/d")
    assert done.ok().out.strip() == "0"


USER_ONLY = {
    "--userns keep-id": ("id -u", str(USER)),
    "--userns keep-id -v /run/home/user:/d": ("touch /d/mine && stat -c %u /d/mine", str(USER)),
    "--userns nomap": ("id -u; awk '{n += $3} END {print n}' /proc/self/uid_map", "0\n65536"),
    "--group-add keep-groups": ("id -G | wc -w", "2"),
    "--userns keep-id -v /run/home/user/sub:/d:U --user 1000": ("stat -c %u /d", "1000"),
}


@pytest.mark.parametrize("option", USER_ONLY)
def test_podman_option_as_a_user(rootless, option):
    script, expected = USER_ONLY[option]
    rootless.room("install", "-d", "-o", USER, "-g", USER, "/run/home/user/sub")
    rootless.group = GROUP
    assert rootless.sh(script, *option.split()) == expected


# ---- exec and the rest ----

@pytest.mark.parametrize("options, script, expected", [
    ([], "id -u; hostname", "0\nsleeper"), (["-u", "1000"], "id -u", "1000"), (["-w", "/tmp"], "pwd", "/tmp"),
    (["-e", "A=b"], "echo $A", "b")], ids=["plain", "user", "directory", "environment"])
def test_podman_exec(podman, running, options, script, expected):
    assert podman("exec", *options, running, "sh", "-c", script).strip() == expected


@pytest.mark.parametrize("program, code", [(["sh", "-c", "exit 3"], 3), (["no-such-program"], 127), (["/etc/passwd"], 126)],
                         ids=lambda v: v[-1] if isinstance(v, list) else str(v))
def test_podman_exec_exit_codes(podman, running, program, code):
    assert podman.call("exec", running, *program).code == code


def test_podman_exec_on_a_terminal(podman, running):
    t = podman.terminal("exec", "-it", running, "sh")
    t.hear("# ")
    t.say("tty\n").hear("/dev/pts/")
    t.say("exit 6\n")
    assert t.end() == 6


def test_podman_logs(podman):
    id = podman.start("busybox", "sh", "-c", "echo one; echo two >&2")
    podman("wait", id)
    done = podman.call("logs", id).ok()
    assert (done.out, done.err) == ("one\n", "two\n")


def test_podman_top(podman, running):
    assert "sleep 1000" in podman("top", running)


def test_podman_inspect(podman, running):
    assert podman.inspect(running)["OCIRuntime"] in (podman.oci, RUNTIMES[podman.oci])


def test_podman_stop(podman):
    id = podman.start("busybox", "sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.02; done")
    until(lambda: "ready" in podman("logs", id))
    podman("stop", id)
    assert podman.state(id)["ExitCode"] == 9


def test_podman_kill(podman):
    id = podman.sleeper()
    podman("kill", id)
    assert podman("wait", id).strip() == "137"


def test_podman_restart(podman):
    id = podman.sleeper()
    before = podman.host_pid(id)
    podman("restart", "-t", "0", id)
    assert podman.host_pid(id) not in (0, before)


def test_podman_copying(podman, running):
    podman("exec", running, "sh", "-c", "echo copied >/tmp/file")
    podman("cp", f"{running}:/tmp/file", f"{podman.env.get('HOME', '/run')}/back-{podman.oci}")
    assert podman.room("cat", f"{podman.env.get('HOME', '/run')}/back-{podman.oci}").stdout == "copied\n"


def test_podman_health(podman):
    id = podman.sleeper("--health-cmd", "test -e /tmp/well", "--health-interval", "disable", "--health-retries", "1")
    assert podman.call("healthcheck", "run", id).code == 1
    podman("exec", id, "touch", "/tmp/well")
    assert podman.call("healthcheck", "run", id).code == 0


def test_podman_pod(podman):
    pod = f"pod-{podman.oci}"
    podman("pod", "create", "--name", pod, "--network", "none", "--share", "ipc,net,uts,pid")
    try:
        a, b = (podman("run", "-d", "--pod", pod, "busybox", "sleep", "1000").strip() for _ in range(2))
        seen = [podman("exec", id, "sh", "-c", "for n in ipc net uts pid; do readlink /proc/self/ns/$n; done") for id in (a, b)]
        assert seen[0] == seen[1] and "pid:[" in seen[0]
    finally:
        podman("pod", "rm", "-f", "-t", "0", pod)


PLAY = """apiVersion: v1
kind: Pod
metadata: {name: NAME}
spec:
  containers:
  - name: one
    image: docker.io/library/busybox:latest
    imagePullPolicy: Never
    command: [sh, -c, "echo $A; exec sleep 1000"]
    env: [{name: A, value: played}]
    securityContext: {runAsUser: 1000}
"""


def test_podman_play_kube(podman):
    name = f"play-{podman.oci}"
    file = podman.room.root / "run" / f"{name}.yaml"
    file.write_text(PLAY.replace("NAME", name))
    podman("play", "kube", "--network", "none", f"/run/{name}.yaml")
    try:
        until(lambda: podman("logs", f"{name}-one") == "played\n")
        assert podman("exec", f"{name}-one", "id", "-u") == "1000\n"
    finally:
        podman("play", "kube", "--down", f"/run/{name}.yaml")


def test_podman_generate_systemd(podman, running):
    assert f"podman start {running}" in podman("generate", "systemd", running)


def test_podman_pause(root):
    id = root.sleeper()
    root("pause", id)
    assert root.state(id)["Status"] == "paused"
    root("unpause", id)
    assert root.state(id)["Status"] == "running"


def test_podman_stats(root):
    id = root.sleeper()
    stats = json.loads(root("stats", "--no-stream", "--format", "json", id))[0]
    assert stats["pids"] == "1" and not stats["mem_usage"].startswith("0B")


def test_podman_update(root):
    id = root.sleeper("-m", "64m")
    root("update", "--memory", "48m", id)
    said = root("exec", id, "sh", "-c", f"cat {CGROUP}/memory/memory.limit_in_bytes 2>/dev/null || cat {CGROUP}/memory.max")
    assert said.strip() == str(48 << 20)


def test_podman_oom_killed(root):
    id = root.start("-m", "16m", "busybox", "sh", "-c", "x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done")
    assert root("wait", id).strip() == "137"


def test_podman_network(root):
    """The bridge of Podman's own configuration."""
    assert "inet 10.88." in root("run", "--rm", "--network", "podman", "busybox", "ip", "-4", "addr", "show", "eth0")


def test_podman_leaves_nothing(root):
    id = root.sleeper()
    root("rm", "-f", "-t", "0", id)
    assert root.room("find", CGROUP, "/run/yacr", "/run/runc", "-name", f"*{id}*", check=False).stdout == ""


# ---- building ----

DOCKERFILE = """FROM docker.io/library/busybox
RUN id -u >/built
USER 1000
RUN touch /built 2>/dev/null || echo refused >/tmp/refused
"""


def test_podman_build(podman):
    context = podman.room.root / "run" / "context"
    context.mkdir(exist_ok=True)
    (context / "Dockerfile").write_text(DOCKERFILE)
    podman("build", "--isolation", "oci", "--network", "none", "--no-cache", "-t", "built", "/run/context")
    assert podman.run("built", "cat", "/built", "/tmp/refused").ok().out.split() == ["0", "refused"]


def test_buildah_run(root):
    def buildah(*args):
        return root.room("buildah", *args).stdout

    name = buildah("from", "--pull-never", "docker.io/library/busybox").strip()
    try:
        options = ["--isolation", "oci", "--runtime", RUNTIMES[root.oci], "--network", "none"]
        assert buildah("run", *options, name, "sh", "-c", "id -u; readlink /proc/self/exe").split() == ["0", "/bin/busybox"]
        assert root.room("buildah", "run", *options, name, "sh", "-c", "exit 9", check=False).returncode == 9
        assert root.room("buildah", "run", *options, name, "no-such-program", check=False).returncode != 0
    finally:
        buildah("rm", name)
