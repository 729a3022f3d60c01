/* SPDX-License-Identifier: MIT */
/* Devices of the host, as a reading has them. */
#ifndef DMAOWN_LINUX_DEVICES_H
#define DMAOWN_LINUX_DEVICES_H

#include "machine.h"
#include "reading.h"

/* Each adds to reading->facts; -ENOMEM, -EIO and what else reading sysfs gives. What vanishes while
 * being read is left out. */

/* Every device of every bus, with its driver, override, names and group number, and, on a full
 * reading, its parent and what isolation depends on. */
int read_devices(struct reading *reading);

/* The same of the groups that the parts name, and of those of their devices that are in none. */
int read_devices_of(struct reading *reading, const struct machine_part *parts, size_t count);

#endif
