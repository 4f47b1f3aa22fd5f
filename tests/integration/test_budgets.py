# SPDX-License-Identifier: Apache-2.0
"""Figures that are exact, held below the ceilings of bench/budgets: a change may lower one, or raise it with a reason."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import pytest

import harness

sys.path.insert(0, str(harness.TREE / "bench"))
import bundles  # noqa: E402
import calls  # noqa: E402

pytestmark = [pytest.mark.yacr]
BUDGETS = harness.TREE / "bench" / "budgets"
UNSTRIPPED = harness.TREE / "build" / "musl" / "yacr"
needs_strace = pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
needs_valgrind = pytest.mark.skipif(not shutil.which("valgrind"), reason="needs valgrind")


@pytest.fixture(scope="module")
def memory():
    path = pathlib.Path(tempfile.mkdtemp(prefix="yacr-test-", dir="/dev/shm"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def runtime(runtime, memory):
    """Its root is where it usually is: on a tmpfs, whose records need not name their boot."""
    runtime.root = pathlib.Path(tempfile.mkdtemp(dir=memory))
    return runtime


def ceiling(name):
    """The first word of its file; the rest says what it is."""
    return int((BUDGETS / name).read_text().split()[0])


def hold(name, value):
    print(f"{name}: {value} of {ceiling(name)}")
    assert value <= ceiling(name), f"{name}: {value} is over the budget of {ceiling(name)}: see bench/budgets/{name}"


def docker_like(place, args=("/bin/true",), cgroups=True):
    config = bundles.docker(limits=cgroups)
    if not cgroups:
        config["linux"].pop("resources")
        config["mounts"] = [m for m in config["mounts"] if m["type"] != "cgroup"]
    return bundles.make(place.fresh("bundle"), config, args)


def hierarchies():
    with open("/proc/self/mountinfo") as mounts:
        return sum(" - cgroup " in line or " - cgroup2 " in line for line in mounts)


def calls_of(runtime, place, *args, **options):
    """(of the runtime, of the others); which they were is shown where a test fails.

    The others' rt_sigaction(2) is left out: one for each signal that whoever runs the tests ignores.
    """
    counts = calls.count(runtime.argv(*args), place.fresh("trace"), stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, **options)
    print(*(dict(c.most_common()) for c in counts), sep="\n")
    host, others = counts
    return host.total(), others.total() - others["rt_sigaction"]


def test_the_size_of_the_executable(runtime):
    hold("bytes-of-the-executable", os.path.getsize(runtime.path))


@needs_strace
def test_system_calls_of_version(runtime, place):
    hold("calls-version", sum(calls_of(runtime, place, "--version")))


@needs_strace
def test_system_calls_of_run(runtime, place):
    """The least of three: who waits for whom, and is woken in vain, is another thing each time."""
    bundle = docker_like(place, cgroups=False)
    host, init = map(min, zip(*(calls_of(runtime, place, "--cgroup-manager", "disabled", "run", "-b", bundle, f"budget{i}")
                                for i in range(3))))
    hold("calls-run-host", host)
    hold("calls-run-init", init)


@needs_strace
def test_system_calls_for_each_hierarchy_of_cgroups(runtime, place):
    if not hierarchies():
        pytest.skip("needs cgroups")
    bundle = docker_like(place)
    without = sum(calls_of(runtime, place, "--cgroup-manager", "disabled", "run", "-b",
                           docker_like(place, cgroups=False), "budget0"))
    with_them = sum(calls_of(runtime, place, "run", "-b", bundle, "budget1"))
    hold("calls-run-per-hierarchy", (with_them - without) // hierarchies())


@needs_strace
@pytest.mark.parametrize("unified", [True, False])
def test_mounts_are_not_read_where_cgroups_are_in_their_usual_places(runtime, place, unified):
    """/proc/self/mountinfo has thousands of lines on some hosts."""
    if not hierarchies():
        pytest.skip("needs cgroups")
    if not unified and not os.path.ismount("/sys/fs/cgroup/unified"):
        pytest.skip("needs cgroup2 beside v1")
    trace = place.fresh("trace")
    runtime.prefix = ["unshare", "-m", "sh", "-c", ("" if unified else "umount -l /sys/fs/cgroup/unified; ") +
                      f'exec strace -f -e trace=openat -o {trace} "$@"', "sh"]
    layout = runtime.call("features").ok().json["annotations"]["yacr.host.cgroup"]
    assert layout in (["v1"] if not unified else ["hybrid", "v2", "v1"])
    assert "/proc/self/cgroup" in trace.read_text()
    assert "mountinfo" not in trace.read_text()


@pytest.fixture
def created(runtime, place, container):
    """A Docker-like container that waits for its start."""
    c = container(id="budget" + os.path.basename(place.path))
    bundle = docker_like(place, ["/bin/sleep", "100"], cgroups=False)
    with open(place.fresh("out"), "w") as out:
        runtime.call("--cgroup-manager", "disabled", "create", "-b", bundle, c.id, out=out).ok()
    return c


def test_the_memory_of_a_container_that_waits(created):
    """The pages that only its file backs are shared with all others; those are the first to come and go."""
    pid = created.pid

    def memory():
        with open(f"/proc/{pid}/status") as status:
            return {k: int(v) for k, v in re.findall(r"(VmRSS|RssAnon|Threads):\s+(\d+)", status.read())}

    # create returns when all is committed; init lets go of its pages a moment later
    harness.until(lambda: memory()["VmRSS"] <= ceiling("kilobytes-created"), what=f"less than {memory()}")
    hold("kilobytes-created", memory()["VmRSS"])
    hold("kilobytes-created-own", memory()["RssAnon"])
    assert memory()["Threads"] == 1


@needs_strace
def test_system_calls_of_the_verbs_on_a_container(created, runtime, place):
    hold("calls-state", sum(calls_of(runtime, place, "state", created.id)))
    hold("calls-list", sum(calls_of(runtime, place, "list")))
    hold("calls-start", calls_of(runtime, place, "start", created.id)[0])
    hold("calls-exec", sum(calls_of(runtime, place, "exec", created.id, "/bin/true")))
    hold("calls-kill", sum(calls_of(runtime, place, "kill", created.id, "KILL")))
    created.wait()
    hold("calls-delete", sum(calls_of(runtime, place, "delete", created.id)))


@pytest.fixture
def in_memory(runtime):
    """A copy of the executable whose pages are there one by one: how many a file system brings at once depends on its cache."""
    fd = os.memfd_create("yacr")
    os.write(fd, pathlib.Path(runtime.path).read_bytes())
    yield runtime.variant(path=f"/proc/{os.getpid()}/fd/{fd}")
    os.close(fd)


def page_faults(runtime, *args):
    """The least of twenty: how full the stack's last page is differs."""
    def once():
        null = os.open(os.devnull, os.O_RDWR)
        redirect = [(os.POSIX_SPAWN_DUP2, null, fd) for fd in range(3)]
        pid = os.posix_spawn(runtime.path, list(map(str, runtime.argv(*args))), {}, file_actions=redirect)
        os.close(null)
        _, status, usage = os.wait4(pid, 0)
        assert status == 0
        return usage.ru_minflt

    return min(once() for _ in range(20))


def test_page_faults(created, in_memory):
    """src/layout.ld: what is used together lies together. scripts/order finds out again what that is."""
    hold("faults-version", page_faults(in_memory, "--version"))
    hold("faults-state", page_faults(in_memory, "state", created.id))
    hold("faults-kill", page_faults(in_memory, "kill", created.id, "0"))


def test_the_functions_that_lie_together_are_there():
    """A name that is gone does no harm; many would mean that scripts/order was forgotten."""
    names = re.findall(r"^\*\(\.text\.(\w+)", (harness.TREE / "src/order.ld").read_text(), re.M)
    source = "".join(f.read_text() for f in (harness.TREE / "src").rglob("*.[ch]"))
    gone = [name for name in names if not re.search(rf"\b{name}\(", source)]
    assert len(names) > 400 and len(gone) < 40, gone


def address_of(function):
    names = subprocess.run(["nm", UNSTRIPPED], check=True, capture_output=True, text=True).stdout
    return re.search(rf"^([0-9a-f]+) [tT] {function}(\.lto_priv\.\d+)?$", names, re.M).group(1)


def instructions(place, *args, inside="main"):
    """Of the function @inside with all that it calls.

    By its address: valgrind reads no names from an executable without a segment of data (src/layout.ld).
    """
    out = place.fresh("callgrind")
    subprocess.run(["valgrind", "-q", "--tool=callgrind", f"--toggle-collect=0x{address_of(inside)}",
                    f"--toggle-collect={inside}", f"--callgrind-out-file={out}", UNSTRIPPED, *map(str, args)],
                   check=True, capture_output=True, env={"PATH": os.environ["PATH"]})
    count = int(re.search(r"^totals: (\d+)$", open(out).read(), re.M).group(1))
    assert count > 0, f"nothing was counted in {inside}()"
    return count


@needs_valgrind
def test_instructions_of_state(created, runtime, place):
    hold("instructions-state", instructions(place, "--root", runtime.root, "state", created.id))


@needs_valgrind
@pytest.mark.parametrize("budget, function", [
    ("instructions-prepare", "prepare"),
    ("instructions-config", "config_load"),
    ("instructions-seccomp", "seccomp_compile"),
])
def test_instructions_before_the_clone(place, budget, function):
    """`explain` does all that create does before it makes anything, and prints the result."""
    hold(budget, instructions(place, "explain", "-b", docker_like(place), "budget", inside=function))


def test_each_budget_is_held_by_a_test():
    used = set(re.findall(r'\("((?:bytes|calls|faults|instructions|kilobytes)-[\w-]+)"', open(__file__).read()))
    assert used == {f.name for f in BUDGETS.iterdir()}
