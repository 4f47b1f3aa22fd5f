# SPDX-License-Identifier: Apache-2.0
"""The command line: what people type and what engines send and read."""

import json
import os
import re
import shutil
import subprocess

import pytest

from harness import TREE

pytestmark = pytest.mark.yacr

COMMANDS = ["create", "start", "state", "list", "kill", "delete", "run", "spec", "features", "explain", "ps", "recvtty",
            "completion", "help"]


def test_version(runtime):
    out = runtime.call("--version", root=False).ok().out
    assert re.match(r"yacr version \d+\.\d+\.\d+", out)
    assert out.count("version") == 1  # moby takes the last line that has this word
    assert re.search(r"^spec: \d+\.\d+\.\d+", out, re.M)
    assert runtime.call("-v", root=False).ok().out == out


def test_help_names_every_command(runtime):
    for args in (["help"], ["--help"], ["-h"]):
        out = runtime.call(*args, root=False).ok().out
        for command in COMMANDS:
            assert re.search(rf"\b{command}\b", out), command


@pytest.mark.parametrize("command", [c for c in COMMANDS if c != "help"])
def test_help_of_a_command(runtime, command):
    outs = [runtime.call(*args, root=False).ok().out for args in ([command, "--help"], ["help", command])]
    assert command in outs[0] and outs[0] == outs[1]


def test_no_command_is_a_question(runtime):
    assert "create" in runtime.call(root=False).ok().out


@pytest.mark.parametrize("style", [
    ["create", "ID", "--bundle", "B"], ["create", "--bundle", "B", "ID"], ["create", "--bundle=B", "ID"],
    ["create", "-b", "B", "ID"], ["create", "-bundle", "B", "ID"], ["create", "-bundle=B", "ID"],
    ["create", "-b", "/nowhere", "-b", "B", "ID"], ["create", "--no-pivot", "--no-pivot", "ID", "-b", "B"],
    ["create", "-b", "B", "--", "ID"],
], ids=" ".join)
def test_ways_to_say_the_same(container, style):
    c = container()
    c.bundle.save()
    args = [{"ID": c.id, "B": str(c.bundle.path)}.get(a, a.replace("=B", f"={c.bundle.path}")) for a in style]
    c.runtime.call(*args, out=open(c.output, "w")).ok()
    assert c.status == "created"


def test_options_before_the_command_may_be_given_twice(runtime):
    runtime.global_options = ["--root", str(runtime.root), "--log-format", "text", "--log-format=json", "--debug"]
    runtime.call("list", "-q").ok()


@pytest.mark.parametrize("args", [["delete", "-f", "ID"], ["delete", "ID", "--force"], ["del", "-f", "ID"], ["rm", "-f", "ID"]],
                         ids=" ".join)
def test_delete_and_its_aliases(container, args):
    c = container()
    c.create().ok()
    c.runtime.call(*[a.replace("ID", c.id) for a in args]).ok()
    assert c.runtime.ids() == []


def test_list_as_a_table(container):
    c = container()
    c.create().ok()
    header, line = c.runtime.call("ls").ok().out.splitlines()
    assert header.split()[:5] == ["ID", "STATUS", "CREATED", "PID", "BUNDLE"]
    assert line.split()[:5] == [c.id, "created", line.split()[2], str(c.pid), str(c.bundle.path)]
    for a, b in zip(header.split(), line.split()):
        assert header.index(a) == line.index(b)  # columns stand below their headings


def test_features(runtime):
    done = runtime.call("features", root=False).ok()
    features = done.json
    assert done.err == ""
    assert features["ociVersionMin"] and features["ociVersionMax"]
    assert set(features["hooks"]) == {"prestart", "createRuntime", "createContainer", "startContainer", "poststart",
                                      "poststop"}
    assert {"bind", "ro", "rro", "nosuid", "rprivate"} <= set(features["mountOptions"])
    linux = features["linux"]
    assert {"cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"} == set(linux["namespaces"])
    assert "CAP_SYS_ADMIN" in linux["capabilities"]


OPTIONS = """async atime bind defaults dev diratime dirsync exec idmap iversion lazytime loud mand noatime nodev nodiratime
    noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow private ratime rbind rdev rdiratime
    relatime remount rexec ridmap rnoatime rnodev rnodiratime rnoexec rnorelatime rnostrictatime rnosuid rnosymfollow ro
    rprivate rrelatime rro rrw rshared rslave rstrictatime rsuid rsymfollow runbindable rw shared silent slave strictatime
    suid symfollow sync tmpcopyup unbindable""".split()  # config.md "Linux mount options", and rnodev


@pytest.mark.yacr
def test_features_has_each_mount_option_of_the_specification(runtime):
    options = runtime.call("features", root=False).json["mountOptions"]
    assert options == sorted({*OPTIONS, "copy-symlink", "dest-nofollow", "src-nofollow"})


FEATURES = """ociVersionMin ociVersionMax hooks mountOptions annotations potentiallyUnsafeConfigAnnotations linux.namespaces
    linux.capabilities linux.cgroup.v1 linux.cgroup.v2 linux.cgroup.systemd linux.cgroup.systemdUser linux.cgroup.rdma
    linux.seccomp.enabled linux.seccomp.actions linux.seccomp.operators linux.seccomp.archs linux.seccomp.knownFlags
    linux.seccomp.supportedFlags linux.apparmor.enabled linux.selinux.enabled linux.intelRdt.enabled
    linux.intelRdt.schemata linux.intelRdt.monitoring linux.memoryPolicy.modes linux.memoryPolicy.flags
    linux.mountExtensions.idmap.enabled linux.netDevices.enabled""".split()  # features.md, features-linux.md of 1.3


@pytest.mark.yacr
def test_features_has_every_member_of_the_specification(runtime):
    def members(value, path):
        if path == "annotations" or not isinstance(value, dict):
            return [path]
        return [m for key, v in value.items() for m in members(v, f"{path}.{key}" if path else key)]

    assert sorted(members(runtime.call("features", root=False).json, "")) == sorted(FEATURES)


def test_features_tells_the_options_that_work(container, runtime, mappable):
    """Each of the mount options named is accepted, on a file system and on a bind."""
    c = container()
    for option in runtime.call("features", root=False).json["mountOptions"]:
        if runtime.user and option.endswith("idmap"):
            continue  # ids of a mount are mapped by who owns the file system
        target = f"/mnt/{option}"
        if option in ("bind", "rbind", "src-nofollow", "copy-symlink", "dest-nofollow", "idmap", "ridmap"):
            mount = c.bundle.mount(target, mappable, "bind", ["bind", option])
            if option.endswith("idmap"):
                mount["uidMappings"] = mount["gidMappings"] = [{"containerID": 0, "hostID": 1000, "size": 1}]
        else:
            if option == "remount":
                c.bundle.mount(target)
            c.bundle.mount(target, options=[option])
    c.bundle.process["args"] = ["true"]
    c.run().ok()


@pytest.mark.parametrize("rootless", [pytest.param(False, marks=pytest.mark.root), True])
def test_spec_makes_a_config_that_works(container, runtime, place, rootless):
    c = container()
    options = ["--rootless"] if rootless else []
    assert runtime.call("spec", *options, "--bundle", c.bundle.path, root=False).ok().out == ""
    config = json.loads((c.bundle.path / "config.json").read_text())
    assert any(n["type"] == "user" for n in config["linux"]["namespaces"]) == rootless
    config["process"]["terminal"] = False
    config["process"]["args"] = ["/probe"]
    c.bundle.config = config
    assert c.probe()["pid"] == 1


def test_spec_does_not_overwrite(runtime, place):
    for expected in (0, 1):
        done = runtime.call("spec", cwd=place.path, root=False)
        assert done.code == expected
    done.failed("config.json")


def test_ps(container):
    c = container()
    c.bundle.sh("sleep 1000 & sleep 1000 & wait")
    c.run_detached().ok()
    from harness import until
    pids = until(lambda: (lambda p: p if len(p) == 3 else None)(c.runtime.call("ps", "--format", "json", c.id).ok().json))
    assert c.pid in pids and all(os.path.exists(f"/proc/{p}") for p in pids)
    table = c.runtime.call("ps", c.id).ok().out.splitlines()
    assert "PID" in table[0] and len(table) == 4


def test_state_is_json_a_person_can_read(container):
    c = container()
    c.create().ok()
    out = c.runtime.call("state", c.id).ok().out
    assert len(out.splitlines()) > 5 and json.loads(out)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(runtime, shell):
    out = runtime.call("completion", shell, root=False).ok().out
    for command in COMMANDS:
        assert command in out
    assert "console-socket" in out
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=out, text=True, check=True)


def test_completion_of_an_unknown_shell(runtime):
    runtime.call("completion", "beer", root=False).failed("beer", code=1)


def test_the_log_as_text(runtime, place):
    log = place.path / "log"
    runtime.global_options = ["--log", str(log)]
    runtime.call("start", "nobody").failed()
    assert "does not exist" in log.read_text()


def test_a_log_that_cannot_be_written(runtime):
    runtime.global_options = ["--log", "/no/such/directory/log"]
    runtime.call("list").failed("/no/such/directory/log", code=1)


def test_the_log_is_appended_to(runtime, place):
    log = place.path / "log"
    log.write_text("before\n")
    place.give(log)
    runtime.global_options = ["--log", str(log), "--log-format", "json"]
    runtime.call("start", "nobody").failed()
    assert log.read_text().startswith("before\n{")


def test_debug_says_more_and_breaks_nothing(container, place):
    c = container()
    c.runtime.global_options = ["--debug", "--log", str(place.path / "log")]
    c.bundle.process["args"] = ["echo", "hello"]
    assert c.run().ok().out == "hello\n"


def test_a_relative_root_directory(runtime, place, bundle):
    b = bundle()
    b.process["args"] = ["true"]
    b.save()
    done = runtime.call("--root", "relative", "run", "--bundle", b.path, f"x-{place.path.name}", root=False, cwd=place.path)
    assert done.code == 0, done
    assert os.listdir(place.path / "relative") == []


# ---- explain ----

def test_explain_prints_the_plan_with_the_part_of_the_config_that_asked(container):
    c = container()
    c.bundle.save()
    out = c.runtime.call("explain", "--bundle", c.bundle.path).ok().out
    for words in ("mounts[0]", "/proc", "process.args", "linux.maskedPaths", "pivot", "hostname"):
        assert words in out, words
    assert c.runtime.ids() == []


def test_explain_as_json(container):
    c = container()
    c.bundle.save()
    plan = c.runtime.call("explain", "--json", "--bundle", c.bundle.path).ok().json
    text = json.dumps(plan)
    assert "mounts[0]" in text and "exec" in text


def test_explain_prints_what_is_written_to_the_cgroup(container):
    c = container()
    c.bundle.linux["resources"] = {"pids": {"limit": 17}, "devices": [{"allow": True, "type": "c", "major": 60, "access": "r"}]}
    c.bundle.save()
    limits = c.runtime.call("explain", "--json", "--bundle", c.bundle.path).ok().json["limits"]
    assert {"controller": "pids", "file": "pids.max", "value": "17", "config": "linux.resources.pids.limit"} in limits
    devices = [line for line in limits if line["config"] == "linux.resources.devices[0]"]
    if c.runtime.user:  # who has the host's devices, and may load no program that keeps them
        assert devices == []
    else:
        assert [line["controller"] for line in devices] == ["devices"] and devices[0]["value"].endswith("c 60:* r")
    out = c.runtime.call("explain", "--bundle", c.bundle.path).ok().out
    assert "limit     pids pids.max 17 " in out
    c.runtime.call("--cgroup-manager=disabled", "explain", "--bundle", c.bundle.path).failed("linux.resources.pids.limit")


def test_explain_needs_no_privileges_and_does_nothing(container, rootless):
    c = container(on=rootless)
    c.bundle.save()
    assert "uid" in rootless.call("explain", "--bundle", c.bundle.path).ok().out


def test_explain_of_a_bad_config_is_the_error_of_create(container):
    c = container()
    c.bundle.process["cwd"] = "relative"
    c.bundle.save()
    c.runtime.call("explain", "--bundle", c.bundle.path).failed("process.cwd", code=1)


# ---- the distribution ----

@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
def test_install_puts_everything_in_its_place(place):
    """What is there is not made anew: other workers copy it, into the machine and to an ordinary user."""
    subprocess.run(["make", "-s", "-o", "yacr", "-o", "helpers", "install", f"DESTDIR={place.path}/dest", "PREFIX=/usr"], cwd=TREE,
                   check=True, capture_output=True)
    dest = place.path / "dest" / "usr"
    assert subprocess.run([dest / "bin" / "yacr", "--version"], capture_output=True).returncode == 0
    assert list((dest / "share" / "man" / "man8").glob("yacr.8*"))
    for file in ("bash-completion/completions/yacr", "zsh/site-functions/_yacr", "fish/vendor_completions.d/yacr.fish"):
        assert (dest / "share" / file).stat().st_size > 100
    for file in ("usr/share/yacr/docker-daemon.json", "usr/share/yacr/containerd.toml",
                 "etc/containers/containers.conf.d/yacr.conf", "etc/crio/crio.conf.d/10-yacr.conf"):
        assert '"/usr/bin/yacr"' in (dest.parent / file).read_text()
    for directory, _, files in os.walk(dest.parent):
        for name in files:
            mode = os.stat(os.path.join(directory, name)).st_mode & 0o7777
            assert mode == (0o755 if directory.endswith(("/bin", "/libexec/yacr")) else 0o644)
    assert sorted(os.listdir(TREE / "libexec" / "yacr")) == sorted(os.listdir(dest / "libexec" / "yacr"))
