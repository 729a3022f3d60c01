/* SPDX-License-Identifier: MIT */
/* What uses a device from other network namespaces, and what of ours is handed on to be asked
 * there. */
#ifndef DMAOWN_LINUX_USES_ELSEWHERE_H
#define DMAOWN_LINUX_USES_ELSEWHERE_H

#include "uses.h"

#include <ifaddrs.h>
#include <net/if.h>

/* An interface of our namespace in which no use was found there. */
struct quiet_interface {
	struct device_facts *device;
	char name[IFNAMSIZ];
	int index;
	bool used; /* something in another namespace is on top of it */
};

/* One survey for interfaces. */
struct networks {
	const struct survey *survey;
	struct ifaddrs *addresses; /* NULL: not asked for yet, or none */
	bool asked;
	int refused; /* the -errno with which the kernel answered that */
	struct quiet_interface *quiet;
	size_t quiet_count;
};

/* Adds the uses that are seen from other network namespaces only: interfaces of devices that are
 * there, and what stands there on quiet interfaces. Results as those of uses.h. */
int find_uses_elsewhere(struct networks *networks);

#endif
