/* SPDX-License-Identifier: MIT */
/* How the host tells that something changed. */
#ifndef DMAOWN_LINUX_EVENTS_H
#define DMAOWN_LINUX_EVENTS_H

#include "machine.h"

/* Contract of the operation of machine.h. */
int host_watch(struct machine *machine, struct machine_events **out);

#endif
