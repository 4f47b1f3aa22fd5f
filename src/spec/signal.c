/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/names.h"

#include <signal.h>
#include <strings.h>

#define SIGNAL_RTMAX (_NSIG - 1)

/* clang-format off */
#define SIG(name) {#name, SIG##name}
/* clang-format on */
const struct name signal_names[] = {
	SIG(HUP),    SIG(INT),	       SIG(QUIT),	   SIG(ILL),	  SIG(TRAP),
	SIG(ABRT),   {"IOT", SIGABRT}, SIG(BUS),	   SIG(FPE),	  SIG(KILL),
	SIG(USR1),   SIG(SEGV),	       SIG(USR2),	   SIG(PIPE),	  SIG(ALRM),
	SIG(TERM),
#ifdef SIGSTKFLT
	SIG(STKFLT),
#endif
	SIG(CHLD),   {"CLD", SIGCHLD}, SIG(CONT),	   SIG(STOP),	  SIG(TSTP),
	SIG(TTIN),   SIG(TTOU),	       SIG(URG),	   SIG(XCPU),	  SIG(XFSZ),
	SIG(VTALRM), SIG(PROF),	       SIG(WINCH),	   {"IO", SIGIO}, {"POLL", SIGIO},
	SIG(PWR),    SIG(SYS),	       {"UNUSED", SIGSYS}, {NULL},
};

/* "RTMIN", "RTMIN+3", "RTMAX-2". */
static int realtime_signal(const char *name)
{
	bool from_max = strncasecmp(name, "RTMAX", 5) == 0;
	uint64_t distance = 0;

	if (!from_max && strncasecmp(name, "RTMIN", 5) != 0)
		return -1;
	name += 5;
	if (*name != '\0') {
		if (*name != (from_max ? '-' : '+'))
			return -1;
		if (str_to_u64(name + 1, SIGNAL_RTMAX - SIGNAL_RTMIN, &distance) < 0)
			return -1;
	}
	return from_max ? SIGNAL_RTMAX - (int)distance : SIGNAL_RTMIN + (int)distance;
}

int signal_number(const char *text)
{
	uint64_t number;

	if (str_to_u64(text, SIGNAL_RTMAX, &number) == 0)
		return (int)number;
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (const struct name *n = signal_names; n->name; n++)
		if (strcasecmp(n->name, text) == 0)
			return (int)n->value;
	return realtime_signal(text);
}
