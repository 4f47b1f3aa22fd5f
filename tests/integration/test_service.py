# SPDX-License-Identifier: Apache-2.0
"""What a service manager expects of a service: sd_notify(3) and sd_listen_fds(3)."""

import os
import shutil
import socket
import subprocess

import pytest

from harness import HELPERS, PATIENCE, make_rootless, until

pytestmark = pytest.mark.yacr  # peers look for /proc/PID, which a zombie has, or speak without a barrier
NOTIFY = "/run/notify/notify.sock"


class Manager:
    """The service manager's end of NOTIFY_SOCKET."""

    def __init__(self, address):
        self.address = str(address)
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(self.address.replace("@", "\0"))
        if not self.address.startswith("@"):
            os.chmod(self.address, 0o666)
        self.env = {"NOTIFY_SOCKET": self.address}

    def hears(self, timeout=10):
        """The next message, as a dictionary; None when nobody says anything. What waits for a barrier goes on."""
        self.sock.settimeout(timeout * PATIENCE)
        try:
            data, fds, _, _ = socket.recv_fds(self.sock, 4096, 4)
        except TimeoutError:
            return None
        for fd in fds:
            os.close(fd)
        return dict(line.split("=", 1) for line in data.decode().split("\n") if line)

    def hears_ready(self):
        """All up to the barrier."""
        said = {}
        while "BARRIER" not in said:
            said.update(self.hears())
        return said


@pytest.fixture
def manager(place):
    manager = Manager(place.path / "manager.sock")
    yield manager
    manager.sock.close()


@pytest.fixture
def service(container):
    c = container()
    shutil.copy(HELPERS / "notify", c.bundle.rootfs / "bin" / "notify")
    return c


def test_run_tells_the_manager_that_the_program_is_ready(service, manager):
    service.bundle.sh("notify MAINPID=1 STATUS=x; notify READY=1; sleep 100").save()
    run = service.runtime.popen("run", "--bundle", service.bundle.path, service.id, env=manager.env)
    said = manager.hears_ready()
    assert said["READY"] == "1" and said["MAINPID"] == str(run.pid) and "STATUS" not in said
    assert run.poll() is None
    service.kill("KILL").ok()
    assert run.wait(10) == 137


@pytest.mark.parametrize("user", [0, pytest.param(1000, marks=pytest.mark.root)])
@pytest.mark.parametrize("userns", [False, pytest.param(True, marks=pytest.mark.root)])
def test_run_detached_returns_when_the_program_is_ready(service, manager, user, userns):
    if userns:
        make_rootless(service.bundle.config, 100000, (100001, 65535))
        service.bundle.drop_namespace("network")
        os.chown(service.bundle.rootfs / "run", 100000, 100000)
    service.bundle.process["user"] = {"uid": user, "gid": user}
    service.bundle.sh("while ! test -e /tmp/go; do sleep 0.05; done; notify READY=1; sleep 100").save()
    with open(service.output, "w") as out:
        run = service.runtime.popen("run", "-d", "--bundle", service.bundle.path, service.id, env=manager.env,
                                    stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    until(lambda: run.poll() is not None or service.id in service.runtime.ids() and service.status == "running")
    assert manager.hears(0.2) is None and run.poll() is None, service.said()
    (service.bundle.rootfs / "tmp" / "go").touch()
    said = manager.hears_ready()
    assert said["READY"] == "1" and said["MAINPID"] == str(service.pid)
    assert run.wait(10) == 0, service.said()


def test_start_returns_when_the_program_is_ready(service, manager):
    service.bundle.sh(f"echo $NOTIFY_SOCKET; test -S {NOTIFY} || exit 1; read x < /tmp/go; notify 'A=1\nREADY=1'; sleep 100")
    go = service.bundle.rootfs / "tmp" / "go"
    os.mkfifo(go)
    service.create(env=manager.env).ok()
    start = service.runtime.popen("start", service.id, env=manager.env)
    with open(go, "w") as fifo:  # the program has come to reading it
        assert start.poll() is None and service.status == "running"
        fifo.write("\n")
    assert manager.hears_ready()["MAINPID"] == str(service.pid)
    assert start.wait(10) == 0
    assert service.said().startswith(os.path.dirname(NOTIFY))


def test_start_returns_when_the_program_ends_without_being_ready(service, manager):
    service.bundle.process["args"] = ["true"]
    service.create(env=manager.env).ok()
    service.start(env=manager.env, timeout=10).ok()
    assert manager.hears(0.1) is None


def test_a_manager_that_does_not_listen_hinders_nothing(service, place):
    service.bundle.sh("notify READY=1; sleep 100")
    service.run_detached(env={"NOTIFY_SOCKET": str(place.path / "none")}).ok()
    assert service.status == "running"


def test_a_manager_that_does_not_read_is_not_waited_for_for_ever(service, manager):
    full = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    full.setblocking(False)
    try:
        while full.sendto(b"X=1", manager.address):
            pass
    except BlockingIOError:
        full.close()
    service.bundle.sh("notify READY=1; sleep 100")
    service.run_detached(env=manager.env, timeout=20).ok()
    assert service.status == "running"


@pytest.mark.parametrize("address", ["relative", "vsock:2:3", "@", "/"])
def test_an_address_that_is_none_is_not_used(service, address):
    service.bundle.sh("echo x$NOTIFY_SOCKET")
    assert service.run(env={"NOTIFY_SOCKET": address}).ok().out == "x\n"


def test_an_abstract_address(service, place):
    manager = Manager(f"@yacr-{service.id}")
    service.bundle.sh("notify READY=1; sleep 100").save()
    run = service.runtime.popen("run", "-d", "--bundle", service.bundle.path, service.id, env=manager.env,
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    assert manager.hears_ready()["READY"] == "1"
    assert run.wait(10) == 0


def test_an_engine_that_has_a_socket_for_the_program_keeps_it(service, manager):
    service.bundle.process["env"].append("NOTIFY_SOCKET=/engines/own")
    service.bundle.sh("echo $NOTIFY_SOCKET; test -e /run/notify || echo none")
    assert service.run(env=manager.env).ok().out == "/engines/own\nnone\n"


def test_a_root_with_a_long_name_has_room_for_the_socket(service, manager, place):
    long = service.runtime.variant(root=place.path / ("x" * 100))
    long.root.mkdir()
    place.give(long.root)
    service.runtime = long
    service.bundle.sh("notify READY=1")
    service.run(env=manager.env).ok()
    assert manager.hears()["READY"] == "1"


@pytest.mark.parametrize("damage", ["file", "link"])
def test_what_the_image_has_in_place_of_the_directory(service, manager, place, damage):
    """The socket is mounted where the name leads inside the container, or it is an error."""
    victim = place.path / "victim"
    victim.mkdir()
    where = service.bundle.rootfs / "run" / "notify"
    where.symlink_to(f"../../../{victim}") if damage == "link" else where.write_text("")
    service.bundle.sh("ls /run/notify/; ls " + str(victim))
    done = service.run(env=manager.env)
    assert os.listdir(victim) == []
    if damage == "file":
        done.failed("/run/notify", "NOTIFY_SOCKET", code=1)


# ---- socket activation ----

@pytest.fixture
def activated(service, place):
    """Runs it with descriptors 3 and 4 (and 5) as a manager that listens hands them over."""
    for name in "abc":
        (place.path / name).write_text(name)
    prefix = ["sh", "-c", f'cd {place.path}; exec env LISTEN_PID=${{PID:-$$}} "$@" 3<a 4<b 5<c', "sh"]

    def run(*options, **env):
        service.runtime = service.runtime.variant(prefix=prefix)
        return service.run(*options, env={"LISTEN_FDS": "2", **env}).ok().out

    service.bundle.sh('for f in 3 4 5; do test -e /proc/self/fd/$f && cat <&$f; done; echo " $LISTEN_FDS $LISTEN_PID '
                      '$LISTEN_FDNAMES"')
    service.activated = run
    return service


def test_the_program_gets_the_listening_descriptors(activated):
    assert activated.activated().split()[:3] == ["ab", "2", "1"]


def test_their_names_go_with_them(activated):
    assert activated.activated(LISTEN_FDNAMES="web:ssh") == "ab 2 1 web:ssh\n"


def test_descriptors_to_be_preserved_come_behind_them(activated):
    assert activated.activated("--preserve-fds", "1").split()[0] == "abc"


def test_descriptors_for_another_process_are_not_passed_on(activated):
    assert activated.activated(PID="1") == "   \n"


def test_without_a_pid_namespace_of_its_own_the_pid_is_the_programs(activated):
    activated.bundle.drop_namespace("pid")
    activated.bundle.drop_mount("/proc")
    activated.bundle.sh('echo "$LISTEN_PID $$"')
    said, pid = activated.activated().split()
    assert said == pid != "1"


def test_more_descriptors_than_there_are(activated):
    with pytest.raises(AssertionError, match="preserved-fd"):
        activated.activated(LISTEN_FDS="7")
