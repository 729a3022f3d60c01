/* SPDX-License-Identifier: MIT */
/* The modules that VFIO needs, as a reading of the host has them. */
#ifndef DMAOWN_LINUX_HOST_MODULES_H
#define DMAOWN_LINUX_HOST_MODULES_H

#include "reading.h"

/* The modules that VFIO needs on this host. Needs its facts, and the devices. */
int read_host_modules(struct reading *reading);

#endif
