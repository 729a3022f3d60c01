/* SPDX-License-Identifier: MIT */
/* The two parts of what `dmaown show` prints. */
#ifndef DMAOWN_DMAOWN_SHOW_PARTS_H
#define DMAOWN_DMAOWN_SHOW_PARTS_H

#include "sheet.h"

void show_device(const struct sheet *sheet, const struct device_facts *device);
void show_group(const struct sheet *sheet, const struct group_facts *group);

#endif
