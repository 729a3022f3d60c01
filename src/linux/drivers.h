/* SPDX-License-Identifier: MIT */
/* Drivers of the host, as a reading has them. */
#ifndef DMAOWN_LINUX_DRIVERS_H
#define DMAOWN_LINUX_DRIVERS_H

#include "reading.h"

/* Drivers of the buses that have devices: on a full reading all of them with their ids, else those
 * that are bound. Needs the devices. */
int read_drivers(struct reading *reading);

/* Adds one driver. -ENODEV: there is no such driver. */
int read_driver(struct reading *reading, const char *bus, const char *name);

#endif
