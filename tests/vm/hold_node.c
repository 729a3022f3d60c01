/* SPDX-License-Identifier: MIT */
/*
 * Holds a file in a way that is hard to see, until its input ends:
 *   hold_node thread FILE            a thread with a table of descriptors of its own has it open
 *   hold_node headless FILE          so has a thread of a process whose first thread has ended
 *   hold_node copies NUMBER FILE     so many descriptors
 *   hold_node threads NUMBER FILE    so many threads with one table, and one with its own
 *   hold_node processes NUMBER FILE  so many processes
 * Says "held" when it does.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void hold(const char *file)
{
	if (open(file, O_RDONLY | O_NONBLOCK) < 0)
		err(1, "%s", file);
}

static void say_held(void)
{
	puts("held");
	fflush(stdout);
}

static void wait_for_end(void)
{
	char byte;

	while (read(0, &byte, 1) > 0)
		;
	_exit(0);
}

static void *hold_apart(void *file)
{
	if (unshare(CLONE_FILES) != 0)
		err(1, "unshare");
	hold(file);
	say_held();
	wait_for_end();
	return NULL;
}

static void *hold_nothing(void *unused)
{
	pause();
	return NULL;
}

static void start(void *(*run)(void *), char *file)
{
	pthread_attr_t small;
	pthread_t thread;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 65536);
	if (pthread_create(&thread, &small, run, file) != 0)
		errx(1, "no thread");
}

/* The first thread alone ends, which exit(3) would not do. */
static void hold_headless(char *file)
{
	start(hold_apart, file);
	syscall(SYS_exit, 0);
}

static void hold_copies(long count, const char *file)
{
	hold(file);
	while (--count > 0)
		if (dup(3) < 0)
			err(1, "dup");
	say_held();
	wait_for_end();
}

static void hold_threads(long count, char *file)
{
	while (count-- > 0)
		start(hold_nothing, NULL);
	start(hold_apart, file);
	pause();
}

static void hold_processes(long count, const char *file)
{
	while (count-- > 0) {
		if (fork() != 0)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		hold(file);
		pause();
	}
	say_held();
	wait_for_end();
}

int main(int argc, char **argv)
{
	const char *way = argc > 2 ? argv[1] : "";
	char *file = argv[argc - 1];
	long count = argc > 3 ? strtol(argv[2], NULL, 10) : 0;

	if (strcmp(way, "thread") == 0)
		hold_threads(0, file);
	else if (strcmp(way, "headless") == 0)
		hold_headless(file);
	else if (strcmp(way, "copies") == 0)
		hold_copies(count, file);
	else if (strcmp(way, "threads") == 0)
		hold_threads(count, file);
	else if (strcmp(way, "processes") == 0)
		hold_processes(count, file);
	errx(2, "hold_node thread|headless|copies N|threads N|processes N FILE");
}
