/* SPDX-License-Identifier: MIT */
/*
 * dmaown list: groups, their devices, drivers and owners.
 *
 * A WHAT stands for the whole group of what it names. The table needs a glance at the machine only;
 * JSON has everything.
 */
#include "broken_claims.h"
#include "command.h"
#include "complain.h"
#include "facts_json.h"
#include "list_table.h"
#include "open_handover.h"
#include "open_machine.h"
#include "options.h"
#include "output.h"
#include "what.h"

#include <stdlib.h>

static int print(const struct context *context, const struct facts *facts)
{
	if (context->json)
		return print_json(list_to_json(facts));
	return print_list(context, facts) ? complain_memory() : finish_output();
}

static bool is_part(const struct what *what, const struct device_facts *device)
{
	if (what->group)
		return device->group == what->group->id;
	return device == what->device;
}

/* Copies the devices and groups that any of the WHATs stands for, and every driver. */
static int copy_parts(struct facts *parts, const struct facts *all, const struct what *whats,
		      size_t count)
{
	int err = facts_set_string(&parts->machine, all->machine);

	for (size_t i = 0; !err && i < all->device_count; i++) {
		size_t at = 0;

		while (at < count && !is_part(&whats[at], &all->devices[i]))
			at++;
		if (at < count)
			err = facts_copy_device(parts, &all->devices[i]);
	}
	for (size_t i = 0; !err && i < all->group_count; i++) {
		size_t at = 0;

		while (at < count && whats[at].group != &all->groups[i])
			at++;
		if (at < count)
			err = facts_copy_group(parts, &all->groups[i]);
	}
	for (size_t i = 0; !err && i < all->driver_count; i++)
		err = facts_copy_driver(parts, &all->drivers[i]);
	return err;
}

static int print_parts(const struct context *context, const struct facts *facts, char **names,
		       size_t count)
{
	struct what *whats = calloc(count, sizeof(*whats));
	struct facts parts = {0};
	int code = EXIT_DONE;

	if (!whats)
		return complain_memory();
	for (size_t i = 0; code == EXIT_DONE && i < count; i++)
		code = find_what(facts, names[i], &whats[i]);
	if (code == EXIT_DONE && copy_parts(&parts, facts, whats, count) != 0)
		code = complain_memory();
	if (code == EXIT_DONE)
		code = print(context, &parts);
	facts_release(&parts);
	free(whats);
	return code;
}

/* A claim that has lost a device is no owner of its group any more, and is told of all the same. */
static void say_broken(const struct context *context)
{
	struct opened opened;

	if (context->machine || open_handover(context, 0, &opened) != EXIT_DONE)
		return;
	say_broken_claims(&opened.handover, NULL, 0);
	close_handover(&opened);
}

int command_list(struct context *context, int argc, char **argv)
{
	struct facts facts;
	int code;

	if (!command_takes_no_options(context, argc, argv))
		return EXIT_USAGE;
	code = read_machine(context, context->json, &facts);
	if (code != EXIT_DONE)
		return code;
	if (optind < argc)
		code = print_parts(context, &facts, argv + optind, (size_t)(argc - optind));
	else
		code = print(context, &facts);
	facts_release(&facts);
	say_broken(context);
	return code;
}
