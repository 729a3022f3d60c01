/* SPDX-License-Identifier: MIT */
/*
 * fail_call PROGRAM ARGUMENT…: runs a program, whose k-th system call fails, or is its last.
 *
 *	export DMAOWN_SWEEP_FILE=count
 *	fail_call dmaown release 0000:03:00.0; read -r total < count
 *	DMAOWN_FAIL_AT=7 DMAOWN_FAIL_ERRNO=12 fail_call dmaown release 0000:03:00.0
 *
 * The program is traced, so that no call escapes: neither those of its workers, which are none of
 * the C library's, nor what the library does within opendir(3) and the like. Calls are numbered
 * from 1 across its processes and threads, from where its own code begins: what loads its libraries
 * is none of it. Counted is what decides or changes something outside of a process (the table
 * below); not what is written to standard output and error. Programs that it executes are left
 * alone. Ends as the program does, when all of its processes have: 128 and the signal's number if
 * one ended it.
 *
 * DMAOWN_SWEEP_FILE: gets the number of calls, in decimal.
 * DMAOWN_FAIL_AT=k: the k-th is not made, and gives DMAOWN_FAIL_ERRNO (5, EIO).
 * DMAOWN_KILL_AT=k: after the k-th, SIGKILL to the process that made it, and to the first one.
 * DMAOWN_SWEEP_CHANGES=1: what only looks does not count: read, readlink, stat, readdir and the
 *like. DMAOWN_SWEEP_SKIP=PATH: what is done to PATH and below does not count. DMAOWN_SWEEP_LOG: a
 *line for each call, with number, process, name, and its object.
 */
#define _GNU_SOURCE
#include "counted_calls.h"

#include <elf.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
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
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_PROCESSES = 256, MAX_OBJECT = 2 * PATH_MAX + 2 };

enum { CALLS = sizeof(calls) / sizeof(*calls) };

/* A process or thread that is traced. */
struct traced {
	pid_t pid;
	bool foreign; /* it, or who forked it, has executed another program */
	bool last;    /* it is in the call after which all are killed */
};

static struct {
	struct traced traced[MAX_PROCESSES];
	size_t traced_count;
	pid_t first;
	uint64_t entry; /* where the program's own code begins; 0: it has been there */
	long instruction;
	uint64_t count, fail_at, kill_at;
	int error;
	bool without_looks;
	const char *skip; /* NULL: nothing */
	FILE *log;        /* NULL: none */
} sweep;

/* ---- processes ---- */

static struct traced *find(pid_t pid)
{
	for (size_t i = 0; i < sweep.traced_count; i++) {
		if (sweep.traced[i].pid == pid)
			return &sweep.traced[i];
	}
	if (sweep.traced_count == MAX_PROCESSES)
		errx(125, "too many processes");
	sweep.traced[sweep.traced_count] = (struct traced) {.pid = pid};
	return &sweep.traced[sweep.traced_count++];
}

static void forget(pid_t pid)
{
	*find(pid) = sweep.traced[sweep.traced_count - 1];
	sweep.traced_count--;
}

static void go_on(pid_t pid, int request, int signal)
{
	/* ESRCH: it was killed meanwhile. */
	if (ptrace(request, pid, NULL, (void *)(intptr_t)signal) != 0 && errno != ESRCH)
		err(125, "process %d does not go on", (int)pid);
}

/* ---- what a call is done to ---- */

static void read_text(pid_t pid, uint64_t address, char *out, size_t size)
{
	size_t length = 0;

	while (length + 1 < size) {
		/* Never across a page's end: the next one need not be there. */
		size_t room = 4096 - (address + length) % 4096, part = size - 1 - length;
		struct iovec to = {out + length, part < room ? part : room};
		struct iovec from = {(char *)(uintptr_t)(address + length), to.iov_len};
		ssize_t got = process_vm_readv(pid, &to, 1, &from, 1, 0);

		if (got <= 0)
			break;
		if (memchr(out + length, '\0', (size_t)got))
			return;
		length += (size_t)got;
	}
	out[length] = '\0';
}

static void read_link(pid_t pid, int fd, char *out, size_t size)
{
	char link[64];
	ssize_t length;

	if (fd == AT_FDCWD)
		snprintf(link, sizeof(link), "/proc/%d/cwd", (int)pid);
	else
		snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)pid, fd);
	length = readlink(link, out, size - 1);
	out[length < 0 ? 0 : length] = '\0';
	if (strcmp(out, "/") == 0)
		*out = '\0';
}

static void describe(pid_t pid, const struct call *call, const uint64_t *arguments, char *out,
		     size_t size)
{
	char folder[PATH_MAX] = "", path[PATH_MAX] = "";

	if (call->path != NONE)
		read_text(pid, arguments[call->path], path, sizeof(path));
	if (call->fd != NONE && *path != '/')
		read_link(pid, (int)arguments[call->fd], folder, sizeof(folder));
	snprintf(out, size, "%s%s%s", folder, *path && *path != '/' ? "/" : "", path);
}

/* ---- calls ---- */

static const struct call *call_of(uint64_t number)
{
	for (size_t i = 0; i < CALLS; i++) {
		if ((uint64_t)calls[i].number == number)
			return &calls[i];
	}
	return NULL;
}

static bool is_output(const struct call *call, const uint64_t *arguments)
{
	return (call->number == SYS_write || call->number == SYS_writev) &&
	       (arguments[0] == STDOUT_FILENO || arguments[0] == STDERR_FILENO);
}

/* Gives the call's number; 0: it does not count. */
static uint64_t count(pid_t pid, const struct call *call, const uint64_t *arguments)
{
	char object[MAX_OBJECT] = "";

	if (is_output(call, arguments) || (call->looks && sweep.without_looks))
		return 0;
	if (sweep.skip || sweep.log)
		describe(pid, call, arguments, object, sizeof(object));
	if (sweep.skip && strncmp(object, sweep.skip, strlen(sweep.skip)) == 0)
		return 0;
	sweep.count++;
	if (sweep.log)
		fprintf(sweep.log, "%ju %d %s %s%s\n", (uintmax_t)sweep.count, (int)pid, call->name,
			object,
			sweep.count == sweep.fail_at   ? " (fails)"
			: sweep.count == sweep.kill_at ? " (killed after it)"
						       : "");
	return sweep.count;
}

/* A call of number -1 is not made, and gives what is in its register. */
static void fail_call(pid_t pid)
{
	struct user_regs_struct registers;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &registers) != 0)
		return;
	registers.orig_rax = (unsigned long long)-1;
	registers.rax = (unsigned long long)-(long long)sweep.error;
	ptrace(PTRACE_SETREGS, pid, NULL, &registers);
}

static void on_call(struct traced *traced)
{
	struct __ptrace_syscall_info info;
	const struct call *call = NULL;
	uint64_t number = 0;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, traced->pid, sizeof(info), &info) > 0)
		call = call_of(info.seccomp.nr);
	if (call && !traced->foreign && !sweep.entry)
		number = count(traced->pid, call, info.seccomp.args);
	if (number && number == sweep.fail_at)
		fail_call(traced->pid);
	traced->last = number && number == sweep.kill_at;
	go_on(traced->pid, traced->last ? PTRACE_SYSCALL : PTRACE_CONT, 0);
}

static void kill_all(struct traced *traced)
{
	kill(sweep.first, SIGKILL);
	kill(traced->pid, SIGKILL);
}

/* ---- where the program's own code begins ---- */

static uint64_t entry_of(pid_t pid)
{
	Elf64_auxv_t entry;
	char path[64];
	FILE *file;
	uint64_t found = 0;

	snprintf(path, sizeof(path), "/proc/%d/auxv", (int)pid);
	file = fopen(path, "re");
	while (file && fread(&entry, sizeof(entry), 1, file) == 1) {
		if (entry.a_type == AT_ENTRY)
			found = entry.a_un.a_val;
	}
	if (!found)
		errx(125, "the program has no entry");
	fclose(file);
	return found;
}

/* It stops there by a breakpoint. */
static void stop_at_entry(pid_t pid)
{
	sweep.entry = entry_of(pid);
	errno = 0;
	sweep.instruction = ptrace(PTRACE_PEEKTEXT, pid, (void *)sweep.entry, NULL);
	if (errno || ptrace(PTRACE_POKETEXT, pid, (void *)sweep.entry,
			    (void *)((sweep.instruction & ~0xffL) | 0xcc)) != 0)
		err(125, "no breakpoint");
}

/* Whether the trap is that breakpoint, which is taken away. */
static bool enters(pid_t pid)
{
	struct user_regs_struct registers;

	if (!sweep.entry || pid != sweep.first ||
	    ptrace(PTRACE_GETREGS, pid, NULL, &registers) != 0 || registers.rip != sweep.entry + 1)
		return false;
	ptrace(PTRACE_POKETEXT, pid, (void *)sweep.entry, (void *)sweep.instruction);
	registers.rip = sweep.entry;
	ptrace(PTRACE_SETREGS, pid, NULL, &registers);
	sweep.entry = 0;
	return true;
}

/* ---- tracing ---- */

/* Whoever is forked does what the one who forked it does. */
static void on_fork(const struct traced *traced)
{
	bool foreign = traced->foreign;
	unsigned long pid;

	if (ptrace(PTRACE_GETEVENTMSG, traced->pid, NULL, &pid) == 0)
		find((pid_t)pid)->foreign = foreign;
}

static void on_stop(struct traced *traced, int signal, int event)
{
	switch (event) {
	case PTRACE_EVENT_SECCOMP:
		on_call(traced);
		return;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		on_fork(traced);
		signal = 0;
		break;
	case PTRACE_EVENT_EXEC:
		traced->foreign = true;
		signal = 0;
		break;
	case PTRACE_EVENT_STOP:
		/* A new one begins, or a signal that stops came. */
		signal = 0;
		break;
	default:
		if (signal == (SIGTRAP | 0x80) && traced->last)
			kill_all(traced);
		if (signal == (SIGTRAP | 0x80) || (signal == SIGTRAP && enters(traced->pid)))
			signal = 0;
	}
	go_on(traced->pid, PTRACE_CONT, signal);
}

static int status_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Until none is left; gives the first one's status. */
static int trace(void)
{
	int result = 125, status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (pid > 0 && WIFSTOPPED(status)) {
			on_stop(find(pid), WSTOPSIG(status), status >> 16);
		} else if (pid > 0) {
			forget(pid);
			result = pid == sweep.first ? status_of(status) : result;
		}
	}
	return result;
}

static void trap_calls(void)
{
	struct sock_filter filter[CALLS * 2 + 4] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};
	struct sock_fprog program = {.len = 1, .filter = filter};

	for (size_t i = 0; i < CALLS; i++) {
		filter[program.len++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i].number, 0, 1);
		filter[program.len++] =
			(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	}
	filter[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	/* Without the privilege it takes the promise to gain none, which changes what is traced. */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0 &&
	    (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	     prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0))
		err(125, "no filter of system calls");
}

/* In the child: stopped until it is traced, and again when it has executed the program. */
static void execute(char **argv)
{
	raise(SIGSTOP);
	trap_calls();
	execvp(argv[0], argv);
	err(127, "%s", argv[0]);
}

static void start(char **argv)
{
	const long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD |
			     PTRACE_O_EXITKILL;
	int status;

	sweep.entry = 1; /* not there yet */
	sweep.first = fork();
	if (sweep.first == 0)
		execute(argv);
	if (sweep.first < 0 || waitpid(sweep.first, &status, WUNTRACED) < 0 ||
	    ptrace(PTRACE_SEIZE, sweep.first, NULL, (void *)options) != 0)
		err(125, "%s is not traced", argv[0]);
	kill(sweep.first, SIGCONT);
	while (waitpid(sweep.first, &status, __WALL) > 0 && WIFSTOPPED(status) &&
	       status >> 16 != PTRACE_EVENT_EXEC)
		go_on(sweep.first, PTRACE_CONT, 0);
	if (!WIFSTOPPED(status))
		exit(status_of(status));
	stop_at_entry(sweep.first);
	find(sweep.first);
	go_on(sweep.first, PTRACE_CONT, 0);
}

static uint64_t number_from_environment(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 10) : otherwise;
}

static void write_count(void)
{
	const char *path = getenv("DMAOWN_SWEEP_FILE");
	FILE *file = path ? fopen(path, "we") : NULL;

	if (!path)
		return;
	if (!file || fprintf(file, "%ju\n", (uintmax_t)sweep.count) < 0 || fclose(file) != 0)
		err(125, "%s", path);
}

int main(int argc, char **argv)
{
	const char *log = getenv("DMAOWN_SWEEP_LOG");
	int status;

	if (argc < 2)
		errx(125, "usage: fail_call PROGRAM ARGUMENT…");
	sweep.fail_at = number_from_environment("DMAOWN_FAIL_AT", 0);
	sweep.kill_at = number_from_environment("DMAOWN_KILL_AT", 0);
	sweep.error = (int)number_from_environment("DMAOWN_FAIL_ERRNO", EIO);
	sweep.without_looks = getenv("DMAOWN_SWEEP_CHANGES") != NULL;
	sweep.skip = getenv("DMAOWN_SWEEP_SKIP");
	sweep.log = log ? fopen(log, "we") : NULL;
	if (log && !sweep.log)
		err(125, "%s", log);
	start(argv + 1);
	status = trace();
	write_count();
	return status;
}
