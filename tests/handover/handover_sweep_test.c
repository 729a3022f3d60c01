/* SPDX-License-Identifier: MIT */
/* Every step and every allocation of a claim and of its end fails, or is the last. */
#define _GNU_SOURCE
#include "failing_memory.h"
#include "handover_rig.h"

#include <errno.h>
#include <stdlib.h>

static const struct {
	const int *groups;
	size_t count;
} swept[] = {{group8, 1}, {group9, 1}, {both, 2}};

/* A claim that is still there is complete. */
static void check_rest(struct rig *rig)
{
	struct entries entries;

	assert_int_equal(journal_read(rig->handover.journal, &entries), 0);
	if (entries.count > 0) {
		assert_true(entries.all[0].record.held);
		assert_driver(rig, entries.all[0].record.devices[1].address, "vfio-pci");
		assert_int_equal(release(rig), 0);
	}
	entries_release(&entries);
}

/* What came of it, after its k-th step failed or was the last, is the claim or nothing: at once, or
 * after it was recovered. */
static void check(struct rig *rig, const char *before, bool recovers)
{
	if (recovers)
		recover(rig);
	claim_close(&rig->claim);
	check_rest(rig);
	assert_state(rig, before);
}

enum subject { CLAIMING, RELEASING };

/* From now on the k-th step, or allocation, of ours or of the machine's, has that fate. */
static void begin(enum fate fate, bool memory, unsigned int k)
{
	if (memory)
		until_failure = k;
	else
		steps_begin(fate, k);
}

/* Whether the k-th was met. */
static bool end(bool memory, unsigned int k)
{
	bool met = memory ? until_failure == 0 : steps_end() >= k;

	until_failure = 0;
	return met;
}

/* Whether somebody must put back what is left. A claim that failed has done so itself, or says that
 * it could not. */
static bool is_left(enum subject subject, int err)
{
	return subject == RELEASING ? err != 0 : err == -ENOTRECOVERABLE;
}

/* Gives how many steps or allocations there are. */
static unsigned int sweep_one(enum subject subject, enum fate fate, bool memory,
			      const struct claim_request *wanted)
{
	bool met = true;
	unsigned int k = 0;

	while (met) {
		struct rig rig;
		char *before;
		int err;

		set_up(&rig);
		before = state(&rig);
		rig.handover.patience = memory ? 60 : 0;
		if (subject == RELEASING)
			assert_int_equal(claim(&rig, wanted), 0);
		begin(fate, memory, ++k);
		err = subject == RELEASING ? release(&rig) : claim(&rig, wanted);
		met = end(memory, k);
		assert_true(met || !err);
		check(&rig, before, fate == FATE_DIE || is_left(subject, err));
		free(before);
		tear_down(&rig);
	}
	return k - 1;
}

static void sweep(enum subject subject, enum fate fate, bool memory)
{
	unsigned int points = 0;

	for (size_t i = 0; i < COUNT(swept); i++) {
		struct claim_request wanted = request(swept[i].groups, swept[i].count, true);

		points += sweep_one(subject, fate, memory, &wanted);
	}
	print_message("%u points swept\n", points);
	assert_true(points > 50);
}

static void claim_fails(void **unused)
{
	sweep(CLAIMING, FATE_FAIL, false);
}

static void claim_dies(void **unused)
{
	sweep(CLAIMING, FATE_DIE, false);
}

static void release_fails(void **unused)
{
	sweep(RELEASING, FATE_FAIL, false);
}

static void release_dies(void **unused)
{
	sweep(RELEASING, FATE_DIE, false);
}

static void memory_fails(void **unused)
{
	sweep(CLAIMING, FATE_WORK, true);
	sweep(RELEASING, FATE_WORK, true);
}

/* The end of a claim that is under way asks for no memory of its own. */
static void end_needs_no_memory(struct rig *rig)
{
	struct claim_request wanted = request(both, 2, false);
	char *before = state(rig);

	for (size_t k = 1;; k++) {
		bool met;

		rig->handover.patience = 2000;
		assert_int_equal(claim(rig, &wanted), 0);
		until_failure = k;
		assert_int_equal(end_own(rig), 0);
		met = until_failure == 0;
		until_failure = 0;
		if (!met)
			break;
	}
	assert_state(rig, before);
	free(before);
}

/* ---- running ---- */

static const struct handover_case cases[] = {
	{"end@needs-no-memory", end_needs_no_memory},
};

int main(void)
{
	static const struct CMUnitTest sweeps[] = {
		cmocka_unit_test(claim_fails),   cmocka_unit_test(claim_dies),
		cmocka_unit_test(release_fails), cmocka_unit_test(release_dies),
		cmocka_unit_test(memory_fails),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, sweeps);
	ADD_ROWS(&suite, cases, run_case);
	return suite_run(&suite, "handover-sweep");
}
