/* SPDX-License-Identifier: MIT */
/*
 * A simulated machine whose steps can fail, with a journal in a folder of its own, and claims of
 * it.
 *
 * The machine has one group with a bridge, two native cards and a device without a driver (8), one
 * in which a device is a user's already, granted to somebody, beside a native one with an override
 * that names another driver (9), and a single native card (10).
 */

#ifndef DMAOWN_TESTS_HANDOVER_HANDOVER_RIG_H
#define DMAOWN_TESTS_HANDOVER_HANDOVER_RIG_H

#include "failing_steps.h"
#include "handover.h"
#include "rows.h"

#define CARD "0000:02:01.0"
#define EDU "0000:02:02.0"
#define CARD2 "0000:02:03.0"
#define SINGLE "0000:04:00.0"

struct rig {
	struct machine *sim, *machine;
	char folder[64];
	int root;
	struct handover handover;
	struct troubles troubles;
	struct claim claim;
};

extern const int group8[1], group9[1], group10[1], both[2];

void set_up(struct rig *rig);
/* On another machine, the text of a machine file. */
void set_up_on(struct rig *rig, const char *machine);
void tear_down(struct rig *rig);

/* A case of one of the tables: its rows, and how each is run. */
struct handover_case {
	const char *name;
	void (*run)(struct rig *rig);
};
void run_case(void **state_of_case);

/* For alice, by the owner `test`. */
struct claim_request request(const int *groups, size_t count, bool kept);

int claim(struct rig *rig, const struct claim_request *wanted);
/* Ends the one claim that there is, as `dmaown release` does. */
int release(struct rig *rig);
/* Ends our own claim, as `dmaown claim` does when its command has ended. */
int end_own(struct rig *rig);
/* Puts back what nobody stands behind, as `dmaown recover` does. */
void recover(struct rig *rig);
size_t count_records(struct rig *rig);

/* Drivers, overrides, nodes and the journal; the caller frees. */
char *state(struct rig *rig);
/* Takes the text over. */
void assert_state(struct rig *rig, const char *expected);
void assert_driver(struct rig *rig, const char *device, const char *expected);
/* The group's node is root's, and open to that user alone. */
void assert_node(struct rig *rig, int group, unsigned int uid);
/* Some trouble says that. */
void assert_trouble(const struct rig *rig, const char *thing, const char *reason);

#endif
