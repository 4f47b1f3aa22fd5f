/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HELPERS_CRIU_SWRK_H
#define YACR_HELPERS_CRIU_SWRK_H

#include <sys/types.h>

#include "base/error.h"
#include "rpc.pb-c.h"

/* `criu swrk FD`: CRIU serving one request over a socket. */
struct swrk {
	int sock;
	pid_t pid; /* a child of our parent's: so is, for want of another, what CRIU restores */
};

/*
 * Executes @path.  CRIU gets all our descriptors under the numbers that they have here, which
 * requests name, but not the connection to yacr.
 */
int swrk_start(struct swrk *s, const char *path, struct error *e);

int swrk_send(const struct swrk *s, const CriuReq *request, struct error *e);

/*
 * The next response, which the caller frees; the descriptor that came with it or -1 in *@fd.
 * NULL with @e set: CRIU has gone.  Ends this process when yacr is gone.
 */
CriuResp *swrk_receive(const struct swrk *s, int *fd, struct error *e);

#endif
