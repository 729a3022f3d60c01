/* SPDX-License-Identifier: MIT */
/*
 * Who holds groups: the processes that have a node of VFIO open, /dev/vfio/GROUP or, of iommufd,
 * /dev/vfio/devices/vfioN. VFIO gives a group's node to one user at a time, whatever drivers its
 * devices are on. Of several processes that share a descriptor the first one found is named.
 */
#ifndef DMAOWN_LINUX_USERS_H
#define DMAOWN_LINUX_USERS_H

#include "processes.h"
#include "uses.h"

/* Whether anybody can have a group open at all: sysfs shows every node of VFIO that there is; of a
 * recorded tree nobody knows. */
struct answer groups_can_be_open(const struct survey *survey);

/* Makes the process the owner of the group, unless it has one already. -ENOMEM. */
int add_user(struct group_facts *group, const struct descriptor *descriptor);

/* Groups that nobody was seen to have: nobody has them, if everybody was seen, or if they have no
 * node that anybody could have open. */
void settle_owners(const struct survey *survey, int hidden);

#endif
