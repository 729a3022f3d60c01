/* SPDX-License-Identifier: MIT */
/* A device of which something is said: why it is where it is, and what would change it. */
#ifndef DMAOWN_TOPOLOGY_PLACED_DEVICE_H
#define DMAOWN_TOPOLOGY_PLACED_DEVICE_H

#include "acs.h"
#include "topology.h"

#include <stdio.h>

struct placed_device {
	const struct topology *topology;
	const struct facts *facts;
	struct platform platform;
	size_t place;
	const struct device_facts *device;
	const struct placement *placed;
};

/* Stores what is said of the device at `place` in a string that the caller frees, NULL if that is
 * nothing. -ENOMEM. */
int say_of_device(const struct topology *topology, const struct facts *facts, size_t place,
		  void (*print)(FILE *out, const struct placed_device *it), char **out);

/* Whether the rules give the device a companion, which may have to be no bridge. */
bool device_is_joined(const struct placed_device *it, bool bridges_count);

/* Whether the device is known not to isolate whatever its registers say. */
bool device_never_isolates(const struct placed_device *it, const struct device_facts *device);

/* The quirk by which a newer kernel than the machine's takes the device for isolated, or NULL. */
const struct isolation_quirk *device_newer_quirk(const struct placed_device *it);

/* "5.8" */
void print_kernel(FILE *out, unsigned int kernel);

/* Who reads is root already, so that more rights are no remedy for what is hidden. */
bool reader_is_privileged(const struct placed_device *it);

#endif
