# SPDX-License-Identifier: Apache-2.0
"""The documents that yacr prints, held against the specification: its JSON schemas, and its text for `features`."""

import json
import pathlib

import harness
import pytest

jsonschema = pytest.importorskip("jsonschema", reason="needs python3-jsonschema")

pytestmark = pytest.mark.yacr
FEATURES = pathlib.Path(__file__).resolve().parent.parent / "data" / "runtime-spec" / "features.txt"
TYPES = {"string": str, "bool": bool}


def validate(document, name):
    """Against the schema of that name, of the distribution's package or of the checkout RUNTIME_SPEC."""
    directory = harness.runtime_spec() / "schema"
    if not (directory / name).exists():
        pytest.skip(f"needs {name} of the runtime-spec: the Debian package golang-github-opencontainers-specs-dev, or "
                    "RUNTIME_SPEC, the path of a checkout")
    schemas = {file.as_uri(): json.loads(file.read_text()) for file in directory.glob("*.json")}
    base = (directory / name).as_uri()
    for schema in schemas.values():
        schema.pop("id", None)  # an address in the web
    resolver = jsonschema.RefResolver(base, schemas[base], store=schemas)
    errors = jsonschema.Draft4Validator(schemas[base], resolver=resolver).iter_errors(document)
    assert not [f"{'.'.join(map(str, e.path))}: {e.message}" for e in errors]


@pytest.mark.parametrize("step", ["created", "running", "stopped"])
def test_the_state_is_valid_by_the_schema(container, step):
    c = container()
    c.bundle.config["annotations"] = {"org.example.key": "value", "empty": "", "org.opencontainers.image.os": "linux",
                                      "org.opencontainers.image.stopSignal": "SIGQUIT", "org.opencontainers.unknown": "x"}
    c.bundle.sh("true" if step == "stopped" else "exec sleep 100")
    c.create().ok()
    if step != "created":
        c.start().ok()
        c.wait(step)
    state = c.state()
    assert state["status"] == step and state["annotations"] == c.bundle.config["annotations"]
    validate(state, "state-schema.json")


@pytest.mark.parametrize("options", [[], ["--rootless"]], ids=["rootful", "rootless"])
def test_the_default_config_is_valid_by_the_schema(container, options):
    c = container()
    c.runtime.call("spec", *options, "--bundle", c.bundle.path, root=False).ok()
    validate(json.loads((c.bundle.path / "config.json").read_text()), "config-schema.json")


def test_features_is_valid_by_the_schema(runtime):
    validate(runtime.call("features", root=False).ok().json, "features-schema.json")


def leaves(value, path=""):
    """(path, value) of everything in a document that is no object; annotations are the author's own."""
    if isinstance(value, dict) and path != "annotations":
        for key, below in value.items():
            yield from leaves(below, f"{path}.{key}".lstrip("."))
    else:
        yield path, value


def test_features_has_every_property_of_the_specification_and_no_other(runtime):
    rows = [line.split() for line in FEATURES.read_text().splitlines() if not line.startswith("#")]
    found = dict(leaves(runtime.call("features", root=False).ok().json))
    assert {row[0] for row in rows} == set(found)
    for path, kind, *names in rows:
        value = found[path]
        if kind == "strings":
            assert all(isinstance(v, str) for v in value) and len(set(value)) == len(value), path
            assert not names or set(names) == set(value), path
        elif kind == "map":
            assert all(isinstance(v, str) for v in value.values()), path
        else:
            assert type(value) is TYPES[kind], path
