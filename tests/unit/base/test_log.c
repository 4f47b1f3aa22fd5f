/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/log.h"

static char path[64];

static int make_path(void **state)
{
	scratch_name(path);
	close(mkstemp(path));
	return 0;
}

static int remove_path(void **state)
{
	unlink(path);
	return log_open(&(struct log_options){0}, &(struct error){0});
}

static const char *content(void)
{
	static char text[20000];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void open_it(enum log_format format, enum log_level level)
{
	struct log_options o = {.path = path, .format = format, .level = level};
	struct error e;

	assert_int_equal(log_open(&o, &e), 0);
}

static const char *member(const char *line, const char *key)
{
	static struct json_object *root;
	struct json_object *v;

	json_object_put(root);
	root = json_tokener_parse(line);
	assert_non_null(root);
	assert_int_equal(json_object_object_length(root), 3);
	assert_true(json_object_object_get_ex(root, key, &v));
	return json_object_get_string(v);
}

static void a_line_is_one_json_object_whatever_it_holds(void **state)
{
	const char *text;
	struct tm tm = {0};

	open_it(LOG_JSON, LOG_ERROR);
	log_write(LOG_ERROR, "a \"b\"\n\tc\\ \x01 %s", "\xff!");
	text = content();
	assert_int_equal(text[strlen(text) - 1], '\n');
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_string_equal(member(text, "level"), "error");
	assert_string_equal(member(text, "msg"), "a \"b\"\n\tc\\ \x01 \xef\xbf\xbd!");
	assert_string_equal(strptime(member(text, "time"), "%Y-%m-%dT%H:%M:%S.", &tm) + 6, "Z");
}

static void a_long_message_is_whole(void **state)
{
	char *huge = calloc(1, 10001);

	memset(huge, 'x', 10000);
	open_it(LOG_JSON, LOG_ERROR);
	log_write(LOG_ERROR, "%s", huge);
	assert_string_equal(member(content(), "msg"), huge);
	free(huge);
}

static void a_line_of_text_names_level_and_time(void **state)
{
	open_it(LOG_TEXT, LOG_ERROR);
	log_write(LOG_ERROR, "two\nlines");
	assert_memory_equal(content(), "time=\"20", 8);
	assert_non_null(strstr(content(), "Z\" level=error msg=\"two\\nlines\"\n"));
}

static void what_was_there_is_kept(void **state)
{
	open_it(LOG_TEXT, LOG_ERROR);
	log_write(LOG_ERROR, "first");
	open_it(LOG_TEXT, LOG_ERROR);
	log_write(LOG_ERROR, "second");
	assert_non_null(strstr(content(), "first"));
	assert_non_null(strstr(content(), "second"));
}

static void nothing_but_errors_is_written_unless_asked_for(void **state)
{
	open_it(LOG_JSON, LOG_ERROR);
	log_warning("w");
	log_debug("d");
	assert_string_equal(content(), "");
	open_it(LOG_JSON, LOG_WARNING);
	log_debug("d");
	assert_string_equal(content(), "");
	log_warning("w");
	assert_string_equal(member(content(), "level"), "warning");
}

static void the_log_is_not_inherited(void **state)
{
	open_it(LOG_JSON, LOG_DEBUG);
	assert_true(fcntl(log_fd(), F_GETFD) & FD_CLOEXEC);
	log_open(&(struct log_options){0}, &(struct error){0});
	assert_int_equal(log_fd(), -1);
}

static void a_log_that_cannot_be_opened_is_an_error(void **state)
{
	struct log_options o = {.path = "/missing-directory/log"};
	struct error e;

	assert_int_equal(log_open(&o, &e), -1);
	assert_int_equal(e.code, ENOENT);
	assert_non_null(strstr(e.text, "/missing-directory/log"));
}

static void writing_leaves_errno_alone(void **state)
{
	struct log_options o = {.path = "/dev/full"};
	struct error e;

	assert_int_equal(log_open(&o, &e), 0);
	errno = EXDEV;
	log_write(LOG_ERROR, "x");
	assert_int_equal(errno, EXDEV);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_path, remove_path)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_is_one_json_object_whatever_it_holds),
		TEST(a_long_message_is_whole),
		TEST(a_line_of_text_names_level_and_time),
		TEST(what_was_there_is_kept),
		TEST(nothing_but_errors_is_written_unless_asked_for),
		TEST(the_log_is_not_inherited),
		TEST(a_log_that_cannot_be_opened_is_an_error),
		TEST(writing_leaves_errno_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
