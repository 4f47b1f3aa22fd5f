# SPDX-License-Identifier: Apache-2.0
"""Where a layout is measured: the programs, the bundles, and a place for the runtimes' state."""

import contextlib
import hashlib
import pathlib
import subprocess

import bundles
from floors import Floor
from programs import Runtime

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parent
PROGRAMS = {"clock": ["clock.c"], "peak": ["peak.c"], "crowd": ["crowd.c"],
            "floor": sorted(f"floor/{f.name}" for f in (HERE / "floor").glob("*.c"))}


class Stage:
    """@options: of bench.py. The file system for state, below @place, ends with this."""

    things = None  # an ExitStack: what ends with the part that is measured

    def __init__(self, place, options):
        self.place, self.options, self.layout = place, options, options.layout
        place.chmod(0o755)  # for the user without root
        self.build()
        self.state = place / "run"  # as /run is, where runtimes keep their state
        self.state.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", self.state], check=True)
        self.runtimes = self.with_roots("main")
        self.yacr = next(r for r in self.runtimes if r.name == "yacr")
        self.docker = self.bundle("docker", self.docker_config())
        self.sleeper = self.bundle("sleeper", self.docker_config(), ["/bin/sleep", "1000"])
        self.floor = Floor(place / "floor", self.layout, place, self.clock)
        self.floor.take_filter(self.yacr, self.sleeper)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.state], check=True)

    @contextlib.contextmanager
    def part(self):
        with contextlib.ExitStack() as self.things:
            yield

    @property
    def clock(self):
        return self.place / "clock"

    def build(self):
        """The programs of the bench; static, so that they cost what they must."""
        for name, sources in PROGRAMS.items():
            subprocess.run([TREE / "scripts/musl-cc", "-Os", "-isystem", TREE / "build/kernel-headers",
                            "-o", self.place / name, *(HERE / source for source in sources)], check=True)

    def with_roots(self, purpose, user=None):
        """The runtimes, with a root directory for this purpose each."""
        return [Runtime(name, path, self.state / purpose, self.clock, user)
                for name, path in self.options.runtimes.items()]

    def docker_config(self):
        return bundles.docker(self.layout, limits=self.layout == 1)  # cgroup2 is without controllers

    def bundle(self, name, config, *args, **options):
        return bundles.make(self.place / name, config, *args, **options)

    def rounds(self, share=1.0, least=1):
        return max(least, round(self.options.rounds * share))

    def yacr_hash(self):
        return hashlib.sha256(pathlib.Path(self.yacr.path).read_bytes()).hexdigest()[:12]
