/* SPDX-License-Identifier: MIT */
/* What wants more than a look at a device's folder: attributes that wait for its lock, and ids. */
#ifndef DMAOWN_LINUX_DEVICE_ATTRIBUTES_H
#define DMAOWN_LINUX_DEVICE_ATTRIBUTES_H

#include "reading.h"

/*
 * Reads the attributes that wait of all devices of the reading: overrides, drivers that show no
 * link, config space. Devices that have gone meanwhile are taken out of the facts; what is not
 * answered is noted on the device as not known. -ENOMEM.
 */
int read_attributes(struct reading *reading);

/* Stores a modalias, empty if there is none, and the ids in it. -ENOMEM. */
int device_take_modalias(struct device_facts *device, const char *modalias);

#endif
