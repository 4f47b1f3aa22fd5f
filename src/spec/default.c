/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/default.h"

#include <linux/sched.h>
#include <string.h>

#include "spec/names.h"
#include "spec/tables.h"

/* config-linux.md "Default Devices"; /dev/console and /dev/ptmx are made elsewhere. */
const struct default_device default_devices[] = {
	{"/dev/null", 1, 3},
	{"/dev/zero", 1, 5},
	{"/dev/full", 1, 7},
	{"/dev/random", 1, 8},
	{"/dev/urandom", 1, 9},
	{"/dev/tty", 5, 0},
	{NULL},
};

/* runtime-linux.md "Dev symbolic links": made when what they lead to is there. */
const struct default_link default_links[] = {
	{"/dev/fd", "/proc/self/fd", "/proc/self/fd"},
	{"/dev/stdin", "/proc/self/fd/0", "/proc/self/fd"},
	{"/dev/stdout", "/proc/self/fd/1", "/proc/self/fd"},
	{"/dev/stderr", "/proc/self/fd/2", "/proc/self/fd"},
	{"/dev/core", "/proc/kcore", "/proc/kcore"}, /* not in the spec, but what programs know */
	{"/dev/ptmx", "pts/ptmx", NULL},
	{NULL},
};

/* Of "a,b,c". */
static struct strs words(struct arena *a, const char *list)
{
	struct strs s = {.v = ARENA_ARRAY(a, strlen(list) / 2 + 2, const char *)};
	char *rest = arena_strdup(a, list);

	while (rest)
		s.v[s.n++] = strsep(&rest, ",");
	return s;
}

enum who { ROOTFUL = 1, ROOTLESS = 2, BOTH = 3 };

/*
 * In a user namespace gid 5 is not mapped, and a new sysfs would need a network
 * namespace of its own: the host's is bound instead.  What is mounted below it
 * stays writable, also the cgroups that are delegated to the caller: the
 * container's own cover those (CVE-2023-25809).
 */
static const struct default_mount {
	uint8_t who;
	const char *destination, *type, *source, *options;
} default_mounts[] = {
	{BOTH, "/proc", "proc", "proc", NULL},
	{BOTH, "/dev", "tmpfs", "tmpfs", "nosuid,strictatime,mode=755,size=65536k"},
	{ROOTFUL, "/dev/pts", "devpts", "devpts",
	 "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5"},
	{ROOTLESS, "/dev/pts", "devpts", "devpts",
	 "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620"},
	{BOTH, "/dev/shm", "tmpfs", "shm", "nosuid,noexec,nodev,mode=1777,size=65536k"},
	{BOTH, "/dev/mqueue", "mqueue", "mqueue", "nosuid,noexec,nodev"},
	{ROOTFUL, "/sys", "sysfs", "sysfs", "nosuid,noexec,nodev,ro"},
	{ROOTLESS, "/sys", "none", "/sys", "rbind,nosuid,noexec,nodev,ro"},
	{BOTH, "/sys/fs/cgroup", "cgroup", "cgroup", "nosuid,noexec,nodev,relatime,ro"},
};

static void add_mounts(struct config *c, struct arena *a, enum who who)
{
	c->mounts.v = ARENA_ARRAY(a, ARRAY_SIZE(default_mounts), struct mount);
	for (size_t i = 0; i < ARRAY_SIZE(default_mounts); i++) {
		const struct default_mount *from = &default_mounts[i];

		if (!(from->who & who))
			continue;
		c->mounts.v[c->mounts.n++] = (struct mount){
			.destination = from->destination,
			.type = from->type,
			.source = from->source,
			.options = from->options ? words(a, from->options) : (struct strs){0},
		};
	}
}

static void add_namespaces(struct config *c, struct arena *a, const int *types)
{
	size_t n = 0;

	while (types[n])
		n++;
	c->linux_.namespaces.v = ARENA_ARRAY(a, n, struct namespace);
	c->linux_.namespaces.n = n;
	for (size_t i = 0; i < n; i++)
		c->linux_.namespaces.v[i].type = types[i];
}

static struct capabilities *default_capabilities(struct arena *a)
{
	struct capabilities *caps = ARENA_NEW(a, struct capabilities);
	struct strs few = words(a, "CAP_AUDIT_WRITE,CAP_KILL,CAP_NET_BIND_SERVICE");

	caps->bounding = few;
	caps->effective = few;
	caps->permitted = few;
	return caps;
}

static struct process *default_process(struct arena *a)
{
	struct process *p = ARENA_NEW(a, struct process);

	p->terminal = true;
	p->args = words(a, "sh");
	p->env = words(a, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin,"
			  "TERM=xterm");
	p->cwd = "/";
	p->capabilities = default_capabilities(a);
	p->rlimits.v = ARENA_NEW(a, struct resource_limit);
	p->rlimits.n = 1;
	p->rlimits.v[0] = (struct resource_limit){
		.type = "RLIMIT_NOFILE",
		.soft = {true, 1024},
		.hard = {true, 1024},
	};
	p->no_new_privileges = true;
	return p;
}

static struct resources *no_devices(struct arena *a)
{
	struct resources *r = ARENA_NEW(a, struct resources);

	r->devices.v = ARENA_NEW(a, struct device_rule);
	r->devices.n = 1;
	r->devices.v[0] = (struct device_rule){.allow = {true, false}, .access = "rwm"};
	return r;
}

static id_mappings map_root(struct arena *a, uint32_t id)
{
	id_mappings m = {.v = ARENA_NEW(a, struct id_mapping), .n = 1};

	m.v[0] = (struct id_mapping){.container_id = 0, .host_id = id, .size = 1};
	return m;
}

struct config *config_default(struct arena *a, bool rootless, uint32_t uid, uint32_t gid)
{
	static const int rootful_namespaces[] = {CLONE_NEWPID,
						 CLONE_NEWNET,
						 CLONE_NEWIPC,
						 CLONE_NEWUTS,
						 CLONE_NEWNS,
						 CLONE_NEWCGROUP,
						 0};
	static const int rootless_namespaces[] = {CLONE_NEWPID, CLONE_NEWIPC,  CLONE_NEWUTS,
						  CLONE_NEWNS,	CLONE_NEWUSER, 0};
	struct config *c = ARENA_NEW(a, struct config);

	c->oci_version = OCI_VERSION;
	c->process = default_process(a);
	c->root = ARENA_NEW(a, struct root);
	c->root->path = "rootfs";
	c->root->readonly = true;
	c->hostname = "yacr";
	add_mounts(c, a, rootless ? ROOTLESS : ROOTFUL);
	add_namespaces(c, a, rootless ? rootless_namespaces : rootful_namespaces);
	if (rootless) {
		c->linux_.uid_mappings = map_root(a, uid);
		c->linux_.gid_mappings = map_root(a, gid);
	} else {
		c->linux_.resources = no_devices(a);
	}
	c->linux_.masked_paths = words(a, "/proc/acpi,/proc/asound,/proc/kcore,/proc/keys,"
					  "/proc/latency_stats,/proc/timer_list,/proc/timer_stats,"
					  "/proc/sched_debug,/proc/scsi,/sys/firmware");
	c->linux_.readonly_paths =
		words(a, "/proc/bus,/proc/fs,/proc/irq,/proc/sys,/proc/sysrq-trigger");
	return c;
}

void config_write(const struct config *c, struct buf *out)
{
	struct json_writer w = json_writer(out, 2);

	table_write(&config_table, c, &w, NULL);
	buf_putc(out, '\n');
}
