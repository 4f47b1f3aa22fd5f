/* SPDX-License-Identifier: Apache-2.0 */
#include "sys_test.h"

#include <sys/sysmacros.h>
#include <time.h>

#include "sys/path.h"

static const int no_openat2[] = {SYS_openat2, -1};

/* What is there: "name", "name/" for a directory, "name -> text" for a symlink. */
static const char *const tree[] = {
	"file",
	"dir/",
	"dir/file",
	"dir/sub/",
	"dir/sub/deep",
	"closed/",
	"closed/inner/",
	"closed/inner/file",
	"a b/",
	"a b/x",
	".../",
	".../x",
	"..x/",
	"..x/y",
	"run0/",
	"var/",
	"etc/",
	"etc/passwd",
	"abs -> /dir",
	"rel -> dir",
	"relslash -> dir/",
	"up -> ../../../../../dir",
	"absup -> /../../dir/sub",
	"out -> ../outside",
	"outabs -> /outside",
	"hostetc -> /etc/hostname",
	"dangling -> nowhere",
	"danglingabs -> /no/where",
	"danglingout -> ../../nowhere",
	"loopa -> loopb",
	"loopb -> loopa",
	"self -> self",
	"selfdir -> selfdir/x",
	"filelink -> file",
	"fileslash -> file/",
	"dot -> .",
	"dotdot -> ..",
	"root -> /",
	"slashes -> ///dir//sub",
	"dir/back -> ..",
	"dir/backfile -> ../file",
	"dir/sub/top -> /",
	"dir/sub/up2 -> ../..",
	"dir/sub/across -> ../../rel/sub",
	"mid -> dir/sub",
	"mixed -> abs/../rel/./sub/../file",
	"var/run -> /run0",
	"var/lock -> ../run0/lock",
	"var/newrun -> /run1",
	"var/newrel -> ../run2/x",
	"viafile -> file/x",
};

static char base[64];
static int root;
static struct path_last last = {.dir = -1};

static void make_entry(const char *spec)
{
	char name[128];
	const char *arrow = strstr(spec, " -> ");
	size_t len = arrow ? (size_t)(arrow - spec) : strlen(spec);

	memcpy(name, spec, len);
	name[len] = '\0';
	if (arrow) {
		assert_int_equal(symlinkat(arrow + 4, root, name), 0);
	} else if (name[len - 1] == '/') {
		name[len - 1] = '\0';
		assert_int_equal(mkdirat(root, name, 0755), 0);
	} else {
		int fd = openat(root, name, O_CREAT | O_WRONLY | O_EXCL, 0644);

		assert_true(fd >= 0);
		assert_int_equal(write(fd, "text\n", 5), 5);
		close(fd);
	}
}

static int make_tree(void **state)
{
	char path[160];

	(void)state;
	umask(022);
	scratch_make(base);
	snprintf(path, sizeof(path), "%s/outside", base);
	assert_int_equal(mkdir(path, 0777), 0);
	snprintf(path, sizeof(path), "%s/outside/secret", base);
	close(open(path, O_CREAT | O_WRONLY, 0644));
	snprintf(path, sizeof(path), "%s/root", base);
	assert_int_equal(mkdir(path, 0755), 0);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
	for (size_t i = 0; i < ARRAY_SIZE(tree); i++)
		make_entry(tree[i]);
	/* chain1 -> file; chain40 is the last that the kernel follows */
	for (int i = 1; i <= 41; i++) {
		char spec[64];

		if (i == 1)
			snprintf(spec, sizeof(spec), "chain1 -> file");
		else
			snprintf(spec, sizeof(spec), "chain%d -> chain%d", i, i - 1);
		make_entry(spec);
	}
	assert_int_equal(fchmodat(root, "closed", 0711, 0), 0);
	return 0;
}

static int remove_tree(void **state)
{
	(void)state;
	close(root);
	scratch_remove(base);
	return 0;
}

#define N PATH_NOFOLLOW
#define D PATH_DIRECTORY

static const struct lookup {
	const char *path;
	int flags;
	const char *is; /* what it is, by plain names below root ("." is root) ... */
	int code;	/* ... or the errno */
} lookups[] = {
	{"/", 0, "."},
	{".", 0, "."},
	{"..", 0, "."},
	{"/..", 0, "."},
	{"/../..", 0, "."},
	{"//", 0, "."},
	{"/./", 0, "."},
	{"../../../../..", D, "."},
	{"", 0, NULL, ENOENT},
	{"file", 0, "file"},
	{"/file", 0, "file"},
	{"//file", 0, "file"},
	{"./file", 0, "file"},
	{"../file", 0, "file"},
	{"/../../file", 0, "file"},
	{"file/", 0, NULL, ENOTDIR},
	{"file/.", 0, NULL, ENOTDIR},
	{"file/..", 0, NULL, ENOTDIR},
	{"file/x", 0, NULL, ENOTDIR},
	{"file", D, NULL, ENOTDIR},
	{"missing", 0, NULL, ENOENT},
	{"missing/", 0, NULL, ENOENT},
	{"missing/x", 0, NULL, ENOENT},
	{"missing/..", 0, NULL, ENOENT},
	{"dir/missing", 0, NULL, ENOENT},
	{"dir", 0, "dir"},
	{"dir/", 0, "dir"},
	{"dir/.", 0, "dir"},
	{"dir//", 0, "dir"},
	{"dir", D, "dir"},
	{"/dir/sub/", D, "dir/sub"},
	{"dir//sub//deep", 0, "dir/sub/deep"},
	{"dir/./sub/./deep", 0, "dir/sub/deep"},
	{"dir/..", 0, "."},
	{"dir/../dir/sub/..", 0, "dir"},
	{"dir/sub/../../file", 0, "file"},
	{"dir/../../../file", 0, "file"},
	{"dir/sub/../../../../..", 0, "."},
	{"dir/sub/deep/", 0, NULL, ENOTDIR},
	{"a b/x", 0, "a b/x"},
	{".../x", 0, ".../x"},
	{"..x/y", 0, "..x/y"},
	{"closed/inner/file", 0, "closed/inner/file"},
	{"closed/../file", 0, "file"},
	/* links, followed */
	{"abs", 0, "dir"},
	{"abs/", 0, "dir"},
	{"abs/sub", 0, "dir/sub"},
	{"abs/..", 0, "."},
	{"rel", 0, "dir"},
	{"rel/file", 0, "dir/file"},
	{"relslash", 0, "dir"},
	{"relslash/sub/deep", 0, "dir/sub/deep"},
	{"up", 0, "dir"},
	{"up/../file", 0, "file"},
	{"absup", 0, "dir/sub"},
	{"absup/../file", 0, "dir/file"},
	{"filelink", 0, "file"},
	{"filelink/", 0, NULL, ENOTDIR},
	{"fileslash", 0, NULL, ENOTDIR},
	{"dot", 0, "."},
	{"dot/dot/dot/file", 0, "file"},
	{"dotdot", 0, "."},
	{"dotdot/file", 0, "file"},
	{"root", 0, "."},
	{"root/root/dir", 0, "dir"},
	{"slashes", 0, "dir/sub"},
	{"slashes/deep", 0, "dir/sub/deep"},
	{"dir/back", 0, "."},
	{"dir/back/file", 0, "file"},
	{"dir/back/..", 0, "."},
	{"dir/backfile", 0, "file"},
	{"dir/sub/top/dir", 0, "dir"},
	{"dir/sub/up2/dir/file", 0, "dir/file"},
	{"dir/sub/across", 0, "dir/sub"},
	{"dir/sub/across/across/deep", 0, "dir/sub/deep"},
	{"mid", D, "dir/sub"},
	{"mid/..", 0, "dir"},
	{"mid/../..", 0, "."},
	{"mixed", 0, "dir/file"},
	{"abs/back/abs/sub/top/mid/deep", 0, "dir/sub/deep"},
	{"var/run", 0, "run0"},
	{"var/run/..", 0, "."},
	{"var/lock", 0, NULL, ENOENT},
	{"viafile", 0, NULL, ENOTDIR},
	{"filelink", D, NULL, ENOTDIR},
	{"abs", D, "dir"},
	/* links that lead out: to a host that is not there */
	{"out", 0, NULL, ENOENT},
	{"out/secret", 0, NULL, ENOENT},
	{"outabs", 0, NULL, ENOENT},
	{"hostetc", 0, NULL, ENOENT},
	{"dotdot/outside", 0, NULL, ENOENT},
	{"../outside/secret", 0, NULL, ENOENT},
	{"dir/../../outside/secret", 0, NULL, ENOENT},
	{"dir/sub/top/../outside", 0, NULL, ENOENT},
	{"dangling", 0, NULL, ENOENT},
	{"danglingabs", 0, NULL, ENOENT},
	{"danglingout", 0, NULL, ENOENT},
	{"dangling/x", 0, NULL, ENOENT},
	{"dangling/..", 0, NULL, ENOENT},
	/* loops */
	{"loopa", 0, NULL, ELOOP},
	{"loopa/x", 0, NULL, ELOOP},
	{"self", 0, NULL, ELOOP},
	{"selfdir", 0, NULL, ELOOP},
	{"chain1", 0, "file"},
	{"chain40", 0, "file"},
	{"chain41", 0, NULL, ELOOP},
	/* links, not followed */
	{"abs", N, "abs"},
	{"filelink", N, "filelink"},
	{"dangling", N, "dangling"},
	{"self", N, "self"},
	{"out", N, "out"},
	{"abs/", N, "dir"},
	{"abs/.", N, "dir"},
	{"abs/..", N, "."},
	{"dot/abs", N, "abs"},
	{"abs/back", N, "dir/back"},
	{"abs", N | D, NULL, ENOTDIR},
	{"abs/", N | D, "dir"},
	{"loopa/", N, NULL, ELOOP},
	{"file", N, "file"},
	{"dir", N | D, "dir"},
	{"/", N, "."},
	{"..", N, "."},
	{"var/run/", N, "run0"},
};

static bool is_what(int fd, const char *is)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && fstatat(root, is, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static void look_up_all(const void *filter)
{
	int wrong = 0;

	if (filter)
		take_away(filter);
	for (size_t i = 0; i < ARRAY_SIZE(lookups); i++) {
		const struct lookup *l = &lookups[i];
		struct error e = {0};
		int fd = path_open_inside(root, l->path, l->flags, &e);
		bool right = l->is ? fd >= 0 && is_what(fd, l->is) : fd < 0 && e.code == l->code;

		if (!right) {
			fprintf(stderr, "\"%s\" flags %d: fd %d code %d, wanted %s %d\n", l->path,
				l->flags, fd, e.code, l->is ? l->is : "-", l->code);
			wrong++;
		}
		if (fd >= 0) {
			CHECK((fcntl(fd, F_GETFL) & O_PATH) && (fcntl(fd, F_GETFD) & FD_CLOEXEC));
			close(fd);
		}
	}
	CHECK(wrong == 0);
	/* nothing is left open by what failed on its way */
	CHECK(dup(root) == root + 1);
}

static void a_path_means_inside_what_it_means_after_chroot(void **state)
{
	(void)state;
	in_child(look_up_all, NULL);
}

static void the_walk_finds_what_openat2_finds(void **state)
{
	(void)state;
	in_child(look_up_all, no_openat2);
}

static void open_through_closed(const void *filter)
{
	struct error e;

	if (getuid() != 0)
		skip_child("needs root, to become another user");
	if (filter)
		take_away(filter);
	CHECK(setresuid(12345, 12345, 12345) == 0);
	CHECK_OK(path_open_inside(root, "closed/inner/file", 0, &e));
	CHECK_OK(path_open_inside(root, "closed/inner/../../dir", PATH_DIRECTORY, &e));
}

static void a_directory_that_may_only_be_searched_is_gone_through(void **state)
{
	(void)state;
	in_child(open_through_closed, NULL);
	in_child(open_through_closed, no_openat2);
}

static void name_too_long(const void *filter)
{
	static char name[300], path[5000];
	struct error e;

	if (filter)
		take_away(filter);
	memset(name, 'x', sizeof(name) - 1);
	memset(path, '/', sizeof(path) - 1);
	CHECK(path_open_inside(root, name, 0, &e) < 0 && e.code == ENAMETOOLONG);
	CHECK(path_open_inside(root, path, 0, &e) < 0 && e.code == ENAMETOOLONG);
	path[4000] = '\0';
	CHECK_OK(path_open_inside(root, path, 0, &e));
	CHECK(path_mkdir_inside(root, NULL, name, 0755, &e) < 0 && e.code == ENAMETOOLONG);
	CHECK(path_create_inside(root, name, &e) < 0 && e.code == ENAMETOOLONG);
	CHECK(path_symlink_inside(root, &last, name, "x", &e) < 0 && e.code == ENAMETOOLONG);
}

static void what_is_too_long_is_an_error(void **state)
{
	(void)state;
	in_child(name_too_long, NULL);
	in_child(name_too_long, no_openat2);
}

static void go_through_proc(const void *filter)
{
	AUTO_CLOSE int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	static const char *const magic[] = {"self/cwd", "self/root/tmp", "self/exe", "self/fd/0",
					    "self/ns/mnt"};
	struct error e;

	if (filter)
		take_away(filter);
	for (size_t i = 0; i < ARRAY_SIZE(magic); i++)
		CHECK(path_open_inside(proc, magic[i], 0, &e) < 0 && e.code == ELOOP);
	CHECK_OK(path_open_inside(proc, "self/status", 0, &e));
	CHECK_OK(path_open_inside(proc, "mounts", 0, &e));
	CHECK_OK(path_open_inside(proc, "self/exe", PATH_NOFOLLOW, &e));
}

static void magic_links_are_refused(void **state)
{
	(void)state;
	in_child(go_through_proc, NULL);
	in_child(go_through_proc, no_openat2);
}

/* ---- making ---- */

static const struct making {
	const char *path, *is;
	int code;
	const char *not_made; /* what must not be there afterwards */
} directories[] =
	{
		{"dir", "dir"},
		{"abs", "dir"},
		{"/", "."},
		{"new1/a/b", "new1/a/b"},
		{"new1/a/b/", "new1/a/b"},
		{"abs/new2", "dir/new2"},
		{"mid/new3/x", "dir/sub/new3/x"},
		{"up/../new4", "new4"},
		{"dir/back/new5", "new5"},
		{"var/run/x", "run0/x"},      /* legit: /var/run -> /run */
		{"var/newrun", "run1"},	      /* dangling, last */
		{"var/newrel/y", "run2/x/y"}, /* dangling, in the middle */
		{"danglingout", "nowhere"},   /* ../../nowhere stops at root */
		{"outabs/z", "outside/z"},    /* a directory of that name inside */
		{"../../../new6", "new6"},
		{"./new7/./x", "new7/x"},
		{"file", NULL, ENOTDIR},
		{"file/x", NULL, ENOTDIR},
		{"filelink/x", NULL, ENOTDIR},
		{"loopa", NULL, ELOOP},
		{"self/x", NULL, ELOOP},
		{"", NULL, ENOENT},
		{"new8/../x8", NULL, ENOENT, "x8"}, /* through what never existed */
},
  files[] = {
	  {"file", "file"},
	  {"filelink", "file"},
	  {"new.txt", "new.txt"},
	  {"/fresh/a/new.txt", "fresh/a/new.txt"},
	  {"abs/new.txt", "dir/new.txt"},
	  {"danglingabs", "no/where"},
	  {"out", "outside"},
	  {"var/lock", "run0/lock"},
	  {"etc/passwd", "etc/passwd"},
	  {"trailing//", "trailing"},
	  {"dir", NULL, EISDIR},
	  {"abs", NULL, EISDIR},
	  {"/", NULL, EISDIR},
	  {"loopa", NULL, ELOOP},
	  {"file/x", NULL, ENOTDIR},
	  {"new9/../x9", NULL, ENOENT, "x9"},
	  {"", NULL, ENOENT},
};

static void make_all(const struct making *v, size_t n, bool file)
{
	char path[160];
	struct stat st;
	int wrong = 0;

	umask(0);
	for (size_t i = 0; i < n; i++) {
		struct error e = {0};
		int fd = file ? path_create_inside(root, v[i].path, &e)
			      : path_mkdir_inside(root, NULL, v[i].path, 0751, &e);
		bool right =
			v[i].is ? fd >= 0 && is_what(fd, v[i].is) : fd < 0 && e.code == v[i].code;

		if (right && fd >= 0)
			right = fstat(fd, &st) == 0 &&
				(file ? S_ISREG(st.st_mode) : S_ISDIR(st.st_mode)) &&
				((st.st_mode & 0777) == (file ? 0644 : 0751) ||
				 (st.st_mode & 0777) == 0755);
		if (v[i].not_made && fstatat(root, v[i].not_made, &st, 0) == 0)
			right = false;
		if (!right) {
			fprintf(stderr, "\"%s\": fd %d code %d %s\n", v[i].path, fd, e.code,
				e.text);
			wrong++;
		}
		if (fd >= 0)
			close(fd);
	}
	CHECK(wrong == 0);
	snprintf(path, sizeof(path), "%s/nowhere", base);
	CHECK(lstat(path, &st) < 0);
	snprintf(path, sizeof(path), "%s/outside/z", base);
	CHECK(lstat(path, &st) < 0);
}

static void make_directories(const void *filter)
{
	if (filter)
		take_away(filter);
	make_all(directories, ARRAY_SIZE(directories), false);
}

static void make_files(const void *filter)
{
	if (filter)
		take_away(filter);
	make_all(files, ARRAY_SIZE(files), true);
}

static void directories_are_made_inside_whatever_the_links_say(void **state)
{
	(void)state;
	in_child(make_directories, NULL);
}

static void directories_are_made_without_openat2_as_well(void **state)
{
	(void)state;
	in_child(make_directories, no_openat2);
}

static void files_are_made_inside_whatever_the_links_say(void **state)
{
	(void)state;
	in_child(make_files, NULL);
}

static void files_are_made_without_openat2_as_well(void **state)
{
	(void)state;
	in_child(make_files, no_openat2);
}

static void make_links(const void *filter)
{
	struct error e;
	char text[64] = "";

	if (filter)
		take_away(filter);
	CHECK_OK(path_symlink_inside(root, &last, "/newdir/link", "/proc/self/fd", &e));
	CHECK(readlinkat(root, "newdir/link", text, sizeof(text)) == 13 &&
	      !strcmp(text, "/proc/self/fd"));
	CHECK_OK(path_symlink_inside(root, &last, "var/run/link2", "x", &e));
	CHECK(readlinkat(root, "run0/link2", text, sizeof(text)) == 1);
	CHECK(path_symlink_inside(root, &last, "dangling", "x", &e) < 0 && e.code == EEXIST);
	CHECK(path_symlink_inside(root, &last, "file", "x", &e) < 0 && e.code == EEXIST);
	CHECK(path_symlink_inside(root, &last, "/", "x", &e) < 0 && e.code == EINVAL);
	CHECK(path_symlink_inside(root, &last, "dir/..", "x", &e) < 0 && e.code == EINVAL);
	CHECK_OK(path_unlink_inside(root, "dangling", &e));
	CHECK_OK(path_unlink_inside(root, "abs/file", &e));
	CHECK(path_unlink_inside(root, "abs/file", &e) < 0 && e.code == ENOENT);
	CHECK(path_unlink_inside(root, "nodir/file", &e) < 0 && e.code == ENOENT);
	CHECK(path_unlink_inside(root, "dir", &e) < 0 && e.code == EISDIR);
}

static void a_symlink_is_made_and_removed_without_following_one(void **state)
{
	(void)state;
	in_child(make_links, NULL);
}

static void a_symlink_is_made_without_openat2_as_well(void **state)
{
	(void)state;
	in_child(make_links, no_openat2);
}

static void make_several(const void *unused)
{
	struct error e;
	char text[8];

	(void)unused;
	CHECK_OK(path_symlink_inside(root, &last, "/dev/one", "x", &e));
	CHECK(renameat(root, "dev", root, "old") == 0 && mkdirat(root, "dev", 0755) == 0);
	CHECK_OK(path_symlink_inside(root, &last, "/dev/two", "x", &e));
	CHECK(readlinkat(root, "old/two", text, sizeof(text)) == 1);
	CHECK_OK(path_symlink_inside(root, &last, "/top", "x", &e)); /* another directory */
	CHECK_OK(path_symlink_inside(root, &last, "/dev/three", "x", &e));
	CHECK(readlinkat(root, "dev/three", text, sizeof(text)) == 1);
	CHECK(renameat(root, "dev", root, "older") == 0 && mkdirat(root, "dev", 0755) == 0);
	path_forget(&last);
	CHECK_OK(path_symlink_inside(root, &last, "/dev/four", "x", &e));
	CHECK(readlinkat(root, "dev/four", text, sizeof(text)) == 1);
}

static void a_directory_is_remembered_for_the_next_entry_until_it_is_forgotten(void **state)
{
	(void)state;
	in_child(make_several, NULL);
}

static void make_nodes(const void *filter)
{
	struct error e;
	struct stat st;

	if (getuid() != 0)
		skip_child("needs root, for mknod");
	(void)filter;
	umask(0);
	CHECK_OK(path_mknod_inside(root, &last, "/dev/null", S_IFCHR | 0666, makedev(1, 3), 0, 0,
				   &e));
	CHECK(path_stat_inside(root, "dev/null", &st) == 0 && st.st_rdev == makedev(1, 3));
	CHECK((st.st_mode & 07777) == 0666 && S_ISCHR(st.st_mode));
	CHECK_OK(path_mknod_inside(root, &last, "/dev/pipe", S_IFIFO | 0620, 0, 5, 6, &e));
	CHECK(path_stat_inside(root, "dev/pipe", &st) == 0 && S_ISFIFO(st.st_mode) &&
	      st.st_uid == 5);
	CHECK(st.st_gid == 6 && (st.st_mode & 07777) == 0620);
	CHECK(path_mknod_inside(root, &last, "out", S_IFCHR | 0666, makedev(1, 3), 0, 0, &e) < 0 &&
	      e.code == EEXIST);
	CHECK(path_stat_inside(root, "nothing", &st) < 0 && errno == ENOENT);
}

static void a_device_gets_the_mode_and_owner_asked_for(void **state)
{
	(void)state;
	in_child(make_nodes, NULL);
}

static void read_files(const void *filter)
{
	struct error e;
	char buf[6];

	if (filter)
		take_away(filter);
	CHECK(path_read_inside(root, "filelink", buf, sizeof(buf), &e) == 5 &&
	      !strcmp(buf, "text\n"));
	CHECK(path_read_inside(root, "file", buf, 5, &e) < 0 && e.code == EFBIG);
	CHECK(path_read_inside(root, "missing", buf, sizeof(buf), &e) < 0 && e.code == ENOENT);
	CHECK(path_read_inside(root, "dir", buf, sizeof(buf), &e) < 0);
	CHECK(mkfifoat(root, "fifo", 0644) == 0);
	CHECK(path_read_inside(root, "fifo", buf, sizeof(buf), &e) < 0); /* and does not wait */
}

static void reading_takes_regular_files_only(void **state)
{
	(void)state;
	in_child(read_files, NULL);
}

static void reading_works_without_openat2(void **state)
{
	(void)state;
	in_child(read_files, no_openat2);
}

/* ---- the race ---- */

/* Exchanges "v", a directory, and "l", a link to what is outside, until killed. */
static pid_t exchange_for_ever(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			renameat2(root, "v", root, "l", RENAME_EXCHANGE);
	}
	return pid;
}

static void check_inside(int fd)
{
	char link[40], path[4096];
	size_t len = strlen(base);
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	CHECK(n > 0);
	path[n] = '\0';
	if (strncmp(path, base, len) != 0 || strncmp(path + len, "/root", 5) != 0) {
		fprintf(stderr, "came out at %s\n", path);
		_exit(1);
	}
	close(fd);
}

static void race(const void *filter)
{
	static const char *const places[] = {"v/a/b", "v/../v/a", "v/x/../y", "v"};
	char path[160];
	time_t end = time(NULL) + 2;
	unsigned long tries = 0, served = 0;
	struct stat st;
	pid_t racer;

	CHECK(mkdirat(root, "v", 0755) == 0 && symlinkat("../outside", root, "l") == 0);
	if (filter)
		take_away(filter);
	racer = exchange_for_ever();
	while (time(NULL) < end) {
		struct error e;
		int fd =
			path_mkdir_inside(root, NULL, places[tries % ARRAY_SIZE(places)], 0755, &e);

		tries++;
		served += fd >= 0;
		if (fd >= 0)
			check_inside(fd);
		fd = path_create_inside(root, "v/a/file", &e);
		if (fd >= 0)
			check_inside(fd);
		fd = path_open_inside(root, "v/secret", 0, &e);
		if (fd >= 0)
			check_inside(fd);
		path_forget(&last);
		path_symlink_inside(root, &last, "v/link", "x", &e);
		path_unlink_inside(root, "v/link", &e);
		path_unlink_inside(root, "v/secret", &e);
	}
	kill(racer, SIGKILL);
	waitpid(racer, NULL, 0);
	CHECK(served > 0);
	snprintf(path, sizeof(path), "%s/outside", base);
	CHECK(stat(path, &st) == 0 && st.st_nlink == 2); /* no directory was made there */
	snprintf(path, sizeof(path), "%s/outside/secret", base);
	CHECK(stat(path, &st) == 0);
	snprintf(path, sizeof(path), "%s/outside/link", base);
	CHECK(lstat(path, &st) < 0);
}

static void who_exchanges_a_directory_for_a_link_gets_nobody_out(void **state)
{
	(void)state;
	in_child(race, NULL);
}

static void who_races_the_walk_gets_nobody_out(void **state)
{
	(void)state;
	in_child(race, no_openat2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_tree, remove_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_path_means_inside_what_it_means_after_chroot),
		TEST(the_walk_finds_what_openat2_finds),
		TEST(a_directory_that_may_only_be_searched_is_gone_through),
		TEST(what_is_too_long_is_an_error),
		TEST(magic_links_are_refused),
		TEST(directories_are_made_inside_whatever_the_links_say),
		TEST(directories_are_made_without_openat2_as_well),
		TEST(files_are_made_inside_whatever_the_links_say),
		TEST(files_are_made_without_openat2_as_well),
		TEST(a_symlink_is_made_and_removed_without_following_one),
		TEST(a_symlink_is_made_without_openat2_as_well),
		TEST(a_directory_is_remembered_for_the_next_entry_until_it_is_forgotten),
		TEST(a_device_gets_the_mode_and_owner_asked_for),
		TEST(reading_takes_regular_files_only),
		TEST(reading_works_without_openat2),
		TEST(who_exchanges_a_directory_for_a_link_gets_nobody_out),
		TEST(who_races_the_walk_gets_nobody_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
