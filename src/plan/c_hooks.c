/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/str.h"
#include "plan/stages.h"
#include "spec/state.h"

/*
 * A hook gets the state on its standard input.  Those that run inside are told
 * their pid as the container sees it (runtime.md "State"), which only init
 * knows: the document is written around a number that stands for it.  To all of
 * them the container is created: its environment is there, its program is not.
 */
#define PID_MARK 1999999999
#define PID_MARK_TEXT "1999999999"

static int split_state(struct compile *c, plan_str *head, plan_str *tail, struct error *e)
{
	struct state state = {
		.format = STATE_FORMAT,
		.oci_version = OCI_VERSION,
		.id = c->options->id,
		.status = STATUS_CREATED,
		.bundle = c->options->bundle,
		.annotations = c->config->annotations,
	};
	struct buf text = buf_new(c->arena);
	struct json_writer w = json_writer(&text, 0);
	const char *key, *mark;

	state_write_oci(&state, STATUS_CREATED, PID_MARK, false, &w);
	/* Quotes inside of strings are escaped, so this is the member and nothing else. */
	key = str_find(text.s, "\"pid\"");
	mark = key ? str_find(key, PID_MARK_TEXT) : NULL;
	if (!mark)
		return fail(e, 0, "the state document has no pid");
	*head = build_str(&c->b, arena_strndup(c->arena, text.s, (size_t)(mark - text.s)));
	*tail = build_str(&c->b, mark + strlen(PID_MARK_TEXT));
	return 0;
}

static struct plan_vec argv_of(struct compile *c, const struct hook *h)
{
	if (h->args.n)
		return build_vec(&c->b, h->args.v, h->args.n);
	return build_vec(&c->b, &h->path, 1);
}

/* Without "env": what surrounds the hook, the runtime's or the container's (as runc does). */
static struct plan_vec env_of(struct compile *c, const struct hook *h, enum hook_kind kind)
{
	if (h->has_env)
		return build_vec(&c->b, h->env.v, h->env.n);
	if (kind == HOOK_START_CONTAINER && c->config->process)
		return build_vec(&c->b, c->config->process->env.v, c->config->process->env.n);
	return build_vec(&c->b, NULL, 0);
}

static plan_slot log_slot(struct compile *c, const char *annotation)
{
	const char *path = config_annotation(c->config, annotation);

	if (!path || !c->config->hooks)
		return SLOT_NONE;
	return build_slot(&c->b,
			  (struct slot){.kind = SLOT_LOG,
					.userns = SLOT_NONE,
					.path = build_str(&c->b, compile_host_path(c, path)),
					.at = build_printf(&c->b, "annotations.%s", annotation)});
}

/* Whoever runs them: that the files can be written is found out before anything exists. */
void compile_hook_logs(struct compile *c)
{
	c->hook_out = log_slot(c, ANNOTATION_HOOKS_STDOUT);
	c->hook_err = log_slot(c, ANNOTATION_HOOKS_STDERR);
}

int compile_hooks(struct compile *c, enum hook_kind kind, struct error *e)
{
	const hook_list *list = hooks_of(c->config->hooks, kind);
	plan_str head = 0, tail = 0;

	if (!list->n)
		return 0;
	if (split_state(c, &head, &tail, e) < 0)
		return -1;
	for (size_t i = 0; i < list->n; i++) {
		const struct hook *h = &list->v[i];

		BUILD(&c->b, HOOK, hook, compile_at(c, "hooks.%s[%zu]", hook_names[kind], i),
		      .path = build_str(&c->b, h->path), .argv = argv_of(c, h),
		      .env = env_of(c, h, kind),
		      .inherit_env = kind == HOOK_CREATE_CONTAINER && !h->has_env,
		      .timeout = h->timeout.v, .state_head = head, .state_tail = tail,
		      .what = build_printf(&c->b, "%s hook #%zu", hook_names[kind], i),
		      .out = c->hook_out, .err = c->hook_err);
	}
	return 0;
}

void compile_host_hooks(struct compile *c)
{
	static const enum hook_kind kinds[] = {HOOK_PRESTART, HOOK_CREATE_RUNTIME};

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
		for (size_t i = 0; i < hooks_of(c->config->hooks, kinds[k])->n; i++)
			BUILD(&c->b, HOST_HOOK, host_hook,
			      compile_at(c, "hooks.%s[%zu]", hook_names[kinds[k]], i),
			      .kind = kinds[k], .index = (uint32_t)i);
}
