/* SPDX-License-Identifier: MIT */
/*
 * The record of one claim: what every device of its groups was before, which is all that is needed
 * to put things back, from any point and by anybody.
 *
 * A record is of devices. The address of a device that has gone, and the number of a group whose
 * devices have gone, are given to others: so a device is known by its *instance*, which no other
 * device has, and a group by the devices that are in it.
 *
 * In its file the record is one line of JSON, followed by a line for every phase that was done.
 * Putting back looks at the devices and not at those lines, so that a line that is missing because
 * its writer was killed misleads nobody. Two decide something. "held": a claim that is not, and
 * that nobody stands behind, was not completed or not ended, and is put back by whoever finds it.
 * "lost": the device at that place is another claim's.
 *
 * A record has all the memory that putting back needs.
 */
#ifndef DMAOWN_HANDOVER_RECORD_H
#define DMAOWN_HANDOVER_RECORD_H

#include "machine.h"
#include "plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct record_device {
	char *address;
	char *bus;         /* NULL: an older version did not note it */
	uint64_t instance; /* which of those that were ever at that address; 0: not known */
	char *vendor, *product, *class; /* for people; NULL: not known */
	int group;
	char *driver, *override; /* before the claim; NULL: none */
	bool managed;            /* that driver managed DMA itself */
	enum treatment treatment;
	bool lost; /* another claim has it by now, and its group */
	char *to;  /* the driver through which users have it during the claim; NULL: they don't */
};

enum { RECORD_GROUPS = 256 }; /* the most that one claim may have */

/* Where a device of the record was when it was last looked at. */
enum whereabouts {
	NOT_LOOKED_AT,
	HIDDEN,   /* it could not be looked at */
	ASTRAY,   /* the claim has it, or put it where it is */
	BACK,     /* it is as it was */
	GONE,     /* it is no more */
	REPLACED, /* it is no more, and another device has its address */
	TAKEN,    /* somebody else has put it on another driver */
};

struct device_progress {
	enum whereabouts where;
	struct driver_name driver; /* that it was seen on: ASTRAY, BACK, TAKEN */
	bool stuck;                /* a change of it does not end */
	bool settled;              /* nothing more is to be done with it */
	int error;                 /* of the last change, or of the look that failed; 0: none did */
};

struct record_group {
	int id;
	char guard[64]; /* the lock of whoever changes it (struct change) */
	bool had_node;  /* a user driver was bound in it before */
	struct group_node node;
};

struct record {
	char *boot; /* of the machine, when it was written */
	char *owner;
	long pid, uid; /* of who claimed */
	char *user;    /* who was granted the nodes; NULL: root */
	unsigned int user_uid;
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

/* Gives an empty record room for so many groups and devices, and for putting them back. -ENOMEM:
 * record_release() undoes it all the same. */
int record_make_room(struct record *record, size_t groups, size_t devices);

bool record_has_group(const struct record *record, int group);

/* The record's group of that number, which it must have. */
struct record_group *record_group(const struct record *record, int group);

/*
 * Whether the device of some facts is the record's at `place`, and still its claim's: while the
 * claim is not complete that is any device of it, then one that is on the driver that it was given
 * with. What is not known of the device counts for the claim.
 */
bool record_has_device(const struct record *record, size_t place,
		       const struct device_facts *device);

/* Makes the device at `place` another claim's. */
void record_lose(struct record *record, size_t place);

/* The place of the record's device of that address, which it must have. */
size_t record_place(const struct record *record, const char *address);

/*
 * Looks where the device at `place` is, and notes that in its progress, `ASTRAY` for one that is
 * the claim's or on no driver, as a claim under way leaves it. The override is not looked at. Needs
 * no memory.
 */
enum whereabouts record_look(struct machine *machine, struct record *record, size_t place);

/* Whether the group is the one that the record means: some device of it is there, or can't be
 * looked at, and none is another claim's. */
bool record_group_is_there(struct machine *machine, struct record *record, int group);

/* The record's line, ended by a newline, in a string that the caller frees. -ENOMEM; -EILSEQ: a
 * name in it is not UTF-8. */
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
