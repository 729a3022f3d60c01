/* SPDX-License-Identifier: MIT */
/* Runs cases: brings the machine to where each begins, makes its steps, and compares. */
#define _GNU_SOURCE
#include "conformance.h"
#include "array.h"
#include "conformance_steps.h"
#include "errname.h"
#include "kernel_version.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a case begins with: native drivers bound, or A with the user's driver and C with none.
 * Nothing else has an override, and no group is open. */
static const struct {
	const char *device;
	const char *drivers[BEGINNINGS]; /* NULL: none */
} devices[] = {
	{A, {[BEGIN_NATIVE] = "e1000", [BEGIN_USER] = "vfio-pci"}},
	{EDU, {NULL, NULL}},
	{C, {[BEGIN_NATIVE] = "e1000", [BEGIN_USER] = NULL}},
	{ALONE, {"e1000e", "e1000e"}},
	{OTHER, {"e1000e", "e1000e"}},
	{NVME, {"nvme", "nvme"}},
};

enum { DEVICES = COUNT(devices) };

/* Keeps the first thing that was wrong. */
__attribute__((format(printf, 2, 3))) static void wrong(struct run *run, const char *format, ...)
{
	va_list args;

	if (run->why)
		return;
	va_start(args, format);
	if (vasprintf(&run->why, format, args) < 0)
		run->why = NULL;
	va_end(args);
}

/* Gives one device the driver that it is to begin with; whether it has it is looked at later, for
 * all of them together. */
static void bring_device(struct run *run, const char *device, const char *driver)
{
	bool managed = driver && strcmp(driver, "vfio-pci") == 0;
	struct step step = {.device = device, .text = driver};

	machine_set_override(run->machine, device, managed ? driver : NULL);
	if (has_driver(run, &step) == 1)
		return;
	machine_unbind(run->machine, device);
	if (driver)
		machine_bind(run->machine, device, driver);
}

static void bring_back_removed(struct run *run)
{
	for (size_t i = 0; i < DEVICES; i++) {
		if (is_there(run, &(struct step) {.device = devices[i].device}) == 0) {
			machine_rescan(run->machine);
			return;
		}
	}
}

static void begin(struct run *run, enum beginning beginning)
{
	bring_back_removed(run);
	for (size_t i = 0; i < DEVICES; i++)
		bring_device(run, devices[i].device, devices[i].drivers[beginning]);
	for (size_t i = 0; i < DEVICES; i++) {
		const char *driver = devices[i].drivers[beginning];
		struct step step = {.device = devices[i].device, .text = driver};

		if (has_driver(run, &step) != 1)
			wrong(run, "%s: can't be given %s to begin with", step.device,
			      driver ? driver : "no driver");
	}
}

static const char *result_text(int result, char *buffer, size_t size)
{
	if (result < 0)
		return errno_name(result);
	snprintf(buffer, size, "%d", result);
	return buffer;
}

static void run_step(struct run *run, const struct step *step, size_t number)
{
	int result = step->operation(run, step);
	char came[16], expected[16];

	if (result != step->expected)
		wrong(run, "step %zu (%s%s%s): %s instead of %s", number,
		      step->device ? step->device : "", step->text ? " " : "",
		      step->text ? step->text : "", result_text(result, came, sizeof(came)),
		      result_text(step->expected, expected, sizeof(expected)));
}

static int finish(struct run *run, char **why)
{
	for (int user = 0; user < USERS; user++)
		close_group(run, &(struct step) {.user = (enum user)user});
	if (!run->why)
		return 0;
	*why = run->why;
	return -EINVAL;
}

int conformance_kernels(struct machine *machine, enum kernels *out)
{
	struct facts facts;
	int err = machine_read(machine, &facts);

	if (err)
		return err;
	*out = kernel_is_before(facts.host, 6, 4) == KNOWN_YES ? BEFORE_6_4 : SINCE_6_4;
	facts_release(&facts);
	return 0;
}

int conformance_run(const struct conformance_case *one, struct machine *machine, char **why)
{
	struct run run = {.machine = machine};

	begin(&run, one->begin);
	for (size_t i = 0; one->steps[i].operation && !run.why; i++)
		run_step(&run, &one->steps[i], i + 1);
	return finish(&run, why);
}

int conformance_end(struct machine *machine, char **why)
{
	struct run run = {.machine = machine};

	begin(&run, BEGIN_NATIVE);
	return finish(&run, why);
}
