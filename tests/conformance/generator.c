/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "generator.h"
#include "array.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* P is the bridge above the three. */
const char generator_roles[] = "title Random operations\n"
			       "machine testbed.json\n"
			       "device P 0000:01:00.0 driver none\n"
			       "device A 0000:02:01.0 driver e1000\n"
			       "device B 0000:02:02.0 driver none\n"
			       "device C 0000:02:03.0 driver e1000\n"
			       "device D 0000:03:00.0 driver e1000e\n"
			       "device E 0000:04:00.0 driver e1000e\n"
			       "group G P A B C\n"
			       "group H D\n"
			       "group I E\n";

const char *const generator_devices[] = {"0000:01:00.0",
					 "0000:02:01.0",
					 "0000:02:02.0",
					 "0000:02:03.0",
					 "0000:03:00.0",
					 "0000:04:00.0",
					 NULL};

static const struct seat {
	const char *user;
	char group;
} seats[] = {{"user", 'G'},  {"user", 'H'},  {"user", 'I'},
	     {"other", 'G'}, {"other", 'H'}, {"other", 'I'}};

#define SEATS COUNT(seats)

/* The steps so far, and at which seats they went to the trouble of opening a group that can be. */
struct script {
	uint64_t *state;
	enum scope scope;
	char **steps;
	size_t count, wanted;
	bool taken[SEATS];
	int err;
};

/* xorshift64*: enough for choosing, and the same everywhere. */
static unsigned int choose(struct script *script, unsigned int choices)
{
	uint64_t x = *script->state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*script->state = x;
	return (unsigned int)((x * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % choices;
}

__attribute__((format(printf, 2, 3))) static void add(struct script *script, const char *format,
						      ...)
{
	va_list arguments;
	char *step;

	if (script->err || script->count == script->wanted)
		return;
	va_start(arguments, format);
	if (vasprintf(&step, format, arguments) < 0)
		script->err = -ENOMEM;
	else
		script->steps[script->count++] = step;
	va_end(arguments);
}

/* Devices whose driver probes fast come up more often. */
static char device(struct script *script)
{
	return "ABBCDDDEE"[choose(script, 9)];
}

static char group(struct script *script)
{
	return "GGHHI"[choose(script, 5)];
}

static const char *native(char device)
{
	return device == 'D' || device == 'E' ? "e1000e" : "e1000";
}

/* A driver that the device can be overridden to: one that works with it, since what a driver's own
 * probe finds in a device that is not its own is no part of the mechanism. */
static const char *fitting(struct script *script, char device)
{
	switch (choose(script, 5)) {
	case 0:
	case 1:
		return device == 'B' ? "pci-stub" : native(device);
	case 2:
		return "pci-stub";
	default:
		return "vfio-pci";
	}
}

/* A driver to try, which without an override matches or does not. */
static const char *any(struct script *script, char device)
{
	unsigned int chosen = choose(script, 8);

	if (chosen == 0)
		return "nvme";
	return chosen < 4 ? native(device) : fitting(script, device);
}

/* Gives the device to a driver that it has no id for. */
static void hand_over(struct script *script, char device, const char *driver)
{
	add(script, "host: override %c %s", device, driver);
	add(script, "host: unbind %c", device);
	add(script, "host: bind %c %s", device, driver);
}

static void hand_back(struct script *script, char device)
{
	add(script, "host: unbind %c", device);
	add(script, "host: override %c none", device);
	add(script, "host: bind %c %s", device, native(device));
}

/* Mostly one that was taken, if any was. */
static unsigned int seat(struct script *script)
{
	unsigned int chosen = choose(script, SEATS);
	bool taken = choose(script, 5);

	for (size_t i = 0; taken && i < SEATS && !script->taken[chosen]; i++)
		chosen = (chosen + 1) % SEATS;
	return chosen;
}

static void do_at(struct script *script, unsigned int at, const char *operation)
{
	add(script, "%s: %s %c", seats[at].user, operation, seats[at].group);
}

/* Hands a device of the three to a user's driver; of the two native ones beside it, one is left
 * bound now and then, and hinders the claim. Returns a native one that is not handed over. */
static char hand_over_one_of_three(struct script *script)
{
	unsigned int left = choose(script, 5);
	char target = "ABC"[choose(script, 3)];

	if (left != 0)
		add(script, "host: unbind A");
	if (left != 1)
		add(script, "host: unbind C");
	hand_over(script, target, "vfio-pci");
	return target == 'A' ? 'C' : 'A';
}

/* What the kernel does meanwhile with a device of a group that a user has. */
static void intrude(struct script *script, char target)
{
	switch (choose(script, 5)) {
	case 0:
		hand_over(script, target, "pci-stub");
		break;
	case 1:
		add(script, "host: override %c none", target);
		add(script, "host: probe %c", target);
		break;
	case 2:
		add(script, "host: override %c none", target);
		add(script, "host: bind %c %s", target, native(target));
		break;
	default:
		add(script, "host: bind %c %s", target, native(target));
	}
}

static void use_memory(struct script *script, unsigned int at)
{
	add(script, "%s: %s %c %#x %u", seats[at].user, choose(script, 3) ? "map" : "unmap",
	    seats[at].group, 0x100000 + 0x1000 * choose(script, 4),
	    0x1000 * (1 + choose(script, 2)));
}

/* What a map needs, and mostly what an unmap finds. */
static void map_some(struct script *script, unsigned int at)
{
	do_at(script, at, "attach");
	add(script, "%s: map %c 0x100000 8192", seats[at].user, seats[at].group);
	if (choose(script, 2))
		add(script, "%s: unmap %c 0x100000 8192", seats[at].user, seats[at].group);
	else
		use_memory(script, at);
}

/* Makes a group claimable, or nearly so, and claims it: mostly the one of several devices. */
static void take(struct script *script)
{
	unsigned int at = choose(script, 2) ? 3 * choose(script, 2) : choose(script, SEATS);
	char target = seats[at].group == 'H' ? 'D' : 'E';

	if (seats[at].group == 'G')
		target = hand_over_one_of_three(script);
	else
		hand_over(script, target, "vfio-pci");
	do_at(script, at, "open");
	do_at(script, at, "claim");
	script->taken[at] = true;
	if (choose(script, 2))
		map_some(script, at);
	if (choose(script, 3))
		intrude(script, target);
}

static void use_file(struct script *script)
{
	static const char *const operations[] = {"open",    "claim",  "claim",  "release",
						 "release", "attach", "viable", "close"};
	unsigned int at = seat(script), chosen = choose(script, 11);

	if (chosen < 8)
		do_at(script, at, operations[chosen]);
	else
		use_memory(script, at);
	if (chosen == 7)
		script->taken[at] = false;
}

static void change_type(struct script *script)
{
	static const char *const types[] = {"DMA", "DMA-FQ", "identity", "auto", "blocked"};

	add(script, "host: type %c %s", group(script), types[choose(script, 5)]);
}

/* Never probed, removed or bound by its id: Debian's driver for such bridges gives up on this one
 * in its own probe. */
static void change_bridge(struct script *script)
{
	switch (choose(script, 4)) {
	case 0:
		hand_over(script, 'P', "pci-stub");
		break;
	case 1:
		hand_over(script, 'P', "vfio-pci");
		break;
	case 2:
		add(script, "host: bind P e1000");
		break;
	default:
		add(script, "host: unbind P");
	}
}

static void take_back(struct script *script, size_t count)
{
	while (script->count > count)
		free(script->steps[--script->count]);
}

static void plug(struct script *script)
{
	size_t before = script->count;

	if (!choose(script, 2)) {
		add(script, "host: rescan");
		return;
	}
	add(script, "host: remove %c", device(script));
	if (script->scope == SCOPE_SPARED && !steps_spare(script->steps, script->count))
		take_back(script, before);
}

static void change_driver(struct script *script)
{
	char target = device(script);

	switch (choose(script, 6)) {
	case 0:
	case 1:
		add(script, "host: bind %c %s", target, any(script, target));
		break;
	case 2:
		add(script, "host: unbind %c", target);
		break;
	case 3:
		add(script, "host: probe %c", target);
		break;
	case 4:
		add(script, "host: override %c %s", target,
		    choose(script, 3) ? fitting(script, target) : "none");
		break;
	default:
		if (choose(script, 3))
			hand_over(script, target, fitting(script, target));
		else
			hand_back(script, target);
	}
}

static void add_some(struct script *script)
{
	unsigned int chosen = choose(script, 20);

	if (chosen < 6)
		change_driver(script);
	else if (chosen < 12)
		use_file(script);
	else if (chosen < 14)
		change_type(script);
	else if (chosen < 16)
		plug(script);
	else if (chosen < 17)
		change_bridge(script);
	else
		take(script);
}

int generate_steps(uint64_t *state, enum scope scope, size_t count, char ***out)
{
	struct script script = {.state = state, .scope = scope, .wanted = count};

	script.steps = calloc(count + 1, sizeof(*script.steps));
	if (!script.steps)
		return -ENOMEM;
	while (!script.err && script.count < count)
		add_some(&script);
	if (script.err)
		free_steps(script.steps, script.count);
	else
		*out = script.steps;
	return script.err;
}

/* The companions of the others stay behind. */
static char lone_group_of(char device)
{
	return device == 'D' ? 'H' : device == 'E' ? 'I' : '\0';
}

/* Takes part in one step; `held` is by seat. */
static bool step_spares(const char *step, bool *held)
{
	char user[16], operation[16], name;

	if (sscanf(step, "%15[a-z]: %15s %c", user, operation, &name) != 3)
		return true;
	for (size_t i = 0; i < SEATS; i++) {
		if (strcmp(seats[i].user, user) == 0 && seats[i].group == name &&
		    (strcmp(operation, "open") == 0 || strcmp(operation, "close") == 0))
			held[i] = strcmp(operation, "open") == 0;
	}
	if (strcmp(operation, "remove") != 0)
		return true;
	for (size_t i = 0; i < SEATS; i++) {
		if (held[i] && seats[i].group == lone_group_of(name))
			return false;
	}
	return lone_group_of(name);
}

bool steps_spare(char *const *steps, size_t count)
{
	bool held[SEATS] = {false}, spare = true;

	for (size_t i = 0; i < count && spare; i++)
		spare = step_spares(steps[i], held);
	return spare;
}

void free_steps(char **steps, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(steps[i]);
	free(steps);
}
