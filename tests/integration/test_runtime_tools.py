# SPDX-License-Identifier: Apache-2.0
"""The validation programs of runtime-tools that docs/conformance.md says pass."""

import os
import pathlib
import re
import subprocess

import conformance
import pytest

pytestmark = pytest.mark.yacr
TOOLS = os.environ.get("RUNTIME_TOOLS")
PASSES = re.findall(r"^\| (\w+) \| passes \|", conformance.TABLE.read_text(), re.M)


def test_every_program_has_a_row():
    rows = re.findall(r"^\| (\w+) \| (?:passes|wrong|says nothing|another machine) \|", conformance.TABLE.read_text(), re.M)
    assert len(rows) == len(set(rows)) == 58
    if TOOLS:
        assert set(rows) == {path.stem for path in pathlib.Path(TOOLS).glob("validation/*/*.t")}


@pytest.mark.skipif(not TOOLS, reason="needs RUNTIME_TOOLS, the path of a checkout of runtime-tools with its programs built")
@pytest.mark.parametrize("program", PASSES)
def test_a_validation_program_passes(runtime, place, program):
    script = place.fresh("runtime")  # the programs give no options
    script.write_text(f'#!/bin/sh\nexec {runtime.path} --root {runtime.root} "$@"\n')
    script.chmod(0o755)
    done = subprocess.run(["unshare", "--mount", f"validation/{program}/{program}.t"], cwd=TOOLS, text=True, timeout=120,
                          capture_output=True, env={**os.environ, "RUNTIME": str(script), "TMPDIR": str(place.path)})
    assert done.returncode == 0, done
    assert not re.search(r"^\s*not ok", done.stdout, re.M), done.stdout
    # one of them has its exit code only
    assert re.search(r"^\s*ok", done.stdout, re.M) or program == "process_rlimits_fail", done
