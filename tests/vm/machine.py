# SPDX-License-Identifier: Apache-2.0
"""A row of runs.py in the machine."""

import pathlib
import re
import subprocess
import tempfile
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
PYTEST = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]


def run(row):
    """(how each test went, by its name; why there was no machine or None; what was printed)"""
    runtime = [] if row.runtime == "yacr" else [f"--runtime={row.runtime}", "--plain"]
    with tempfile.TemporaryDirectory() as results:
        tests = ["python3", *PYTEST, "-n", "2", "--dist", "loadgroup", "--junitxml=/results/junit.xml", *row.tests, *runtime]
        done = subprocess.run([HERE / "run", "-k", row.kernel, "-t", str(row.seconds), "-a", row.words, "-r", results, *tests],
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")
        if done.returncode == 77:
            return {}, done.stdout.strip(), ""
        file = pathlib.Path(results, "junit.xml")
        return read_junit(file) if file.exists() else {}, None, done.stdout


def kind(element):
    return "xfail" if element.get("type") == "pytest.xfail" else element.tag


def read_junit(file):
    """Of each test what is said of it, as (kind, message, text): failure, error, skipped or xfail; nothing: it passed."""
    found = {}
    for case in xml.etree.ElementTree.parse(file).iter("testcase"):
        name = case.get("classname").replace(".", "/") + ".py::" + re.sub(r"@[\w.-]+$", "", case.get("name"))  # xdist adds its group
        found.setdefault(name, []).extend((kind(what), what.get("message"), what.text) for what in case)
    return found
