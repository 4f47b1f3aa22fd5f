# SPDX-License-Identifier: Apache-2.0
"""What the program finds itself to be: user, capabilities, limits, descriptors, signals, environment."""

import json
import os
import resource
import signal

import pytest

from harness import DOCKER_CAPS, PATIENCE, STRANGER, until

# Numbers of linux/capability.h.
CAPS = {n: i for i, n in enumerate(
    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE "
    "NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN "
    "SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP "
    "MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE".split())}


def mask(*names):
    return sum(1 << CAPS[n.removeprefix("CAP_")] for n in names)


def test_the_golden_state(anyone):
    """What a program may rely on in any container."""
    seen = anyone().probe()
    assert seen["pid"] == 1
    assert sorted(seen["fds"]) == ["0", "1", "2"]
    assert seen["umask"] == 0o022
    assert seen["blocked"] == 0 and seen["ignored"] == []
    assert seen["pdeathsig"] == 0
    assert seen["dumpable"] == 1
    assert seen["subreaper"] == 0
    assert seen["secure"] == 0
    assert seen["groups"] in ([], [0], [65534])
    assert seen["caps"]["inheritable"] == 0 and seen["caps"]["ambient"] == 0
    assert seen["nnp"] == 1
    assert seen["cwd"] == "/"
    assert seen["sid"] == seen["pid"]


def test_the_callers_signal_settings_do_not_reach_the_program(container):
    def hostile():
        signal.signal(signal.SIGUSR2, signal.SIG_IGN)
        signal.signal(signal.SIGRTMAX, signal.SIG_IGN)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGTERM, signal.SIGCHLD])

    c = container()
    seen = c.run(preexec_fn=hostile).ok().json
    assert seen["blocked"] == 0 and seen["ignored"] == []


@pytest.mark.yacr
def test_a_caller_that_ignores_the_end_of_children(container):
    """As daemons do that want no zombies: it is handed on by execve(2), and takes the children of all from them."""
    ignore = lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    c, other = container(), container()
    c.bundle.config["hooks"] = {kind: [{"path": "/bin/true"}] for kind in ("prestart", "createContainer")}
    c.bundle.process["args"] = ["sh", "-c", "exit 3"]
    assert c.run(preexec_fn=ignore).code == 3
    other.bundle.process["args"] = ["sleep", "1000"]
    other.run_detached().ok()
    assert other.runtime.call("exec", other.id, "sh", "-c", "exit 4", preexec_fn=ignore).code == 4


def test_the_callers_umask_does_not_reach_the_program(container):
    c = container()
    assert c.run(preexec_fn=lambda: os.umask(0o077)).ok().json["umask"] == 0o022


def test_the_callers_groups_do_not_reach_the_program(container):
    c = container()
    assert c.run(preexec_fn=lambda: os.setgroups([10, 20, 30])).ok().json["groups"] in ([], [0])


def test_each_container_has_a_session_keyring_of_its_own(container):
    first, second = container(), container()
    rings = [c.probe()["keyring"] for c in (first, second)]
    assert rings[0] and first.id in rings[0]
    assert rings[1] and second.id in rings[1]


def test_no_new_keyring_keeps_the_callers(container):
    c = container()
    assert c.id not in (c.run("--no-new-keyring").ok().json["keyring"] or "")


# ---- user ----

@pytest.mark.root
def test_user_and_group(container):
    c = container()
    c.bundle.process["user"] = {"uid": 1000, "gid": 2000, "additionalGids": [5, 6, 7]}
    seen = c.probe()
    assert seen["uids"] == [1000] * 3 and seen["gids"] == [2000] * 3
    assert sorted(g for g in seen["groups"] if g != 2000) == [5, 6, 7]


@pytest.mark.root
def test_a_thousand_groups(container):
    c = container()
    c.bundle.process["user"]["additionalGids"] = list(range(100, 1100))
    assert len(set(c.probe()["groups"]) - {0}) == 1000


def test_umask(container):
    c = container()
    c.bundle.process["user"]["umask"] = 0o027
    assert c.probe()["umask"] == 0o027


@pytest.mark.parametrize("user", [
    {"uid": -1}, {"uid": 4294967296}, {"uid": 2 ** 64}, {"uid": 1.5}, {"uid": "1000"}, {"gid": -1}, {"gid": 4294967296},
    {"additionalGids": [-1]}, {"additionalGids": [4294967296]}, {"additionalGids": "5"}, {"umask": -1},
], ids=str)
def test_ids_that_are_no_ids_are_refused(container, user):
    c = container()
    c.bundle.process["user"].update(user)
    c.run().failed()


# ---- capabilities ----

def test_capabilities_of_root(container):
    c = container()
    expected = mask(*DOCKER_CAPS)
    seen = c.probe()["caps"]
    assert seen["effective"] == seen["permitted"] == seen["bounding"] == expected


@pytest.mark.root
def test_capabilities_of_an_ordinary_user_are_none_without_ambient(container):
    c = container()
    c.bundle.process["user"]["uid"] = 1000
    seen = c.probe()["caps"]
    assert seen["effective"] == seen["permitted"] == 0
    assert seen["bounding"] == mask(*DOCKER_CAPS)


@pytest.mark.root
def test_ambient_capabilities_of_an_ordinary_user(container):
    c = container()
    c.bundle.process["user"]["uid"] = 1000
    wanted = ["CAP_NET_BIND_SERVICE", "CAP_KILL"]
    c.bundle.process["capabilities"] = {k: wanted for k in ("bounding", "effective", "permitted", "inheritable",
                                                            "ambient")}
    seen = c.probe()["caps"]
    assert all(seen[k] == mask(*wanted) for k in seen), seen


@pytest.mark.root
def test_ambient_must_be_asked_for(container):
    c = container()
    c.bundle.process["user"]["uid"] = 1000
    wanted = ["CAP_NET_BIND_SERVICE"]
    c.bundle.process["capabilities"] = {k: wanted for k in ("bounding", "effective", "permitted", "inheritable")}
    seen = c.probe()["caps"]
    assert seen["ambient"] == 0 and seen["effective"] == 0 and seen["inheritable"] == mask(*wanted)


def test_no_capabilities_at_all(anyone):
    c = anyone()
    c.bundle.process["capabilities"] = {}
    assert set(c.probe()["caps"].values()) == {0}


def test_an_unknown_capability(container):
    """Is passed over with a warning."""
    c = container()
    c.bundle.process["capabilities"]["bounding"].append("CAP_TIME_TRAVEL")
    assert c.run().ok().json["caps"]["bounding"] == mask(*DOCKER_CAPS)


@pytest.mark.parametrize("nnp", [True, False])
def test_no_new_privileges(anyone, nnp):
    c = anyone()
    c.bundle.process["noNewPrivileges"] = nnp
    assert c.probe()["nnp"] == int(nnp)


# ---- limits ----

def test_rlimits(container):
    c = container()
    c.bundle.process["rlimits"] = [{"type": "RLIMIT_NOFILE", "soft": 128, "hard": 256},
                                   {"type": "RLIMIT_CORE", "soft": 0, "hard": 0},
                                   {"type": "RLIMIT_CPU", "soft": 1000, "hard": 2000}]
    seen = c.probe()["rlimits"]
    assert seen["NOFILE"] == [128, 256] and seen["CORE"] == [0, 0] and seen["CPU"] == [1000, 2000]


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two processors")
def test_the_callers_processors_are_not_the_containers(container):
    """A container is confined by its cgroup: an engine that systemd confines (CPUAffinity=) does not hand that down."""
    mine = os.sched_getaffinity(0)
    one = {"preexec_fn": lambda: os.sched_setaffinity(0, {min(mine)})}
    show = ["grep", "Cpus_allowed_list", "/proc/1/status", "/proc/self/status"]
    c = container()
    c.bundle.sh(f"{' '.join(show)} && exec sleep 1000")
    c.run_detached(**one).ok()
    until(lambda: c.said().count("\n") == 2)
    own = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("Cpus_allowed_list"))
    assert {line.split()[1] for line in c.said().splitlines()} == {own}
    assert {line.split()[1] for line in c.runtime.call("exec", c.id, *show, **one).ok().out.splitlines()} == {own}


@pytest.mark.parametrize("verb", ["run", "exec"])
def test_few_descriptors_are_enough_for_a_program(container, verb):
    """Fewer than it takes to make the container."""
    c = container()
    limit = {"type": "RLIMIT_NOFILE", "soft": 9, "hard": 10}
    for i in range(12):
        c.bundle.mount(f"/mnt/{i}", "/etc", "bind", ["bind"])
    script = "ulimit -Sn; ulimit -Hn"
    if verb == "run":
        c.bundle.process["rlimits"] = [limit]
        c.bundle.sh(script)
        said = c.run().ok().out
    else:
        c.bundle.process["args"] = ["sleep", "1000"]
        c.run_detached().ok()
        process = {**c.bundle.process, "rlimits": [limit], "args": ["sh", "-c", script]}
        (c.bundle.path / "process.json").write_text(json.dumps(process))
        said = c.runtime.call("exec", "--process", c.bundle.path / "process.json", c.id).ok().out
    assert said.split() == ["9", "10"]


@pytest.mark.parametrize("rlimits", [
    [{"type": "RLIMIT_BEER", "soft": 1, "hard": 1}],
    [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 50}],
    [{"type": "RLIMIT_NOFILE", "soft": -1, "hard": 50}],
], ids=["unknown", "soft above hard", "negative"])
def test_impossible_rlimits_are_refused(container, rlimits):
    c = container()
    c.bundle.process["rlimits"] = rlimits
    c.run().failed()


def test_a_limit_given_twice_is_refused(container):
    c = container()
    c.bundle.process["rlimits"] = [{"type": "RLIMIT_NOFILE", "soft": 99, "hard": 99}] * 2
    c.run().failed("RLIMIT_NOFILE")


def test_limits_not_named_are_the_callers(container):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    c = container()
    c.bundle.process["rlimits"] = []
    unlimited = (-1, 2 ** 63 - 1)
    assert c.probe()["rlimits"]["FSIZE"][0] in (soft, *unlimited)


def test_oom_score_adj(container):
    c = container()
    c.bundle.process["oomScoreAdj"] = 321
    assert c.probe()["oom_score_adj"] == ["321"]


def test_oom_score_adj_is_kept_when_not_given(container):
    c = container()
    own = open("/proc/self/oom_score_adj").read().strip()
    assert c.probe()["oom_score_adj"] == [own]


# ---- program, directory, environment ----

def test_cwd(container):
    c = container()
    c.bundle.process["cwd"] = "/home"
    assert c.probe()["cwd"] == "/home"


def test_a_missing_cwd_is_made(container):
    c = container()
    c.bundle.process["cwd"] = "/var/made/for/it"
    assert c.probe()["cwd"] == "/var/made/for/it"


@pytest.mark.root
def test_a_cwd_only_its_user_may_enter(container):
    c = container()
    c.bundle.process["user"] = {"uid": 1000, "gid": 1000}
    (c.bundle.rootfs / "home").chmod(0o700)
    os.chown(c.bundle.rootfs / "home", 1000, 1000)
    c.bundle.process["cwd"] = "/home"
    c.bundle.process["capabilities"] = {}
    assert c.probe()["cwd"] == "/home"


def test_a_relative_cwd_is_refused(container):
    c = container()
    c.bundle.process["cwd"] = "home"
    c.run().failed("cwd" if "yacr" in c.runtime.name else "")


def test_environment(container):
    c = container()
    c.bundle.process["env"] = ["A=1", "B=two words", "C=", "PATH=/bin"]
    seen = c.run(env={"SECRET": "of the caller"}).ok().json["env"]
    assert [e for e in seen if not e.startswith("HOME=")] == ["A=1", "B=two words", "C=", "PATH=/bin"]


@pytest.mark.parametrize("uid, home", [(0, "/root"), *(pytest.param(*row, marks=pytest.mark.root)
                                                       for row in ((1000, "/home"), (4000, "/")))])
def test_home_comes_from_the_containers_passwd(container, uid, home):
    c = container()
    c.bundle.process["user"]["uid"] = uid
    assert f"HOME={home}" in c.probe()["env"]


def test_an_empty_home_is_none(container):
    """As `docker run --env HOME=` has it, and runc."""
    c = container()
    c.bundle.process["env"].append("HOME=")
    assert [e for e in c.probe()["env"] if e.startswith("HOME=")] == ["HOME=/root"]


def test_home_that_is_given_is_kept(container):
    c = container()
    c.bundle.process["env"].append("HOME=/mine")
    homes = [e for e in c.probe()["env"] if e.startswith("HOME=")]
    assert homes == ["HOME=/mine"]


def test_arguments_arrive_as_they_are(container):
    c = container()
    args = ["/probe", "", "two words", "quo'te\"s", "ünïcödé", "line\nbreak", "*"]
    c.bundle.process["args"] = args
    assert c.probe()["argv"] == args


@pytest.mark.parametrize("path, found", [("/bin", True), ("/nowhere:/bin", True), ("/nowhere", False), (None, True)])
def test_the_program_is_searched_on_the_containers_path(container, path, found):
    c = container()
    c.bundle.process["env"] = [f"PATH={path}"] if path else []
    c.bundle.process["args"] = ["echo", "found"]
    done = c.run()
    if found:
        assert done.ok().out == "found\n"
    else:
        done.failed('executable file' , "not found in $PATH", code=1)


def test_a_program_that_does_not_exist(anyone):
    c = anyone()
    c.bundle.process["args"] = ["/no/such/program"]
    c.run().failed("no such file or directory" if "crun" not in c.runtime.name else "", code=1)
    assert c.runtime.ids() == []


@pytest.mark.parametrize("kind", ["directory", "not executable"])
def test_a_program_that_cannot_be_executed(container, kind):
    c = container()
    target = c.bundle.rootfs / "prog"
    if kind == "directory":
        target.mkdir()
    else:
        target.write_text("text")
    c.bundle.process["args"] = ["/prog"]
    done = c.run().failed(code=1)
    assert "permission denied" in done.err.lower() or "is a directory" in done.err.lower()


def test_start_says_why_the_program_cannot_be_executed(container):
    """Found only by execve: a script whose interpreter does not exist, or a file of no known format."""
    c = container()
    target = c.bundle.rootfs / "prog"
    target.write_bytes(b"\x7fNOT AN ELF")
    target.chmod(0o755)
    c.bundle.process["args"] = ["/prog"]
    c.create().ok()
    c.start().failed("/prog", code=1)


@pytest.mark.yacr
@pytest.mark.parametrize("text, hint", [("#!/no/such/interpreter\n", "the interpreter that it names"),
                                        ("echo\n", "a script begins with #!")], ids=["interpreter", "format"])
def test_what_execve_refuses_has_a_hint(container, text, hint):
    c = container()
    (c.bundle.rootfs / "prog").write_text(text)
    (c.bundle.rootfs / "prog").chmod(0o755)
    c.bundle.process["args"] = ["/prog"]
    c.run().failed('exec: "/prog": ', "hint:", hint, code=1)


def test_a_script_is_a_program(container):
    c = container()
    target = c.bundle.rootfs / "prog"
    target.write_text("#!/bin/sh\necho script $1\n")
    target.chmod(0o755)
    c.bundle.process["args"] = ["/prog", "argument"]
    assert c.run().ok().out == "script argument\n"


# ---- descriptors ----

def open_many():
    fds = []
    for path in ("/", "/etc", "/etc/passwd"):
        for _ in range(5):
            fd = os.open(path, os.O_RDONLY)
            os.set_inheritable(fd, True)
            fds.append(fd)
    return fds


def test_the_callers_descriptors_do_not_reach_the_program(anyone):
    fds = open_many()
    try:
        assert sorted(anyone().run(pass_fds=fds).ok().json["fds"]) == ["0", "1", "2"]
    finally:
        for fd in fds:
            os.close(fd)


@pytest.mark.parametrize("count", [1, 3])
def test_preserved_descriptors_arrive(container, count):
    c = container()
    read, write = os.pipe()
    script = "".join(f"echo {3 + i} >&{3 + i}; " for i in range(count)) + "ls /proc/self/fd | wc -l"

    def arrange():
        os.dup2(write, 63)
        for i in range(count):
            os.dup2(63, 3 + i)

    c.bundle.sh(script)
    c.run("--preserve-fds", str(count), preexec_fn=arrange, pass_fds=list(range(3, 3 + count))).ok()
    os.close(write)
    assert os.read(read, 100).decode().split() == [str(3 + i) for i in range(count)]
    os.close(read)


def test_more_preserved_descriptors_than_there_are_is_refused(container):
    container().run("--preserve-fds", "20").failed()


def test_a_socket_of_systemd_is_passed_on(container):
    """LISTEN_FDS: socket activation of what runs in the container."""
    c = container()
    read, write = os.pipe()
    done = c.run(preexec_fn=lambda: os.dup2(write, 3), pass_fds=[3], env={"LISTEN_FDS": "1", "LISTEN_PID": None})
    os.close(read)
    os.close(write)
    seen = done.ok().json
    if "3" in seen["fds"]:
        assert "LISTEN_FDS=1" in seen["env"] and "LISTEN_PID=1" in seen["env"]


# ---- hosts ----

def test_standard_streams_that_are_closed(container):
    c = container()
    c.bundle.sh("echo hello; exit 5")

    def close_all():
        for fd in (0, 1, 2):
            os.close(fd)

    c.bundle.save()
    import subprocess
    code = subprocess.run(c.runtime.argv("run", "--bundle", c.bundle.path, c.id), preexec_fn=close_all,
                          env=c.runtime.environment(), timeout=20 * PATIENCE).returncode
    assert code in (1, 5)  # with an error, or without streams: but no hang and nothing left


def test_the_container_belongs_to_the_caller(container, rootless):
    c = container(on=rootless)
    c.bundle.process["args"] = ["sleep", "1000"]
    c.run_detached().ok()
    assert os.stat(f"/proc/{c.pid}").st_uid == STRANGER


# ---- seccomp ----

PROFILE = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
    {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}


@pytest.mark.parametrize("uid", [0, 1000])
@pytest.mark.parametrize("nnp", [True, False])
def test_a_filter_is_in_force_and_costs_no_capability(anyone, uid, nnp):
    """Without no_new_privs loading it takes CAP_SYS_ADMIN, which the program must not keep."""
    c = anyone()
    if c.runtime.user and uid:
        pytest.skip("needs a second id in the user namespace")
    c.bundle.process["user"]["uid"] = uid
    c.bundle.process["noNewPrivileges"] = nnp
    c.bundle.linux["seccomp"] = PROFILE
    c.bundle.sh("grep -E 'Seccomp:|CapEff' /proc/self/status; mkdir /tmp/x")
    done = c.run()
    assert "Seccomp:\t2" in done.out and "not implemented" in done.err
    if uid:
        assert "CapEff:\t0000000000000000" in done.out
