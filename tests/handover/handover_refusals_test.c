/* SPDX-License-Identifier: MIT */
/* What a claim, a release and their journal refuse while something is not so or not known. */
#define _GNU_SOURCE
#include "handover_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Locks a byte of group 8's lock as another process would; undone by closing it. */
static int lock_byte(struct rig *rig, short type, off_t byte)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
	const int groups[] = {8};
	struct group_locks locks;
	int fd;

	assert_int_equal(journal_lock(rig->handover.journal, groups, 1, 0, &locks), 0);
	journal_unlock(&locks);
	fd = openat(rig->root, "locks/group-8.lock", O_RDWR | O_CLOEXEC);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
	return fd;
}

static void another_changes_the_group(struct rig *rig)
{
	struct claim_request wanted = request(group8, 1, true);
	int fd = lock_byte(rig, F_WRLCK, 0);

	assert_int_equal(claim(rig, &wanted), -ETIMEDOUT);
	assert_trouble(rig, "claim", "another process is changing them");
	close(fd);
	assert_int_equal(claim(rig, &wanted), 0);
	fd = lock_byte(rig, F_WRLCK, 0);
	assert_int_equal(release(rig), -ETIMEDOUT);
	assert_trouble(rig, "claim-8.json", "another process is changing them");
	close(fd);
	assert_int_equal(release(rig), 0);
}

static void a_change_is_under_way(struct rig *rig)
{
	struct claim_request wanted = request(group8, 1, true);
	int fd = lock_byte(rig, F_RDLCK, 1);

	assert_int_equal(claim(rig, &wanted), -EINPROGRESS);
	assert_trouble(rig, "claim", "a killed process began a change that has not ended");
	close(fd);
	assert_int_equal(claim(rig, &wanted), 0);
	fd = lock_byte(rig, F_RDLCK, 1);
	assert_int_equal(release(rig), -EINPROGRESS);
	close(fd);
	assert_int_equal(release(rig), 0);
}

static void the_boot_is_not_known(struct rig *rig)
{
	const struct journal_place place = {
		.root = rig->root, .name = rig->folder, .state = ".", .locks = "."};
	struct claim_request wanted = request(group8, 1, true);
	char *before = state(rig);

	journal_close(rig->handover.journal);
	assert_int_equal(journal_open(&place, &rig->handover.journal), 0);
	assert_int_equal(claim(rig, &wanted), -ENOKEY);
	assert_trouble(rig, "claim", "boot_id must be readable");
	assert_state(rig, before);
	free(before);
}

static void others_may_write_to_the_folder(struct rig *rig)
{
	struct claim_request wanted = request(group8, 1, true);
	char folder[128];
	char *before = state(rig);

	assert_int_equal(fchmodat(rig->root, ".", 0777, 0), 0);
	assert_int_equal(claim(rig, &wanted), -EUCLEAN);
	snprintf(folder, sizeof(folder), "%s/.", rig->folder);
	assert_trouble(rig, folder, "others may write to it");
	assert_int_equal(fchmodat(rig->root, ".", 0700, 0), 0);
	assert_state(rig, before);
	free(before);
}

static void a_record_is_none_any_more(struct rig *rig)
{
	struct claim_request wanted = request(group8, 1, true);
	struct entries entries;

	assert_int_equal(claim(rig, &wanted), 0);
	claim_close(&rig->claim);
	assert_int_equal(journal_read(rig->handover.journal, &entries), 0);
	assert_int_equal(ftruncate(entries.all[0].fd, 7), 0);
	assert_int_equal(handover_release(&rig->handover, &entries.all[0], 0, &rig->troubles),
			 -EUCLEAN);
	entries_release(&entries);
	assert_driver(rig, CARD, "vfio-pci");
	assert_int_equal(count_records(rig), 1);
}

/* ---- running ---- */

static const struct handover_case cases[] = {
	{"handover@another-changes-the-group-etimedout", another_changes_the_group},
	{"handover@a-change-under-way-einprogress", a_change_is_under_way},
	{"claim@boot-not-known-enokey", the_boot_is_not_known},
	{"claim@folder-of-others-euclean", others_may_write_to_the_folder},
	{"release@no-record-any-more-euclean", a_record_is_none_any_more},
};

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, cases, run_case);
	return suite_run(&suite, "handover-refusals");
}
