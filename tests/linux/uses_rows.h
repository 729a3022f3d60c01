/* SPDX-License-Identifier: MIT */
/*
 * What devices are in use for, read from made trees: a laptop whose GPU and its sound are one
 * group, a network card with virtual functions, an NVMe disk, a USB controller, a SATA controller,
 * a serial port on AMBA and network devices on platform and fsl-mc. Each row adds to the idle
 * machine; each is also swept: whichever look-up fails, nothing that is in use looks free.
 */
#ifndef DMAOWN_TESTS_LINUX_USES_ROWS_H
#define DMAOWN_TESTS_LINUX_USES_ROWS_H

#include <stddef.h>

#define GPU "0000:01:00.0"
#define SOUND "0000:01:00.1"
#define NIC "0000:02:00.0"
#define NVME "0000:03:00.0"
#define USB "0000:00:14.0"
#define SATA "0000:00:17.0"
#define ROOT "sys/devices/pci0000:00/"
#define PCI(address) "pci0000:00/" address

/* A file with its text or, if it begins with "->", a link to what follows that; a path that ends in
 * "/" is a folder. */
struct uses_file {
	const char *path, *text;
};

struct uses_row {
	const char *name;
	struct uses_file files[24];
	/* "ADDRESS KIND NAME: REASON" of each use ("NAME, vital:" of one that no force takes), and
	 * "ADDRESS unknown ABOUT: ERRNO" of what is not known, device by device, each ended by a
	 * newline. */
	const char *uses;
};

/* Runs the rows as cmocka's tests; returns how many failed. */
int uses_run(const struct uses_row *rows, size_t count);

#endif
