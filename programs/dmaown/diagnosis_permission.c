/* SPDX-License-Identifier: MIT */
/* Whether whoever asks may hand out a group, and sees who uses one. */
#define _GNU_SOURCE
#include "complain.h"
#include "diagnosis_check.h"
#include "diagnosis_facts.h"
#include "diagnosis_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- permission ---- */

static bool sys_read_only(const struct facts *facts)
{
	return diagnosed_host(facts)->sys_read_only == KNOWN_YES;
}

static bool privileged(const struct facts *facts)
{
	return diagnosed_host(facts)->privileged == KNOWN_YES;
}

static bool privileged_and_sys_unknown(const struct facts *facts)
{
	return privileged(facts) && diagnosed_host(facts)->sys_read_only == KNOWN_NOT;
}

static bool unprivileged(const struct facts *facts)
{
	return diagnosed_host(facts)->privileged == KNOWN_NO;
}

static const struct check_row permission_check_rows[] = {
	{
		.applies = sys_read_only,
		.ruling = FORBIDDEN,
		.reason = "/sys is mounted read-only",
		.remedy = "mount -o remount,rw /sys, or run the container privileged",
	},
	{
		.applies = privileged_and_sys_unknown,
		.ruling = UNDECIDED,
		.reason = "root, but not known whether /sys is mounted read-only",
		.fact = "sys_read_only",
	},
	{
		.applies = privileged,
		.ruling = FINE,
		.reason = "root",
	},
	{
		.applies = unprivileged,
		.ruling = FORBIDDEN,
		.reason = "not root of the host: cannot write driver_override, bind, unbind",
		.remedy = "run it as root",
	},
	{
		.applies = always,
		.ruling = UNDECIDED,
		.reason = "not known whether dmaown may change the host",
		.fact = "privileged",
	},
};

static const struct check permission_check = {.name = "permission",
					      .thing = "permission",
					      .rows = permission_check_rows,
					      .row_count = COUNT(permission_check_rows)};

int judge_permission(struct diagnosis *diagnosis, const struct facts *facts)
{
	return apply_check(diagnosis, facts, &permission_check);
}

/* ---- sight ---- */

#define SIGHT_REMEDY                                                                               \
	"run dmaown on the host itself, in the first namespaces, with all of /proc and "           \
	"CAP_SYS_PTRACE"

static bool sees_all(const struct facts *facts)
{
	return diagnosed_host(facts)->sees_all == KNOWN_YES;
}

static bool sees_not_all(const struct facts *facts)
{
	return diagnosed_host(facts)->sees_all == KNOWN_NO;
}

/* Nobody asked a machine in a file, or a recorded tree, what a process sees. */
static bool nobody_asked_what_is_seen(const struct facts *facts)
{
	return diagnosed_host(facts)->sees_all == KNOWN_NOT &&
	       !host_facts_hidden_by(diagnosed_host(facts), "sees_all");
}

static bool not_known_what_is_seen(const struct facts *facts)
{
	return diagnosed_host(facts)->sees_all == KNOWN_NOT;
}

static const struct check_row sight_check_rows[] = {
	{
		.applies = sees_all,
		.ruling = FINE,
		.reason = "sees all processes, mounts and interfaces",
	},
	{
		.applies = sees_not_all,
		.ruling = BROKEN,
		.reason = "does not see everything that may use a device",
		.remedy = SIGHT_REMEDY,
	},
	{
		.applies = nobody_asked_what_is_seen,
		.ruling = UNKNOWN,
		.reason = "not known whether it sees everything that may use a device",
		.fact = "sees_all",
	},
	{
		.applies = not_known_what_is_seen,
		.ruling = UNDECIDED,
		.reason = "not known whether it sees everything that may use a device",
		.fact = "sees_all",
	},
};

static const struct check sight_check = {.name = "sight",
					 .thing = "this process",
					 .rows = sight_check_rows,
					 .row_count = COUNT(sight_check_rows)};

static int add_blind_spot(struct diagnosis *diagnosis, const struct unknown_facts *spot)
{
	struct remark remark = {.check = sight_check.name,
				.thing = sight_check.thing,
				.gravity = GRAVITY_BLOCKS,
				.code = EXIT_FAILED,
				.remedy = SIGHT_REMEDY};
	char *reason;
	int err;

	if (asprintf(&reason, "does not see %s, so a device in use may look idle", spot->about) < 0)
		return -ENOMEM;
	remark.reason = reason;
	if (hidden_by_permission(spot->error))
		remark.code = EXIT_NOT_PERMITTED;
	err = diagnosis_add(diagnosis, &remark);
	free(reason);
	return err;
}

int judge_sight(struct diagnosis *diagnosis, const struct facts *facts)
{
	const struct host_facts *host = diagnosed_host(facts);
	int err = 0;

	for (size_t i = 0; !err && i < host->blind_spot_count; i++)
		err = add_blind_spot(diagnosis, &host->blind_spots[i]);
	if (err || host->blind_spot_count)
		return err;
	return apply_check(diagnosis, facts, &sight_check);
}
