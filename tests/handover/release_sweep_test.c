/* SPDX-License-Identifier: MIT */
/*
 * Each step of the end of a claim fails, alone or with all that follow, with each of four errnos,
 * on a simulated machine: a device is called back only if it is, success means that all are and
 * that no record is left, and after anything else the record is there and the next attempt does the
 * rest.
 *
 * The machine has a group of two native cards, one of them with an override that names another
 * driver, and a group in which a device is a user's already.
 */
#define _GNU_SOURCE
#include "handover_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char machine_text[] =
	"{\"dmaown-machine\":1,\"groups\":["
	"{\"id\":8,\"type\":\"DMA\",\"devices\":["
	"{\"address\":\"0000:02:01.0\",\"bus\":\"pci\",\"vendor\":\"8086\",\"device\":\"100e\","
	" \"driver\":\"e1000\"},"
	"{\"address\":\"0000:02:02.0\",\"bus\":\"pci\",\"vendor\":\"8086\",\"device\":\"100e\","
	" \"driver\":\"e1000\"}]},"
	"{\"id\":9,\"type\":\"DMA\",\"devices\":["
	"{\"address\":\"0000:03:00.0\",\"bus\":\"pci\",\"vendor\":\"8086\",\"device\":\"10d3\","
	" \"driver\":\"vfio-pci\",\"driver_override\":\"vfio-pci\"}]}],"
	"\"drivers\":["
	"{\"name\":\"e1000\",\"bus\":\"pci\",\"managed_dma\":false,\"ids\":[\"8086:100e\"]},"
	"{\"name\":\"other\",\"bus\":\"pci\",\"managed_dma\":false},"
	"{\"name\":\"vfio-pci\",\"bus\":\"pci\",\"managed_dma\":true,\"user\":true}]}";

static void set_up_native(struct rig *rig)
{
	const struct group_node node = group_node_of_user(1234);

	set_up_on(rig, machine_text);
	assert_int_equal(machine_set_override(rig->sim, "0000:02:02.0", "other"), 0);
	assert_int_equal(machine_set_node(rig->sim, 9, &node), 0);
}

/* Nobody but us has changed anything, so that nothing has gone and nothing is somebody else's. */
static void check_words(struct rig *rig, const struct record *record)
{
	for (size_t i = 0; i < record->device_count; i++) {
		const struct record_device *device = &record->devices[i];
		const struct device_progress *progress = &record->progress[i];
		struct driver_name driver, override;

		assert_true(progress->where <= BACK);
		if (progress->where != BACK)
			continue;
		assert_int_equal(machine_driver(rig->sim, device->address, &driver), 0);
		assert_int_equal(machine_override(rig->sim, device->address, &override), 0);
		assert_string_equal(driver.text, device->driver ? device->driver : "");
		assert_string_equal(progress->driver.text, driver.text);
		assert_string_equal(override.text, device->override ? device->override : "");
	}
}

/* Ends the claim that there is, of which `left` tells whether it still has its record. */
static int end_it(struct rig *rig, bool *left)
{
	struct troubles troubles = {0};
	struct entries entries;
	int err = journal_read(rig->handover.journal, &entries);

	*left = true;
	if (err)
		return err;
	assert_int_equal(entries.count, 1);
	/* `dmaown` ends no record that it can't read. */
	err = entries.all[0].state == ENTRY_GOOD
		      ? handover_release(&rig->handover, &entries.all[0], 0, &troubles)
		      : -EUCLEAN;
	steps_end();
	check_words(rig, &entries.all[0].record);
	*left = faccessat(rig->root, "claims/claim-8.json", F_OK, 0) == 0;
	if (err && *left)
		assert_true(troubles.count > 0);
	entries_release(&entries);
	troubles_release(&troubles);
	return err;
}

/* What came of it when one step failed. */
static void check(struct rig *rig, int err, bool left, const char *before)
{
	bool still;

	assert_int_not_equal(err, -ESTALE);
	assert_int_equal(left, err != 0);
	if (err)
		assert_int_equal(end_it(rig, &still), 0);
	assert_state(rig, before);
}

/* Gives how many steps there are. With FATE_DIE all steps after the k-th fail, as when memory or
 * descriptors have run out. */
static unsigned int sweep(enum fate fate, int error, bool kept)
{
	unsigned int k = 0, count = 1;

	steps_fail_with(error);
	while (k < count) {
		struct claim_request wanted;
		struct rig rig;
		char *before;
		bool left;
		int err;

		set_up_native(&rig);
		before = state(&rig);
		wanted = request(both, 2, kept);
		assert_int_equal(claim(&rig, &wanted), 0);
		claim_close(&rig.claim);
		steps_begin(k ? fate : FATE_WORK, k);
		err = end_it(&rig, &left);
		if (k == 0)
			assert_int_equal(err, 0);
		count = k == 0 ? steps_end() : count;
		check(&rig, err, left, before);
		free(before);
		tear_down(&rig);
		k++;
	}
	return count;
}

static void each_step_fails(bool kept)
{
	static const int errors[] = {ENOMEM, EMFILE, EIO, EACCES};
	unsigned int points = 0;

	for (size_t i = 0; i < COUNT(errors); i++)
		points += sweep(FATE_FAIL, errors[i], kept) + sweep(FATE_DIE, errors[i], kept);
	print_message("%u points swept\n", points);
	assert_true(points > 100);
}

static void a_kept_claim(void **unused)
{
	each_step_fails(true);
}

static void an_abandoned_claim(void **unused)
{
	each_step_fails(false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kept_claim),
		cmocka_unit_test(an_abandoned_claim),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
