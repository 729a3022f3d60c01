/* SPDX-License-Identifier: MIT */
/*
 * Attributes of devices whose reading waits.
 *
 * Some attributes take the lock of their device, which a driver's probe or unbind holds, for ever
 * if that never ends: tried on 6.1.192 and 6.12.117, with the tests' driver that hangs, every
 * readable file of a device, and only these waited:
 *
 * | attribute                            | waits                                        |
 * |--------------------------------------|----------------------------------------------|
 * | uevent, driver_override              | on 6.1 (other versions differ)               |
 * | sriov_numvfs, sriov_vf_total_msix    | on both                                      |
 * | config and what is read from it      | while the device, or a bridge above it, is   |
 * |                                      | resumed at run time                          |
 * | waiting_for_supplier                 | on 6.12, and the bind then waits for its     |
 * |                                      | reader: never read it                        |
 *
 * These are read by a worker, or several for very many, while the caller goes on; it waits a
 * while for a device, then marks it and lets another worker go on behind it. What nobody is stuck
 * at costs one process for all. Links, modalias and all else may be read directly.
 */
#ifndef DMAOWN_LINUX_LOCKED_READS_H
#define DMAOWN_LINUX_LOCKED_READS_H

#include "facts.h"
#include "workers.h"

enum { LOCKED_READS_AT_ONCE = 8 };

/* A kind of attribute, and who is told what came of reading it. */
struct locked_attribute {
	const char *name; /* below the device's folder */
	enum errand_kind kind;
	size_t size; /* of what is read at most, and one more */
	/* `text` is terminated, without the newline at the end of an ERRAND_READ; `result` is its
	 * length or an -errno: -ETIMEDOUT: somebody holds the lock for long. Anything but 0 is the
	 * result of locked_reads_end(). */
	int (*answer)(void *context, struct device_facts *device, const char *text, int result);
};

struct locked_read; /* one that was asked for */
struct desk;        /* what a worker is at */

struct locked_reads {
	struct crew *crew;
	struct facts *facts;
	void *context;
	struct locked_read *all;
	size_t count, begun;
	struct desk *desks;
	size_t stuck[MOST_WORKERS]; /* devices that did not answer in time */
	size_t stuck_count;
	int err;
};

/* The facts may be added to, but not sorted, until the end. */
void locked_reads_begin(struct locked_reads *reads, struct crew *crew, struct facts *facts,
			void *context);

/* Asks for an attribute of the device at that place of the facts. What else was asked of a device
 * that did not answer in time is answered likewise. -ENOMEM. */
int locked_reads_add(struct locked_reads *reads, size_t device,
		     const struct locked_attribute *attribute);

/* Waits until each has been answered. What an answer gave; the reads are over in any case. */
int locked_reads_end(struct locked_reads *reads);

/* Reads one attribute by its path into `out`, terminated and without the newline at its end, and
 * gives its length. -ETIMEDOUT: somebody holds the lock for long; -EAGAIN: there is no worker. */
int locked_read(struct crew *crew, const char *path, char *out, size_t size);

#endif
