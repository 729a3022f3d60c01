/* SPDX-License-Identifier: MIT */
/* An audit in a folder of its own, which a test has as its state, and an event for it. */
#ifndef DMAOWN_TESTS_HANDOVER_AUDIT_RIG_H
#define DMAOWN_TESTS_HANDOVER_AUDIT_RIG_H

#include "audit.h"
#include "rows.h"

struct rig {
	char path[64];
	int folder;
};

int set_up(void **state);
int tear_down(void **state);
#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* A text that may stand where one is that somebody has to free. */
#define OWN(text) ((char[]) {text})

/* The release of a claim of three devices: one is back, one was left, and one has gone. */
extern struct record_device devices[3];
extern const struct record record;
extern const struct audit_event release;

/* Of so many bytes, each of which becomes several in a line; the caller frees. */
char *long_text(size_t length);

#endif
