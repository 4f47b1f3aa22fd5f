# SPDX-License-Identifier: Apache-2.0
"""The rules of the source tree that a compiler does not check."""

import pathlib
import re
import subprocess

import pytest

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
SRC = TREE / "src"

# What a layer may include, as docs/architecture.md has it: whole layers, or single headers.
MAY_INCLUDE = {
    "base": [],
    "sys": ["base/error", "base/str", "base/fd", "base/list", "base/clock"],
    "spec": ["base"],
    "plan": ["base", "spec"],
    "init": ["plan/plan", "sys", "base/error", "base/str", "base/fd", "base/list"],
    "cgroup": ["base", "spec", "plan/facts", "sys"],
    "host": ["base", "sys", "spec", "plan", "cgroup", "init/init", "init/message"],
    "cmd": ["base", "spec", "plan", "cgroup", "host"],
}


def sources():
    return sorted([*SRC.rglob("*.[ch]"), *(TREE / "helpers").rglob("*.[ch]")])


def text_files():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=TREE, capture_output=True, text=True)
    names = listed.stdout.split("\0") if listed.returncode == 0 else [
        str(p.relative_to(TREE)) for p in TREE.rglob("*") if p.is_file() and "build" not in p.parts]
    for name in filter(None, names):
        try:
            yield name, (TREE / name).read_text()
        except (UnicodeDecodeError, FileNotFoundError):
            pass


@pytest.mark.parametrize("layer", MAY_INCLUDE)
def test_a_layer_includes_only_what_stands_below_it(layer):
    wrong = []
    for file in sorted((SRC / layer).rglob("*.[ch]")):
        for header in re.findall(r'^#include "([^"]+)\.h"', file.read_text(), re.M):
            allowed = [layer, *MAY_INCLUDE[layer]]
            if header not in allowed and header.split("/")[0] not in allowed:
                wrong.append(f"{file.relative_to(TREE)}: {header}.h")
    assert not wrong, "\n".join(wrong)


def test_a_helper_includes_nothing_of_yacr_that_could_decide():
    wrong = []
    for file in sorted((TREE / "helpers").rglob("*.[ch]")):
        for header in re.findall(r'^#include "([^"]+/[^"]+)\.h"', file.read_text(), re.M):
            if header.split("/")[0] not in ("base", "sys", "helpers") and header not in ("host/helper", "spec/cpulist"):
                wrong.append(f"{file.relative_to(TREE)}: {header}.h")
    assert not wrong, "\n".join(wrong)


def test_the_plan_has_no_other_header_than_stdint():
    assert re.findall(r"^#include (.*)", (SRC / "plan" / "plan.h").read_text(), re.M) == ["<stdint.h>"]


def test_every_source_file_says_its_licence_first():
    first = re.compile(r"(/\* SPDX-License-Identifier: Apache-2.0 \*/|# SPDX-License-Identifier: Apache-2.0)$")
    wrong = [name for name, text in text_files()
             if name.endswith((".c", ".h", ".py", ".build"))
             and not first.match(text.removeprefix("#!").split("\n", 2)[text.startswith("#!")])]
    assert not wrong


def test_no_source_file_is_long():
    """The shape of the tree: many small files.  Past 600 lines one does two things."""
    long = {str(f.relative_to(TREE)): n for f in sources() if (n := len(f.read_text().splitlines())) > 600}
    assert not long


def test_nothing_names_a_machine():
    """The project stands on its own: no paths of a developer's or builder's machine."""
    wrong = [f"{name}: {found}" for name, text in text_files()
             for found in re.findall(r"/(?:work|home/\w+|Users)/[\w./-]+", text)
             if name != "tests/lint/test_tree.py" and not name.startswith("LICENSE") and "corpus/" not in name
             and not re.match(r"/home/(user|app|u)\b", found)]
    assert not wrong, "\n".join(wrong)


def test_formats_use_only_what_the_formatter_knows():
    """The compiler checks formats against printf's whole language; str_print() speaks a part of it."""
    wrong = []
    for file in sources():
        for line in file.read_text().splitlines():
            for text in re.findall(r'"((?:[^"\\]|\\.)*)"', line):
                rest = re.sub(r"%[-0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:(?:l|ll|z|j)?[duxo]|[sc%])", "", text)
                if re.search(r"%[-+#.*\d]*(?:hh?|ll?|[zjtLq])?[a-zA-Z]", rest) and "%A" not in text:
                    wrong.append(f"{file.relative_to(TREE)}: {text}")
    assert not wrong, "\n".join(wrong)


def test_scripts_are_clean():
    if subprocess.run(["sh", "-c", "command -v shellcheck"], capture_output=True).returncode:
        pytest.skip("no shellcheck")
    scripts = [TREE / name for name, text in text_files() if text.startswith("#!/bin/sh")]
    done = subprocess.run(["shellcheck", "-S", "warning", "-e", "SC2086", *scripts], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_code_is_formatted():
    done = subprocess.run([TREE / "scripts" / "format", "--check"], capture_output=True, text=True)
    if done.returncode == 77:
        pytest.skip("no clang-format, or another version")
    assert done.returncode == 0, done.stdout[-3000:]
