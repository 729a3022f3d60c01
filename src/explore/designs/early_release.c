/* SPDX-License-Identifier: MIT */
/*
 * D7: the use may end anywhere in a removal, since that can't fail: here as soon as it begins, at
 * UNBIND_DRIVER, when the driver has not been told to stop yet.
 */
#include "pieces.h"

static void end_use(struct dmaown_device *device, enum dmaown_event event)
{
	if (event == DMAOWN_UNBIND_DRIVER || event == DMAOWN_DRIVER_NOT_BOUND)
		dmaown_dma_cleanup(device);
}

static void change_bus(struct dmaown_bus_type *type)
{
	type->dma_cleanup = design_cleanup_firmware_only;
}

const struct design design_early_release = {
	.name = "early-release",
	.about = "a use ends when its removal begins (D7)",
	.counts = true,
	.change_bus = change_bus,
	.event = end_use,
};
