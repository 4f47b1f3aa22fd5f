# SPDX-License-Identifier: Apache-2.0
"""linux.intelRdt: what can be shown with and without a resctrl file system.  Its files: tests/unit/host."""

import os

import pytest

pytestmark = pytest.mark.yacr

RESCTRL = next((line.split()[4] for line in open("/proc/self/mountinfo") if " - resctrl " in line), None)
with_resctrl = pytest.mark.skipif(not RESCTRL, reason="needs a mounted resctrl file system (a processor with RDT)")
without_resctrl = pytest.mark.skipif(bool(RESCTRL), reason="needs a machine without a mounted resctrl file system")


def tasks(*names):
    return open(os.path.join(RESCTRL, *names, "tasks")).read().split()


@without_resctrl
@pytest.mark.parametrize("rdt", [{}, {"closID": "/"}, {"closID": "gold", "memBwSchema": "MB:0=20"},
                                 {"enableMonitoring": True}], ids=str)
def test_without_resctrl_the_container_is_refused(container, rdt):
    c = container()
    c.bundle.linux["intelRdt"] = rdt
    c.create().failed("no resctrl file system is mounted", "linux.intelRdt", "hint:", "mount -t resctrl", code=1)
    assert c.runtime.ids() == []


@pytest.mark.parametrize("property, value", [("closID", "a/b"), ("closID", ".."), ("memBwSchema", "L3:0=f"),
                                             ("memBwSchema", "MB:0=1\nL3:0=f"), ("l3CacheSchema", "L3:0=f\n"),
                                             ("schemata", ["L2:0=1\n"]), ("schemata", "L2:0=1")], ids=str)
def test_a_schema_that_is_none_is_refused(container, property, value):
    c = container()
    c.bundle.linux["intelRdt"] = {property: value}
    c.create().failed(f"linux.intelRdt.{property}", code=1)


def test_update_of_a_container_without_a_group(container):
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.create().ok()
    for option, value in (("--l3-cache-schema", "L3:0=f"), ("--mem-bw-schema", "MB:0=20")):
        c.runtime.call("update", option, value, c.id).failed("was made without linux.intelRdt", code=1)
    c.runtime.call("update", "--mem-bw-schema", "L3:0=20", c.id).failed("does not start with \"MB:\"", code=1)


@without_resctrl
def test_a_group_that_went_with_its_file_system_hinders_nobody(container):
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.run_detached().ok()
    record = c.runtime.root / c.id / "state.json"
    record.write_text(record.read_text().replace('"rootfs"', '"intelRdt":{"name":"gone","made":true},"rootfs"', 1))
    c.runtime.call("exec", c.id, "true").ok()
    c.runtime.call("update", "--mem-bw-schema", "MB:0=20", c.id).failed("no resctrl file system is mounted", code=1)
    c.delete("--force").ok()
    assert c.runtime.ids() == []


@with_resctrl
def test_the_process_is_in_a_group_of_its_own(container):
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.bundle.linux["intelRdt"] = {"enableMonitoring": True}
    c.create().ok()
    assert str(c.pid) in tasks(c.id) and str(c.pid) in tasks(c.id, "mon_groups", c.id)
    c.delete("--force").ok()
    assert c.id not in os.listdir(RESCTRL)


@with_resctrl
def test_processes_of_exec_are_in_the_group(container, place):
    c = container()
    c.bundle.process["args"] = ["sleep", "1000"]
    c.bundle.linux["intelRdt"] = {}
    c.run_detached().ok()
    c.runtime.call("exec", "-d", "--pid-file", place.path / "pid", c.id, "sleep", "1000").ok()
    assert (place.path / "pid").read_text() in tasks(c.id)


@with_resctrl
def test_a_failing_create_leaves_no_group(container):
    c = container()
    c.bundle.process["args"] = ["/no/such/program"]
    c.bundle.linux["intelRdt"] = {"closID": f"c{c.id}", "schemata": [open(f"{RESCTRL}/schemata").readline().strip()]}
    c.create().failed(code=1)
    assert f"c{c.id}" not in os.listdir(RESCTRL)


@with_resctrl
def test_a_schema_that_the_processor_refuses(container):
    c = container()
    c.bundle.linux["intelRdt"] = {"l3CacheSchema": "L3:0=fffffffffff"}
    c.create().failed("cannot write schema", "linux.intelRdt.l3CacheSchema", code=1)
    assert c.id not in os.listdir(RESCTRL)
