/* SPDX-License-Identifier: Apache-2.0 */
#include "sys_test.h"

#include <string.h>
#include <sys/socket.h>

#include "sys/socket.h"
#include "sys/words.h"

static struct words got;

static void words_and_a_descriptor_arrive_as_they_were_sent(void **state)
{
	const char *const words[] = {"inherit_fd", "", "a b", NULL};
	struct error e;
	int pair[2];

	(void)state;
	assert_int_equal(socket_pair(pair, &e), 0);
	assert_int_equal(words_send(pair[0], 0, words), 0);
	assert_int_equal(words_receive(pair[1], &got), 1);
	assert_int_equal(got.n, 3);
	for (unsigned int i = 0; i < 3; i++)
		assert_string_equal(got.v[i], words[i]);
	assert_null(got.v[3]);
	assert_true(got.fd > 2);
	close(got.fd);
	close(pair[0]);
	assert_int_equal(words_receive(pair[1], &got), 0);
	assert_int_equal(got.fd, -1);
	close(pair[1]);
}

static void what_is_no_words_is_refused_without_keeping_its_descriptor(void **state)
{
	static const char many[WORDS_MAX + 1] = {0}; /* so many empty words */
	struct error e;
	int pair[2];

	(void)state;
	assert_int_equal(socket_pair(pair, &e), 0);
	assert_int_equal(socket_send_fd(pair[0], "open end", 8, 0), 0);
	assert_int_equal(words_receive(pair[1], &got), -1);
	assert_int_equal(errno, EPROTO);
	assert_int_equal(got.fd, -1);
	assert_int_equal(socket_send_fd(pair[0], many, sizeof(many), -1), 0);
	assert_int_equal(words_receive(pair[1], &got), -1);
	assert_int_equal(errno, EPROTO);
	close(pair[0]);
	close(pair[1]);
}

static void words_that_are_too_long_are_not_cut(void **state)
{
	static char word[WORDS_SIZE + 1];
	const char *const words[] = {word, NULL};
	struct error e;
	int pair[2];

	(void)state;
	memset(word, 'x', WORDS_SIZE);
	assert_int_equal(socket_pair(pair, &e), 0);
	assert_int_equal(words_send(pair[0], -1, words), -1);
	assert_int_equal(errno, EMSGSIZE);
	word[WORDS_SIZE - 1] = '\0';
	assert_int_equal(words_send(pair[0], -1, words), 0);
	assert_int_equal(words_receive(pair[1], &got), 1);
	assert_string_equal(got.v[0], word);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_and_a_descriptor_arrive_as_they_were_sent),
		cmocka_unit_test(what_is_no_words_is_refused_without_keeping_its_descriptor),
		cmocka_unit_test(words_that_are_too_long_are_not_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
