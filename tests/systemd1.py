# SPDX-License-Identifier: Apache-2.0
"""
A service manager as far as yacr talks to one: org.freedesktop.systemd1 at the end of a socket, with the mistakes that
a test asks for.  It makes cgroups where the machine has any, and speaks just enough D-Bus for that.
"""

import contextlib
import os
import pathlib
import re
import socket
import struct
import threading

GUID = b"0123456789abcdef0123456789abcdef"
METHOD, REPLY, ERROR, SIGNAL = 1, 2, 3, 4
NUMBERS = {"y": "B", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q", "d": "d", "b": "I", "h": "I"}
ALIGNMENT = {**{k: struct.calcsize(v) for k, v in NUMBERS.items()}, "s": 4, "o": 4, "a": 4, "g": 1, "v": 1, "(": 8}


# ---- values ----

def complete_type(signature):
    """The length of the first complete type."""
    if signature[0] == "a":
        return 1 + complete_type(signature[1:])
    if signature[0] != "(":
        return 1
    at = 1
    while signature[at] != ")":
        at += complete_type(signature[at:])
    return at + 1


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def align(self, n):
        self.at += -self.at % n

    def number(self, code):
        self.align(struct.calcsize(code))
        value, = struct.unpack_from("<" + code, self.data, self.at)
        self.at += struct.calcsize(code)
        return value

    def text(self, size):
        length = self.number(size)
        value = self.data[self.at:self.at + length].decode()
        self.at += length + 1
        return value

    def one(self, signature):
        kind = signature[0]
        if kind in NUMBERS:
            value = self.number(NUMBERS[kind])
            return bool(value) if kind == "b" else value
        if kind in "so":
            return self.text("I")
        if kind == "g":
            return self.text("B")
        if kind == "v":
            inner = self.text("B")
            return inner, self.one(inner)
        if kind == "a":
            length = self.number("I")
            self.align(ALIGNMENT[signature[1]])
            end, items = self.at + length, []
            while self.at < end:
                items.append(self.one(signature[1:]))
            return items
        self.align(8)
        return tuple(self.all(signature[1:-1]))

    def all(self, signature):
        values = []
        while signature:
            n = complete_type(signature)
            values.append(self.one(signature[:n]))
            signature = signature[n:]
        return values


class Writer:
    """Only of what a manager answers: s, o, u, v of s."""

    def __init__(self):
        self.data = b""

    def align(self, n):
        self.data += bytes(-len(self.data) % n)

    def number(self, value, code="I"):
        self.align(struct.calcsize(code))
        self.data += struct.pack("<" + code, value)

    def text(self, value):
        self.number(len(value.encode()))
        self.data += value.encode() + b"\0"

    def signature(self, value):
        self.data += bytes([len(value)]) + value.encode() + b"\0"

    def all(self, signature, values):
        for kind, value in zip(signature, values):
            if kind == "v":
                self.signature("s")
                self.text(value)
            elif kind == "u":
                self.number(value)
            else:
                self.text(value)
        return self


def message(kind, serial, fields, signature="", values=()):
    body = Writer().all(signature, values).data
    w = Writer()
    w.data = struct.pack("<cBBBII", b"l", kind, 0, 1, len(body), serial)
    inner = Writer()
    if signature:
        fields = {**fields, 8: ("g", signature)}
    for code, (field_type, value) in fields.items():
        inner.align(8)
        inner.data += bytes([code])
        inner.signature(field_type)
        if field_type == "g":
            inner.signature(value)
        elif field_type == "u":
            inner.number(value)
        else:
            inner.text(value)
    w.number(len(inner.data))
    w.data += inner.data
    w.align(8)
    return w.data + body


# ---- the manager ----

def cgroup_roots():
    """Where systemd has cgroups of its own on this machine: cgroup2, name=systemd."""
    roots = []
    for line in open("/proc/self/mountinfo"):
        left, right = line.split(" - ")
        kind, _, options = right.split()[:3]
        if kind == "cgroup2" or (kind == "cgroup" and "name=systemd" in options.split(",")):
            roots.append(left.split()[4])
    return roots


def slice_path(name):
    parts = name.removesuffix(".slice").split("-")
    return "/".join("-".join(parts[:i + 1]) + ".slice" for i in range(len(parts)))


def peer_of(connection):
    """The process that has the other end, by its number here."""
    return struct.unpack("iII", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]


class Manager(threading.Thread):
    def __init__(self, path):
        super().__init__(daemon=True)
        self.calls = []        # (method, arguments)
        self.errors = {}       # method: [(name, text), ...], one for each call until they are used up
        self.silent = set()    # methods that get no answer
        self.results = []      # of jobs; "done" when there are no more
        self.version = "252.38-1~deb12u1"
        self.units = {}        # name: directories
        self.jobs = 0
        self.transient = pathlib.Path(path).parent / "transient"  # a file for each unit, as in systemd.unit(5)
        self.transient.mkdir()
        self.places = True     # make cgroups
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.start()

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for unit in list(self.units):
            self.remove(unit)

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection, contextlib.suppress(ConnectionError):
            data = b""
            while b"BEGIN\r\n" not in data:
                more = connection.recv(4096)
                if not more:
                    return
                data += more
                if data.count(b"\r\n") == 1 and not data.endswith(b"BEGIN\r\n"):
                    continue
            lines, data = data.split(b"BEGIN\r\n", 1)
            connection.sendall((b"DATA\r\n" if b"\r\nDATA" in lines else b"") + b"OK " + GUID + b"\r\nAGREE_UNIX_FD\r\n")
            while True:
                while len(data) < 16 or len(data) < self.size(data):
                    more = connection.recv(65536)
                    if not more:
                        return
                    data += more
                size = self.size(data)
                self.dispatch(connection, data[:size])
                data = data[size:]

    @staticmethod
    def size(data):
        body, _, fields = struct.unpack_from("<III", data, 4)
        return 16 + fields + -fields % 8 + body

    def dispatch(self, connection, data):
        body, serial, fields_length = struct.unpack_from("<III", data, 4)
        r = Reader(data[:16 + fields_length])
        r.at = 12
        fields = {code: value[1] for code, value in r.one("a(yv)")}
        # alignment counts from the body's beginning, which is a multiple of 8
        arguments = Reader(data[len(data) - body:]).all(fields.get(8, ""))
        method = fields[3]
        if method == "StartTransientUnit":
            arguments[2] = [(name, ("au", [pid or peer_of(connection) for pid in value[1]]) if name == "PIDs" else value)
                            for name, value in arguments[2]]
            (self.transient / arguments[0]).touch()
        self.calls.append((method, arguments))
        if method in self.silent:
            return
        pending = self.errors.get(method)
        if pending:
            name, text = pending.pop(0)
            connection.sendall(message(ERROR, 1, {4: ("s", name), 5: ("u", serial)}, "s", [text]))
            return
        answer = getattr(self, "do_" + method, lambda *a: ("", []))(*arguments)
        connection.sendall(message(REPLY, 1, {5: ("u", serial)}, *answer[:2]))
        if len(answer) > 2:
            connection.sendall(message(SIGNAL, 2, {
                1: ("o", "/org/freedesktop/systemd1"), 2: ("s", "org.freedesktop.systemd1.Manager"),
                3: ("s", "JobRemoved")}, "uoss", answer[2]))

    def job(self, unit):
        self.jobs += 1
        path = f"/org/freedesktop/systemd1/job/{self.jobs}"
        return "o", [path], [self.jobs, path, unit, self.results.pop(0) if self.results else "done"]

    def do_Get(self, interface, name):
        return "v", [self.version]

    def do_StartTransientUnit(self, unit, mode, properties, auxiliary):
        values = {name: value for name, (_, value) in properties}
        if self.places and not self.results:
            self.make(unit, values)
        return self.job(unit)

    def do_StopUnit(self, unit, mode):
        self.forget(unit)
        self.remove(unit)
        return self.job(unit)

    def make(self, unit, values):
        place = slice_path(unit) if unit.endswith(".slice") else f"{slice_path(values['Slice'])}/{unit}"
        self.units[unit] = []
        for root in cgroup_roots():
            path = os.path.join(root, place)
            os.makedirs(path, exist_ok=True)
            self.units[unit].append(path)
            for pid in values.get("PIDs", []):
                with open(os.path.join(path, "cgroup.procs"), "w") as f:
                    f.write(str(pid))

    def remove(self, unit):
        for path in self.units.pop(unit, []):
            for sub, _, _ in os.walk(path, topdown=False):
                try:
                    os.rmdir(sub)
                except OSError:
                    pass
            while re.search(r"\.slice$", path := os.path.dirname(path)):
                try:
                    os.rmdir(path)
                except OSError:
                    break

    def forget(self, unit):
        (self.transient / unit).unlink(missing_ok=True)

    # ---- for tests ----

    def called(self, method):
        return [arguments for name, arguments in self.calls if name == method]

    def properties(self, method="StartTransientUnit"):
        """Of the last call: [(name, (type, value)), ...]."""
        return self.called(method)[-1][2]

    def property(self, name, method="StartTransientUnit"):
        """The last value of a property, with its type."""
        return dict(self.properties(method)).get(name)
