/* SPDX-License-Identifier: MIT */
/*
 * Stops a program right before something that it does, in itself or in a process that it started,
 * so that a test can do what it likes meanwhile: stop_at PATTERN FILE PROGRAM ARGUMENT...
 *
 * What is done is a word and the path that it is done to: `open /run/dmaown/claims/claim-8.json`.
 * Words: open, write, rename (to), unlink, and lock. PATTERN is a shell's, with @(this|that). The
 * first process that is about to do what fits is stopped, and FILE says its process id and ours;
 * SIGUSR1 to us lets it go on.
 *
 * PROGRAM keeps the process id that we were started with: we are a grandchild that traces it. A
 * filter makes the kernel stop it at the calls of the table below, and at no others.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the arguments of a call are: a descriptor, and a path from there; -1: none. */
static const struct call {
	int number;
	const char *word;
	int fd, path;
} calls[] = {
	{SYS_openat, "open", 0, 1},      {SYS_openat2, "open", 0, 1},
	{SYS_write, "write", 0, -1},     {SYS_pwrite64, "write", 0, -1},
	{SYS_renameat2, "rename", 2, 3}, {SYS_renameat, "rename", 2, 3},
	{SYS_unlinkat, "unlink", 0, 1},  {SYS_fcntl, "lock", 0, -1},
#ifdef SYS_rename
	{SYS_rename, "rename", -1, 1},   {SYS_unlink, "unlink", -1, 0},
#endif
};

enum { CALLS = sizeof(calls) / sizeof(*calls) };

/* ---- what is done ---- */

static void read_path(pid_t pid, uint64_t address, char *out, size_t size)
{
	size_t length = 0;
	ssize_t got = 1;

	/* Up to the end of a page at a time: the next one need not be there. */
	while (got > 0 && length < size - 1 && !memchr(out, '\0', length)) {
		size_t piece = 4096 - (address + length) % 4096;
		struct iovec from = {(void *)(uintptr_t)(address + length), piece};
		struct iovec to = {out + length, size - 1 - length};

		got = process_vm_readv(pid, &to, 1, &from, 1, 0);
		length += got > 0 ? (size_t)got : 0;
	}
	out[length] = '\0';
}

static void read_descriptor(pid_t pid, int fd, char *out, size_t size)
{
	char link[64];
	ssize_t length;

	snprintf(link, sizeof(link), fd == AT_FDCWD ? "/proc/%d/cwd" : "/proc/%d/fd/%d", (int)pid,
		 fd);
	length = readlink(link, out, size - 1);
	out[length < 0 ? 0 : length] = '\0';
}

static bool is_lock(int command)
{
	return command == F_OFD_SETLK || command == F_OFD_SETLKW || command == F_SETLK ||
	       command == F_SETLKW;
}

/* Whether the process is about to do what fits the pattern. */
static bool fits(pid_t pid, const char *pattern)
{
	char folder[PATH_MAX] = "", path[PATH_MAX] = "", done[2 * PATH_MAX + 16];
	struct __ptrace_syscall_info info;
	const struct call *call;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_SECCOMP || info.seccomp.ret_data >= CALLS)
		return false;
	call = &calls[info.seccomp.ret_data];
	if (call->number == SYS_fcntl && !is_lock((int)info.seccomp.args[1]))
		return false;
	if (call->path >= 0)
		read_path(pid, info.seccomp.args[call->path], path, sizeof(path));
	if (*path != '/')
		read_descriptor(pid, call->fd < 0 ? AT_FDCWD : (int)info.seccomp.args[call->fd],
				folder, sizeof(folder));
	snprintf(done, sizeof(done), "%s %s%s%s", call->word, strcmp(folder, "/") ? folder : "",
		 *folder && *path ? "/" : "", path);
	return fnmatch(pattern, done, FNM_EXTMATCH) == 0;
}

/* ---- tracing ---- */

struct tracing {
	const char *pattern, *file;
	pid_t held; /* 0: nobody has been stopped; -1: it goes on */
};

static void hold(struct tracing *tracing, pid_t pid)
{
	FILE *file = fopen(tracing->file, "we");

	tracing->held = pid;
	if (!file || fprintf(file, "%d %d\n", (int)pid, (int)getpid()) < 0 || fclose(file) != 0)
		err(1, "%s", tracing->file);
}

/* What a process has stopped for; all but the one that is held go on. */
static void answer(struct tracing *tracing, pid_t pid, int status)
{
	int event = status >> 16, signal = WSTOPSIG(status);

	if (event == PTRACE_EVENT_SECCOMP && !tracing->held && fits(pid, tracing->pattern))
		hold(tracing, pid);
	else if (event == PTRACE_EVENT_STOP && signal != SIGTRAP)
		ptrace(PTRACE_LISTEN, pid, 0, 0);
	else
		ptrace(PTRACE_CONT, pid, 0, event ? 0 : signal);
}

/* False: all that we traced have ended. */
static bool answer_all(struct tracing *tracing)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL | WNOHANG)) > 0) {
		if (WIFSTOPPED(status))
			answer(tracing, pid, status);
	}
	return pid == 0;
}

_Noreturn static void trace(struct tracing *tracing, pid_t program, int ready)
{
	const long options = PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACESECCOMP;
	sigset_t signals;
	int signal = 0;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	if (ptrace(PTRACE_SEIZE, program, 0, options) != 0)
		err(1, "%d can't be traced", (int)program);
	if (write(ready, "", 1) != 1)
		err(1, "pipe");
	close(ready);
	while (answer_all(tracing)) {
		sigwait(&signals, &signal);
		if (signal != SIGUSR1 || tracing->held <= 0)
			continue;
		ptrace(PTRACE_CONT, tracing->held, 0, 0);
		tracing->held = -1;
	}
	exit(0);
}

/* ---- the program ---- */

/* What else it calls is none of ours. */
static void install_filter(void)
{
	struct sock_filter filter[2 * CALLS + 2];
	struct sock_fprog program = {.filter = filter};
	unsigned short length = 0;

	filter[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
							offsetof(struct seccomp_data, nr));
	for (unsigned int i = 0; i < CALLS; i++) {
		filter[length++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)calls[i].number, 0, 1);
		filter[length++] =
			(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | i);
	}
	filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program.len = length;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		err(1, "seccomp");
}

/* Returns in the program, once it is traced. */
static void begin_tracing(struct tracing *tracing)
{
	pid_t program = getpid(), between;
	int ready[2];
	char byte;

	if (pipe2(ready, O_CLOEXEC) != 0)
		err(1, "pipe");
	between = fork();
	if (between == 0) {
		if (fork() != 0)
			_exit(0);
		close(ready[0]);
		trace(tracing, program, ready[1]);
	}
	close(ready[1]);
	if (between < 0 || waitpid(between, NULL, 0) != between || read(ready[0], &byte, 1) != 1)
		errx(1, "no tracer");
	close(ready[0]);
}

int main(int argc, char **argv)
{
	struct tracing tracing;

	if (argc < 4)
		errx(2, "usage: stop_at PATTERN FILE PROGRAM ARGUMENT...");
	tracing = (struct tracing) {.pattern = argv[1], .file = argv[2]};
	begin_tracing(&tracing);
	install_filter();
	execvp(argv[3], argv + 3);
	err(127, "%s", argv[3]);
}
