# SPDX-License-Identifier: Apache-2.0
"""The session that yacr began with, word for word, as root and as an ordinary user."""

import os
import pathlib
import shutil
import re
import subprocess

import pytest

from harness import PATIENCE, Process, STRANGER, TREE, host_mounts, until

# One after the other: an id names a cgroup, too, and here all are "test-id".
pytestmark = [pytest.mark.yacr, pytest.mark.xdist_group("seed")]


@pytest.fixture(params=["rootful", "rootless"])
def session(request, place, runtime, rootless):
    """A shell with yacr on PATH and a bundle by scripts/alpine-bundle."""
    user = None if request.param == "rootful" else STRANGER
    home = place.path / "home"
    home.mkdir()
    if user:
        os.chown(home, user, user)
    on = runtime if not user else rootless
    tree = TREE
    if user:  # who may not look into the directory that the tree is in
        tree = place.path / "tree"
        for part in ("bin", "libexec", "scripts"):
            shutil.copytree(TREE / part, tree / part)
    prefix = [*on.entrance, "setpriv", "--reuid", str(user), "--regid", str(user), "--clear-groups"] if user else []
    env = {"PATH": f"{tree}/bin:{os.environ['PATH']}", "XDG_RUNTIME_DIR": str(on.root), "TMPDIR": str(home), "LC_ALL": "C"}

    def sh(script, code=0):
        done = subprocess.run([*prefix, "sh", "-c", script], env=env, cwd=home, capture_output=True, text=True, timeout=60 * PATIENCE)
        assert done.returncode == code, (script, done)
        return done.stdout

    sh.bundle = home / "alpine-bundle"
    sh.root = on.root / "yacr" if user else on.root
    # root's default root directory is the machine's: here it is the test's
    sh.yacr = " ".join(["yacr", *on.driver, *([] if user else ["--root", str(on.root)])])
    sh.user = user
    place.runtimes.append(on.variant(root=sh.root))
    sh(f"YACR_BUNDLE_FROM=busybox {tree}/scripts/alpine-bundle {sh.bundle}")
    yield sh
    sh(f"{sh.yacr} delete --force test-id")


def rows(text):
    header, *lines = text.splitlines()
    assert re.fullmatch(r"ID +STATUS +CREATED +PID +BUNDLE *(OWNER)?", header), header
    return [line.split() for line in lines]


def test_the_session(session):
    yacr = session.yacr
    # the container keeps the standard streams of create
    assert session(f"{yacr} create test-id --bundle {session.bundle} >out 2>&1 </dev/null; cat out") == ""
    (id, status, created, pid, bundle, *_), = rows(session(f"{yacr} list"))
    assert (id, status, bundle) == ("test-id", "created", str(session.bundle))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", created)
    assert int(pid) > 0

    assert session(f"{yacr} start test-id") == ""
    row, = rows(session(f"{yacr} ls"))
    assert row[:5] == ["test-id", "running", created, pid, bundle]
    ps = until(lambda: session(f"ps -o uid,args -p {pid}").splitlines()[1].split())
    assert ps[-2:] == ["sleep", "1000"] and ps[0] == str(session.user or 0)

    assert session(f"{yacr} kill test-id 9") == ""
    until(lambda: rows(session(f"{yacr} list"))[0][1] == "stopped")
    row, = rows(session(f"{yacr} list"))
    assert row[:5] == ["test-id", "stopped", created, "0", bundle]

    assert session(f"{yacr} delete test-id") == ""
    assert rows(session(f"{yacr} list")) == []


def test_the_shell_with_a_terminal(session):
    """The two changes to config.json that the README shows, and yacr's own receiver."""
    import json
    import pty
    from test_tty import listens, read_until
    config = json.loads((session.bundle / "config.json").read_text())
    assert "terminal" not in config["process"] and config["process"]["args"] == ["sleep", "1000"]
    config["process"]["terminal"] = True
    config["process"]["args"] = ["sh"]
    (session.bundle / "config.json").write_text(json.dumps(config))

    socket = session.bundle.parent / "console.sock"
    master, slave = pty.openpty()
    command = [str(TREE / "bin" / "yacr"), "recvtty", str(socket)]
    if session.user:
        os.chown(os.ttyname(slave), session.user, session.user)
        command = ["setpriv", "--reuid", str(session.user), "--regid", str(session.user), "--clear-groups", *command]
    receiver = Process(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    until(lambda: listens(receiver))
    session(f"cd {session.bundle} && {session.yacr} create test-id --bundle . --console-socket {socket} >/dev/null")
    session(f"{session.yacr} start test-id")
    read_until(master, "/ # ")
    os.write(master, b"ps\n")
    text = read_until(master, "/ # ")
    assert re.search(r"^ +1 +(root|0) .*sh", text, re.M), text
    os.write(master, b"exit\n")
    assert receiver.wait(10) == 0
    os.close(master)


def test_aliases(session):
    session(f"{session.yacr} create test-id --bundle {session.bundle} >/dev/null 2>&1")
    session(f"{session.yacr} rm --force test-id")
    session(f"{session.yacr} create -b {session.bundle} test-id >/dev/null 2>&1")
    session(f"{session.yacr} del -f test-id")
    assert rows(session(f"{session.yacr} ls")) == []


@pytest.mark.root
def test_the_demo(place, runtime, container):
    """It works a second time and beside containers of others, and leaves nothing behind."""
    before = host_mounts(place.path)
    for _ in range(2):
        done = subprocess.run([TREE / "scripts" / "demo"], capture_output=True, text=True, timeout=60 * PATIENCE,
                              env={"PATH": os.environ["PATH"], "YACR_BUNDLE_FROM": "busybox", "TMPDIR": str(place.path)})
        assert done.returncode == 0, done
        for words in ("$ yacr create test-id --bundle", "created", "running", "stopped", "(exit code 7)"):
            assert words in done.stdout, done.stdout
        assert done.stderr == ""
        assert [name for name in os.listdir(place.path) if "demo" in name] == []
        assert host_mounts(place.path) == before
        if not place.containers:
            container(on=runtime.variant(root=pathlib.Path("/run/yacr"))).create().ok()
