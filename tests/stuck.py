# SPDX-License-Identifier: Apache-2.0
"""A file system (FUSE) whose server does not answer: who looks for a file in it waits where no signal reaches."""

import ctypes
import errno
import os
import struct
import threading

import pytest

LOOKUP, FORGET, GETATTR, STATFS, INIT, INTERRUPT, BATCH_FORGET = 1, 2, 3, 17, 26, 36, 42
SILENT = (LOOKUP, FORGET, INTERRUPT, BATCH_FORGET)  # all but the first want no answer
CONTENTS = {
    INIT: struct.pack("=IIIIHHII36x", 7, 31, 0, 0, 0, 0, 1 << 16, 1),  # version 7.31, nothing special
    GETATTR: struct.pack("=QII QQQQQQ IIII IIIIII", 3600, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0o40755, 2, 0, 0, 0, 4096, 0),
    STATFS: bytes(80),
}
MNT_FORCE, MNT_DETACH = 1, 2
libc = ctypes.CDLL(None, use_errno=True)


class Stuck:
    def __init__(self, directory):
        if not os.path.exists("/dev/fuse"):
            pytest.skip("needs FUSE in the kernel")
        self.directory, self.asked = directory, threading.Event()
        self.fd = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={self.fd},rootmode=40755,user_id=0,group_id=0,allow_other"
        if libc.mount(b"stuck", str(directory).encode(), b"fuse", 0, options.encode()) < 0:
            raise OSError(ctypes.get_errno(), "mount")
        self.server = threading.Thread(target=self.serve, daemon=True)
        self.server.start()

    def serve(self):
        """A request must be read, or its process could still give it up."""
        while True:
            try:
                request = os.read(self.fd, 1 << 18)
            except OSError:  # it is not mounted any more
                return
            _, opcode, unique = struct.unpack_from("=IIQ", request)
            if opcode == LOOKUP:
                self.asked.set()
            if opcode not in SILENT:
                self.answer(unique, CONTENTS.get(opcode))

    def answer(self, unique, contents):
        error = -errno.ENOSYS if contents is None else 0
        os.write(self.fd, struct.pack("=IiQ", 16 + len(contents or b""), error, unique) + (contents or b""))

    def end(self):
        """Who waits gets an error."""
        if self.fd < 0:
            return
        libc.umount2(str(self.directory).encode(), MNT_FORCE | MNT_DETACH)
        self.server.join()
        os.close(self.fd)
        self.fd = -1
