# SPDX-License-Identifier: Apache-2.0
"""The executable itself: what it is linked with, how large it is, how it was hardened, what it costs."""

import os
import re
import subprocess

import pytest

pytestmark = pytest.mark.yacr


def readelf(runtime, *options):
    return subprocess.run(["readelf", "-W", *options, runtime.path], capture_output=True, text=True, check=True).stdout


def test_it_needs_no_shared_library_and_no_loader(runtime):
    assert "NEEDED" not in readelf(runtime, "-d")
    assert "INTERP" not in readelf(runtime, "-l")


def test_no_page_is_writable_and_executable(runtime):
    headers = readelf(runtime, "-l")
    assert re.search(r"GNU_STACK .* RW ", headers)
    assert not re.search(r"LOAD .* RWE ", headers)


def test_tables_of_pointers_are_read_only(runtime):
    """At a fixed address there is nothing to relocate: constants are in pages that never were writable."""
    sections = readelf(runtime, "-S")
    assert re.search(r"Type:\s+EXEC", readelf(runtime, "-h"))
    assert ".rela.dyn" not in sections and ".data.rel.ro" not in sections


def test_what_is_written_to_is_not_given_back_with_the_image(runtime):
    """self_drop_image() gives back whole pages before the end of .data, of which there is none: src/layout.ld."""
    sections = readelf(runtime, "-S")
    assert " .data" not in sections
    address, = re.search(r" \.bss +NOBITS +(\w+)", sections).groups()
    assert int(address, 16) % 4096 == 0


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="reads the code of x86_64")
def test_functions_leave_no_values_in_registers_and_guard_their_stack(runtime):
    """It is the linker's step that generates the code, and it has to be told: meson.build. (The C library's is as it came.)"""
    code = subprocess.run(["objdump", "-d", "--no-show-raw-insn", runtime.path], capture_output=True, text=True, check=True).stdout
    ends = re.findall(r"\t(.*)\n.*\tret\b", code)
    zeroing = [last for last in ends if re.match(r"xor +(%\w+),\1$", last)]
    assert len(ends) > 800 and len(zeroing) > len(ends) * 3 / 4
    assert code.count("%fs:0x28") > 300


def test_it_refuses_to_be_setuid(runtime, place):
    copy = place.path / "yacr"
    copy.write_bytes(open(runtime.path, "rb").read())
    copy.chmod(0o4755)
    done = subprocess.run(["setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups", copy, "list"],
                          capture_output=True, text=True)
    assert done.returncode == 1 and "setuid" in done.stderr


def test_it_survives_a_hostile_environment(container):
    c = container()
    c.bundle.process["args"] = ["true"]
    c.run(env={"LD_PRELOAD": "/x", "LD_LIBRARY_PATH": "/x", "GLIBC_TUNABLES": "x", "MALLOC_PERTURB_": "1",
               "XDG_RUNTIME_DIR": "/nowhere", "NOTIFY_SOCKET": "/nowhere", "YACR_X": "x" * 100000}).ok()
    c.run(env={"PATH": None}).ok()


def test_no_arguments_at_all(runtime):
    """argc 0: no crash."""
    code = "import ctypes,os; os.closerange(3, 64); ctypes.CDLL(None).execve(b'%s', None, None)" % runtime.path
    done = subprocess.run(["/usr/bin/python3", "-c", code], capture_output=True, text=True)
    assert done.returncode in (0, 1), done


def test_a_file_size_limit_of_nothing(container):
    """RLIMIT_FSIZE 0: SIGXFSZ must not kill it between two steps."""
    import resource
    c = container()
    c.bundle.process["args"] = ["true"]
    done = c.run(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
    assert done.code in (0, 1), done
    assert c.runtime.ids() == []
