/* SPDX-License-Identifier: MIT */
#include "claim_text.h"
#include "command.h"
#include "complain.h"
#include "facts_json.h"
#include "open_journal.h"
#include "output.h"
#include "paint.h"
#include "refusal_words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { ACTION_WIDTH = 10, THING_WIDTH = 16 };

/* ---- plans ---- */

static void name_group(int group, char *out, size_t size)
{
	snprintf(out, size, "group:%d", group);
}

/* A name that is longer than its column is followed by a blank all the same. */
static void print_thing(const char *name, bool last)
{
	paint(false, STYLE_PLAIN, name, last ? 0 : THING_WIDTH);
	if (!last && text_width(name) >= THING_WIDTH)
		putchar(' ');
}

static void print_step(const struct context *context, const struct plan_step *step)
{
	char name[32];

	name_group(step->group, name, sizeof(name));
	paint(colored(context), STYLE_BOLD, action_name(step->action), ACTION_WIDTH);
	print_thing(step->device ? step->device->address : name, !step->from && !step->to);
	if (step->from)
		paint(colored(context), STYLE_DIM, step->from, 0);
	if (step->from && step->to)
		fputs(" -> ", stdout);
	if (step->to)
		paint(false, STYLE_PLAIN, step->to, 0);
	putchar('\n');
}

static json_t *step_json(const struct plan_step *step)
{
	return json_pack("{s:s, s:i, s:o, s:o, s:o}", "action", action_name(step->action), "group",
			 step->group, "device",
			 step->device ? text_to_json(step->device->address) : json_null(), "from",
			 text_to_json(step->from), "to", text_to_json(step->to));
}

static json_t *refusal_json(const struct refusal *refusal)
{
	return json_pack("{s:o, s:o, s:s, s:o, s:o}", "device", text_to_json(refusal->device),
			 "group", refusal->group < 0 ? json_null() : json_integer(refusal->group),
			 "kind", refusal_name(refusal->kind), "name", text_to_json(refusal->name),
			 "reason", text_to_json(refusal->reason));
}

json_t *refusals_to_json(const struct plan *plan)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < plan->refusal_count; i++)
		json_array_append_new(array, refusal_json(&plan->refusals[i]));
	return array;
}

static json_t *loss_json(const struct plan_loss *loss)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:s}", "device", text_to_json(loss->device->address),
			 "kind", text_to_json(loss->use->kind), "name",
			 text_to_json(loss->use->name), "reason", text_to_json(loss->use->reason),
			 "lost", loss_words(loss->use));
}

/* Nothing is planned, and nothing lost, where there are refusals. */
static json_t *plan_json(const struct plan *plan)
{
	json_t *steps = json_array(), *losses = json_array();

	for (size_t i = 0; plan->refusal_count == 0 && i < plan->step_count; i++)
		json_array_append_new(steps, step_json(&plan->steps[i]));
	for (size_t i = 0; plan->refusal_count == 0 && i < plan->loss_count; i++)
		json_array_append_new(losses, loss_json(&plan->losses[i]));
	return json_pack("{s:o, s:o, s:o}", "steps", steps, "refusals", refusals_to_json(plan),
			 "losses", losses);
}

static int show_plan(const struct context *context, const struct plan *plan)
{
	int code;

	if (context->json) {
		code = print_json(plan_json(plan));
		return code == EXIT_DONE ? refusals_code(plan) : code;
	}
	if (plan->refusal_count > 0)
		return complain_refusals(plan);
	say_losses(plan);
	for (size_t i = 0; i < plan->step_count; i++)
		print_step(context, &plan->steps[i]);
	return finish_output();
}

/* An errno tells of the machine, unless the journal can't be read. */
static int explain(struct handover *handover, int err)
{
	struct entries entries;
	int code = read_entries(handover->journal, &entries);

	if (code != EXIT_DONE)
		return code;
	entries_release(&entries);
	return complain(exit_code_of(err), "plan", "%s", strerror(-err));
}

int print_plan(const struct context *context, struct handover *handover,
	       const struct claim_request *request)
{
	struct facts facts;
	struct plan plan;
	int err = handover_plan(handover, request, false, &facts, &plan);
	int code;

	if (err)
		return explain(handover, err);
	code = show_plan(context, &plan);
	plan_release(&plan);
	facts_release(&facts);
	return code;
}

/* ---- claims ---- */

static json_t *claim_json(const struct record *record)
{
	json_t *groups = json_array(), *nodes = json_array(), *devices = json_array();
	char node[32];

	for (size_t i = 0; i < record->group_count; i++) {
		json_array_append_new(groups, json_integer(record->groups[i].id));
		snprintf(node, sizeof(node), "/dev/vfio/%d", record->groups[i].id);
		json_array_append_new(nodes, json_string(node));
	}
	for (size_t i = 0; i < record->device_count; i++) {
		if (record->devices[i].to)
			json_array_append_new(devices, text_to_json(record->devices[i].address));
	}
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "owner", text_to_json(record->owner), "user",
			 text_to_json(record->user), "groups", groups, "nodes", nodes, "devices",
			 devices);
}

static void print_group(const struct context *context, const struct record *record, int group)
{
	print_line("group %d is claimed by %s: /dev/vfio/%d%s%s", group, record->owner, group,
		   record->user ? " is open to user " : "", record->user ? record->user : "");
	for (size_t i = 0; i < record->device_count; i++) {
		const struct record_device *device = &record->devices[i];

		if (device->group != group || !device->to)
			continue;
		fputs("  ", stdout);
		print_thing(device->address, false);
		paint(colored(context), STYLE_GREEN, device->to, 0);
		putchar('\n');
	}
}

int write_claim(const struct context *context, const struct record *record)
{
	if (context->json)
		return write_json(claim_json(record));
	for (size_t i = 0; context->verbosity >= 0 && i < record->group_count; i++)
		print_group(context, record, record->groups[i].id);
	return flush_output();
}

int print_claim(const struct context *context, const struct record *record)
{
	int err = write_claim(context, record);

	return err ? complain(EXIT_FAILED, "standard output", "%s", strerror(-err)) : EXIT_DONE;
}
