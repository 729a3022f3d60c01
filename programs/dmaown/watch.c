/* SPDX-License-Identifier: MIT */
/*
 * dmaown watch: one line for each change of the machine, until a signal or the reader ends it.
 *
 * What the machine tells is only that something may have changed. Then it is looked at, and what
 * differs from the last picture of it is printed. A claim in the journal is an owner in that
 * picture, so the journal's folder tells when to look, too. While a device is bound to a user
 * driver there is a look every second all the same: a group can be opened by a node that nobody
 * watches.
 */
#define _GNU_SOURCE
#include "array.h"
#include "change_line.h"
#include "command.h"
#include "complain.h"
#include "folder_events.h"
#include "journal.h"
#include "open_journal.h"
#include "open_machine.h"
#include "options.h"
#include "output.h"
#include "paint.h"
#include "watched.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { TICK_MILLISECONDS = 1000 };

struct watch {
	const struct context *context;
	struct machine *machine;
	struct machine_events *events;
	struct journal *journal;
	struct folder_events claims;
	int signals;
	struct facts picture;
	struct watched watched;
};

enum wake { WAKE_CHANGED, WAKE_ENDED, WAKE_FAILED };

static bool user_driver_is_bound(const struct facts *facts)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];
		const struct driver_facts *driver =
			device->driver ? facts_driver(facts, device->bus, device->driver) : NULL;

		if (driver && driver->user)
			return true;
	}
	return false;
}

static enum wake wait_for_change(const struct watch *watch)
{
	struct pollfd sources[] = {
		{.fd = machine_events_fd(watch->events), .events = POLLIN},
		{.fd = watch->claims.fd, .events = POLLIN},
		{.fd = watch->signals, .events = POLLIN},
		{.fd = STDOUT_FILENO}, /* poll tells by itself that nobody reads it any more */
	};
	int tick = user_driver_is_bound(&watch->picture) ? TICK_MILLISECONDS : -1;

	if (poll(sources, COUNT(sources), tick) < 0)
		return WAKE_FAILED;
	if (sources[2].revents || sources[3].revents)
		return WAKE_ENDED;
	return WAKE_CHANGED;
}

static int print_changes(const struct watch *watch, const struct facts *now,
			 const struct facts_changes *changes)
{
	bool color = colored(watch->context);
	struct timespec when;
	int err = 0;

	clock_gettime(CLOCK_REALTIME, &when);
	for (size_t i = 0; !err && i < changes->count; i++) {
		const struct facts_change *change = &changes->all[i];

		if (!is_watched(&watch->watched, &watch->picture, now, change))
			continue;
		if (watch->context->json)
			err = print_change_json(change, &when);
		else
			print_change(color, change, &when);
	}
	return err;
}

/* A journal that can't be read hides no machine. */
static int take_picture(struct watch *watch, struct facts *out)
{
	int err;

	machine_events_drain(watch->events);
	folder_events_drain(&watch->claims);
	err = machine_glance(watch->machine, out);
	if (err)
		return err;
	err = machine_find_users(watch->machine, out);
	if (err)
		facts_release(out);
	else
		journal_mark_owners(watch->journal, out);
	return err;
}

/* What is not known of a device, whose driver may just hold its lock, is taken to be what it was.
 */
static int keep_what_it_was(const struct facts *before, struct facts *now)
{
	int err = 0;

	for (size_t i = 0; i < now->device_count && !err; i++) {
		struct device_facts *device = &now->devices[i];
		const struct device_facts *old =
			device->unknown_count > 0 ? facts_device(before, device->address) : NULL;

		if (old && device_facts_hides(device, "driver override"))
			err = facts_set_string(&device->override, old->override);
		if (old && !err && !device->driver && device_facts_hides(device, "driver"))
			err = facts_set_string(&device->driver, old->driver);
	}
	return err;
}

/* Prints what is different in a new picture. */
static int look_again(struct watch *watch)
{
	struct facts_changes changes;
	struct facts now;
	int err = take_picture(watch, &now);

	if (err)
		return err;
	err = keep_what_it_was(&watch->picture, &now);
	if (!err)
		err = facts_changes_init(&changes, &watch->picture, &now);
	if (err) {
		facts_release(&now);
		return err;
	}
	err = print_changes(watch, &now, &changes);
	facts_changes_release(&changes);
	facts_release(&watch->picture);
	watch->picture = now;
	return err;
}

/* The exit code for output that can't be written; that the reader has gone is an end like any. */
static int end_of_output(void)
{
	struct pollfd output = {.fd = STDOUT_FILENO};

	return poll(&output, 1, 0) == 1 ? EXIT_DONE : finish_output();
}

static int follow(struct watch *watch)
{
	for (;;) {
		enum wake wake = wait_for_change(watch);
		int err = wake == WAKE_FAILED ? -errno : 0;

		if (wake == WAKE_ENDED)
			return EXIT_DONE;
		if (!err)
			err = look_again(watch);
		if (err)
			return complain(exit_code_of(err), NULL, "%s", strerror(-err));
		if (fflush(stdout) != 0 || ferror(stdout))
			return end_of_output();
	}
}

/* With -v it is said when the watch has begun, for those who wait for that. */
static void print_begin(const struct context *context)
{
	if (context->verbosity <= 0)
		return;
	puts(context->json ? "{\"event\":\"watching\"}" : "watching");
	fflush(stdout);
}

/* Watches from the first picture on; the events were begun before it. */
static int watch_from_now(struct watch *watch, char **names, size_t count)
{
	int err = take_picture(watch, &watch->picture);
	int code;

	if (err)
		return complain(exit_code_of(err), NULL, "%s", strerror(-err));
	code = watched_find(&watch->watched, &watch->picture, names, count);
	if (code == EXIT_DONE) {
		print_begin(watch->context);
		code = follow(watch);
	}
	watched_release(&watch->watched);
	facts_release(&watch->picture);
	return code;
}

static int complain_unwatchable(const struct context *context, int err)
{
	if (err != -EOPNOTSUPP)
		return complain(exit_code_of(err), "watch", "%s", strerror(-err));
	if (context->machine)
		return complain(EXIT_ABSENT, context->machine,
				"a machine file does not change (watch the live host)");
	return complain(EXIT_ABSENT, context->sysroot,
			"dmaown can watch only the host that it runs on (leave --sysroot out)");
}

/* SIGINT and SIGTERM are read from the descriptor that is stored; a reader that has gone is an
 * errno and no signal. */
static int catch_signals(int *out)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -errno;
	*out = signalfd(-1, &set, SFD_CLOEXEC);
	return *out < 0 ? -errno : 0;
}

static int watch_until_told(struct watch *watch, char **names, size_t count)
{
	int err = catch_signals(&watch->signals);
	int code;

	if (err)
		return complain(EXIT_FAILED, "watch", "%s", strerror(-err));
	code = watch_from_now(watch, names, count);
	close(watch->signals);
	return code;
}

static int watch_with_claims(struct watch *watch, char **names, size_t count)
{
	int code = open_journal(watch->context, &watch->journal);
	int err;

	if (code != EXIT_DONE)
		return code;
	err = folder_events_init(&watch->claims, journal_folder(watch->journal));
	if (err) {
		code = complain(EXIT_FAILED, journal_folder(watch->journal), "%s", strerror(-err));
		goto close_journal;
	}
	code = watch_until_told(watch, names, count);
	folder_events_release(&watch->claims);
close_journal:
	journal_close(watch->journal);
	return code;
}

static int watch_machine(struct watch *watch, char **names, size_t count)
{
	int err = machine_watch(watch->machine, &watch->events);
	int code;

	if (err)
		return complain_unwatchable(watch->context, err);
	code = watch_with_claims(watch, names, count);
	machine_events_close(watch->events);
	return code;
}

int command_watch(struct context *context, int argc, char **argv)
{
	struct watch watch = {.context = context};
	int code;

	if (!command_takes_no_options(context, argc, argv))
		return EXIT_USAGE;
	code = open_machine(context, &watch.machine);
	if (code != EXIT_DONE)
		return code;
	code = watch_machine(&watch, argv + optind, (size_t)(argc - optind));
	machine_close(watch.machine);
	return code;
}
