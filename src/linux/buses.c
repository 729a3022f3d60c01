/* SPDX-License-Identifier: MIT */
#include "buses.h"
#include "sysfs.h"

#include <errno.h>
#include <stdio.h>

/* Devices of these buses can have a driver_override and be in a group. Most platform devices are in
 * none and not worth a line; a PCI device without a group is. */
const struct bus host_buses[] = {
	{"pci", true},  {"platform", false}, {"amba", false}, {"fsl-mc", false},
	{"cdx", false}, {"host1x", false},   {NULL, false},
};

int find_bus(int root, const char *device, const char **bus)
{
	char path[PATH_SIZE];

	if (!sysfs_is_entry(device))
		return -ENODEV;
	for (size_t i = 0; host_buses[i].name; i++) {
		struct answer there;
		int length = snprintf(path, sizeof(path), "sys/bus/%s/devices/%s",
				      host_buses[i].name, device);

		if (length < 0 || length >= (int)sizeof(path))
			return -ENODEV;
		there = sysfs_exists(root, path);
		if (answer_is_no(there))
			continue;
		if (!answer_is_yes(there))
			return answer_error(there);
		*bus = host_buses[i].name;
		return 0;
	}
	return answer_is_yes(sysfs_exists(root, "sys/bus")) ? -ENODEV : -EIO;
}
