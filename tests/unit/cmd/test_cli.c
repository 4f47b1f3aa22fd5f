/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole command line, each case in a process of its own: exit code, what
 * is printed, what is logged.  And the table of commands itself.
 */
#include "scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/cli.h"
#include "cmd/command.h"
#include "cmd/help.h"

static char dir[64];
static char out[40000], err[4000], logged[4000];

static void read_file(const char *name, char *text, size_t size)
{
	char path[100];
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY);
	if (fd >= 0)
		n = read(fd, text, size - 1);
	text[n > 0 ? n : 0] = '\0';
	close(fd);
	unlink(path);
}

static void redirect(int fd, const char *name)
{
	int file = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	dup2(file, fd);
	close(file);
}

/* Words are separated by blanks; it runs in a directory of its own. */
static int yacr(const char *line)
{
	static char name[] = "yacr";
	char *copy = strdup(line), *argv[32] = {name};
	size_t n = 1;
	int status;
	pid_t pid;

	for (char *s = strtok(copy, " "); s; s = strtok(NULL, " "))
		argv[n++] = s;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		if (chdir(dir) < 0)
			_exit(99);
		alarm(60);
		redirect(STDOUT_FILENO, "out");
		redirect(STDERR_FILENO, "err");
		_exit(cli_main(argv));
	}
	waitpid(pid, &status, 0);
	free(copy);
	read_file("out", out, sizeof(out));
	read_file("err", err, sizeof(err));
	read_file("log", logged, sizeof(logged));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void the_version_has_the_word_version_once(void **state)
{
	assert_int_equal(yacr("--version"), 0);
	assert_memory_equal(out, "yacr version ", 13);
	assert_null(strstr(out + 13, "version"));
	assert_non_null(strstr(out, "\ncommit: "));
	assert_non_null(strstr(out, "\nspec: " OCI_VERSION "\n"));
	assert_string_equal(err, "");
	assert_int_equal(yacr("-v"), 0);
	assert_int_equal(yacr("--root /nowhere -version"), 0);
}

static void help_is_no_failure(void **state)
{
	static const char *const lines[] = {
		"",
		"help",
		"--help",
		"-h",
		"create --help",
		"help create",
		"--help create",
		"create id -h",
		"help rm",
		"help help",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		if (yacr(lines[i]) != 0 || !strstr(out, "Usage: yacr") || err[0])
			fail_msg("yacr %s: %s%s", lines[i], out, err);
	}
}

static void bad_usage_is_exit_code_1_and_one_line(void **state)
{
	static const char *const lines[] = {
		"unknown",
		"--unknown",
		"create",
		"create a b",
		"create --unknown a",
		"start",
		"state a b",
		"kill",
		"kill a b c",
		"list a",
		"--log-format xml list",
		"help unknown",
		"completion tcsh",
		"kill a NOSUCHSIGNAL",
		"--root",
		"create --bundle",
		"--debug=x list",
		"features x",
		"recvtty",
		"--cgroup-manager none list",
		"--systemd-cgroup create a",
		"--cgroup-manager systemd run a",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		int code = yacr(lines[i]);

		if (code != 1 || out[0] || strncmp(err, "yacr: ", 6) != 0 || !strchr(err, '\n'))
			fail_msg("yacr %s: %d %s%s", lines[i], code, out, err);
	}
}

static void a_failure_is_one_line_of_the_log_and_a_text(void **state)
{
	assert_int_equal(yacr("--root ./r --log ./log --log-format json state web1"), 1);
	assert_memory_equal(err, "yacr: state web1: ", 18);
	assert_memory_equal(logged, "{\"level\":\"error\",\"msg\":\"state web1: ", 36);
	assert_ptr_equal(strchr(logged, '\n'), logged + strlen(logged) - 1);
	assert_non_null(strstr(err, "does not exist"));
}

static void a_bad_command_line_is_logged_too(void **state)
{
	assert_int_equal(yacr("--log ./log --log-format json create --unknown"), 1);
	assert_non_null(strstr(logged, "\"msg\":\"create: unknown option --unknown\""));
}

static void without_a_log_file_json_goes_to_standard_error(void **state)
{
	assert_int_equal(yacr("--log-format json nothing"), 1);
	assert_int_equal(err[0], '{');
	assert_ptr_equal(strchr(err, '\n'), err + strlen(err) - 1);
}

static void a_log_that_cannot_be_written_is_a_failure(void **state)
{
	assert_int_equal(yacr("--log /nowhere/log --root ./r list"), 1);
	assert_non_null(strstr(err, "/nowhere/log"));
}

static void success_says_nothing(void **state)
{
	assert_int_equal(yacr("--root ./r --log ./log --log-format json list"), 0);
	assert_string_equal(out, "ID          STATUS      CREATED     PID         BUNDLE\n");
	assert_string_equal(err, "");
	assert_string_equal(logged, "");
	assert_int_equal(yacr("list --root ./r -q"), 0);
	assert_string_equal(out, "");
	assert_int_equal(yacr("ls -f json --root ./r"), 0);
	assert_string_equal(out, "[]\n");
}

static void a_config_is_never_replaced(void **state)
{
	char text[10000];

	assert_int_equal(yacr("spec"), 0);
	assert_int_equal(yacr("spec --rootless"), 1);
	assert_string_equal(err, "yacr: spec: File config.json exists. Remove it first\n");
	read_file("config.json", text, sizeof(text));
	assert_non_null(strstr(text, "\"ociVersion\""));
	assert_null(strstr(text, "\"uidMappings\""));
	assert_int_equal(yacr("spec -f other.json --rootless"), 0);
	read_file("other.json", text, sizeof(text));
	assert_non_null(strstr(text, "\"uidMappings\""));
	assert_int_equal(yacr("spec -b ./missing"), 1);
}

static void nobody_waits_for_facts(void **state)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/fifo", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(yacr("explain --facts fifo"), 1);
	assert_string_equal(err, "yacr: explain: \"fifo\" is no file of facts\n");
	unlink(path);
}

/* ---- the table ---- */

static void names_and_letters_are_not_used_twice(void **state)
{
	for (const struct command *const *c = commands; *c; c++) {
		const struct options *scopes[] = {&(*c)->options, &global_options};
		char letters[256] = {0};
		const struct option *o;

		assert_ptr_equal(command_find((*c)->name), *c);
		for (size_t s = 0; s < 2; s++)
			for (size_t i = 0; (o = option_at(scopes[s], i)); i++) {
				unsigned char letter = (unsigned char)o->letter;

				if (letter && letters[letter]++)
					fail_msg("%s: -%c is two options", (*c)->name, letter);
			}
	}
}

static void every_row_is_complete(void **state)
{
	const struct option *o;

	for (const struct command *const *c = commands; *c; c++) {
		assert_non_null((*c)->summary);
		assert_non_null((*c)->arguments);
		assert_non_null((*c)->run);
		assert_true((*c)->min_args <= (*c)->max_args);
		for (size_t i = 0; (o = option_at(&(*c)->options, i)); i++) {
			assert_non_null(o->help);
			assert_true((o->kind == OPTION_BOOL) == !o->argument);
			assert_true((o->kind == OPTION_WORD) == !!o->names);
			assert_true(o->offset < (*c)->options.size);
		}
	}
}

/* Help, manual page and completions are made from the table: nothing can be forgotten. */
static void every_option_is_documented(void **state)
{
	static const char *const lines[] = {
		"man",
		"completion bash",
		"completion zsh",
		"completion fish",
	};

	const struct option *o;

	for (size_t l = 0; l < ARRAY_SIZE(lines); l++) {
		assert_int_equal(yacr(lines[l]), 0);
		for (const struct command *const *c = commands; *c; c++) {
			if ((*c)->hidden)
				continue;
			if (!strstr(out, (*c)->name))
				fail_msg("%s misses %s", lines[l], (*c)->name);
			for (size_t i = 0; (o = option_at(&(*c)->options, i)); i++) {
				char word[64], escaped[100] = "", *to = escaped;

				if (o->hidden)
					continue;
				strcpy(word, o->name);
				for (char *p = word; *p; p++) {
					if (l == 0 && *p == '-')
						*to++ = '\\';
					*to++ = *p;
				}
				*to = '\0';
				if (!strstr(out, escaped))
					fail_msg("%s misses --%s", lines[l], word);
			}
		}
	}
}

static void the_completion_for_bash_is_a_shell_program(void **state)
{
	char command[600];
	FILE *f;

	if (system("bash -c : >/dev/null 2>&1") != 0)
		skip();
	assert_int_equal(yacr("completion bash"), 0);
	snprintf(command, sizeof(command), "%s/completion", dir);
	f = fopen(command, "w");
	fputs(out, f);
	fclose(f);
	snprintf(command, sizeof(command),
		 "bash -c '. %s/completion; COMP_WORDS=(yacr cre); COMP_CWORD=1; _yacr; [ "
		 "\"$COMPREPLY\" = create ] &&"
		 "COMP_WORDS=(yacr list --format \"\"); COMP_CWORD=3; _yacr; [ \"${COMPREPLY[*]}\" "
		 "= \"table json\" ] &&"
		 "COMP_WORDS=(yacr --root x create --bun); COMP_CWORD=4; _yacr; [ \"$COMPREPLY\" = "
		 "--bundle ] &&"
		 "COMP_WORDS=(yacr --criu x --rootless no kil); COMP_CWORD=5; _yacr; [ "
		 "\"$COMPREPLY\" = kill ]'",
		 dir);
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command), "%s/completion", dir);
	unlink(command);
}

static int make_dir(void **state)
{
	scratch_make(dir);
	return 0;
}

static int remove_dir(void **state)
{
	scratch_remove(dir);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_version_has_the_word_version_once),
		cmocka_unit_test(help_is_no_failure),
		cmocka_unit_test(bad_usage_is_exit_code_1_and_one_line),
		cmocka_unit_test(a_failure_is_one_line_of_the_log_and_a_text),
		cmocka_unit_test(a_bad_command_line_is_logged_too),
		cmocka_unit_test(without_a_log_file_json_goes_to_standard_error),
		cmocka_unit_test(a_log_that_cannot_be_written_is_a_failure),
		cmocka_unit_test(success_says_nothing),
		cmocka_unit_test(a_config_is_never_replaced),
		cmocka_unit_test(nobody_waits_for_facts),
		cmocka_unit_test(names_and_letters_are_not_used_twice),
		cmocka_unit_test(every_row_is_complete),
		cmocka_unit_test(every_option_is_documented),
		cmocka_unit_test(the_completion_for_bash_is_a_shell_program),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
