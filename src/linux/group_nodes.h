/* SPDX-License-Identifier: MIT */
/* The nodes of VFIO's groups: who may open them. */
#ifndef DMAOWN_LINUX_GROUP_NODES_H
#define DMAOWN_LINUX_GROUP_NODES_H

#include "host.h"

/* Contracts of the operations of machine.h. */
int host_node(struct machine *machine, int group, struct group_node *out);
int host_set_node(struct machine *machine, int group, const struct group_node *node);

/* Opens the group's node, which must be what the kernel made; gives the descriptor, the caller's,
 * or what machine_open() gives. */
int host_open_node(const struct host *host, int group);

#endif
