/* SPDX-License-Identifier: MIT */
/*
 * child_probe: prints what it is, a fact a line. child_probe type: tries to type into its terminal
 * by every way of calling the kernel, and prints the errno of each. child_probe stops: says when it
 * goes on after it was stopped, and neither reads nor ends.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void show_ids(void)
{
	uid_t uids[3];
	gid_t gids[3], groups[1024];
	int count = getgroups(1024, groups);

	getresuid(&uids[0], &uids[1], &uids[2]);
	getresgid(&gids[0], &gids[1], &gids[2]);
	printf("uids %u %u %u\n", uids[0], uids[1], uids[2]);
	printf("gids %u %u %u\n", gids[0], gids[1], gids[2]);
	printf("groups");
	for (int i = 0; i < count; i++)
		printf(" %u", groups[i]);
	printf("\n");
}

static void show_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
	int bounding = 0, ambient = 0;

	syscall(SYS_capget, &header, sets);
	for (unsigned long i = 0; prctl(PR_CAPBSET_READ, i) >= 0; i++) {
		bounding += prctl(PR_CAPBSET_READ, i);
		ambient += prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0);
	}
	printf("effective %x%08x\n", sets[1].effective, sets[0].effective);
	printf("permitted %x%08x\n", sets[1].permitted, sets[0].permitted);
	printf("inheritable %x%08x\n", sets[1].inheritable, sets[0].inheritable);
	printf("bounding %d\nambient %d\n", bounding, ambient);
	printf("securebits %d\n", prctl(PR_GET_SECUREBITS));
	printf("no_new_privs %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

static void show_key(void)
{
	long key = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user",
			   "dmaown-test", 0);
	char words[256] = "";

	printf("key %s\n", key >= 0 ? "found" : strerrorname_np(errno));
	syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, words, sizeof(words) - 1);
	printf("keyring %s\n", words);
}

static void show_files(void)
{
	DIR *folder = opendir("/proc/self/fd");
	struct dirent *entry;
	char target[256];

	while (folder && (entry = readdir(folder))) {
		ssize_t length = readlinkat(dirfd(folder), entry->d_name, target, 255);

		if (length < 0 || atoi(entry->d_name) == dirfd(folder))
			continue;
		target[length] = '\0';
		printf("file %s %s %o\n", entry->d_name, target,
		       fcntl(atoi(entry->d_name), F_GETFL) & O_ACCMODE);
	}
	if (folder)
		closedir(folder);
}

static void show_signals(void)
{
	sigset_t blocked;

	sigprocmask(SIG_BLOCK, NULL, &blocked);
	for (int i = 1; i < 32; i++) {
		struct sigaction action;

		sigaction(i, NULL, &action);
		if (action.sa_handler == SIG_IGN)
			printf("ignored %s\n", sigabbrev_np(i));
		if (sigismember(&blocked, i) == 1)
			printf("blocked %s\n", sigabbrev_np(i));
	}
}

static void show_score(void)
{
	int fd = open("/proc/self/oom_score_adj", O_RDWR);
	char text[16] = "";

	printf("oom_score_adj %s", fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 ? text : "?\n");
	printf("oom_score_adj_lowered %s\n", pwrite(fd, "-900", 4, 0) == 4 ? "yes" : "no");
	close(fd);
}

static void show_place(void)
{
	struct rlimit limit;
	char folder[4096];
	mode_t mask = umask(0);

	getrlimit(RLIMIT_MEMLOCK, &limit);
	printf("folder %s\n", getcwd(folder, sizeof(folder)));
	printf("umask %03o\n", mask);
	printf("memlock %ju %ju\n", (uintmax_t)limit.rlim_cur, (uintmax_t)limit.rlim_max);
}

/* ---- typing ---- */

#ifdef __x86_64__
static long by_int80(long number, long fd, unsigned long request, const char *key)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(fd), "c"(request), "d"(key)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}
#endif

static void tell(const char *name, long result)
{
	printf("%s %s\n", name, result < 0 ? strerrorname_np(errno) : "done");
}

static void try_to_type(int terminal)
{
	static char key[] = "x";
	struct winsize size;

	tell("TIOCSTI", syscall(SYS_ioctl, terminal, TIOCSTI, key));
	tell("TIOCLINUX", syscall(SYS_ioctl, terminal, TIOCLINUX, key));
	tell("TIOCSTI@high-bits", syscall(SYS_ioctl, terminal, TIOCSTI | 0xdead00000000UL, key));
	tell("TIOCGWINSZ", syscall(SYS_ioctl, terminal, TIOCGWINSZ, &size));
#ifdef __x86_64__
	tell("TIOCSTI@x32", syscall(0x40000000 + 514, terminal, TIOCSTI, key));
	tell("TIOCSTI@x32-of-64", syscall(0x40000000 + 16, terminal, TIOCSTI, key));
	tell("TIOCSTI@x32-without-its-bit", syscall(514, terminal, TIOCSTI, key));
	errno = (int)-by_int80(54, terminal, TIOCSTI, NULL);
	tell("TIOCSTI@i386", errno ? -1 : 0);
	errno = (int)-by_int80(54, terminal, TIOCLINUX, NULL);
	tell("TIOCLINUX@i386", errno ? -1 : 0);
	errno = (int)-by_int80(20, 0, 0, NULL) > 0;
	tell("getpid@i386", errno ? -1 : 0);
#endif
}

static void goes_on(int number)
{
	static const char words[] = "again\n";

	if (write(STDOUT_FILENO, words, sizeof(words) - 1) < 0)
		_exit(1);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "stops") == 0) {
		signal(SIGCONT, goes_on);
		puts("begun");
		fflush(stdout);
		for (;;)
			pause();
	}
	if (argc > 1) {
		try_to_type(open("/dev/tty", O_RDWR));
		return 0;
	}
	show_ids();
	show_capabilities();
	show_key();
	show_files();
	show_signals();
	show_place();
	show_score();
	printf("session %d\nterminal %s\n", getsid(0) == getpid(),
	       isatty(STDIN_FILENO) ? ttyname(STDIN_FILENO) : "none");
	for (char **variable = environ; *variable; variable++)
		printf("variable %s\n", *variable);
	return 0;
}
