# SPDX-License-Identifier: Apache-2.0
"""The scripts of the README with a real dockerd: needs root and docker.io."""

import os
import pathlib
import shutil
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.yacr, pytest.mark.xdist_group("docker"),
              pytest.mark.skipif(not shutil.which("dockerd") or os.geteuid() != 0,
                                 reason="needs root and dockerd (package docker.io)")]


class Docker:
    def __init__(self, directory):
        self.env = {**os.environ, "YACR_DOCKER_DIR": str(directory)}
        self.log = open(directory / "log", "w+")
        self.daemon = subprocess.Popen([ROOT / "scripts/run-dockerd", "--bridge=none", "--iptables=false"], env=self.env,
                                       stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)

    def __call__(self, *args, check=True, timeout=60):
        done = subprocess.run([ROOT / "scripts/docker", *args], env=self.env, capture_output=True, text=True,
                              timeout=timeout, stdin=subprocess.DEVNULL)
        assert not check or done.returncode == 0, done.stderr
        return done

    def run(self, *args, check=True):
        return self("run", "--rm", "--network", "none", *args, check=check)

    def wait(self):
        for _ in range(200):
            if self("version", check=False).returncode == 0:
                return
            assert self.daemon.poll() is None, open(self.log.name).read()[-3000:]
            time.sleep(0.1)
        pytest.fail("dockerd does not answer")

    def stop(self):
        self.daemon.terminate()
        try:
            self.daemon.wait(30)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            self.daemon.wait()


@pytest.fixture(scope="module")
def docker(tmp_path_factory):
    directory = tmp_path_factory.mktemp("d")
    d = Docker(directory)
    try:
        d.wait()
        subprocess.run([ROOT / "scripts/docker-image"], env=d.env, check=True, capture_output=True)
        yield d
    finally:
        d.stop()
        mounts = [line.split()[1] for line in open("/proc/mounts") if str(directory) in line]
        for target in reversed(mounts):
            subprocess.run(["umount", "-l", target])


@pytest.fixture
def sleeper(docker):
    id = docker("run", "-d", "--network", "none", "busybox", "sleep", "1000").stdout.strip()
    yield id
    docker("rm", "-f", id)


def test_yacr_is_the_default_runtime(docker):
    assert "Default Runtime: yacr" in docker("info").stdout


def test_output_and_exit_code(docker):
    assert docker.run("busybox", "echo", "hi").stdout == "hi\n"
    assert docker.run("busybox", "sh", "-c", "exit 5", check=False).returncode == 5


@pytest.mark.parametrize("program, code", [("nosuch", 127), ("/etc", 126), ("/etc/passwd", 126)])
def test_a_program_that_cannot_be_executed(docker, program, code):
    assert docker.run("busybox", program, check=False).returncode == code


def test_limits_reach_the_container(docker):
    seen = docker.run("-m", "64m", "--pids-limit", "50", "--ulimit", "nofile=100:200", "--read-only", "--tmpfs", "/tmp",
                      "--hostname", "hh", "busybox", "sh", "-c",
                      "hostname; ulimit -n; touch /tmp/x && echo written; touch /x 2>/dev/null || echo refused").stdout
    assert seen.split() == ["hh", "100", "written", "refused"]


def test_another_user_has_no_capability(docker):
    seen = docker.run("-u", "1000", "busybox", "sh", "-c", "id -u; grep CapEff /proc/self/status").stdout.split()
    assert seen == ["1000", "CapEff:", "0000000000000000"]


def test_exec(docker, sleeper):
    assert docker("exec", sleeper, "echo", "in").stdout == "in\n"
    assert docker("exec", "-u", "1000", "-w", "/tmp", "-e", "A=b", sleeper, "sh", "-c",
                  "id -u; pwd; echo $A").stdout.split() == ["1000", "/tmp", "b"]
    assert docker("exec", sleeper, "sh", "-c", "exit 3", check=False).returncode == 3
    assert docker("exec", sleeper, "nosuch", check=False).returncode in (126, 127)


def test_top_and_kill(docker, sleeper):
    assert "sleep 1000" in docker("top", sleeper).stdout
    docker("kill", sleeper)
    assert docker("wait", sleeper).stdout.strip() == "137"


def test_a_terminal(docker):
    done = subprocess.run(["script", "-qec", f"{ROOT}/scripts/docker run --rm -it --network none busybox tty", "/dev/null"],
                          env=docker.env, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert "/dev/pts/0" in done.stdout
