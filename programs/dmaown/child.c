/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "child.h"
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- finding it ---- */

/* 0, -ENOENT, -EACCES, and what else is wrong with it. */
static int check_file(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return -errno;
	if (!S_ISREG(status.st_mode) || access(path, X_OK) != 0)
		return -EACCES;
	return 0;
}

/* As execvp(3) looks for it: what can't be executed is passed over, but remembered. */
static int search_path(const char *name)
{
	const char *path = getenv("PATH");
	int result = -ENOENT;

	for (const char *at = path ? path : "/bin:/usr/bin"; at; at = strchr(at, ':')) {
		char file[4096];
		int err;

		at += *at == ':';
		snprintf(file, sizeof(file), "%.*s/%s", (int)strcspn(at, ":"), at, name);
		err = check_file(*at == ':' || !*at ? name : file);
		if (!err)
			return 0;
		if (err == -EACCES)
			result = err;
	}
	return result;
}

int find_command_file(const char *name)
{
	int err = strchr(name, '/') ? check_file(name) : search_path(name);

	if (!err)
		return EXIT_DONE;
	if (err == -ENOENT || err == -ENOTDIR)
		return complain(EXIT_NOT_FOUND, name, "no such command (nothing was claimed)");
	return complain(EXIT_NOT_EXECUTABLE, name, "can't be executed (nothing was claimed)");
}

/* ---- signals ---- */

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static const int forwarded[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

static void make_set(const int *signals, size_t count, sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < count; i++)
		sigaddset(set, signals[i]);
}

void hold_signals(void)
{
	sigset_t set;

	make_set(forwarded, sizeof(forwarded) / sizeof(*forwarded), &set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

bool signals_pending(void *context)
{
	sigset_t pending;

	if (sigpending(&pending) != 0)
		return false;
	for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++) {
		if (sigismember(&pending, ending[i]) == 1)
			return true;
	}
	return false;
}

/* ---- the child ---- */

/* Appends a word to a list in the environment. */
static int append_word(const char *variable, const char *word)
{
	const char *before = getenv(variable);
	char *text;
	int err;

	if (asprintf(&text, "%s%s%s", before ? before : "", before && *before ? " " : "", word) < 0)
		return -ENOMEM;
	err = setenv(variable, text, 1) ? -errno : 0;
	free(text);
	return err;
}

static int set_environment(const struct record *record)
{
	static const char *const variables[] = {"DMAOWN_GROUPS", "DMAOWN_DEVICES", "DMAOWN_NODES"};
	char word[32];
	int err = 0;

	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
		unsetenv(variables[i]);
	for (size_t i = 0; i < record->group_count && !err; i++) {
		snprintf(word, sizeof(word), "%d", record->groups[i].id);
		err = append_word("DMAOWN_GROUPS", word);
		snprintf(word, sizeof(word), "/dev/vfio/%d", record->groups[i].id);
		if (!err)
			err = append_word("DMAOWN_NODES", word);
	}
	for (size_t i = 0; i < record->device_count && !err; i++) {
		if (record->devices[i].to)
			err = append_word("DMAOWN_DEVICES", record->devices[i].address);
	}
	return err;
}

/* What is mapped for DMA is locked: the usual limit of 8 MiB is soon reached. */
static void raise_memlock(void)
{
	const struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};

	setrlimit(RLIMIT_MEMLOCK, &limit);
}

static int become(const struct claim_request *request)
{
	if (!request->user)
		return 0;
	if (initgroups(request->user, request->gid) != 0 || setgid(request->gid) != 0 ||
	    setuid(request->uid) != 0)
		return -errno;
	return 0;
}

/* Reports the errno of what failed through the pipe, which a successful exec closes. */
_Noreturn static void start(const struct claim *claim, const struct claim_request *request,
			    char **argv, int report)
{
	int err = set_environment(&claim->entry.record), lock;
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	raise_memlock();
	if (!err)
		err = entry_share(&claim->entry, &lock);
	if (!err && fcntl(lock, F_SETFD, 0) != 0)
		err = -errno;
	if (!err)
		err = become(request);
	if (!err) {
		execvp(argv[0], argv);
		err = -errno;
	}
	if (write(report, &err, sizeof(err)) != sizeof(err))
		err = -EIO;
	_exit(EXIT_NOT_EXECUTABLE);
}

/* ---- its life ---- */

static bool comes_from_terminal(const struct signalfd_siginfo *info)
{
	return info->ssi_code == SI_KERNEL;
}

static int status_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int watch_over(pid_t pid, int signals)
{
	struct signalfd_siginfo info;
	int status;

	while (waitpid(pid, &status, WNOHANG) != pid) {
		if (read(signals, &info, sizeof(info)) != sizeof(info))
			continue;
		if (info.ssi_signo != SIGCHLD && !comes_from_terminal(&info))
			kill(pid, (int)info.ssi_signo);
	}
	return status_of(status);
}

static int explain_start(int err, const char *name)
{
	enum exit_code code = err == -ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;

	return complain(code, name, "can't be executed: %s", strerror(-err));
}

static int run(const struct claim *claim, const struct claim_request *request, char **argv,
	       int signals, int report[2])
{
	pid_t pid = fork();
	int err = 0, status;

	if (pid < 0)
		return complain(EXIT_OWN_FAILURE, argv[0], "%s", strerror(errno));
	if (pid == 0)
		start(claim, request, argv, report[1]);
	close(report[1]);
	report[1] = -1;
	if (read(report[0], &err, sizeof(err)) != sizeof(err))
		err = 0;
	status = watch_over(pid, signals);
	return err ? explain_start(err, argv[0]) : status;
}

int run_child(const struct claim *claim, const struct claim_request *request, char **argv)
{
	int signals, report[2], status;
	sigset_t set;

	make_set(forwarded, sizeof(forwarded) / sizeof(*forwarded), &set);
	sigaddset(&set, SIGCHLD);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (signals < 0)
		return complain(EXIT_OWN_FAILURE, argv[0], "%s", strerror(errno));
	if (pipe2(report, O_CLOEXEC) != 0) {
		close(signals);
		return complain(EXIT_OWN_FAILURE, argv[0], "%s", strerror(errno));
	}
	status = run(claim, request, argv, signals, report);
	close(report[0]);
	if (report[1] >= 0)
		close(report[1]);
	close(signals);
	return status;
}
