/* SPDX-License-Identifier: MIT */
/* The IOMMUs of the host, as a reading has them. */
#ifndef DMAOWN_LINUX_HOST_IOMMUS_H
#define DMAOWN_LINUX_HOST_IOMMUS_H

#include "reading.h"

/* The IOMMUs that the kernel runs, and whether they remap interrupts. Needs the host's facts. */
int read_iommus(struct reading *reading);

#endif
