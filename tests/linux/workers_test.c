/* SPDX-License-Identifier: MIT */
/* What workers do, and what becomes of it when they are stopped or killed. */
#define _GNU_SOURCE
#include "rows.h"
#include "tree.h"
#include "workers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PLENTY = 60000 };

struct fixture {
	struct tree tree;
	struct crew crew;
};

/* ---- looking ---- */

static int look(struct crew *crew, const char *path, struct file_look *out)
{
	struct errand errand = {
		.kind = ERRAND_LOOK, .path = path, .text = (char *)out, .size = sizeof(*out)};

	memset(out, 0, sizeof(*out));
	return crew_do(crew, &errand, PLENTY);
}

/* The kernel's own link to a descriptor leads where its name does not. */
static void a_look_follows_the_kernels_links(struct fixture *fixture)
{
	int root = open("/", O_PATH | O_CLOEXEC), null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct file_look found;
	struct crew crew;
	char path[64];

	(void)fixture;
	crew_init(&crew, root);
	snprintf(path, sizeof(path), "proc/%d/fd/%d", getpid(), null);
	assert_int_equal(look(&crew, path, &found), sizeof(found));
	assert_int_equal(found.err, 0);
	assert_true(S_ISCHR(found.mode));
	assert_int_equal(found.number[0], 1);
	assert_int_equal(found.number[1], 3);
	close(null);
	assert_int_equal(look(&crew, path, &found), sizeof(found));
	assert_int_equal(found.err, -ENOENT);
	crew_end(&crew);
	close(root);
}

static void a_look_tells_what_a_file_is(struct fixture *fixture)
{
	struct file_look found;
	struct stat status;
	char path[512];

	tree_text(&fixture->tree, "folder/file", "x");
	snprintf(path, sizeof(path), "%s/folder/file", fixture->tree.path);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(look(&fixture->crew, "folder/file", &found), sizeof(found));
	assert_int_equal(found.mode, status.st_mode);
	assert_int_equal(found.inode, status.st_ino);
	assert_int_equal(makedev(found.volume[0], found.volume[1]), status.st_dev);
	assert_int_equal(look(&fixture->crew, "absent/file", &found), -ENOENT);
}

static void a_look_at_a_long_path_is_refused(struct fixture *fixture)
{
	struct file_look found;
	char path[1024];

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(look(&fixture->crew, path, &found), -ENAMETOOLONG);
}

/* ---- who works ---- */

/* The only process that this one has started; 0: none. */
static pid_t only_child(void)
{
	DIR *folder = opendir("/proc");
	const struct dirent *entry;
	pid_t found = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder))) {
		char path[300], text[512] = "";
		FILE *file;
		int parent;

		snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
		file = atoi(entry->d_name) > 0 ? fopen(path, "re") : NULL;
		if (!file)
			continue;
		if (fgets(text, sizeof(text), file) && strrchr(text, ')') &&
		    sscanf(strrchr(text, ')') + 1, " %*c %d", &parent) == 1 && parent == getpid())
			found = atoi(entry->d_name);
		fclose(file);
	}
	closedir(folder);
	return found;
}

/* Has the crew hire a worker, which is idle then. */
static pid_t hire_one(struct crew *crew)
{
	struct file_look found;
	pid_t worker;

	look(crew, "absent/file", &found);
	worker = only_child();
	assert_true(worker > 0);
	return worker;
}

/* Sends the signal, and waits until it has ended or stopped the worker, which is not reaped. */
static void give_signal(pid_t worker, int signal)
{
	siginfo_t state;

	assert_int_equal(kill(worker, signal), 0);
	assert_int_equal(waitid(P_PID, (id_t)worker, &state, WEXITED | WSTOPPED | WNOWAIT | __WALL),
			 0);
}

static struct errand write_to(const char *path, const char *guard)
{
	static char text[] = "written";

	return (struct errand) {.kind = ERRAND_WRITE,
				.path = path,
				.text = text,
				.size = strlen(text),
				.guard = guard};
}

static void must_hold(const struct fixture *fixture, const char *wanted)
{
	char text[64];

	tree_read(&fixture->tree, "file", text, sizeof(text));
	assert_string_equal(text, wanted);
}

/* ---- killed workers ---- */

static void an_idle_one_that_is_killed_is_replaced(struct fixture *fixture)
{
	struct errand errand = write_to("file", "lock");

	give_signal(hire_one(&fixture->crew), SIGKILL);
	assert_int_equal(crew_do(&fixture->crew, &errand, PLENTY), 0);
	must_hold(fixture, "written");
}

struct killing {
	struct crew *crew;
	pid_t worker;
};

/* Kills the stopped worker when the crew has given it away. */
static void *kill_when_taken(void *context)
{
	const struct killing *killing = context;
	bool taken = false;

	while (!taken) {
		pthread_mutex_lock(&killing->crew->lock);
		taken = list_empty(&killing->crew->idle);
		pthread_mutex_unlock(&killing->crew->lock);
	}
	kill(killing->worker, SIGKILL);
	return NULL;
}

static void one_that_is_killed_when_taken_is_replaced(struct fixture *fixture)
{
	struct errand errand = write_to("file", NULL);
	struct killing killing = {.crew = &fixture->crew, .worker = hire_one(&fixture->crew)};
	pthread_t thread;

	give_signal(killing.worker, SIGSTOP);
	assert_int_equal(pthread_create(&thread, NULL, kill_when_taken, &killing), 0);
	assert_int_equal(crew_do(&fixture->crew, &errand, PLENTY), 0);
	pthread_join(thread, NULL);
	must_hold(fixture, "written");
}

static void one_that_is_killed_before_it_begins_is_lost(struct fixture *fixture)
{
	const struct errand errand = write_to("file", NULL);
	pid_t pid = hire_one(&fixture->crew);
	struct worker *worker = crew_take(&fixture->crew);

	assert_int_equal(worker_add(worker, &errand), 0);
	give_signal(pid, SIGSTOP);
	worker_begin(worker);
	give_signal(pid, SIGKILL);
	while (worker_is_at_work(worker))
		workers_wait(&worker, 1, PLENTY);
	assert_true(worker_was_lost(worker));
	crew_give_back(&fixture->crew, worker);
	must_hold(fixture, "");
}

/* A FIFO's writer waits for a reader: it had begun, and may have written. */
static void one_that_is_killed_at_work_is_not(struct fixture *fixture)
{
	const struct errand errand = write_to("fifo", NULL);
	pid_t pid = hire_one(&fixture->crew);
	struct worker *worker = crew_take(&fixture->crew);
	char path[512], *text;
	int reader;

	snprintf(path, sizeof(path), "%s/fifo", fixture->tree.path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(worker_add(worker, &errand), 0);
	worker_begin(worker);
	reader = open(path, O_RDONLY | O_CLOEXEC);
	kill(pid, SIGKILL);
	while (worker_is_at_work(worker))
		workers_wait(&worker, 1, PLENTY);
	assert_false(worker_was_lost(worker));
	assert_true(worker_answer(worker, 0, &text) == 0 ||
		    worker_answer(worker, 0, &text) == -EIO);
	crew_give_back(&fixture->crew, worker);
	close(reader);
}

/* ---- guards ---- */

static int lock_byte(int fd, short kind, off_t byte, int command)
{
	struct flock lock = {.l_type = kind, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

	return fcntl(fd, command, &lock) == 0 ? 0 : -errno;
}

static int open_lock(const struct fixture *fixture)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/lock", fixture->tree.path);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static void nothing_is_written_past_a_guard(struct fixture *fixture)
{
	struct errand errand = write_to("file", "lock");
	int lock = open_lock(fixture);

	assert_int_equal(lock_byte(lock, F_WRLCK, 1, F_OFD_SETLK), 0);
	assert_int_equal(crew_do(&fixture->crew, &errand, PLENTY), -EBUSY);
	must_hold(fixture, "");
	assert_int_equal(lock_byte(lock, F_UNLCK, 1, F_OFD_SETLK), 0);
	assert_int_equal(lock_byte(lock, F_WRLCK, 0, F_OFD_SETLK), 0);
	assert_int_equal(crew_do(&fixture->crew, &errand, PLENTY), 0);
	must_hold(fixture, "written");
	close(lock);
}

static void nothing_is_written_without_its_guard(struct fixture *fixture)
{
	static const char *const guards[] = {"absent", "absent/lock", "link"};

	tree_link(&fixture->tree, "link", "lock");
	for (size_t i = 0; i < COUNT(guards); i++) {
		struct errand errand = write_to("file", guards[i]);

		assert_int_equal(crew_do(&fixture->crew, &errand, PLENTY), -ENOLCK);
	}
	must_hold(fixture, "");
}

/* A pipe that is full: its writer is at it until somebody reads. */
static void a_guard_is_held_while_it_is_written(struct fixture *fixture)
{
	struct errand errand = write_to("fifo", "lock");
	int lock = open_lock(fixture), pipe;
	char path[512], block[4096] = "";

	snprintf(path, sizeof(path), "%s/fifo", fixture->tree.path);
	assert_int_equal(mkfifo(path, 0600), 0);
	pipe = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	while (write(pipe, block, sizeof(block)) > 0)
		;
	assert_int_equal(crew_do(&fixture->crew, &errand, 200), -ETIMEDOUT);
	assert_int_equal(lock_byte(lock, F_WRLCK, 1, F_OFD_SETLK), -EAGAIN);
	assert_int_equal(lock_byte(lock, F_RDLCK, 1, F_OFD_SETLK), 0);
	assert_int_equal(lock_byte(lock, F_UNLCK, 1, F_OFD_SETLK), 0);
	assert_true(read(pipe, block, sizeof(block)) > 0);
	assert_int_equal(lock_byte(lock, F_WRLCK, 1, F_OFD_SETLKW), 0);
	close(lock);
	close(pipe);
}

/* ---- whoever hired has died ---- */

/* Has a worker that is stopped, or waits for a reader, told to write, says so and stays. */
static void tell_a_worker(struct fixture *fixture, const char *path, int signal, int told)
{
	struct errand errand = write_to(path, "lock");
	pid_t worker = hire_one(&fixture->crew);

	if (signal)
		give_signal(worker, signal);
	if (crew_do(&fixture->crew, &errand, 200) != -ETIMEDOUT)
		_exit(1);
	if (write(told, &worker, sizeof(worker)) == sizeof(worker))
		pause();
	_exit(1);
}

/* Starts whoever does that and kills him; the worker is ours then. */
static pid_t orphan_a_worker(struct fixture *fixture, const char *path, int signal)
{
	int told[2], status;
	pid_t parent, worker;

	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	assert_int_equal(pipe(told), 0);
	parent = fork();
	if (parent == 0)
		tell_a_worker(fixture, path, signal, told[1]);
	close(told[1]);
	assert_int_equal(read(told[0], &worker, sizeof(worker)), sizeof(worker));
	close(told[0]);
	assert_int_equal(kill(parent, SIGKILL), 0);
	assert_int_equal(waitpid(parent, &status, 0), parent);
	return worker;
}

/* It had not begun, so that no signal ends it with its parent. */
static void a_late_one_writes_nothing(struct fixture *fixture)
{
	pid_t worker = orphan_a_worker(fixture, "file", SIGSTOP);
	int status;

	assert_int_equal(kill(worker, SIGCONT), 0);
	assert_int_equal(waitpid(worker, &status, __WALL), worker);
	must_hold(fixture, "");
}

static void one_at_work_dies_with_its_parent(struct fixture *fixture)
{
	char path[512];
	pid_t worker;
	int status;

	snprintf(path, sizeof(path), "%s/fifo", fixture->tree.path);
	assert_int_equal(mkfifo(path, 0600), 0);
	worker = orphan_a_worker(fixture, "fifo", 0);
	assert_int_equal(waitpid(worker, &status, __WALL), worker);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

struct hiring {
	struct crew *crew;
	struct worker *worker;
};

static void *hire_and_end(void *context)
{
	struct hiring *hiring = context;

	hiring->worker = crew_take(hiring->crew);
	crew_give_back(hiring->crew, hiring->worker);
	return NULL;
}

/* A thread's end is its workers' end: a change is given to a worker that the same thread hired. */
static void a_change_is_given_to_ones_own(struct fixture *fixture)
{
	struct errand errand = write_to("file", "lock");
	struct hiring hiring = {.crew = &fixture->crew};
	struct worker *own, *any;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, hire_and_end, &hiring), 0);
	pthread_join(thread, NULL);
	own = crew_take_own(&fixture->crew);
	any = crew_take(&fixture->crew);
	assert_ptr_not_equal(own, hiring.worker);
	assert_ptr_equal(any, hiring.worker);
	crew_give_back(&fixture->crew, own);
	crew_give_back(&fixture->crew, any);
	assert_int_equal(crew_do(&fixture->crew, &errand, PLENTY), 0);
	must_hold(fixture, "written");
}

static const struct workers_case {
	const char *name;
	void (*run)(struct fixture *fixture);
} cases[] = {
	{"look@follows-the-kernels-links", a_look_follows_the_kernels_links},
	{"look@tells-what-a-file-is", a_look_tells_what_a_file_is},
	{"look@long-path-enametoolong", a_look_at_a_long_path_is_refused},
	{"killed@idle-is-replaced", an_idle_one_that_is_killed_is_replaced},
	{"killed@when-taken-is-replaced", one_that_is_killed_when_taken_is_replaced},
	{"killed@before-it-begins-is-lost", one_that_is_killed_before_it_begins_is_lost},
	{"killed@at-work-is-not-lost", one_that_is_killed_at_work_is_not},
	{"guard@held-alone-ebusy", nothing_is_written_past_a_guard},
	{"guard@not-to-be-had-enolck", nothing_is_written_without_its_guard},
	{"guard@is-held-while-written", a_guard_is_held_while_it_is_written},
	{"parent@gone-before-it-begins", a_late_one_writes_nothing},
	{"parent@gone-while-it-is-at-work", one_at_work_dies_with_its_parent},
	{"parent@is-a-thread", a_change_is_given_to_ones_own},
};

static void run_case(void **state)
{
	const struct workers_case *which = *state;
	struct fixture fixture;
	int root;

	tree_make(&fixture.tree);
	root = open(fixture.tree.path, O_PATH | O_CLOEXEC);
	assert_true(root >= 0);
	crew_init(&fixture.crew, root);
	tree_text(&fixture.tree, "file", "");
	tree_text(&fixture.tree, "lock", "");
	which->run(&fixture);
	crew_end(&fixture.crew);
	close(root);
	tree_remove(&fixture.tree);
}

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, cases, run_case);
	return suite_run(&suite, "workers");
}
