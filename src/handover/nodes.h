/* SPDX-License-Identifier: MIT */
/*
 * The nodes of a claim's groups: during the claim they are open to root and the claim's user, and
 * to nobody else, whoever owned them; afterwards they are what the record says. What can't be made
 * so, or can't be seen to be so, is a trouble.
 */
#ifndef DMAOWN_HANDOVER_NODES_H
#define DMAOWN_HANDOVER_NODES_H

#include "handover.h"

/* A trouble for each group whose node can't be read. */
void nodes_explain(struct handover *handover, const int *groups, size_t count,
		   struct troubles *troubles);

/* Waits until nothing (udev) changes the group's node any more, and closes it to all but root. A
 * group without a node is closed. -ETIME: udev is not known to be done; -EBUSY:
 * another node took its place meanwhile; else as machine_set_node(). */
int node_close(struct handover *handover, int group, struct troubles *troubles);

/* Opens a node that is closed to the user; to NULL, who is root, it is open. -ENOENT: it has gone;
 * else as node_close(). */
int node_grant(struct handover *handover, int group, const char *user, unsigned int uid,
	       struct troubles *troubles);

/* Closes all of the record's nodes, or opens them to the claim's user again, as far as they go;
 * gives the first errno. Needs no memory but for words. */
int nodes_revoke(struct handover *handover, struct record *record, struct troubles *troubles);
int nodes_grant(struct handover *handover, struct record *record, struct troubles *troubles);

/* Makes all nodes what they were, and those that came with the claim and are still there root's.
 * Gives how many are not known to be so, each with a trouble. */
size_t nodes_give_back(struct handover *handover, struct record *record, struct troubles *troubles);

#endif
