/* SPDX-License-Identifier: MIT */
/* What the match rules of several buses share. Device lock held. */
#ifndef DMAOWN_CORE_BUS_MATCH_H
#define DMAOWN_CORE_BUS_MATCH_H

#include <dmaown/core.h>

/* What the override says of the driver: it names it, it names another, or there is none. */
enum override { OVERRIDE_NONE, OVERRIDE_THIS, OVERRIDE_OTHER };
enum override match_override(const struct dmaown_device *device,
			     const struct dmaown_driver *driver);

/* pci and cdx have the same ids. 1 or 0; an entry that is override_only counts only with an
 * override. */
int match_pci_ids(const struct dmaown_device *device, const struct dmaown_driver *driver);

/* platform and host1x: any of the device's compatible strings, then its name, are in the ids. */
int match_platform_ids(const struct dmaown_device *device, const struct dmaown_driver *driver);

/* The name that the device shows to match rules. */
const char *match_platform_name(const struct dmaown_device *device);

#endif
