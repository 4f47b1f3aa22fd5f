/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SPEC_SYSCTL_H
#define YACR_SPEC_SYSCTL_H

/*
 * The keys of linux.sysctl.  A key is brought into one form, the file below
 * /proc/sys, and this form is both what is checked and what is written: a
 * check of one spelling and a write of another was CVE-2022-0811.
 */

#include "spec/config.h"

#define SYSCTL_FILE_MAX 256

/*
 * "net.ipv4.ip_forward" and "net/ipv4/ip_forward" give "net/ipv4/ip_forward".
 * As in sysctl(8) the first separator says which of the two is meant, and the
 * other one then stands for itself: "net/ipv4/conf/eno2.100/forwarding" and
 * "net.ipv4.conf.eno2/100.forwarding" are the same file.
 */
int sysctl_file(char out[SYSCTL_FILE_MAX], const char *key, struct error *e);

/*
 * Whether @c may set it: the file belongs to a namespace that the container
 * has for itself.  The text of a failure names the namespace that is missing.
 */
int sysctl_check(const struct config *c, const struct pair *setting, struct error *e);

#endif
