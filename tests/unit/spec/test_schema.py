#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the field tables against the runtime-spec: every property is a row, read or ignored with a reason.

usage: test_schema.py DUMP_TABLES LOAD_CONFIG [RUNTIME_SPEC]

The JSON schema is walked as well, and the example files are loaded, of RUNTIME_SPEC, a checkout of the
specification, or the variable of that name; otherwise of the distribution's package, which is an older version without
examples.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

PACKAGED = "/usr/share/gocode/src/github.com/opencontainers/runtime-spec"
HOOKS = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]

# Properties that the schema calls by a type of its own.
SCHEMA_TYPES = {"boolean": {"bool"}, "string": {"string", "enum"}, "integer": {"integer"}}

# How the schema's examples end, where that is not what their directory says.
EXAMPLES = {
    "good/spec-example.json": "ociVersion",  # 0.5.0-dev
    "good/zos-example.json": "ociVersion",  # 0.5.0-dev
    "good/freebsd-example.json": "hostname",  # there is no uts namespace
    "good/linux-netdevice.json": "linux.netDevices",  # there is no network namespace
    "bad/freebsd-vnet-disable.json": None,  # another platform's part is not looked into
    "bad/linux-hugepage.json": "linux.resources.hugepageLimits[0].pageSize",
    "bad/linux-netdevice.json": "linux.netDevices.eth0.name",
    "bad/linux-rdma.json": "linux.resources.rdma.mlx5_1.hcaHandles",
    "bad/invalid-json.json": "",
}

failures = []


def expect(good, message):
    if not good:
        failures.append(message)


def read_rows(program):
    rows = {}
    for line in subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines():
        path, kind, note = line.split("\t")
        expect(path not in rows, f"{path}: two rows")
        rows[path] = (kind, note)
    return rows


def read_properties(path):
    wanted = {}
    for line in path.read_text().splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        names = [words[0]]
        if words[0].startswith("hooks.prestart[]"):
            names = [words[0].replace("prestart", kind) for kind in HOOKS]
        for name in names:
            wanted[name] = (words[1], "required" in words[2:])
    return wanted


def check_properties(rows, wanted):
    for path, (kind, required) in wanted.items():
        if path not in rows:
            failures.append(f"{path}: the spec has it, the tables do not")
            continue
        expect(rows[path][0] == kind, f"{path}: the spec says {kind}, the table {rows[path][0]}")
        if kind == "ignored":
            expect(rows[path][1], f"{path}: ignored without a reason")
        else:
            expect((rows[path][1] == "required") == required,
                   f"{path}: required is {required} by the text of the spec")
    for path in rows:
        expect(path in wanted, f"{path}: the tables have it, the spec does not")


class Schema:
    """Walks a JSON schema; a property is visited with its path and its resolved schemas."""

    def __init__(self, directory):
        self.directory = directory
        self.files = {}

    def document(self, name):
        if name not in self.files:
            self.files[name] = json.loads((self.directory / name).read_text())
        return self.files[name]

    def resolve(self, schema, name):
        while "$ref" in schema:
            file, _, pointer = schema["$ref"].partition("#")
            name = file or name
            schema = self.document(name)
            for key in pointer.strip("/").split("/"):
                schema = schema[key] if key else schema
        return schema, name

    def parts(self, schema, name):
        """The schema with those of allOf, anyOf and oneOf, each with its file."""
        schema, name = self.resolve(schema, name)
        yield schema, name
        for word in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(word, []):
                yield from self.parts(part, name)

    def walk(self, schema, name, path):
        for part, file in self.parts(schema, name):
            for key, value in part.get("properties", {}).items():
                below = f"{path}.{key}" if path else key
                yield below, {p.get("type") for p, _ in self.parts(value, file)}
                yield from self.walk(value, file, below)
            if "items" in part and isinstance(part["items"], dict):
                yield from self.walk(part["items"], file, f"{path}[]")
            for value in part.get("patternProperties", {}).values():
                yield from self.walk(value, file, f"{path}.*")


def check_schema(rows, directory):
    schema = Schema(directory)
    skip = tuple(path for path, (kind, _) in rows.items() if kind == "ignored")
    maps = [path for path, (kind, _) in rows.items() if kind == "object-map"]
    seen = 0
    for path, types in schema.walk(schema.document("config-schema.json"), "config-schema.json", ""):
        if path.startswith(tuple(f"{s}." for s in skip) + tuple(f"{s}[" for s in skip)):
            continue
        seen += 1
        for parent in maps:  # the schema lists the keys of some
            if path.startswith(f"{parent}."):
                path = re.sub(r"[^.]+", "*", path[len(parent) + 1:], count=1)
                path = f"{parent}.{path}"
        if path.endswith(".*"):
            continue
        if path not in rows:
            failures.append(f"{path}: the schema has it, the tables do not")
            continue
        for kind in types:
            if kind in SCHEMA_TYPES and rows[path][0] != "ignored":
                expect(rows[path][0] in SCHEMA_TYPES[kind],
                       f"{path}: the schema says {kind}, the table {rows[path][0]}")
    expect(seen > 150, f"only {seen} properties were found in the schema")
    print(f"{seen} properties of the schema")


def check_examples(program, directory):
    for file in sorted((directory / "test" / "config").glob("*/*.json")):
        name = f"{file.parent.name}/{file.name}"
        result = subprocess.run([program], input=file.read_bytes(), capture_output=True)
        at = None if result.returncode == 0 else result.stdout.decode().split("\n")[0]
        wanted = EXAMPLES.get(name)
        expect(name in EXAMPLES or name.startswith("good/"), f"{name}: unknown to this test")
        expect(at == wanted, f"{name}: ended at {at!r}, not {wanted!r}")


def main():
    rows = read_rows(sys.argv[1])
    data = pathlib.Path(__file__).resolve().parents[2] / "data" / "runtime-spec"
    wanted = read_properties(data / "properties.txt")
    check_properties(rows, wanted)
    print(f"{len(rows)} rows, {len(wanted)} properties of the spec")

    directory = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else os.environ.get("RUNTIME_SPEC", PACKAGED)) / "schema"
    if directory.exists():
        check_schema(rows, directory)
        check_examples(sys.argv[2], directory)

    for failure in failures:
        print(f"FAILED: {failure}")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
