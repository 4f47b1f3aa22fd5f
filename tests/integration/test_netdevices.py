# SPDX-License-Identifier: Apache-2.0
"""linux.netDevices: devices that move to the container, and back when it cannot be made.

yacr itself runs in a network namespace of the test's own, which is the "host" here."""

import json
import os
import signal
import subprocess

import pytest

from harness import PATIENCE, descriptors, until

pytestmark = pytest.mark.yacr


class Net:
    """A network namespace and who holds it; @pid: one that is there."""

    def __init__(self, pid=None):
        self.holder = None
        if pid is None:
            self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo up; exec sleep 1000"],
                                           stdout=subprocess.PIPE, text=True)
            assert self.holder.stdout.readline() == "up\n"
            pid = self.holder.pid
        self.path = f"/proc/{pid}/ns/net"

    def close(self):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()

    @property
    def prefix(self):
        return ["nsenter", f"--net={self.path}"]

    def ip(self, *args):
        done = subprocess.run([*self.prefix, "ip", *" ".join(args).split()], capture_output=True, text=True, timeout=20 * PATIENCE)
        assert done.returncode == 0, done
        return done.stdout

    def json(self, *args):
        return json.loads(self.ip("-j", "-d", *args) or "[]")

    def names(self):
        return {link["ifname"] for link in self.json("link")}

    def link(self, name):
        return next(link for link in self.json("link") if link["ifname"] == name)

    def addresses(self, name, scope="global"):
        found = self.json("addr", "show", "dev", name)[0]["addr_info"]
        return sorted(f"{a['local']}/{a['prefixlen']}" for a in found if a["scope"] == scope)

    def routes(self, name):
        """All routes of a device in all tables, but those that the kernel makes."""
        rows = [line.split() for family in ("-4", "-6")
                for line in self.ip(family, "-o", "route", "show", "table", "all", "dev", name).splitlines()]
        return sorted(" ".join(w for w in row if w not in ("pref", "medium")) for row in rows
                      if "kernel" not in row and "linkdown" not in row)

    def setup(self, name):
        """Everything about a device that must be the same when it is back."""
        link = self.link(name)
        link = {k: link.get(k) for k in ("ifindex", "mtu", "address", "flags", "master", "txqlen", "group")}
        return link, self.addresses(name), self.addresses(name, "link"), self.routes(name)


@pytest.fixture
def net():
    """Makes network namespaces."""
    made = []

    def make():
        made.append(Net())
        return made[-1]

    yield make
    for n in made:
        n.close()


@pytest.fixture
def host(net):
    """Where yacr runs: with a pair of devices v0 and v1, up, the first with addresses and routes."""
    host = net()
    # here an address is not looked for on the link before it is used, which takes a second each time
    subprocess.run([*host.prefix, "sh", "-c", "echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad"], check=True)
    host.ip("link set lo up")
    host.ip("link add v0 type veth peer name v1")
    host.ip("link set v0 mtu 1400")
    host.ip("link set v0 address 02:00:00:00:00:10")
    host.ip("addr add 10.1.0.2/24 dev v0")
    host.ip("addr add 10.1.0.3/24 dev v0")
    host.ip("addr add fd00:1::2/64 dev v0 nodad")
    host.ip("link set v0 up")
    host.ip("link set v1 up")
    host.ip("route add default via 10.1.0.1 metric 7")
    host.ip("route add 10.2.0.0/16 via 10.1.0.4 table 100")
    host.ip("route add 10.3.0.0/16 dev v0 src 10.1.0.3")
    host.ip("-6 route add default via fd00:1::1")
    return host


ADDRESSES = ["10.1.0.2/24", "10.1.0.3/24", "fd00:1::2/64"]


@pytest.fixture
def owner(runtime, container, host):
    """A container that sleeps, made by a yacr in @host, with these devices."""

    made = []

    def make(devices, on=runtime):
        c = container(on=on.variant(prefix=host.prefix, global_options=["--log-level=warning"]))
        made.append(c)
        c.bundle.linux["netDevices"] = devices
        c.bundle.process["args"] = ["sleep", "1000"]
        return c

    yield make
    for c in made:  # what is still there is deleted when @host is gone
        c.runtime.prefix = []


# ---- what arrives ----

def test_a_device_moves_with_its_addresses_and_routes(owner, host):
    link, routes = host.link("v0"), host.routes("v0")
    assert len(routes) == 4
    c = owner({"v0": {}})
    c.create().ok()
    inside = Net(c.pid)
    assert host.names() == {"lo", "v1"}
    assert inside.names() == {"lo", "v0"}
    assert inside.addresses("v0") == ADDRESSES
    assert inside.routes("v0") == routes
    assert "UP" in inside.link("v0")["flags"]
    for property in ("mtu", "address", "txqlen"):
        assert inside.link("v0")[property] == link[property]


def test_the_address_is_of_use_at_once(owner, host):
    """Without waiting for the detection of duplicates: that was done where it comes from."""
    host.ip("addr add fd00:2::2/64 dev v0")
    until(lambda: "tentative" not in host.ip("addr", "show", "dev", "v0"))
    c = owner({"v0": {}})
    c.bundle.sh("ip -6 addr show dev v0 | grep fd00:2::2")
    seen = c.run().ok().out
    assert "fd00:2::2/64" in seen and "tentative" not in seen


def test_the_first_address_stays_the_first(owner, host):
    c = owner({"v0": {}})
    c.create().ok()
    first = Net(c.pid).json("-4", "addr", "show", "dev", "v0")[0]["addr_info"]
    assert [(a["local"], a.get("secondary", False)) for a in first] == [("10.1.0.2", False), ("10.1.0.3", True)]


def test_an_address_keeps_all_that_was_said_of_it(owner, host):
    host.ip("addr add 10.8.0.1 peer 10.8.0.2/32 metric 50 dev v0")
    host.ip("addr add 10.9.0.1/24 broadcast 10.9.0.77 dev v0 preferred_lft 0")
    c = owner({"v0": {}})
    c.create().ok()
    inside = {a["local"]: a for a in Net(c.pid).json("-4", "addr", "show", "dev", "v0")[0]["addr_info"]}
    assert inside["10.8.0.1"]["address"] == "10.8.0.2" and inside["10.8.0.1"]["metric"] == 50
    assert inside["10.9.0.1"]["broadcast"] == "10.9.0.77" and inside["10.9.0.1"]["deprecated"]


def test_packets_go_through_it(owner, host):
    host.ip("addr add 10.1.0.1/24 dev v1")
    c = owner({"v0": {"name": "eth0"}})
    c.bundle.sh("echo hello | nc -w 5 10.1.0.1 4321")
    server = subprocess.Popen([*host.prefix, "python3", "-c", "import socket; s = socket.create_server(('10.1.0.1', "
                               "4321)); print(flush=True); print(s.accept()[0].recv(9).decode(), flush=True)"],
                              stdout=subprocess.PIPE, text=True)
    try:
        server.stdout.readline()
        c.run(timeout=20)
        assert server.stdout.readline() == "hello\n"
    finally:
        server.kill()
        server.communicate()


def test_a_device_gets_the_name_that_is_asked_for(owner, host):
    routes = host.routes("v0")
    c = owner({"v0": {"name": "eth0"}})
    c.create().ok()
    inside = Net(c.pid)
    assert inside.names() == {"lo", "eth0"}
    assert inside.addresses("eth0") == ADDRESSES
    assert inside.routes("eth0") == routes


def test_several_devices_may_swap_names(owner, host):
    c = owner({"v0": {"name": "v1"}, "v1": {"name": "v0"}})
    c.create().ok()
    inside = Net(c.pid)
    assert inside.link("v1")["address"] == "02:00:00:00:00:10"
    assert inside.names() == {"lo", "v0", "v1"}


def test_the_kernel_numbers_a_name(owner, host):
    c = owner({"v0": {"name": "net%d"}, "v1": {"name": "net%d"}})
    c.create().ok()
    inside = Net(c.pid)
    assert inside.names() == {"lo", "net0", "net1"}
    assert inside.addresses("net0") == ADDRESSES
    assert "UP" in inside.link("net0")["flags"]


def test_a_number_that_is_free(owner, host, net):
    """The device has another number and another name than it could have been looked up by."""
    shared = net()
    shared.ip("link add net0 type veth peer name net1")
    assert shared.link("net1")["ifindex"] <= host.link("v0")["ifindex"]
    c = owner({"v0": {"name": "net%d"}})
    c.bundle.namespace("network", shared.path)
    c.create().ok()
    assert shared.link("net2")["address"] == "02:00:00:00:00:10"
    assert shared.addresses("net2") == ADDRESSES


def test_a_device_that_was_down_is_up_inside(owner, host):
    host.ip("link set v1 down")
    host.ip("addr add 10.9.0.1/24 dev v1")
    c = owner({"v1": {}})
    c.create().ok()
    assert "UP" in Net(c.pid).link("v1")["flags"]
    assert Net(c.pid).addresses("v1") == ["10.9.0.1/24"]


def test_only_permanent_global_addresses_move(owner, host):
    host.ip("addr add 10.5.0.1/24 dev v0 valid_lft 1000 preferred_lft 1000")
    host.ip("addr add 10.6.0.1/24 dev v0 scope link")
    c = owner({"v0": {}})
    c.create().ok()
    assert Net(c.pid).addresses("v0") == ADDRESSES
    assert "10.6.0.1/24" not in Net(c.pid).addresses("v0", "link")


def test_a_route_whose_address_stays_behind_is_warned_of(owner, host):
    host.ip("addr add 10.5.0.1/24 dev v0 valid_lft 1000 preferred_lft 1000")
    host.ip("route add 10.7.0.0/16 via 10.5.0.9")
    c = owner({"v0": {}})
    c.create().ok()
    assert "\"v0\": 1 of its routes cannot be kept" in c.said()
    assert not any("10.7.0.0" in route for route in Net(c.pid).routes("v0"))


def test_a_route_over_several_gateways(owner, host):
    host.ip("route add 10.7.0.0/16 nexthop via 10.1.0.8 weight 3 nexthop via 10.1.0.9")
    host.ip("addr add 10.9.0.1/24 dev v1")
    host.ip("route add 10.8.0.0/16 nexthop via 10.1.0.8 nexthop via 10.9.0.8")
    c = owner({"v0": {"name": "a"}})
    c.create().ok()
    routes = Net(c.pid).ip("-o", "route")
    assert "via 10.1.0.8 dev a weight 3" in routes and "via 10.1.0.9 dev a weight 1" in routes
    assert "10.8.0.0" not in routes
    assert "1 of its routes cannot be kept (they lead over other devices, too)" in c.said()


def test_a_label_follows_the_name(owner, host):
    host.ip("addr add 10.4.0.1/24 dev v0 label v0:one")
    c = owner({"v0": {}})
    c.create().ok()
    assert "v0:one" in Net(c.pid).ip("addr")
    c.delete("--force").ok()
    host.ip("link add v2 type veth peer name v3")
    host.ip("addr add 10.4.0.1/24 dev v2 label v2:one")
    c = owner({"v2": {"name": "eth0"}})
    c.create().ok()
    assert "v2" not in Net(c.pid).ip("addr") and Net(c.pid).addresses("eth0") == ["10.4.0.1/24"]


def test_a_container_with_a_user_namespace(owner, host):
    c = owner({"v0": {}})
    c.bundle.namespace("user")
    for ids in ("uidMappings", "gidMappings"):
        c.bundle.linux[ids] = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    subprocess.run(["chown", "-R", "100000:100000", c.bundle.rootfs], check=True)
    c.create().ok()
    assert Net(c.pid).addresses("v0") == ADDRESSES


def test_it_is_there_when_create_runtime_hooks_run(owner, host, place):
    seen = place.path / "seen"
    c = owner({"v0": {"name": "eth0"}})
    script = (f'pid=$(sed "s/.*\\"pid\\": *\\([0-9]*\\).*/\\1/"); nsenter --net=/proc/$pid/ns/net ip -br addr > {seen}')
    c.bundle.config["hooks"] = {"createRuntime": [{"path": "/bin/sh", "args": ["sh", "-c", script],
                                                   "env": [f"PATH={os.environ['PATH']}"]}]}
    c.create().ok()
    assert "eth0" in seen.read_text() and "10.1.0.2/24" in seen.read_text()


# ---- whose it is afterwards ----

def test_deleting_the_container_does_not_bring_it_back(owner, host):
    c = owner({"v0": {}})
    c.create().ok()
    c.delete("--force").ok()
    until(lambda: host.names() == {"lo"}, 20, "both ends of the pair to be gone")


def test_in_a_namespace_of_another_it_stays(owner, host, net):
    shared = net()
    c = owner({"v0": {"name": "eth0"}})
    c.bundle.namespace("network", shared.path)
    c.create().ok()
    c.delete("--force").ok()
    assert shared.addresses("eth0") == ADDRESSES
    assert host.names() == {"lo", "v1"}


def test_a_running_yacr_does_not_hold_the_namespace(owner, host):
    c = owner({"v0": {}})
    c.bundle.sh("echo up; sleep 1000")
    c.bundle.save()
    process = c.runtime.popen("run", "--bundle", c.bundle.path, c.id, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "up\n"
        until(lambda: c.status == "running")
        until(lambda: not [f for f in descriptors(process.pid) if f.startswith("net:")], 5, "it to let go")
    finally:
        c.kill("KILL")
        process.communicate(timeout=10)


# ---- errors ----

def test_a_device_that_is_not_there(owner, host):
    c = owner({"eth9": {"name": "eth0"}})
    c.create().failed("cannot find network device \"eth9\"", "linux.netDevices.eth9", "hint:", code=1)
    assert c.runtime.ids() == []


def test_a_name_that_is_taken(owner, host, net):
    shared = net()
    shared.ip("link add eth0 type veth peer name eth1")
    before = host.setup("v0")
    c = owner({"v0": {"name": "eth0"}})
    c.bundle.namespace("network", shared.path)
    c.create().failed("has a network device \"eth0\"", "linux.netDevices.v0", "eth%d", code=1)
    assert host.setup("v0") == before
    assert shared.names() == {"lo", "eth0", "eth1"}


@pytest.mark.parametrize("name", ["lo", "a/b", "a b", "1234567890123456", "", ".", "a%s"])
def test_a_name_that_cannot_be(owner, host, name):
    before = host.setup("v0")
    c = owner({"v0": {"name": name}})
    done = c.create()
    if name == "":  # an empty string is an absent one
        assert done.ok() and Net(c.pid).names() == {"lo", "v0"}
        return
    done.failed("linux.netDevices.v0", code=1)
    assert host.setup("v0") == before


def test_a_device_that_belongs_to_its_namespace(owner, host):
    c = owner({"lo": {"name": "lo2"}})
    c.create().failed("cannot move network device \"lo\"", "linux.netDevices.lo", "hint:", code=1)
    assert "lo" in host.names()


@pytest.mark.parametrize("how", ["none", "the same"])
def test_without_a_network_namespace(owner, host, how):
    before = host.setup("v0")
    c = owner({"v0": {}})
    c.bundle.drop_mount("/sys")
    if how == "none":
        c.bundle.drop_namespace("network")
    else:
        c.bundle.namespace("network", host.path)
    c.create().failed("need a network namespace", "linux.netDevices", "hint:", code=1)
    assert host.setup("v0") == before


def test_without_privilege(owner, host, rootless):
    c = owner({"v0": {}}, on=rootless)
    c.bundle.namespace("network")
    c.create().failed("without privilege", "linux.netDevices", "hint:", code=1)
    assert "v0" in host.names()


def test_with_root_of_a_user_namespace_that_does_not_own_the_network(owner, host):
    before = host.setup("v0")
    c = owner({"v0": {}})
    c.runtime.prefix = [*host.prefix, "unshare", "--user", "--map-root-user", "--mount"]
    c.runtime.global_options = ["--rootless=true"]
    c.create().failed("cannot join the network namespace", "linux.netDevices.v0", "CAP_NET_ADMIN", code=1)
    assert host.setup("v0") == before


def test_with_root_of_a_user_namespace_that_owns_the_network(owner, runtime):
    c = owner({"v0": {"name": "eth0"}})
    setup = "ip link add v0 type veth peer name v1; ip addr add 10.1.0.2/24 dev v0; exec \"$@\""
    c.runtime.prefix = ["unshare", "--user", "--map-root-user", "--net", "--mount", "sh", "-c", setup, "sh"]
    c.runtime.global_options = ["--rootless=true"]
    c.bundle.sh("ip addr show dev eth0")
    assert "10.1.0.2/24" in c.run().ok().out


# ---- a create that fails gives everything back ----

def fail_in_hook(c):
    c.bundle.config["hooks"] = {"createRuntime": [{"path": "/bin/false"}]}


def fail_in_init(c):
    c.bundle.config["hooks"] = {"createContainer": [{"path": "/bin/false"}]}


def fail_at_the_end(c):
    c.bundle.process["args"] = ["/no/such/program"]


def fail_with_the_second(c):
    c.bundle.linux["netDevices"]["eth9"] = {}


@pytest.mark.parametrize("fail", [fail_in_hook, fail_in_init, fail_at_the_end, fail_with_the_second])
@pytest.mark.parametrize("name", ["v0", "eth%d"])
def test_a_failing_create_leaves_the_device_where_it_was(owner, host, fail, name):
    host.ip("addr add 10.6.0.1/24 dev v0 scope link")
    host.ip("addr add 10.4.0.1/24 dev v0 label v0:one")
    host.ip("route add 10.7.0.0/16 nexthop via 10.1.0.8 weight 3 nexthop via 10.1.0.9")
    until(lambda: "tentative" not in host.ip("addr", "show", "dev", "v0"))
    before, labels = host.setup("v0"), host.ip("-o", "-4", "addr")
    c = owner({"v0": {"name": name}})
    fail(c)
    c.create().failed(code=1)
    until(lambda: "tentative" not in host.ip("addr", "show", "dev", "v0"))
    assert host.setup("v0") == before
    assert host.ip("-o", "-4", "addr") == labels
    assert "cannot be kept" not in c.said()
    assert c.runtime.ids() == []


def test_it_is_a_port_of_its_bridge_again(owner, host):
    host.ip("link add br0 type bridge")
    host.ip("link set v1 master br0")
    c = owner({"v1": {}})
    fail_in_hook(c)
    c.create().failed(code=1)
    assert host.link("v1")["master"] == "br0"


def test_a_device_that_was_down_is_down_again(owner, host):
    host.ip("link set v1 down")
    c = owner({"v1": {}})
    fail_in_hook(c)
    c.create().failed(code=1)
    assert "UP" not in host.link("v1")["flags"]


def test_several_devices_come_back(owner, host):
    before = host.setup("v0"), host.setup("v1")
    c = owner({"v0": {"name": "v1"}, "v1": {"name": "v0"}})
    fail_in_hook(c)
    c.create().failed(code=1)
    until(lambda: "tentative" not in host.ip("addr"))
    assert (host.setup("v0"), host.setup("v1")) == before


def test_the_name_on_the_host_was_taken_meanwhile(owner, host):
    c = owner({"v0": {}})
    c.bundle.config["hooks"] = {"createRuntime": [
        {"path": "/bin/sh", "args": ["sh", "-c", "ip link add v0 type veth peer name other; false"],
         "env": [f"PATH={os.environ['PATH']}"]}]}
    c.create().failed("\"v0\" is not back as it was", code=1)
    assert c.runtime.ids() == []


def test_a_device_comes_back_when_yacr_is_told_to_stop(owner, host, place):
    before = host.setup("v0")
    c = owner({"v0": {}})
    c.bundle.config["hooks"] = {"createRuntime": [{"path": "/bin/sleep", "args": ["sleep", "1000"]}]}
    c.bundle.save()
    process = c.runtime.popen("create", "--bundle", c.bundle.path, c.id, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    until(lambda: "v0" not in host.names())
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) != 0
    until(lambda: "tentative" not in host.ip("addr", "show", "dev", "v0"))
    assert host.setup("v0") == before
