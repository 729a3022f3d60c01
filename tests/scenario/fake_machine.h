/* SPDX-License-Identifier: MIT */
/*
 * A machine that does as it is told and writes down what it was asked: bind, unbind, override,
 * remove and rescan change its facts as one would expect, everything else changes nothing. Each
 * operation fails with the errno that was set for it by name.
 *
 * It has e1000 and vfio-pci, and group 8 with 0000:02:01.0 (e1000), 0000:02:02.0 (no driver) and
 * 0000:02:03.0 (e1000). Whoever includes it may change `facts` before and between runs.
 */
#ifndef DMAOWN_SCENARIO_FAKE_MACHINE_H
#define DMAOWN_SCENARIO_FAKE_MACHINE_H

#include "machine.h"

struct fake_machine {
	struct machine machine;
	struct facts facts, removed;
	char *log; /* what it was asked, one a line; the tests read it */
	int open_files;
	bool answer;         /* what viable and dma say */
	const char *failing; /* the operation that fails, or NULL */
	int error;           /* with this, negative */
};

void fake_machine_init(struct fake_machine *fake);
void fake_machine_release(struct fake_machine *fake);

#endif
