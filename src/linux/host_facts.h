/* SPDX-License-Identifier: MIT */
/* What of the host itself handing out a group depends on. */
#ifndef DMAOWN_LINUX_HOST_FACTS_H
#define DMAOWN_LINUX_HOST_FACTS_H

#include "reading.h"

/* What of the host itself handing out a group depends on, on a full reading. Needs the devices: the
 * modules that are looked at are those that VFIO needs for their buses. */
int read_host_facts(struct reading *reading);

#endif
