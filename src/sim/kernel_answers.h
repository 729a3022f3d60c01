/* SPDX-License-Identifier: MIT */
/*
 * What a simulated machine answers by the version of its kernel, where versions differ
 * (mechanism.md, section 7). Each field stands for one difference that was seen on running kernels.
 * A machine whose release is not known answers as the newest kernel that we know, 6.12.
 */
#ifndef DMAOWN_SIM_KERNEL_ANSWERS_H
#define DMAOWN_SIM_KERNEL_ANSWERS_H

#include "facts.h"

struct kernel_answers {
	/* Only the group of one device has a default type that can be changed, and while a driver
	 * is bound to that device only from DMA to DMA-FQ. */
	bool types_of_single_devices;
	/* A device can do DMA while it is being reset. */
	bool resets_do_not_block;
	/* The removal of a device leaves the list that its group is attached by damaged: the kernel
	 * crashes when the group is next attached to another domain, as a claim does; at once if
	 * it is a user's. */
	bool removal_damages;
};

/* `host` may be NULL. */
struct kernel_answers kernel_answers_of(const struct host_facts *host);

#endif
