/* SPDX-License-Identifier: MIT */
/* What one device is right now, asked by itself: its instance, its driver, its override, its group.
 */
#ifndef DMAOWN_LINUX_DEVICE_STATE_H
#define DMAOWN_LINUX_DEVICE_STATE_H

#include "machine.h"

#include <stdint.h>

/* Stores what tells the device whose directory is open from any other. What fstat(2) gives. */
int device_instance(int directory, uint64_t *out);

/* Stores the group of the device whose directory is open. -ENOENT: it is in none. */
int read_group_number(int directory, int *group);

/* Contracts of the operations of machine.h. */
int host_instance(struct machine *machine, const char *device, uint64_t *out);
int host_driver(struct machine *machine, const char *device, struct driver_name *out);
int host_override(struct machine *machine, const char *device, struct driver_name *out);
int host_find_group(struct machine *machine, const struct machine_part *part, int *out);

#endif
