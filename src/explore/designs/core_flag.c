/* SPDX-License-Identifier: MIT */
/*
 * D2: the driver's flag is generic, and the core itself takes and ends the use.
 *
 * A bus has a firmware step and nothing else to get wrong. It is given here the carelessness of bug
 * 11 (bugs.c), a bus that says 0 where its step failed: what it swallows is its own errors, and the
 * core's refusal is not among them.
 */
#include "pieces.h"

static int careless_firmware(struct dmaown_device *device)
{
	stage_firmware_configure(device);
	return 0;
}

static void change_bus(struct dmaown_bus_type *type)
{
	type->firmware_configure = careless_firmware;
}

const struct design design_core_flag = {
	.name = "core-flag",
	.about = "the core takes and ends uses, whatever its buses do (D2)",
	.counts = true,
	.change_bus = change_bus,
};
