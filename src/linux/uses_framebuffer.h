/* SPDX-License-Identifier: MIT */
/* Framebuffers that firmware left, and how terminals are drawn on them. */
#ifndef DMAOWN_LINUX_USES_FRAMEBUFFER_H
#define DMAOWN_LINUX_USES_FRAMEBUFFER_H

#include "survey.h"

/* How the terminals of the screen are drawn. */
struct drawn {
	const struct survey *survey;
	char on_framebuffers[32]; /* by which of the console's drivers, "vtcon1"; empty: not */
	bool as_text;
	bool is_console; /* the kernel's messages go to one */
};

/* Adds as uses the framebuffers that firmware left, on whichever device has their memory. */
int find_firmware_framebuffers(const struct drawn *drawn);

#endif
