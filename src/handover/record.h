/* SPDX-License-Identifier: MIT */
/*
 * The record of one claim: what every device of its groups was before, which is all that is needed
 * to put things back, from any point and by anybody.
 *
 * In its file the record is one line of JSON, followed by a line for every phase that was done.
 * Putting back looks at the devices and not at those lines, so that a line that is missing because
 * its writer was killed misleads nobody. Only "held" decides something: a claim that is not, and
 * that nobody stands behind, was not completed or not ended, and is put back by whoever finds it.
 *
 * A record has all the memory that putting back needs.
 */
#ifndef DMAOWN_HANDOVER_RECORD_H
#define DMAOWN_HANDOVER_RECORD_H

#include "machine.h"
#include "plan.h"

#include <stdbool.h>
#include <stddef.h>

struct record_device {
	char *address;
	int group;
	char *driver, *override; /* before the claim; NULL: none */
	bool managed;            /* that driver managed DMA itself */
	enum treatment treatment;
	char *to; /* the driver through which users have it during the claim; NULL: they don't */
};

enum { RECORD_GROUPS = 256 }; /* the most that one claim may have */

struct device_progress {
	bool stuck; /* a change of it does not end */
	bool back;  /* it is as it was */
	int error;  /* of the last change that failed; 0: none did */
};

struct record_group {
	int id;
	bool had_node; /* a user driver was bound in it before */
	struct group_node node;
};

struct record {
	char *boot; /* of the machine, when it was written */
	char *owner;
	long pid, uid; /* of who claimed */
	char *user;    /* who was granted the nodes; NULL: root */
	bool kept, held;
	struct record_group *groups;
	size_t group_count;
	struct record_device *devices;
	size_t device_count;
	struct change *changes;           /* room for one change of each device */
	struct device_progress *progress; /* of each device, in this process */
};

/*
 * Makes the record of a plan that has no refusals, with the machine's nodes as they are. `pid`
 * and `uid` are of who claims. -ENOMEM; and what reading the nodes gives. Undone by
 * record_release().
 */
int record_make(struct machine *machine, const struct facts *facts,
		const struct claim_request *request, const char *boot, long pid, long uid,
		struct record *out);

/* Harmless on an empty record. */
void record_release(struct record *record);

bool record_has_group(const struct record *record, int group);

/* The record's line, ended by a newline, in a string that the caller frees. -ENOMEM. */
int record_print(const struct record *record, char **out);

/*
 * Reads a whole file: the record, and whether it is held. An unfinished last line is left out.
 * -EINVAL: it is not such a file; -ENOMEM.
 */
int record_parse(const char *text, size_t length, struct record *out);

/* The lines that say that a claim is complete, and that its end has begun. */
#define RECORD_HELD "{\"held\":true}\n"
#define RECORD_ENDING "{\"held\":false}\n"

#endif
