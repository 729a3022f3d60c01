/* SPDX-License-Identifier: MIT */
/* Groups of the host, as a reading has them. */
#ifndef DMAOWN_LINUX_GROUPS_H
#define DMAOWN_LINUX_GROUPS_H

#include "reading.h"

/* Groups of the devices, with type and, if it is the kernel, owner. Needs the devices and drivers.
 */
int read_groups(struct reading *reading);

#endif
