/* SPDX-License-Identifier: MIT */
/* The host as a machine: what all of its operations have. */
#ifndef DMAOWN_LINUX_HOST_H
#define DMAOWN_LINUX_HOST_H

#include "linux_machine.h"
#include "list.h"
#include "workers.h"

#include <stdbool.h>

struct host {
	struct machine machine;
	int root;         /* the directory that stands for "/" */
	char *name;       /* "live", or that directory as it was given */
	bool live;        /* the root is our own */
	struct crew crew; /* its workers, for what waits for drivers */
};

static inline struct host *host_of(struct machine *machine)
{
	return container_of(machine, struct host, machine);
}

#endif
