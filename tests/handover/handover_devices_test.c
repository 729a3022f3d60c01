/* SPDX-License-Identifier: MIT */
/* The devices of a claim come and go, and others take them: what is theirs is left. */
#define _GNU_SOURCE
#include "handover_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- devices that come and go ---- */

static void a_device_has_gone(struct rig *rig)
{
	struct claim_request wanted = request(group8, 1, true);

	assert_int_equal(claim(rig, &wanted), 0);
	assert_int_equal(machine_remove(rig->sim, CARD), 0);
	assert_int_equal(release(rig), 0);
	assert_driver(rig, CARD2, "e1000");
}

static void a_device_has_come_back(struct rig *rig)
{
	struct claim_request wanted = request(group8, 1, true);
	char *before = state(rig);

	assert_int_equal(claim(rig, &wanted), 0);
	assert_int_equal(machine_remove(rig->sim, CARD), 0);
	assert_int_equal(machine_rescan(rig->sim), 0);
	assert_int_equal(release(rig), 0);
	assert_state(rig, before);
	free(before);
}

/* ---- what others do with its devices ---- */

/* As by driverctl: the override is the new driver's. */
static void put_on(struct rig *rig, const char *device, const char *driver)
{
	assert_int_equal(machine_unbind(rig->sim, device), 0);
	assert_int_equal(machine_set_override(rig->sim, device, driver), 0);
	assert_int_equal(machine_bind(rig->sim, device, driver), 0);
}

static int inspect(struct rig *rig)
{
	struct entries entries;
	int err;

	assert_int_equal(journal_read(rig->handover.journal, &entries), 0);
	err = handover_inspect(&rig->handover, &entries.all[0], &rig->troubles);
	entries_release(&entries);
	return err;
}

static void somebody_elses_device_is_left(struct rig *rig)
{
	struct claim_request wanted = request(group8, 1, true);

	assert_int_equal(claim(rig, &wanted), 0);
	assert_int_equal(inspect(rig), 0);
	put_on(rig, CARD, "other");
	assert_int_equal(inspect(rig), -ESTALE);
	assert_trouble(rig, CARD, "is on other instead of vfio-pci");
	assert_int_equal(release(rig), -ESTALE);
	assert_trouble(rig, CARD, "is on other, where somebody else put it: it stays there");
	assert_driver(rig, CARD, "other");
	assert_driver(rig, CARD2, "e1000");
	assert_int_equal(count_records(rig), 0);
}

/* What is back already, as driverctl unset puts it, is back. */
static void what_others_put_back_is_back(struct rig *rig)
{
	struct claim_request wanted = request(group10, 1, true);
	char *before = state(rig);

	assert_int_equal(claim(rig, &wanted), 0);
	assert_int_equal(machine_unbind(rig->sim, SINGLE), 0);
	assert_int_equal(machine_set_override(rig->sim, SINGLE, NULL), 0);
	assert_int_equal(machine_bind(rig->sim, SINGLE, "e1000"), 0);
	assert_int_equal(inspect(rig), -ESTALE);
	assert_int_equal(release(rig), 0);
	assert_state(rig, before);
	free(before);
}

/* Another device at the same address, on the driver that the claim gave the first one with. */
static void another_device_is_left(struct rig *rig)
{
	struct claim_request wanted = request(group10, 1, true);

	assert_int_equal(claim(rig, &wanted), 0);
	assert_int_equal(machine_remove(rig->sim, SINGLE), 0);
	assert_int_equal(machine_rescan(rig->sim), 0);
	put_on(rig, SINGLE, "vfio-pci");
	assert_int_equal(inspect(rig), -ESTALE);
	assert_trouble(rig, SINGLE, "another device has its address");
	assert_int_equal(release(rig), 0);
	assert_driver(rig, SINGLE, "vfio-pci");
	assert_int_equal(count_records(rig), 0);
}

/* It came into a group that the claim had, and so without its driver. */
static void another_device_has_its_driver_in_the_end(struct rig *rig)
{
	struct claim_request wanted = request(group8, 1, true);
	struct group_file *file;
	char *before = state(rig);

	assert_int_equal(claim(rig, &wanted), 0);
	assert_int_equal(machine_open(rig->sim, 8, &file), 0);
	assert_int_equal(group_file_claim(file), 0);
	assert_int_equal(machine_remove(rig->sim, CARD), 0);
	machine_rescan(rig->sim);
	assert_driver(rig, CARD, "");
	group_file_close(file);
	assert_driver(rig, CARD, "");
	assert_int_equal(release(rig), 0);
	assert_state(rig, before);
	free(before);
}

/* The broken claim has it no more, and its end does nothing to it. */
static void a_lost_device_can_be_claimed(struct rig *rig)
{
	struct claim_request first = request(both, 2, true), second = request(group9, 1, true);
	struct entries entries;

	assert_int_equal(claim(rig, &first), 0);
	put_on(rig, "0000:03:00.0", "other");
	put_on(rig, "0000:03:00.1", "e1000");
	assert_int_equal(claim(rig, &second), 0);
	claim_close(&rig->claim);
	assert_int_equal(count_records(rig), 2);
	assert_int_equal(journal_read(rig->handover.journal, &entries), 0);
	assert_string_equal(entries.all[0].name, "claim-8.json");
	assert_int_equal(handover_release(&rig->handover, &entries.all[0], 0, &rig->troubles), 0);
	assert_driver(rig, CARD, "e1000");
	assert_driver(rig, "0000:03:00.0", "vfio-pci");
	assert_int_equal(handover_release(&rig->handover, &entries.all[1], 0, &rig->troubles), 0);
	assert_driver(rig, "0000:03:00.0", "other");
	assert_driver(rig, "0000:03:00.1", "e1000");
	entries_release(&entries);
}

/* A name is not taken from a record whose devices have gone. */
static void a_second_record_of_a_group(struct rig *rig)
{
	struct claim_request wanted = request(group10, 1, true);

	assert_int_equal(claim(rig, &wanted), 0);
	assert_int_equal(machine_remove(rig->sim, SINGLE), 0);
	assert_int_equal(machine_rescan(rig->sim), 0);
	assert_int_equal(claim(rig, &wanted), 0);
	assert_string_equal(rig->claim.entry.name, "claim-10.2.json");
	assert_int_equal(count_records(rig), 2);
}

/* Not known is neither gone nor back: nothing is done, and the record stays. */
static void a_device_that_can_not_be_looked_at(struct rig *rig)
{
	static const int errors[] = {ENOMEM, EMFILE, EIO, EACCES};
	struct claim_request wanted = request(group10, 1, true);
	char *before = state(rig);

	assert_int_equal(claim(rig, &wanted), 0);
	for (size_t i = 0; i < COUNT(errors); i++) {
		steps_hide(SINGLE, errors[i]);
		if (i == 0)
			assert_int_equal(inspect(rig), -errors[i]);
		assert_int_equal(release(rig), -ENOTRECOVERABLE);
		assert_trouble(rig, SINGLE, "can't be looked at");
		assert_int_equal(count_records(rig), 1);
	}
	steps_hide(NULL, 0);
	assert_driver(rig, SINGLE, "vfio-pci");
	assert_int_equal(release(rig), 0);
	assert_state(rig, before);
	free(before);
}

/* ---- running ---- */

static const struct handover_case cases[] = {
	{"release@a-device-has-gone", a_device_has_gone},
	{"release@a-device-has-come-back", a_device_has_come_back},
	{"release@somebody-elses-device-estale", somebody_elses_device_is_left},
	{"release@what-others-put-back", what_others_put_back_is_back},
	{"release@another-device-at-the-address", another_device_is_left},
	{"release@another-device-in-its-group", another_device_has_its_driver_in_the_end},
	{"claim@a-device-that-another-has-lost", a_lost_device_can_be_claimed},
	{"claim@a-second-record-of-the-group", a_second_record_of_a_group},
	{"release@not-known-keeps-the-record", a_device_that_can_not_be_looked_at},
};

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, cases, run_case);
	return suite_run(&suite, "handover-devices");
}
