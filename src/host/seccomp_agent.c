/* SPDX-License-Identifier: Apache-2.0 */
#include "host/seccomp_agent.h"

#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/json_write.h"
#include "base/str.h"
#include "host/protocol.h"
#include "spec/names.h"
#include "spec/version.h"
#include "sys/socket.h"

/*
 * The filter is loaded when init sends its listener, with sendmsg(2).  Were the
 * agent to be asked about that, init would wait for an answer of someone who
 * waits for init.  (docs/adr/0002)
 */
int seccomp_agent_check(const struct seccomp *profile, struct error *e)
{
	for (size_t i = 0; i < profile->syscalls.n; i++) {
		const struct seccomp_rule *rule = &profile->syscalls.v[i];

		if (rule->action != SECCOMP_NOTIFY)
			continue;
		FOR_EACH(name, rule->names)
			if (str_eq(*name, "sendmsg")) {
				char at[64];

				if (str_format(at, sizeof(at), "linux.seccomp.syscalls[%zu]", i) <
				    0)
					at[0] = '\0';
				return fail_at(
					e, at, 0,
					"SCMP_ACT_NOTIFY is not possible for sendmsg: the agent "
					"gets its listener by it");
			}
	}
	return 0;
}

int seccomp_agent_connect(int *sock, const struct state *s, struct error *e)
{
	const struct seccomp_agent *agent = s->seccomp_agent;

	*sock = -1;
	if (!agent)
		return 0;
	*sock = socket_connect_path(agent->path, SOCK_STREAM, e);
	if (*sock >= 0)
		return 0;
	error_context(e, "cannot reach the seccomp agent");
	return error_at_prefix(e, SECCOMP_AGENT_AT);
}

/* runtime-spec, config-linux.md "The Container Process State". */
static struct buf process_state(struct arena *a, const struct state *s, enum status status,
				int64_t pid)
{
	struct buf text = buf_new(a), state = buf_new(a);
	struct json_writer w = json_writer(&text, 0), inner = json_writer(&state, 0);

	state_write_oci(s, status, s->pid, false, &inner);
	json_write_object(&w, NULL);
	json_write_string(&w, "ociVersion", OCI_VERSION);
	json_write_array(&w, "fds");
	json_write_string(&w, NULL, "seccompFd");
	json_write_array_end(&w);
	json_write_i64(&w, "pid", pid);
	if (s->seccomp_agent->metadata)
		json_write_string(&w, "metadata", s->seccomp_agent->metadata);
	/* A value that stands there already, as it is. */
	buf_putc(&state, '\0');
	json_write_number(&w, "state", state.s);
	json_write_object_end(&w);
	return text;
}

int seccomp_agent_serve(int *sock, int init, int interrupt, struct arena *a, const struct state *s,
			enum status status, int64_t pid, struct error *e)
{
	AUTO_CLOSE int agent = TAKE_FD(*sock);
	AUTO_CLOSE int listener = -1;
	struct buf text;

	if (agent < 0)
		return 0;
	if (protocol_wait_listener(init, interrupt, &listener, e) < 0)
		return -1;
	text = process_state(a, s, status, pid);
	if (socket_send_fd(agent, text.s, text.len, listener) == 0)
		return 0;
	return fail_at(e, SECCOMP_AGENT_AT, errno, "cannot send to the seccomp agent at \"%s\"",
		       s->seccomp_agent->path);
}
