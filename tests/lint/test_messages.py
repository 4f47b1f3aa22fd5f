# SPDX-License-Identifier: Apache-2.0
"""Engines search a failing runtime's whole message for phrases, and act on them: each stands only where it is true.

Every string of the source is looked at, so every message, hint and warning that yacr can print.
"""

import pathlib
import re

import pytest

SRC = pathlib.Path(__file__).resolve().parent.parent.parent / "src"
EXECVE = {"base/errno_words.c"}     # strerror's words, for execve(2) of the container's program; see who takes them below

# phrase: the files that may say it
PHRASES = {
    # Docker and Podman: exit code 127, the program was not found
    "executable file not found": {"init/i_exec.c", "host/hint.c"},     # the latter to find the message
    "no such file or directory": EXECVE,
    "system cannot find the file": set(),
    "command not found": set(),
    # exit code 126, the program cannot be executed
    "permission denied": EXECVE,
    "operation not permitted": EXECVE,
    "is a directory": EXECVE,
    # Docker: "are you trying to mount a directory onto a file (or vice-versa)?"
    "not a directory": EXECVE | {"init/i_mount.c"},
    # containerd and CRI-O, of kill and delete: there is nothing left to do
    "no such process": set(),
    "already finished": set(),
    "invalid process": set(),
    "container not running": {"host/exec.c", "host/kill.c", "host/pause.c", "host/update.c"},
    "does not exist": {"host/record.c", "plan/c_creds.c", "plan/c_devices.c"},  # two of create, where nobody looks for it
    # Podman: the labels of SELinux
    "`/proc": {"init/i_process.c"},
    "/attr/exec`": set(),
    "/attr/current`": set(),
}


def strings(file):
    """String literals, adjacent ones as the one that they are; no comments."""
    text = re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.S)
    for literal in re.findall(r'(?:"(?:[^"\\\n]|\\.)*"\s*)+', text):
        yield re.sub(r'"\s*"', "", literal).strip().strip('"')


FILES = {str(f.relative_to(SRC)): [s.lower() for s in strings(f)] for f in SRC.rglob("*.[ch]")}


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_phrase_of_the_engines_is_where_it_is_true(phrase):
    assert {name for name, texts in FILES.items() if any(phrase in text for text in texts)} == PHRASES[phrase]


def test_the_kernels_own_words_are_for_the_containers_program():
    """execve_words() has them; host/criu_log.c takes them out of what another program says."""
    callers = {str(f.relative_to(SRC)) for f in SRC.rglob("*.c") if "execve_words(" in f.read_text()}
    assert callers == {"base/errno_words.c", "init/i_exec.c", "host/criu_log.c"}


def test_nobody_asks_the_c_library_for_words():
    assert not [str(f) for f in SRC.rglob("*.c") if re.search(r"\b(strerror|perror)\(|%m\b", re.sub(
        r"/\*.*?\*/", "", f.read_text(), flags=re.S))]
