/* SPDX-License-Identifier: MIT */
/* dmaown show: everything that is known about a device and its group. */
#include "claim_text.h"
#include "complain.h"
#include "facts_json.h"
#include "open_machine.h"
#include "options.h"
#include "output.h"
#include "paint.h"
#include "show_parts.h"
#include "what.h"

#include <stdio.h>

static size_t place_of(const struct facts *facts, const struct device_facts *device)
{
	return (size_t)(device - facts->devices);
}

static int print_text(const struct context *context, const struct group_reasons *reasons,
		      const struct what *what, const struct plan *plan)
{
	struct sheet sheet = {.facts = reasons->facts,
			      .reasons = reasons,
			      .plan = plan,
			      .color = colored(context)};

	if (what->device)
		show_device(&sheet, what->device);
	if (what->device && what->group)
		putchar('\n');
	if (what->group)
		show_group(&sheet, what->group);
	return finish_output();
}

static json_t *what_reasons_to_json(const struct group_reasons *reasons, const struct what *what)
{
	if (what->group)
		return group_reasons_to_json(reasons, what->group->id);
	return json_pack("[o]",
			 device_reasons_to_json(reasons, place_of(reasons->facts, what->device)));
}

static int print_all(const struct group_reasons *reasons, const struct what *what,
		     const struct plan *plan)
{
	const struct facts *facts = reasons->facts;
	json_t *json = json_pack(
		"{s:o, s:o, s:o, s:o, s:o}", "machine", text_to_json(facts->machine), "device",
		what->device ? device_to_json(facts, what->device) : json_null(), "group",
		what->group ? group_to_json(facts, what->group) : json_null(), "isolation",
		what_reasons_to_json(reasons, what), "hindrances", refusals_to_json(plan));

	return print_json(json);
}

/* The plan of a claim of the group, or of the device that has none. */
static int plan_for(const struct facts *facts, const struct what *what, struct plan *out)
{
	const char *const named[] = {what->device ? what->device->address : NULL};
	const struct claim_request request = {
		.groups = what->group ? &what->group->id : NULL,
		.group_count = what->group ? 1 : 0,
		.named = named,
		.named_count = what->device ? 1 : 0,
	};

	return plan_make(facts, &request, out);
}

static int show_what(const struct context *context, const struct facts *facts,
		     const struct what *what)
{
	struct group_reasons reasons;
	struct plan plan;
	int err = plan_for(facts, what, &plan);
	int code;

	if (err)
		return complain_memory();
	err = group_reasons_init(&reasons, facts);
	if (err) {
		plan_release(&plan);
		return complain_memory();
	}
	code = context->json ? print_all(&reasons, what, &plan)
			     : print_text(context, &reasons, what, &plan);
	group_reasons_release(&reasons);
	plan_release(&plan);
	return code;
}

int command_show(struct context *context, int argc, char **argv)
{
	struct facts facts;
	struct what what;
	int code;

	if (!command_takes_no_options(context, argc, argv))
		return EXIT_USAGE;
	if (argc - optind != 1)
		return complain(EXIT_USAGE, "show", "takes one device or group (%d given)",
				argc - optind);
	code = read_machine(context, true, &facts);
	if (code != EXIT_DONE)
		return code;
	code = find_what(&facts, argv[optind], &what);
	if (code == EXIT_DONE)
		code = show_what(context, &facts, &what);
	facts_release(&facts);
	return code;
}
