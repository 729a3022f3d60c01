/* SPDX-License-Identifier: MIT */
/* From a scenario back to text. */
#include "expectation.h"
#include "operation.h"
#include "scripted_driver.h"

#include <errno.h>
#include <inttypes.h>

static void print_head(const struct scenario *scenario, FILE *out)
{
	if (scenario->title)
		fprintf(out, "title %s\n", scenario->title);
	if (scenario->machine)
		fprintf(out, "machine %s\n", scenario->machine);
	if (scenario->only != ON_ANY_MACHINE)
		fprintf(out, "only %s\n", only_name(scenario->only));
}

static void print_device(const struct device_role *device, FILE *out)
{
	fprintf(out, "device %s %s", device->name, device->address);
	if (device->driver)
		fprintf(out, " driver %s", device->driver);
	fputc('\n', out);
}

static void print_group(const struct scenario *scenario, const struct group_role *group, FILE *out)
{
	fprintf(out, "group %s", group->name);
	for (size_t i = 0; i < group->device_count; i++)
		fprintf(out, " %s", scenario->devices[group->devices[i]].name);
	fputc('\n', out);
}

static void print_argument(const struct scenario *scenario, const struct step *step,
			   enum argument argument, FILE *out)
{
	switch (argument) {
	case ARGUMENT_DEVICE:
		fprintf(out, " %s", scenario->devices[step->device].name);
		break;
	case ARGUMENT_GROUP:
		fprintf(out, " %s", scenario->groups[step->group].name);
		break;
	case ARGUMENT_SCRIPTED:
		fprintf(out, " %s", scenario->drivers[step->driver].name);
		break;
	case ARGUMENT_DRIVER:
	case ARGUMENT_DRIVER_OR_NONE:
	case ARGUMENT_TYPE:
		fprintf(out, " %s", step->word);
		break;
	case ARGUMENT_DIRECTION:
		fprintf(out, " %s", direction_name(step->direction));
		break;
	case ARGUMENT_IOVA:
		fprintf(out, " 0x%" PRIx64, step->iova);
		break;
	case ARGUMENT_SIZE:
		fprintf(out, " %" PRIu64, step->size);
		break;
	case ARGUMENT_CHECK:
		expectation_print(scenario, &step->check, out);
		break;
	case ARGUMENT_END:
		break;
	}
}

void step_print(const struct scenario *scenario, const struct step *step, FILE *out)
{
	fputs(step->operation->name, out);
	for (const enum argument *at = step->operation->arguments; *at != ARGUMENT_END; at++)
		print_argument(scenario, step, *at, out);
}

static void print_step(const struct scenario *scenario, const struct step *step, FILE *out)
{
	struct outcome unwritten = {.answer = step->operation->answers[0] != NULL};
	char room[EXPECTED_ROOM];

	fprintf(out, "%s: ", scenario->threads[step->thread]);
	step_print(scenario, step, out);
	if (step->expected_count != 1 || !step_as_expected(step, unwritten))
		fprintf(out, " = %s", step_expected_name(step, room));
	fputc('\n', out);
}

static void print_declarations(const struct scenario *scenario, FILE *out)
{
	for (size_t i = 0; i < scenario->device_count; i++)
		print_device(&scenario->devices[i], out);
	for (size_t i = 0; i < scenario->group_count; i++)
		print_group(scenario, &scenario->groups[i], out);
	for (size_t i = 0; i < scenario->driver_count; i++)
		scripted_driver_print(&scenario->drivers[i], out);
}

int scenario_print(const struct scenario *scenario, FILE *out)
{
	print_head(scenario, out);
	print_declarations(scenario, out);
	for (size_t i = 0; i < scenario->step_count; i++)
		print_step(scenario, &scenario->steps[i], out);
	for (size_t i = 0; i < scenario->final_count; i++) {
		fputs("finally", out);
		expectation_print(scenario, &scenario->finals[i], out);
		fputc('\n', out);
	}
	if (scenario->invariants)
		fputs("finally " SCENARIO_INVARIANTS "\n", out);
	return ferror(out) ? -EIO : 0;
}
