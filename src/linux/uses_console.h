/* SPDX-License-Identifier: MIT */
/* What the surveys for displays and consoles have in common. */
#ifndef DMAOWN_LINUX_USES_CONSOLE_H
#define DMAOWN_LINUX_USES_CONSOLE_H

#include "proc_files.h"
#include "uses.h"

/* How the terminals of the screen are drawn. */
struct drawn {
	const struct survey *survey;
	char on_framebuffers[32]; /* by which of the console's drivers, "vtcon1"; empty: not */
	bool as_text;
	bool is_console; /* the kernel's messages go to one */
};

/* Adds as uses the framebuffers that firmware left, on whichever device has their memory. */
int find_firmware_framebuffers(const struct drawn *drawn);

/* Shows every device with a virtual machine's console, whose terminals (hvc0) do not tell which of
 * them is whose. */
int for_each_virtio_console(const struct survey *survey,
			    int (*visit)(void *context, struct device_facts *device),
			    void *context);

#endif
