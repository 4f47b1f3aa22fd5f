# SPDX-License-Identifier: Apache-2.0
"""The unit tests and fuzz targets as pytest's: one item per test function, run program by program.

They are C programs, built in build/test by `make check`; `meson test -C build/test` runs them, too.
"""

import functools
import os
import pathlib
import re
import subprocess
import tempfile

import pytest

TESTS = pathlib.Path(__file__).resolve().parent.parent
BUILD = TESTS.parent / "build" / "test"
ALIAS = re.compile(r"#define (\w+)\(\w+\)(?:[^\n]*\\\n)*[^\n]*\bcmocka_unit_test")  # a short form of it
RESULT = re.compile(r"\[\s+(OK|FAILED|SKIPPED)\s+\] (\w+)")
WEIGHT = ["SKIPPED", "OK", "FAILED"]  # of a test that a program runs more than once


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".c" and file_path.name.startswith("test_"):
        return Program.from_parent(parent, path=file_path)


class Program(pytest.File):
    """A test program; its tests are read from its table, so that collecting needs no build."""

    def collect(self):
        text = self.path.read_text()
        shared = "".join(header.read_text() for header in self.path.parent.glob("*.h"))
        short = "".join(f"|{alias}" for alias in ALIAS.findall(text + shared))
        table = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
        for name in dict.fromkeys(re.findall(rf"\b(?:cmocka_unit_test\w*{short})\(\s*(\w+)", table)):
            test = Test.from_parent(self, name=name)
            # one worker has all tests of a program: it runs once, and not beside itself
            test.add_marker(pytest.mark.xdist_group(f"{self.path.parent.name}_{self.path.stem}"))
            yield test

    @functools.cached_property
    def outcome(self):
        """What the program said, by test."""
        program = BUILD / "tests" / "unit" / f"{self.path.parent.name}_{self.path.stem}"
        if not program.exists():
            raise RuntimeError(f"{program} is not built: make check-unit")
        with tempfile.TemporaryDirectory(prefix="yacr-unit-") as scratch:
            os.chmod(scratch, 0o755)  # some tests are an ordinary user
            env = {**os.environ, "YACR_TESTS": str(TESTS), "TMPDIR": scratch}
            done = subprocess.run([program], cwd=BUILD, env=env, text=True, timeout=200, errors="replace",
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            left = os.listdir(scratch)
        if left and done.returncode == 0:
            raise RuntimeError(f"{program} leaves {left}")
        said = sorted(RESULT.findall(done.stdout), key=lambda found: WEIGHT.index(found[0]))
        return dict((name, result) for result, name in said), done


class Failure(Exception):
    pass


class Test(pytest.Item):
    def runtest(self):
        results, done = self.parent.outcome
        result = results.get(self.name)
        if result == "SKIPPED":
            pytest.skip()
        # what fails outside any test (a sanitizer at exit) fails all of them: it is nobody's
        if result != "OK" or (done.returncode and "FAILED" not in results.values()):
            raise Failure(f"{done.stdout[-4000:]}\nexit code {done.returncode}")

    def repr_failure(self, info):
        return str(info.value) if isinstance(info.value, Failure) else super().repr_failure(info)

    def reportinfo(self):
        return self.path, 0, self.name
