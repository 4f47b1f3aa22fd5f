/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/check.h"

#include <string.h>

#include "base/str.h"

static int check_rule(const struct device_rule *rule, struct error *e)
{
	const char *type = rule->type, *access = rule->access;

	if (type && (strlen(type) > 1 || (type[0] && !strchr("acb", type[0]))))
		return fail_at(e, "type", 0, "\"%s\" is not one of a, c, b", type);
	if (access && access[strspn(access, "rwm")] != '\0')
		return fail_at(e, "access", 0, "\"%s\" has letters besides r, w and m", access);
	return 0;
}

/* More memory than memory and swap together cannot be had. */
static int check_memory(const struct memory *m, struct error *e)
{
	if (m->limit.v > 0 && m->swap.v > 0 && m->swap.v < m->limit.v)
		return fail_at(e, "memory.swap", 0,
			       "memory plus swap cannot be less than the memory limit");
	return 0;
}

static int check_cpu(const struct cpu *cpu, struct error *e)
{
	if (cpu->quota.v > 0 && cpu->burst.v > (uint64_t)cpu->quota.v)
		return fail_at(e, "cpu.burst", 0, "the burst is above the quota");
	return 0;
}

/* 0 is what some callers send for "not set". */
static int check_weight(struct opt_u16 weight, const char *at, struct error *e)
{
	if (weight.v && weight.v < 10)
		return fail_at(e, at, 0, "a weight is from 10 to 1000, not %u", weight.v);
	return 0;
}

static int check_block_io(const struct block_io *b, struct error *e)
{
	if (check_weight(b->weight, "weight", e) < 0 ||
	    check_weight(b->leaf_weight, "leafWeight", e) < 0)
		return -1;
	for (size_t i = 0; i < b->weight_device.n; i++) {
		const struct weight_device *d = &b->weight_device.v[i];

		if (!d->weight.set && !d->leaf_weight.set) {
			fail(e, 0, "a device needs a weight or a leafWeight");
			return at_element(e, "weightDevice", i);
		}
		if (check_weight(d->weight, "weight", e) < 0 ||
		    check_weight(d->leaf_weight, "leafWeight", e) < 0)
			return at_element(e, "weightDevice", i);
	}
	return 0;
}

/* As the kernel names files: hugetlb.2MB.max. */
static bool is_page_size(const char *s)
{
	size_t digits = strspn(s, "0123456789");

	return digits && s[0] != '0' && s[digits] && strchr("KMG", s[digits]) &&
	       str_eq(s + digits + 1, "B");
}

static int check_hugepages(const struct resources *r, struct error *e)
{
	for (size_t i = 0; i < r->hugepage_limits.n; i++)
		if (!is_page_size(r->hugepage_limits.v[i].page_size)) {
			fail_at(e, "pageSize", 0, "\"%s\" is not a page size like 2MB",
				r->hugepage_limits.v[i].page_size);
			return at_element(e, "hugepageLimits", i);
		}
	return 0;
}

static int check_rdma(const struct resources *r, struct error *e)
{
	FOR_EACH(d, r->rdma)
		if (!d->hca_handles.set && !d->hca_objects.set) {
			fail(e, 0, "a device needs hcaHandles or hcaObjects");
			return at_member(e, "rdma", d->device);
		}
	return 0;
}

static int check_unified(const struct resources *r, struct error *e)
{
	FOR_EACH(p, r->unified)
		if (p->key[0] == '\0' || p->key[0] == '.' || strchr(p->key, '/')) {
			fail(e, 0, "\"%s\" is not a file of a cgroup", p->key);
			return at_member(e, "unified", p->key);
		}
	return 0;
}

int check_resources(const struct resources *r, struct error *e)
{
	for (size_t i = 0; i < r->devices.n; i++)
		if (check_rule(&r->devices.v[i], e) < 0)
			return at_element(e, "devices", i);
	if (r->memory && check_memory(r->memory, e) < 0)
		return -1;
	if (r->cpu && check_cpu(r->cpu, e) < 0)
		return -1;
	if (r->block_io && check_block_io(r->block_io, e) < 0)
		return error_at_prefix(e, "blockIO");
	if (check_hugepages(r, e) < 0 || check_rdma(r, e) < 0)
		return -1;
	return check_unified(r, e);
}
