/* SPDX-License-Identifier: MIT */
/* What drivers bind by themselves. */
#ifndef DMAOWN_LINUX_DRIVER_IDS_H
#define DMAOWN_LINUX_DRIVER_IDS_H

#include "reading.h"

/* Adds to every driver the ids that it binds. */
int read_driver_ids(struct reading *reading);

#endif
