# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import shutil
import sys
import tempfile
import uuid

import pytest

sys.path.insert(0, os.path.dirname(__file__))
import harness  # noqa: E402
from conformance import Conformance  # noqa: E402
from differences import DIFFERENCES, SOMETIMES, matches  # noqa: E402
from session import Scope, Session  # noqa: E402
from watch import Watch  # noqa: E402

DEFAULT = harness.TREE / "bin" / "yacr"


def pytest_addoption(parser):
    parser.addoption("--runtime", default=str(DEFAULT), help="the runtime to test (default: bin/yacr)")
    parser.addoption("--driver", choices=["cgroupfs", "systemd"], default="cgroupfs",
                     help="the cgroup driver of the containers where a test chooses none")
    parser.addoption("--session", type=int, metavar="UID",
                     help="every container is this ordinary user's, who has a systemd of their own (tests/session.py)")
    parser.addoption("--plain", action="store_true", help="failures are failures, whatever tests/differences.py knows of them")
    parser.addoption("--machine", help="tests in the machine, too: short, all, or the name of a row of tests/vm/runs.py")
    parser.addoption("--conformance", action="store_true", help="the run is of all tests: hold docs/conformance.md against it")
    parser.addoption("--minutes", type=int, metavar="N", help="no test begins later than that: the run ends, as failed")


def pytest_configure(config):
    config.addinivalue_line("markers", "yacr: about what only yacr has")
    config.addinivalue_line("markers", "cgroups: needs a runtime that makes cgroups")
    config.addinivalue_line("markers", "cgroupfs: about where cgroups are made, which systemd decides for itself")
    config.addinivalue_line("markers", "root: about what root may: other users' ids, devices, the machine's own")
    harness.STRANGER = config.getoption("--session") or harness.STRANGER  # before a test module takes it from there
    if hasattr(config, "workerinput"):
        return
    config.pluginmanager.register(Watch(config.getoption("--minutes")))
    if config.getoption("--conformance"):
        config.pluginmanager.register(Conformance())


def runtime_name(config):
    return os.path.basename(config.getoption("--runtime"))


def is_beside_the_point(config, item):
    """Whether a test says nothing new with this --driver and --session."""
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    if config.getoption("--driver") == "systemd" and item.get_closest_marker("cgroupfs"):
        return True
    if config.getoption("--session"):
        return "rootful" in parameters or item.get_closest_marker("root") is not None
    # an ordinary user without a session has no systemd
    return config.getoption("--driver") == "systemd" and ("rootless" in parameters or "rootless" in item.fixturenames)


def pytest_collection_modifyitems(config, items):
    """With another runtime what only yacr has is left out; with crun cgroups are, too, where it has none."""
    name = runtime_name(config)
    left = [item for item in items if is_beside_the_point(config, item)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]
    for item in items if name in DIFFERENCES else []:
        if item.get_closest_marker("yacr"):
            item.add_marker(pytest.mark.skip(reason="yacr only"))
        if harness.without_cgroups(name) and item.get_closest_marker("cgroups"):
            item.add_marker(pytest.mark.skip(reason="crun runs without cgroups here"))


def known_difference(item):
    """(why this test is known to fail with this runtime, whether it must), or (None, False)."""
    if item.config.getoption("--plain"):
        return None, False
    parameters = getattr(item, "callspec", None) and item.callspec.params or {}
    name = parameters.get("oci") or runtime_name(item.config)  # the tests of engines have each runtime as a parameter
    for group, rows in DIFFERENCES.get(name, {}).items():
        for key, why in rows.items():
            if matches(key, item.name):
                return why, group != SOMETIMES
    return None, False


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A known difference is an expected failure, in the test or in what it leaves; without one the table is old."""
    report = (yield).get_result()
    why, must = known_difference(item)
    if not why:
        return
    if report.skipped:
        item.differed = True  # or would have, for all we know
    elif report.failed:
        item.differed = True
        report.outcome, report.wasxfail = "skipped", why
    elif report.when == "teardown" and must and not report.skipped and not hasattr(item, "differed"):
        report.outcome, report.longrepr = "failed", f"does not fail any more: {why}"


@pytest.fixture(scope="session")
def workplace():
    """The directory of this run; unlike pytest's own an ordinary user may pass through it."""
    harness.become_subreaper()
    harness.build_helpers()
    path = pathlib.Path(tempfile.mkdtemp(prefix="yacr-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)  # each test has taken away what was its own: nothing is in the way


class Place:
    """The directory of one test, and everything that was made in it."""

    def __init__(self, path, user=None):
        self.path, self.user, self.runtimes, self.containers, self.count = path, user, [], [], 0
        self.give(path)

    def fresh(self, prefix):
        self.count += 1
        return self.path / f"{prefix}{self.count}"

    def give(self, *paths):
        """What a test has made is the user's, where --session names one."""
        for path in paths if self.user else ():
            os.chown(path, self.user, self.user, follow_symlinks=False)


@pytest.fixture
def place(workplace, entrance, request):
    path = workplace / uuid.uuid4().hex[:8]
    path.mkdir(mode=0o755)
    place = Place(path, request.config.getoption("--session"))
    harness.EARLIER.clear()
    harness.EARLIER.update(harness.reap_children())
    yield place

    for container in place.containers:
        if container.id in os.listdir(container.runtime.root):
            container.delete("--force")
    left = leaks(place)
    for mount in reversed(harness.mounts_under(path)):
        os.system(f"umount -l '{mount.split()[4]}'")
    shutil.rmtree(path, ignore_errors=True)
    assert not left, left


def leaks(place):
    """What is left of a test's containers once they are deleted; it is taken away, too."""
    words = [c.id for c in place.containers]
    found = {}

    def note(what, items):
        if items:
            found[what] = items

    alive = harness.reap_children()
    if alive:
        try:  # one that has just been killed may still be ending
            harness.until(lambda: not harness.reap_children(), 2)
        except AssertionError:
            alive = harness.reap_children()
            note("processes", [open(f"/proc/{p}/cmdline").read().replace("\0", " ") for p in alive])
            harness.end_processes(alive)
    outside = harness.processes_in(place.path)
    note("processes in the bundle", outside)
    harness.end_processes(outside)
    if words:
        note("cgroups", harness.cgroups_named(words))
    note("mounts", harness.mounts_under(place.path))
    for runtime in place.runtimes:
        if runtime.root.is_dir():
            # "yacr" is the default root below an ordinary user's XDG_RUNTIME_DIR, which is a root of ours too
            note("state", [n for n in os.listdir(runtime.root) if not (n == "yacr" and runtime.user)])
    return found


@pytest.fixture(scope="session")
def session_user(request):
    """The session of the user that --session names, or None."""
    uid = request.config.getoption("--session")
    return Session(uid) if uid else None


@pytest.fixture(scope="session")
def delegated_scope(request, session_user):
    """With a session and without its systemd: the scope that was delegated to the user, or None."""
    if not session_user or request.config.getoption("--driver") == "systemd":
        yield None
        return
    scope = Scope(session_user)
    yield scope
    scope.end()


@pytest.fixture(scope="session")
def entrance(delegated_scope):
    """Prefix of a command that is to be in the delegated scope, where there is one."""
    return delegated_scope.entrance if delegated_scope else []


@pytest.fixture
def runtime_of(place, request, session_user, entrance):
    """Makes runtimes, each with a root directory of its own: of a user, with the driver there is for them."""
    systemd = request.config.getoption("--driver") == "systemd"

    def make(user=None):
        runtime = harness.Runtime(request.config.getoption("--runtime"), place.fresh("root"), user, entrance=entrance,
                                  driver=["--systemd-cgroup"] if systemd and (session_user or not user) else [])
        place.runtimes.append(runtime)
        return runtime

    return make


@pytest.fixture
def runtime(runtime_of, session_user):
    """The runtime under test; with --session that user's."""
    return runtime_of(session_user.uid if session_user else None)


@pytest.fixture
def rootless(runtime_of):
    """The same as an ordinary user who has no subordinate ids."""
    return runtime_of(harness.STRANGER)


@pytest.fixture
def bundle(place, session_user):
    """Makes bundles: bundle()."""
    return lambda of=session_user and session_user.uid: harness.Bundle(place.fresh("bundle"), of)


@pytest.fixture
def container(place, runtime, bundle):
    """Makes containers: container() is one of a bundle of its own; deleted when the test ends."""

    def make(b=None, id=None, on=None):
        on = on or runtime
        c = harness.Container(on, b or bundle(on.user), id)
        place.containers.append(c)
        return c

    return make


@pytest.fixture(params=["rootful", "rootless"])
def anyone(request, container):
    """Makes containers once as root, once as an ordinary user."""
    if request.param == "rootful":
        return container
    on = request.getfixturevalue("rootless")
    return lambda b=None, id=None: container(b, id, on)


@pytest.fixture
def peer(request):
    """Whether the runtime under test is none of ours: for what the specification leaves open."""
    name = runtime_name(request.config)
    return name if name in ("runc", "crun") else None
