/* SPDX-License-Identifier: MIT */
/* Whether udev is done with a group's node. */
#ifndef DMAOWN_LINUX_UDEV_H
#define DMAOWN_LINUX_UDEV_H

#include "machine.h"

/* Contract of the operation of machine.h. */
int host_await_node(struct machine *machine, int group, unsigned int milliseconds);

#endif
