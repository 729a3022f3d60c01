/* SPDX-License-Identifier: MIT */
#include "change_line.h"

#include "facts_json.h"
#include "owner_words.h"
#include "paint.h"

#include <errno.h>
#include <stdio.h>

enum { WORDS_SIZE = 512, TIME_WIDTH = 14, DEVICE_WIDTH = 14, GROUP_WIDTH = 10 };

/* The group that it is in now, or was in last. */
static int group_of(const struct facts_change *change)
{
	return change->group_after >= 0 ? change->group_after : change->group_before;
}

static void group_words(int group, char *out, size_t size)
{
	if (group < 0)
		snprintf(out, size, "no group");
	else
		snprintf(out, size, "group %d", group);
}

/* "vfio-pci (was e1000)", with `none` for one that is not there. */
static void print_replaced(const char *what, const char *none, const struct facts_change *change,
			   char *out, size_t size)
{
	const char *to = change->to ? change->to : none;

	if (change->from)
		snprintf(out, size, "%s %s (was %s)", what, to, change->from);
	else
		snprintf(out, size, "%s %s", what, to);
}

static void print_moved(const struct facts_change *change, char *out, size_t size)
{
	if (change->group_before < 0)
		snprintf(out, size, "joined");
	else if (change->group_after < 0)
		snprintf(out, size, "left");
	else
		snprintf(out, size, "moved here from group %d", change->group_before);
}

static void print_owner(const struct facts_change *change, char *out, size_t size)
{
	char from[WORDS_SIZE / 2 - 16], to[WORDS_SIZE / 2 - 16];

	owner_words(change->owner_from, from, sizeof(from));
	owner_words(change->owner_to, to, sizeof(to));
	snprintf(out, size, "owner %s (was %s)", to, from);
}

static void change_words(const struct facts_change *change, char *out, size_t size)
{
	switch (change->kind) {
	case CHANGED_UNBOUND:
		snprintf(out, size, "unbound from %s", change->from);
		break;
	case CHANGED_BOUND:
		snprintf(out, size, "bound to %s", change->to);
		break;
	case CHANGED_GROUP:
		print_moved(change, out, size);
		break;
	case CHANGED_OVERRIDE:
		print_replaced("override", "none", change, out, size);
		break;
	case CHANGED_TYPE:
		print_replaced("type", "not known", change, out, size);
		break;
	case CHANGED_OWNER:
		print_owner(change, out, size);
		break;
	case CHANGED_REMOVED:
	case CHANGED_ADDED:
		snprintf(out, size, "%s", facts_change_name(change->kind));
		break;
	}
}

void print_change(bool color, const struct facts_change *change, const struct timespec *when)
{
	char words[WORDS_SIZE], group[32], seconds[16], time[32];
	struct tm parts;

	strftime(seconds, sizeof(seconds), "%H:%M:%S", localtime_r(&when->tv_sec, &parts));
	snprintf(time, sizeof(time), "%s.%03ld", seconds, when->tv_nsec / 1000000);
	group_words(group_of(change), group, sizeof(group));
	change_words(change, words, sizeof(words));
	paint(color, STYLE_DIM, time, TIME_WIDTH);
	paint(color, STYLE_BOLD, change->device ? change->device : "", DEVICE_WIDTH);
	paint(false, STYLE_PLAIN, group, GROUP_WIDTH);
	paint(false, STYLE_PLAIN, words, 0);
	putchar('\n');
}

static json_t *time_json(const struct timespec *when)
{
	char seconds[32];
	struct tm parts;

	strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", gmtime_r(&when->tv_sec, &parts));
	return json_sprintf("%s.%03ldZ", seconds, when->tv_nsec / 1000000);
}

static json_t *number_json(int group)
{
	return group < 0 ? json_null() : json_integer(group);
}

static json_t *from_json(const struct facts_change *change)
{
	if (change->kind == CHANGED_OWNER)
		return owner_to_json(change->owner_from);
	return change->kind == CHANGED_GROUP ? number_json(change->group_before)
					     : text_to_json(change->from);
}

static json_t *to_json(const struct facts_change *change)
{
	if (change->kind == CHANGED_OWNER)
		return owner_to_json(change->owner_to);
	return change->kind == CHANGED_GROUP ? number_json(change->group_after)
					     : text_to_json(change->to);
}

int print_change_json(const struct facts_change *change, const struct timespec *when)
{
	json_t *json = json_pack(
		"{s:o, s:s, s:o, s:o, s:o, s:o}", "time", time_json(when), "event",
		facts_change_name(change->kind), "device", text_to_json(change->device), "group",
		number_json(group_of(change)), "from", from_json(change), "to", to_json(change));
	int err;

	if (!json)
		return -ENOMEM;
	err = json_dumpf(json, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	putchar('\n');
	json_decref(json);
	return err && !ferror(stdout) ? -ENOMEM : 0;
}
