/* SPDX-License-Identifier: MIT */
/* The operations of a scenario, each performed through the interface of the machine. */
#include "operation.h"
#include "players.h"

#include "errname.h"

#include <errno.h>
#include <string.h>

static const char *address(const struct players *players, const struct step *step)
{
	return players->scenario->devices[step->device].address;
}

static struct group_file **place_of_file(struct players *players, const struct step *step)
{
	return &players->files[step->thread * players->scenario->group_count + step->group];
}

static void perform_bind(struct players *players, const struct step *step, struct outcome *out)
{
	out->error = -machine_bind(players->machine, address(players, step), step->word);
}

static void perform_unbind(struct players *players, const struct step *step, struct outcome *out)
{
	out->error = -machine_unbind(players->machine, address(players, step));
}

static void perform_probe(struct players *players, const struct step *step, struct outcome *out)
{
	out->error = -machine_probe(players->machine, address(players, step));
}

static void perform_override(struct players *players, const struct step *step, struct outcome *out)
{
	const char *driver = strcmp(step->word, SCENARIO_NONE) == 0 ? NULL : step->word;

	out->error = -machine_set_override(players->machine, address(players, step), driver);
}

static void perform_remove(struct players *players, const struct step *step, struct outcome *out)
{
	out->error = -machine_remove(players->machine, address(players, step));
}

static void perform_rescan(struct players *players, const struct step *step, struct outcome *out)
{
	out->error = -machine_rescan(players->machine);
}

static void perform_reset_begin(struct players *players, const struct step *step,
				struct outcome *out)
{
	out->error = -machine_reset(players->machine, address(players, step), true);
}

static void perform_reset_end(struct players *players, const struct step *step, struct outcome *out)
{
	out->error = -machine_reset(players->machine, address(players, step), false);
}

static void perform_type(struct players *players, const struct step *step, struct outcome *out)
{
	out->error = -machine_set_type(players->machine, players->groups[step->group], step->word);
}

static void perform_driver_add(struct players *players, const struct step *step,
			       struct outcome *out)
{
	const struct scripted_driver *driver = &players->scenario->drivers[step->driver];

	out->error = -machine_add_driver(players->machine, &driver->script);
}

static void perform_driver_remove(struct players *players, const struct step *step,
				  struct outcome *out)
{
	const struct scripted_driver *driver = &players->scenario->drivers[step->driver];

	out->error = -machine_remove_driver(players->machine, driver->bus, driver->name);
}

/* A second open by the same thread is tried too: the machine is to refuse it. */
static void perform_open(struct players *players, const struct step *step, struct outcome *out)
{
	struct group_file **place = place_of_file(players, step), *file;

	out->error = -machine_open(players->machine, players->groups[step->group], &file);
	if (out->error)
		return;
	if (*place)
		group_file_close(file);
	else
		*place = file;
}

/* The errno of an operation on a group that the thread has not opened is the one of a bad file
 * descriptor, as it would be for a process. */
static void perform_close(struct players *players, const struct step *step, struct outcome *out)
{
	struct group_file **place = place_of_file(players, step);

	out->error = *place ? 0 : EBADF;
	group_file_close(*place);
	*place = NULL;
}

static void perform_viable(struct players *players, const struct step *step, struct outcome *out)
{
	struct group_file *file = *place_of_file(players, step);

	out->error = file ? -group_file_viable(file, &out->answer) : EBADF;
}

static void perform_claim(struct players *players, const struct step *step, struct outcome *out)
{
	struct group_file *file = *place_of_file(players, step);

	out->error = file ? -group_file_claim(file) : EBADF;
}

static void perform_release(struct players *players, const struct step *step, struct outcome *out)
{
	struct group_file *file = *place_of_file(players, step);

	out->error = file ? -group_file_release(file) : EBADF;
}

static void perform_attach(struct players *players, const struct step *step, struct outcome *out)
{
	struct group_file *file = *place_of_file(players, step);

	out->error = file ? -group_file_attach(file) : EBADF;
}

static void perform_detach(struct players *players, const struct step *step, struct outcome *out)
{
	struct group_file *file = *place_of_file(players, step);

	out->error = file ? -group_file_detach(file) : EBADF;
}

static void perform_map(struct players *players, const struct step *step, struct outcome *out)
{
	struct group_file *file = *place_of_file(players, step);

	out->error = file ? -group_file_map(file, step->iova, step->size) : EBADF;
}

static void perform_unmap(struct players *players, const struct step *step, struct outcome *out)
{
	struct group_file *file = *place_of_file(players, step);

	out->error = file ? -group_file_unmap(file, step->iova, step->size) : EBADF;
}

static void perform_open_device(struct players *players, const struct step *step,
				struct outcome *out)
{
	struct group_file *file = *place_of_file(players, step);

	out->error = file ? -group_file_open_device(file, address(players, step)) : EBADF;
}

static void perform_close_device(struct players *players, const struct step *step,
				 struct outcome *out)
{
	struct group_file *file = *place_of_file(players, step);

	out->error = file ? -group_file_close_device(file, address(players, step)) : EBADF;
}

static void perform_dma(struct players *players, const struct step *step, struct outcome *out)
{
	struct group_file *file = *place_of_file(players, step);

	out->error = file ? -group_file_dma(file, address(players, step), step->direction,
					    step->iova, step->size, &out->answer)
			  : EBADF;
}

/* clang-format off */
const struct operation operations[] = {
	{"bind", {ARGUMENT_DEVICE, ARGUMENT_DRIVER}, {0}, perform_bind},
	{"unbind", {ARGUMENT_DEVICE}, {0}, perform_unbind},
	{"probe", {ARGUMENT_DEVICE}, {0}, perform_probe},
	{"override", {ARGUMENT_DEVICE, ARGUMENT_DRIVER_OR_NONE}, {0}, perform_override},
	{"remove", {ARGUMENT_DEVICE}, {0}, perform_remove},
	{"rescan", {ARGUMENT_END}, {0}, perform_rescan},
	{"reset-begin", {ARGUMENT_DEVICE}, {0}, perform_reset_begin},
	{"reset-end", {ARGUMENT_DEVICE}, {0}, perform_reset_end},
	{"type", {ARGUMENT_GROUP, ARGUMENT_TYPE}, {0}, perform_type},
	{"driver-add", {ARGUMENT_SCRIPTED}, {0}, perform_driver_add},
	{"driver-remove", {ARGUMENT_SCRIPTED}, {0}, perform_driver_remove},
	{"open", {ARGUMENT_GROUP}, {0}, perform_open},
	{"close", {ARGUMENT_GROUP}, {0}, perform_close},
	{"viable", {ARGUMENT_GROUP}, {"no", "yes"}, perform_viable},
	{"claim", {ARGUMENT_GROUP}, {0}, perform_claim},
	{"release", {ARGUMENT_GROUP}, {0}, perform_release},
	{"attach", {ARGUMENT_GROUP}, {0}, perform_attach},
	{"detach", {ARGUMENT_GROUP}, {0}, perform_detach},
	{"map", {ARGUMENT_GROUP, ARGUMENT_IOVA, ARGUMENT_SIZE}, {0}, perform_map},
	{"unmap", {ARGUMENT_GROUP, ARGUMENT_IOVA, ARGUMENT_SIZE}, {0}, perform_unmap},
	{"open-device", {ARGUMENT_GROUP, ARGUMENT_DEVICE}, {0}, perform_open_device},
	{"close-device", {ARGUMENT_GROUP, ARGUMENT_DEVICE}, {0}, perform_close_device},
	{"dma", {ARGUMENT_GROUP, ARGUMENT_DEVICE, ARGUMENT_DIRECTION, ARGUMENT_IOVA, ARGUMENT_SIZE},
	 {"faulted", "reached"}, perform_dma},
	{"check", {ARGUMENT_CHECK}, {0}, NULL},
	{0},
};
/* clang-format on */

const struct operation *operation_find(const char *name)
{
	for (const struct operation *operation = operations; operation->name; operation++)
		if (strcmp(operation->name, name) == 0)
			return operation;
	return NULL;
}

const char *outcome_name(const struct operation *operation, struct outcome outcome)
{
	if (!outcome.error && operation->answers[0])
		return operation->answers[outcome.answer];
	return errno_name(outcome.error);
}

bool outcome_same(const struct operation *operation, struct outcome a, struct outcome b)
{
	if (a.error || b.error || !operation->answers[0])
		return a.error == b.error;
	return a.answer == b.answer;
}

bool step_as_expected(const struct step *step, struct outcome outcome)
{
	for (unsigned int i = 0; i < step->expected_count; i++)
		if (outcome_same(step->operation, step->expected[i], outcome))
			return true;
	return step->expected_count == 0;
}

const char *step_expected_name(const struct step *step, char room[EXPECTED_ROOM])
{
	size_t length = 0;

	if (step->expected_count == 0)
		return "any";
	for (unsigned int i = 0; i < step->expected_count && length < EXPECTED_ROOM; i++)
		length += (size_t)snprintf(room + length, EXPECTED_ROOM - length, "%s%s",
					   i ? "|" : "",
					   outcome_name(step->operation, step->expected[i]));
	return room;
}

void operation_print_usage(const struct operation *operation, FILE *out)
{
	static const char *const names[] = {
		[ARGUMENT_DEVICE] = "DEVICE",
		[ARGUMENT_GROUP] = "GROUP",
		[ARGUMENT_SCRIPTED] = "SCRIPTED-DRIVER",
		[ARGUMENT_DRIVER] = "DRIVER",
		[ARGUMENT_DRIVER_OR_NONE] = "DRIVER|none",
		[ARGUMENT_TYPE] = "TYPE",
		[ARGUMENT_DIRECTION] = "from-memory|to-memory",
		[ARGUMENT_IOVA] = "IOVA",
		[ARGUMENT_SIZE] = "SIZE",
		[ARGUMENT_CHECK] = "ROLE PROPERTY VALUE",
	};

	fputs(operation->name, out);
	for (const enum argument *at = operation->arguments; *at != ARGUMENT_END; at++)
		fprintf(out, " %s", names[*at]);
	if (operation->perform)
		fputs(" [= RESULT]", out);
}
