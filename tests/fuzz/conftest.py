# SPDX-License-Identifier: Apache-2.0
"""The fuzz targets over their corpora: one item per target."""

import pathlib
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build" / "test" / "tests" / "fuzz"


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".c" and file_path.name.startswith("fuzz_"):
        return Target.from_parent(parent, path=file_path)


class Target(pytest.File):
    def collect(self):
        yield Corpus.from_parent(self, name="corpus")


class Failure(Exception):
    pass


class Corpus(pytest.Item):
    def runtest(self):
        name = self.path.stem
        seeds = HERE / "corpus" / name.removeprefix("fuzz_")
        if not seeds.is_dir():
            seeds = HERE.parent / "golden"  # of what has no corpus of its own; see meson.build
        done = subprocess.run([BUILD / name, seeds], text=True, timeout=200,
                              errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise Failure(done.stdout[-4000:])

    def repr_failure(self, info):
        return str(info.value) if isinstance(info.value, Failure) else super().repr_failure(info)
