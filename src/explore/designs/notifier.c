/* SPDX-License-Identifier: MIT */
/*
 * D3: no dma_cleanup: a use ends when a listener hears UNBOUND_DRIVER or DRIVER_NOT_BOUND.
 *
 * The same as the callers of dma_cleanup only if every way out behind a successful configure emits
 * exactly one of the two. One does not: test-remove's first removal is silent, and where the second
 * round then fails before its configure nothing is heard of the use that the first one took. For
 * this one variant has a bus whose pins fail in a bind's second round, and so has, beside it, the
 * shipped design.
 */
#include "pieces.h"

#include <errno.h>

static void end_use(struct dmaown_device *device, enum dmaown_event event)
{
	if (event == DMAOWN_UNBOUND_DRIVER || event == DMAOWN_DRIVER_NOT_BOUND)
		dmaown_dma_cleanup(device);
}

static void change_bus(struct dmaown_bus_type *type)
{
	type->dma_cleanup = design_cleanup_firmware_only;
}

const struct design design_notifier = {
	.name = "notifier",
	.about = "a use ends when UNBOUND_DRIVER or DRIVER_NOT_BOUND is heard (D3)",
	.counts = true,
	.change_bus = change_bus,
	.event = end_use,
};

/* The pins of a bind's second round fail. */
static int fail_second_pins(struct dmaown_device *device, struct dmaown_driver *driver,
			    enum dmaown_bind_step step)
{
	uint64_t *rounds = &stage_device_extra(device)[0];

	if (step == DMAOWN_STEP_SUPPLIERS)
		*rounds = 0;
	if (step == DMAOWN_STEP_PINS)
		++*rounds;
	return *rounds > 1 ? -EIO : 0;
}

static void change_pins(struct dmaown_bus_type *type)
{
	type->bind_step = fail_second_pins;
}

const struct design design_counted_pins = {
	.name = "counted-pins",
	.about = "the shipped one, on a bus whose pins fail in a bind's second round",
	.counts = true,
	.change_bus = change_pins,
};

static void change_bus_and_pins(struct dmaown_bus_type *type)
{
	change_bus(type);
	change_pins(type);
}

const struct design design_notifier_pins = {
	.name = "notifier-pins",
	.about = "D3, on a bus whose pins fail in a bind's second round",
	.counts = true,
	.change_bus = change_bus_and_pins,
	.event = end_use,
};
