/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/log.h"
#include "cmd/command.h"

/* The options are stored right into the model's structs; what was not given is not set there. */
struct update_options {
	const char *resources;
	struct memory memory;
	struct cpu cpu;
	struct block_io block_io;
	struct pids pids;
	struct intel_rdt intel_rdt;
	struct opt_i64 kernel_memory, kernel_memory_tcp;
};

static const struct option options[] = {
	OPTION(struct update_options, resources, "resources", .letter = 'r', .argument = "FILE",
	       .help = "linux.resources as JSON, to begin with; - is standard input"),
	OPTION(struct update_options, block_io.weight, "blkio-weight", .argument = "N",
	       .help = "share of block I/O, 10 to 1000"),
	OPTION(struct update_options, cpu.period, "cpu-period", .argument = "US",
	       .help = "period of the CPU quota, in microseconds"),
	OPTION(struct update_options, cpu.quota, "cpu-quota", .argument = "US", .min = INT8_MIN,
	       .help = "CPU time in one period, in microseconds; -1: no limit"),
	OPTION(struct update_options, cpu.burst, "cpu-burst", .argument = "US",
	       .help = "CPU time saved up from earlier periods, in microseconds"),
	OPTION(struct update_options, cpu.shares, "cpu-share", .argument = "N",
	       .help = "share of CPU time, 2 to 262144; 1024 is usual"),
	OPTION(struct update_options, cpu.idle, "cpu-idle", .argument = "N",
	       .help = "1: run only when nothing else wants the CPU"),
	OPTION(struct update_options, cpu.realtime_period, "cpu-rt-period", .argument = "US",
	       .help = "period of the realtime quota, in microseconds"),
	OPTION(struct update_options, cpu.realtime_runtime, "cpu-rt-runtime", .argument = "US",
	       .min = -1, .help = "realtime CPU time in one period, in microseconds"),
	OPTION(struct update_options, cpu.cpus, "cpuset-cpus", .argument = "LIST",
	       .help = "CPUs to run on: 0-3,7"),
	OPTION(struct update_options, cpu.mems, "cpuset-mems", .argument = "LIST",
	       .help = "memory nodes to use: 0-1"),
	OPTION(struct update_options, memory.limit, "memory", .argument = "BYTES", .bytes = true,
	       .help = "limit of memory: 512m, 1g; -1: no limit"),
	OPTION(struct update_options, memory.reservation, "memory-reservation", .argument = "BYTES",
	       .bytes = true, .help = "what is left to it when memory is short"),
	OPTION(struct update_options, memory.swap, "memory-swap", .argument = "BYTES",
	       .bytes = true, .help = "limit of memory and swap together; -1: no limit"),
	OPTION(struct update_options, pids.limit, "pids-limit", .argument = "N", .min = -1,
	       .help = "limit of processes and threads; -1: no limit"),
	OPTION(struct update_options, intel_rdt.l3_cache_schema, "l3-cache-schema",
	       .argument = "SCHEMA", .help = "share of the L3 cache (resctrl): L3:0=7f0;1=1f"),
	OPTION(struct update_options, intel_rdt.mem_bw_schema, "mem-bw-schema",
	       .argument = "SCHEMA", .help = "share of memory bandwidth (resctrl): MB:0=20;1=70"),
	/* Kernels since 5.16 have no such limit; the callers that send it do so for older runtimes. */
	OPTION(struct update_options, kernel_memory, "kernel-memory", .argument = "BYTES",
	       .bytes = true, .hidden = true, .help = "does nothing"),
	OPTION(struct update_options, kernel_memory_tcp, "kernel-memory-tcp", .argument = "BYTES",
	       .bytes = true, .hidden = true, .help = "does nothing"),
};

/* The parts that @r has, in the form that options are stored in. */
static void spread(struct update_options *out, const struct resources *r)
{
	if (r->memory)
		out->memory = *r->memory;
	if (r->cpu)
		out->cpu = *r->cpu;
	if (r->block_io)
		out->block_io = *r->block_io;
	if (r->pids)
		out->pids = *r->pids;
}

/* What was given as an option replaces what the file says. */
static void override(struct update_options *out, const struct update_options *given)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		const struct option *o = &options[i];
		const char *from = (const char *)given + o->offset;

		if (option_is_set(o, from))
			memcpy((char *)out + o->offset, from, option_size(o));
	}
}

static int read_file(struct invocation *inv, const char *path, struct resources *out,
		     struct error *e)
{
	if (!str_eq(path, "-"))
		inv->config_path = path;
	return update_read(out, inv->arena, path, e);
}

/* The file is what "linux.resources" is in a config: paths into it begin below that. */
static void shorten_path(struct error *e)
{
	static const char above[] = "linux.resources.";

	if (str_starts(e->at, above))
		memmove(e->at, e->at + strlen(above), strlen(e->at + strlen(above)) + 1);
}

static int run(struct invocation *inv, struct error *e)
{
	const struct update_options *given = inv->options;
	struct update_options all = {0};
	struct resources r = {0};

	if (given->resources && read_file(inv, given->resources, &r, e) < 0)
		return -1;
	if (given->kernel_memory.set || given->kernel_memory_tcp.set)
		log_debug("--kernel-memory and --kernel-memory-tcp do nothing");
	spread(&all, &r);
	override(&all, given);
	r.memory = &all.memory;
	r.cpu = &all.cpu;
	r.block_io = &all.block_io;
	r.pids = &all.pids;
	if (container_update(&inv->rt, inv->args.v[0], &r, &all.intel_rdt, e) == 0)
		return 0;
	if (given->resources)
		shorten_path(e);
	return -1;
}

const struct command cmd_update = {
	.name = "update",
	.arguments = "ID",
	.summary = "change the limits of a living container",
	.about = "Changes limits of a created, running or paused container: those that are given,\n"
		 "and no others.  BYTES may end in k, m, g or t.  When the kernel refuses one of "
		 "them,\n"
		 "those written before it are put back.",
	.options = OPTIONS(struct update_options, options),
	.min_args = 1,
	.max_args = 1,
	.takes_id = true,
	.run = run,
};
