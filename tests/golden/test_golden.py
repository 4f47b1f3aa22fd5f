#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""
Compares the plan of each case with the one that is written down.

A case is a directory: config.json, perhaps "args" (one line for plan_of:
"--facts NAME" of facts/NAME.json, else root-v2; other options; the word
"default" or "rootless" instead of a config.json), perhaps facts.json of its
own, and what comes out: plan.txt, or error.txt.

	test_golden.py PLAN_OF [--update] [CASE...]
"""
import difflib
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def command(plan_of, case):
    words = []
    if (case / "args").exists():
        words = (case / "args").read_text().split()
    facts = HERE / "facts" / "root-v2.json"
    if "--facts" in words:
        at = words.index("--facts")
        facts = HERE / "facts" / (words[at + 1] + ".json")
        del words[at:at + 2]
    if (case / "facts.json").exists():
        facts = case / "facts.json"
    if (case / "config.json").exists():
        words.append(str(case / "config.json"))
    return [plan_of, "--facts", str(facts), *words]


def run(plan_of, case):
    """The name of the file that should hold the output, and the output."""
    done = subprocess.run(command(plan_of, case), capture_output=True, text=True, check=False)
    if done.returncode > 1 or done.returncode < 0 or done.stderr:
        return "crash.txt", done.stderr or f"exit status {done.returncode}\n"
    return ("error.txt" if done.returncode else "plan.txt"), done.stdout


def check(plan_of, case):
    """Lines of a difference; none when all is well."""
    name, found = run(plan_of, case)
    path = case / name
    wanted = path.read_text() if path.exists() else ""
    other = case / ("plan.txt" if name == "error.txt" else "error.txt")
    lines = list(difflib.unified_diff(wanted.splitlines(True), found.splitlines(True),
                                      f"{case.name}/{name}", "found"))
    if other.exists():
        lines.insert(0, f"{case.name}: {other.name} was expected, not {name}\n")
    return lines


def update(plan_of, case):
    name, found = run(plan_of, case)
    if name == "crash.txt":
        sys.exit(f"{case.name}: {found}")
    for old in ("plan.txt", "error.txt"):
        (case / old).unlink(missing_ok=True)
    (case / name).write_text(found)


def main():
    words = sys.argv[1:]
    updating = "--update" in words
    if updating:
        words.remove("--update")
    plan_of, names = words[0], words[1:]
    cases = sorted(p for p in HERE.iterdir() if p.is_dir() and p.name != "facts")
    if names:
        cases = [c for c in cases if c.name in names]
    failed = 0
    for case in cases:
        if updating:
            update(plan_of, case)
            continue
        difference = check(plan_of, case)
        failed += bool(difference)
        sys.stdout.writelines(difference)
    print(f"{len(cases)} cases, {failed} differ" + (" (--update writes them anew)" if failed else ""))
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
