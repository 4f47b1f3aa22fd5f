/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/config.h"
#include "spec/tables.h"

static const struct field hook_fields[] = {
	FIELD(struct hook, path, "path", .required = true, DOC("absolute")),
	FIELD(struct hook, args, "args", DOC("argv; absent: the path")),
	FIELD(struct hook, env, "env", .present = offsetof(struct hook, has_env),
	      DOC("environment; absent: inherited, empty: empty")),
	FIELD(struct hook, timeout, "timeout", RANGE(1, INT64_MAX),
	      DOC("seconds until it is killed")),
};

static const struct table hook_table = TABLE(struct hook, hook_fields);

static const struct field hooks_fields[] = {
	FIELD_LIST(struct hooks, prestart, "prestart", hook_table,
		   DOC("create, before createRuntime; deprecated")),
	FIELD_LIST(struct hooks, create_runtime, "createRuntime", hook_table,
		   DOC("create, on the host, before pivot_root")),
	FIELD_LIST(struct hooks, create_container, "createContainer", hook_table,
		   DOC("create, in the container's namespaces, before pivot_root")),
	FIELD_LIST(struct hooks, start_container, "startContainer", hook_table,
		   DOC("start, in the container, before the program")),
	FIELD_LIST(struct hooks, poststart, "poststart", hook_table,
		   DOC("start, on the host, after the program was started")),
	FIELD_LIST(struct hooks, poststop, "poststop", hook_table,
		   DOC("delete, on the host, when the container is gone")),
};

const struct table hooks_table = TABLE(struct hooks, hooks_fields);

const char *const hook_names[HOOK_KINDS] = {
	[HOOK_PRESTART] = "prestart",
	[HOOK_CREATE_RUNTIME] = "createRuntime",
	[HOOK_CREATE_CONTAINER] = "createContainer",
	[HOOK_START_CONTAINER] = "startContainer",
	[HOOK_POSTSTART] = "poststart",
	[HOOK_POSTSTOP] = "poststop",
};

const hook_list *hooks_of(const struct hooks *h, enum hook_kind kind)
{
	static const hook_list none;

	if (!h)
		return &none;
	switch (kind) {
	case HOOK_PRESTART: return &h->prestart;
	case HOOK_CREATE_RUNTIME: return &h->create_runtime;
	case HOOK_CREATE_CONTAINER: return &h->create_container;
	case HOOK_START_CONTAINER: return &h->start_container;
	case HOOK_POSTSTART: return &h->poststart;
	case HOOK_POSTSTOP: return &h->poststop;
	case HOOK_KINDS: break;
	}
	return &none;
}
