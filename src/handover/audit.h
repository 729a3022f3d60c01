/* SPDX-License-Identifier: MIT */
/*
 * The audit: who had what, when, by which command, with which result.
 *
 *	audit      one line of JSON for each claim, release and recovery, the latest last
 *	audit.1    the lines before: audit is given this name when it would grow beyond AUDIT_SIZE
 *
 * Both lie in the state folder, are root's alone and are believed only if they are: what is a link,
 * has other names, or may be read or written by others is no audit. A line is written by one
 * write(2) and bounded. The file is locked (an open file description lock) while a line is added
 * and while it is given its other name, so that nothing is lost by writers that meet; the lock is
 * waited for AUDIT_PATIENCE, no longer: a claim is not kept waiting by its audit, nor does it fail
 * for it.
 *
 * It tells what dmaown did. Root can change it, and can give devices away without dmaown.
 */
#ifndef DMAOWN_HANDOVER_AUDIT_H
#define DMAOWN_HANDOVER_AUDIT_H

#include "record.h"

#include <jansson.h>

enum {
	AUDIT_SIZE = 1 << 20,  /* bytes of a file */
	AUDIT_LINE = 16 << 10, /* bytes of a line */
	AUDIT_PATIENCE = 500,  /* milliseconds */
	AUDIT_LOG = 1 << 10,
};

enum audit_what { AUDIT_CLAIM, AUDIT_RELEASE, AUDIT_RECOVER };

enum audit_result { AUDIT_DONE, AUDIT_REFUSED, AUDIT_FAILED, AUDIT_NOT_RESTORED };

/* What happened. All that it points to is borrowed. */
struct audit_event {
	enum audit_what what;
	enum audit_result result;
	int error;        /* the -errno of what failed; 0: none did */
	int exit_code;    /* what dmaown exits with; -1: that is not known yet */
	int status;       /* of the command that had the claim, when it has ended; -1: none has */
	const char *boot; /* NULL: not known */
	const struct record *record;         /* of the claim; NULL: it came to none */
	const struct claim_request *request; /* what was asked for; NULL: the claim that there is */
	const char *reason;                  /* why not, in words; may be NULL */
	char *const *command;                /* the command line, ended by NULL; may be NULL */
};

/* The event's line, with its newline, in a string that the caller frees, by the time, the process
 * and the user that it is made by. Of more devices than it has room for it says how many there are.
 * -ENOMEM. */
int audit_line(const struct audit_event *event, char **out);

/*
 * Adds the line to the audit in the folder. -EUCLEAN: what has its name is no audit; -ETIMEDOUT:
 * others had it locked; -EACCES, -ENOSPC, -EROFS and what else opening and writing gives: nothing
 * was written.
 */
int audit_append(int folder, const char *line);

/* Lines that were read. */
struct audit {
	json_t *events; /* an array of objects, as written */
	size_t damaged; /* lines that are none, and were passed over */
};

/* Reads both files; what is not there has no lines. -EUCLEAN, -EACCES and what else opening and
 * reading gives; -ENOMEM. The array is the caller's. */
int audit_read(int folder, struct audit *out);

/*
 * Tells the system's log, which listens at that path (/dev/log), of the event in one datagram of at
 * most AUDIT_LOG bytes. Nothing if nobody listens or has room.
 */
void audit_tell_log(const char *path, const struct audit_event *event);

/* "claim", "done". */
const char *audit_what_name(enum audit_what what);
const char *audit_result_name(enum audit_result result);

#endif
