/* SPDX-License-Identifier: MIT */
/* Virtual machines' consoles. */
#ifndef DMAOWN_LINUX_USES_CONSOLE_H
#define DMAOWN_LINUX_USES_CONSOLE_H

#include "survey.h"

/* Shows every device with a virtual machine's console, whose terminals (hvc0) do not tell which of
 * them is whose. */
int for_each_virtio_console(const struct survey *survey,
			    int (*visit)(void *context, struct device_facts *device),
			    void *context);

#endif
