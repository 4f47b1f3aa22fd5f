# SPDX-License-Identifier: Apache-2.0
"""table.py RESULTS.xml...: writes the tables of docs/engines.md anew, from what `make check-engines` has left.

One row per test, one column per runtime: how many of its cases passed, and of how many where it is not all.
"""

import ast
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

HERE = pathlib.Path(__file__).resolve().parent
DOCUMENT = HERE.parent.parent / "docs" / "engines.md"
MARK = "<!-- tests/engines/table.py writes what follows -->\n"
RUNTIMES = ("yacr", "runc")


def modules():
    """(name, first line of the docstring, names of the tests in their order) of each file of tests."""
    for file in sorted(HERE.glob("test_*.py")):
        tree = ast.parse(file.read_text())
        tests = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
        yield file.stem, ast.get_docstring(tree).splitlines()[0], tests


def outcomes(*results):
    """{(module, test, runtime): {case: whether it passed, or None where it was skipped}}; the last results count."""
    found = {}
    for case in (case for file in results for case in xml.parse(file).iter("testcase")):
        name, _, parameters = re.sub(r"@[\w.-]+$", "", case.get("name")).partition("[")     # xdist adds its group
        runtime = next((r for r in RUNTIMES if re.match(rf"{r}\b", parameters)), "yacr")
        skipped = case.find("skipped")
        passed = case.find("failure") is None and case.find("error") is None
        if skipped is not None:
            passed = False if "xfail" in skipped.get("type", "") else None
        found.setdefault((case.get("classname").rpartition(".")[2], name, runtime), {})[parameters] = passed
    return found


def cell(cases):
    tried = [passed for passed in cases.values() if passed is not None]
    if not cases:
        return ""
    if not tried:
        return "skipped"
    return "yes" if tried == [True] else str(len(tried)) if all(tried) else f"{sum(tried)} of {len(tried)}"


def tables(*results):
    found = outcomes(*results)
    for module, what, tests in modules():
        yield f"\n### {what.rstrip('.')}\n\n`tests/engines/{module}.py`\n\n| | {' | '.join(RUNTIMES)} |\n| --- | --- | --- |\n"
        for test in tests:
            cells = [cell(found.get((module, test, runtime), {})) for runtime in RUNTIMES]
            yield f"| `{test}` |{''.join(f' {c} |' if c else ' |' for c in cells)}\n"


def main(*results):
    text = DOCUMENT.read_text().partition(MARK)[0]
    DOCUMENT.write_text(text + MARK + "".join(tables(*results)))


if __name__ == "__main__":
    main(*sys.argv[1:])
