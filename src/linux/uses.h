/* SPDX-License-Identifier: MIT */
/*
 * What devices are in use for: everything that hangs off a device and that somebody relies on.
 *
 * Each thing (an interface, a disk, a node) has a directory in sysfs, and belongs to the deepest
 * device of the facts on the way to it, unless a PCI device that is not in the facts is deeper.
 * What is idle is no use: a disk that is not mounted, an interface that is down, a node nobody has
 * open.
 *
 * What has just vanished is no use either (sysfs_is_absent()). What can't be looked at is not
 * known: note_unknown() notes that on the device that it may be about, or on all where nobody can
 * tell which. A device without uses is idle only if nothing is noted on it.
 */
#ifndef DMAOWN_LINUX_USES_H
#define DMAOWN_LINUX_USES_H

#include "machine.h"
#include "survey.h"

/* Each adds its uses to the devices of the facts. Whatever else than 0 it gives, it did not look at
 * everything, and what it looks for is not known of any device. */
int find_network_uses(const struct survey *survey);
int find_storage_uses(const struct survey *survey);
int find_display_uses(const struct survey *survey);
int find_console_uses(const struct survey *survey);
int find_keyboard_uses(const struct survey *survey);
int find_engine_uses(const struct survey *survey);   /* of the kernel itself */
int find_node_uses(const struct survey *survey);     /* and who holds groups */
int find_function_uses(const struct survey *survey); /* virtual functions and consumers */
int find_mediated_uses(const struct survey *survey);

/* Finds who holds groups, and nothing else, in less time. -ENOMEM. */
int find_users(const struct survey *survey);

/* Contracts of the operations of machine.h. */
int host_find_users(struct machine *machine, struct facts *facts);
int host_find_uses(struct machine *machine, struct facts *facts);

#endif
