# SPDX-License-Identifier: Apache-2.0
"""scripts/packages: what a row looks for comes with the package that the row names."""

import glob
import os
import pathlib
import shutil
import subprocess

import pytest

TABLE = pathlib.Path(__file__).resolve().parent.parent.parent / "scripts" / "packages"


def rows():
    """(what is looked for, the package of apt) of each row that has one."""
    lines = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return [(line[1], line[2]) for line in lines if line[2] != "-"]


def found(items):
    """The files of this machine by which `need` believes that the package is installed."""
    for item in items.split(","):
        if item.startswith("/"):
            yield from glob.glob(item)
        elif path := shutil.which(item, path="/usr/sbin:/usr/bin:/sbin:/bin"):
            yield path


def owners(path):
    """Packages that have this file; dpkg knows a file by the name it was shipped under, before /usr was merged."""
    names = {path, os.path.realpath(path), path.removeprefix("/usr")}
    listed = subprocess.run(["dpkg-query", "-S", *names], capture_output=True, text=True).stdout
    return {name.split(":")[0] for line in listed.splitlines() for name in line.rsplit(": ", 1)[0].split(", ")}


@pytest.mark.skipif(not shutil.which("dpkg-query"), reason="needs dpkg, to ask whose a file is")
@pytest.mark.parametrize("items,package", rows(), ids=[package for _, package in rows()])
def test_a_file_that_is_looked_for_is_the_packages_own(items, package):
    # glibc has an rcrt1.o too: by that, musl was believed to be there.
    for path in found(items):
        owner = owners(path)
        assert not owner or package in owner or any(name.startswith(package + "-") for name in owner), path


def test_what_no_package_has_is_not_asked_for(tmp_path):
    """A row may have "-" for a package manager: `need` is content without."""
    shutil.copy(TABLE.parent / "need", tmp_path)
    (tmp_path / "packages").write_text("test /nowhere/x one two - four five\ntest /nowhere/y one two three four five\n")
    for tool in ("apk", "dirname", "grep", "id", "sh"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or "/bin/true")
    done = subprocess.run([tmp_path / "need", "--check", "test"], env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert done.stderr == "missing packages; as root: apk add three\n"
