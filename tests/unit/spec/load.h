/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_TESTS_SPEC_LOAD_H
#define YACR_TESTS_SPEC_LOAD_H

/* Configs for tests, in JSON with single quotes so that it stays legible in C. */

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "spec/config.h"

static inline char *double_quotes(const char *text)
{
	char *copy = arena_strdup(arena_main(), text);

	for (char *s = copy; *s; s++)
		if (*s == '\'')
			*s = '"';
	return copy;
}

/* The whole document. */
static inline int load_text(struct config *c, const char *text, struct error *e)
{
	return config_load(c, arena_main(), double_quotes(text), strlen(text), e);
}

/* The least that is a config, and these members besides. */
static inline int load_with(struct config *c, const char *members, struct error *e)
{
	return load_text(c,
			 arena_printf(arena_main(),
				      "{'ociVersion': '1.3.0', 'root': {'path': 'rootfs'}, %s}",
				      members),
			 e);
}

static inline void accepts(const char *members)
{
	struct config c;
	struct error e;

	if (load_with(&c, members, &e) < 0)
		fail_msg("refused, at %s: %s\n%s", e.at, e.text, members);
}

/* The members of one object: @where is a document with one %s. */
static inline void accepts_in(const char *where, const char *members)
{
	char text[4096];

	assert_int_equal(str_format(text, sizeof(text), where, members), 0);
	accepts(text);
}

static inline void refuses(const char *members, const char *at)
{
	struct config c = {.hostname = "untouched"};
	struct error e;

	if (load_with(&c, members, &e) == 0)
		fail_msg("accepted, should be refused at %s:\n%s", at, members);
	assert_string_equal(e.at, at);
	assert_true(str_starts(e.text, at));
	assert_int_equal(e.code, 0);
	assert_string_equal(c.hostname, "untouched");
}

static inline void refuses_in(const char *where, const char *members, const char *at)
{
	char text[4096];

	assert_int_equal(str_format(text, sizeof(text), where, members), 0);
	refuses(text, at);
}

/* A config that must be good, for looking into. */
static inline struct config loaded(const char *members)
{
	struct config c = {0};
	struct error e;

	if (load_with(&c, members, &e) < 0)
		fail_msg("refused, at %s: %s\n%s", e.at, e.text, members);
	return c;
}

#endif
