/* SPDX-License-Identifier: MIT */
/* Claims and their end: what a claim gives, what it refuses, and what comes back. */
#define _GNU_SOURCE
#include "handover_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- what a claim gives, and what comes back ---- */

static void gives_the_whole_group(struct rig *rig)
{
	struct claim_request wanted = request(group8, 1, true);
	char *before = state(rig);

	assert_int_equal(claim(rig, &wanted), 0);
	assert_driver(rig, CARD, "vfio-pci");
	assert_driver(rig, EDU, "vfio-pci");
	assert_driver(rig, CARD2, "vfio-pci");
	assert_driver(rig, "0000:01:00.0", "pcieport");
	assert_node(rig, 8, 1000);
	assert_int_equal(release(rig), 0);
	assert_state(rig, before);
	free(before);
}

static void leaves_what_was_a_users(struct rig *rig)
{
	struct claim_request wanted = request(group9, 1, true);
	char *before = state(rig);

	assert_int_equal(claim(rig, &wanted), 0);
	assert_driver(rig, "0000:03:00.0", "vfio-pci");
	assert_driver(rig, "0000:03:00.1", "vfio-pci");
	assert_string_equal(rig->claim.entry.record.devices[0].to, "vfio-pci");
	assert_node(rig, 9, 1000);
	assert_int_equal(release(rig), 0);
	assert_state(rig, before);
	free(before);
}

/* Neither its owner nor who is on its access list may open a group that root claims. */
static void closes_a_node_to_all_but_root(struct rig *rig)
{
	struct claim_request wanted = request(group9, 1, true);
	char *before = state(rig);

	wanted.user = NULL;
	assert_int_equal(claim(rig, &wanted), 0);
	assert_node(rig, 9, 0);
	assert_int_equal(release(rig), 0);
	assert_state(rig, before);
	free(before);
}

/* Whatever became of the node during the claim is not there afterwards. */
static void a_node_comes_back_whatever_it_became(struct rig *rig)
{
	struct claim_request wanted = request(group9, 1, true);
	struct group_node node = group_node_of_user(666);
	char *before = state(rig);

	assert_int_equal(claim(rig, &wanted), 0);
	node.uid = 666;
	assert_int_equal(machine_set_node(rig->sim, 9, &node), 0);
	assert_int_equal(release(rig), 0);
	assert_state(rig, before);
	free(before);
}

static void refuses_a_second_claim(struct rig *rig)
{
	struct claim_request wanted = request(both, 2, true), second = request(group9, 1, true);

	assert_int_equal(claim(rig, &wanted), 0);
	assert_int_equal(claim(rig, &second), -EPERM);
	assert_int_equal(rig->claim.plan.refusal_count, 1);
	assert_int_equal(rig->claim.plan.refusals[0].kind, REFUSAL_OWNED);
	assert_string_equal(rig->claim.plan.refusals[0].name, "test");
	assert_int_equal(release(rig), 0);
}

static bool always(void *context)
{
	return true;
}

static void can_be_interrupted(struct rig *rig)
{
	struct claim_request wanted = request(group8, 1, true);
	char *before = state(rig);

	rig->handover.interrupted = always;
	assert_int_equal(claim(rig, &wanted), -ECANCELED);
	assert_state(rig, before);
	free(before);
}

static void a_wait_can_be_interrupted(struct rig *rig)
{
	struct claim_request wanted = request(group8, 1, false);
	struct group_file *file;

	assert_int_equal(claim(rig, &wanted), 0);
	assert_int_equal(machine_open(rig->sim, 8, &file), 0);
	rig->handover.interrupted = always;
	assert_int_equal(handover_release(&rig->handover, &rig->claim.entry,
					  RELEASE_OURS | RELEASE_WAIT, &rig->troubles),
			 -ECANCELED);
	assert_node(rig, 8, 1000);
	assert_driver(rig, CARD, "vfio-pci");
	group_file_close(file);
	assert_int_equal(end_own(rig), 0);
}

/* A native driver comes to a device between the plan and the kernel's answer: the kernel refuses,
 * and so do we. Here it is a card that joins by a change of facts: bound behind our back. */
static void believes_the_kernel(struct rig *rig)
{
	struct claim_request wanted = request(group9, 1, true);
	struct group_file *file;
	char *before;

	assert_int_equal(machine_open(rig->sim, 9, &file), 0);
	before = state(rig);
	assert_int_equal(claim(rig, &wanted), -EBUSY);
	assert_trouble(rig, "group:9", "somebody else has it open");
	assert_state(rig, before);
	group_file_close(file);
	free(before);
}

/* ---- drivers that fail ---- */

static void replace_driver(struct rig *rig, const struct driver_script *script)
{
	assert_int_equal(machine_remove_driver(rig->sim, "pci", script->name), 0);
	assert_int_equal(machine_add_driver(rig->sim, script), 0);
}

static void undoes_a_bind_that_fails(struct rig *rig)
{
	const struct driver_script broken = {.name = "vfio-pci",
					     .bus = "pci",
					     .managed_dma = true,
					     .user = true,
					     .fail_at = STAGE_PROBE,
					     .error = EINVAL};
	struct claim_request wanted = request(group8, 1, true);
	char *before;

	replace_driver(rig, &broken);
	before = state(rig);
	assert_int_equal(claim(rig, &wanted), -EINVAL);
	assert_trouble(rig, CARD, "bind of vfio-pci failed: Invalid argument (EINVAL)");
	assert_state(rig, before);
	free(before);
}

static void retries_the_original_driver(struct rig *rig)
{
	static const char *const ids[] = {"8086:100e"};
	const struct driver_script shy = {.name = "e1000",
					  .bus = "pci",
					  .ids = ids,
					  .id_count = 1,
					  .fail_at = STAGE_PROBE,
					  .error = EIO,
					  .failures = 2};
	struct claim_request wanted = request(group10, 1, true);
	char *before = state(rig);

	assert_int_equal(machine_unbind(rig->sim, CARD), 0);
	assert_int_equal(machine_unbind(rig->sim, CARD2), 0);
	assert_int_equal(machine_unbind(rig->sim, "0000:03:00.1"), 0);
	free(before);
	before = state(rig);
	assert_int_equal(claim(rig, &wanted), 0);
	replace_driver(rig, &shy);
	assert_int_equal(machine_unbind(rig->sim, CARD), -ENODEV);
	rig->handover.patience = 2000;
	assert_int_equal(release(rig), 0);
	assert_driver(rig, SINGLE, "e1000");
	free(before);
}

static void says_what_is_not_back(struct rig *rig)
{
	struct claim_request wanted = request(group10, 1, true);

	assert_int_equal(claim(rig, &wanted), 0);
	assert_int_equal(machine_remove_driver(rig->sim, "pci", "e1000"), 0);
	assert_int_equal(release(rig), -ENOTRECOVERABLE);
	assert_trouble(rig, SINGLE, "is on no driver instead of e1000 (ENODEV)");
}

static void recovers_when_it_can(struct rig *rig)
{
	static const char *const ids[] = {"8086:100e"};
	const struct driver_script again = {
		.name = "e1000", .bus = "pci", .ids = ids, .id_count = 1};
	struct claim_request wanted = request(group10, 1, true);

	says_what_is_not_back(rig);
	assert_int_equal(machine_add_driver(rig->sim, &again), 0);
	assert_int_equal(release(rig), 0);
	assert_driver(rig, SINGLE, "e1000");
	assert_int_equal(claim(rig, &wanted), 0);
	assert_int_equal(release(rig), 0);
}

/* ---- holders ---- */

static void waits_for_who_has_it_open(struct rig *rig)
{
	struct claim_request wanted = request(group8, 1, true);
	char *before = state(rig);
	struct group_file *file;

	assert_int_equal(claim(rig, &wanted), 0);
	assert_int_equal(machine_open(rig->sim, 8, &file), 0);
	assert_int_equal(release(rig), -ETIMEDOUT);
	assert_trouble(rig, "group:8", "still open");
	assert_driver(rig, CARD, "vfio-pci");
	group_file_close(file);
	assert_int_equal(release(rig), 0);
	assert_state(rig, before);
	free(before);
}

static void does_not_hang_with_a_device_in_use(struct rig *rig)
{
	struct claim_request wanted = request(group8, 1, false);
	char *before = state(rig);
	struct group_file *file;

	assert_int_equal(claim(rig, &wanted), 0);
	assert_int_equal(machine_open(rig->sim, 8, &file), 0);
	assert_int_equal(group_file_claim(file), 0);
	assert_int_equal(group_file_attach(file), 0);
	assert_int_equal(group_file_open_device(file, EDU), 0);
	assert_int_equal(end_own(rig), -ETIMEDOUT);
	assert_trouble(rig, "group:8", "still open");
	assert_driver(rig, EDU, "vfio-pci");
	group_file_close(file);
	assert_int_equal(release(rig), 0);
	assert_state(rig, before);
	free(before);
}

static void stands_behind_a_command(struct rig *rig)
{
	struct claim_request wanted = request(group8, 1, false);
	struct entries entries;

	assert_int_equal(claim(rig, &wanted), 0);
	assert_int_equal(journal_read(rig->handover.journal, &entries), 0);
	assert_true(answer_is_yes(entry_is_held(&entries.all[0])));
	assert_int_equal(handover_release(&rig->handover, &entries.all[0], 0, &rig->troubles),
			 -EBUSY);
	entries_release(&entries);
	assert_int_equal(end_own(rig), 0);
}

/* ---- access ---- */

/* Taken away before it is waited, so that nobody opens it anew, and given back in the end. */
static void access_is_given_back(struct rig *rig)
{
	struct claim_request wanted = request(group8, 1, true);
	struct group_file *file;

	assert_int_equal(claim(rig, &wanted), 0);
	assert_int_equal(machine_open(rig->sim, 8, &file), 0);
	assert_int_equal(release(rig), -ETIMEDOUT);
	assert_node(rig, 8, 1000);
	group_file_close(file);
	assert_int_equal(release(rig), 0);
}

static void force_needs_no_lock(struct rig *rig)
{
	struct claim_request wanted = request(group8, 1, false);
	char *before = state(rig);
	struct entries entries;
	struct group_file *file;

	assert_int_equal(claim(rig, &wanted), 0);
	assert_int_equal(journal_read(rig->handover.journal, &entries), 0);
	assert_int_equal(machine_open(rig->sim, 8, &file), 0);
	assert_int_equal(
		handover_release(&rig->handover, &entries.all[0], RELEASE_FORCE, &rig->troubles),
		-ETIMEDOUT);
	assert_driver(rig, CARD, "vfio-pci");
	group_file_close(file);
	assert_int_equal(handover_release(&rig->handover, &entries.all[0], 0, &rig->troubles),
			 -EBUSY);
	assert_int_equal(
		handover_release(&rig->handover, &entries.all[0], RELEASE_FORCE, &rig->troubles),
		0);
	entries_release(&entries);
	assert_state(rig, before);
	free(before);
}

/* Somebody else has ended it meanwhile, and the next claim has its name. */
static void a_record_is_entered_anew(struct rig *rig)
{
	struct claim_request wanted = request(group8, 1, true);
	struct entries entries;

	assert_int_equal(claim(rig, &wanted), 0);
	claim_close(&rig->claim);
	assert_int_equal(journal_read(rig->handover.journal, &entries), 0);
	assert_int_equal(release(rig), 0);
	assert_int_equal(claim(rig, &wanted), 0);
	assert_int_equal(handover_release(&rig->handover, &entries.all[0], 0, &rig->troubles),
			 -ENOENT);
	entries_release(&entries);
	assert_driver(rig, CARD, "vfio-pci");
	assert_int_equal(count_records(rig), 1);
	assert_int_equal(release(rig), 0);
}

/* ---- what is left behind ---- */

static void the_next_claim_puts_back(struct rig *rig)
{
	struct claim_request wanted = request(group8, 1, false);
	char *before = state(rig);

	assert_int_equal(claim(rig, &wanted), 0);
	claim_close(&rig->claim);
	assert_int_equal(claim(rig, &wanted), 0);
	assert_string_equal(rig->claim.entry.record.devices[1].driver, "e1000");
	assert_int_equal(end_own(rig), 0);
	assert_state(rig, before);
	free(before);
}

static void copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(sendfile(out, in, NULL, 1 << 20) > 0);
	close(in);
	close(out);
}

static void leave_unfinished(struct rig *rig, const int *group)
{
	struct claim_request wanted = request(group, 1, false);

	assert_int_equal(claim(rig, &wanted), 0);
	claim_close(&rig->claim);
}

static void each_group_was_left_unfinished(struct rig *rig)
{
	static const int all[] = {8, 9, 10};
	struct claim_request wanted = request(all, 3, false);
	char *before = state(rig);

	leave_unfinished(rig, group8);
	leave_unfinished(rig, group9);
	leave_unfinished(rig, group10);
	assert_int_equal(claim(rig, &wanted), 0);
	assert_int_equal(end_own(rig), 0);
	assert_state(rig, before);
	free(before);
}

/* Of one group more than there is time for. */
static void others_leave_more(struct rig *rig)
{
	struct claim_request wanted = request(group8, 1, false);
	char *before = state(rig), from[128], to[128];

	leave_unfinished(rig, group8);
	snprintf(from, sizeof(from), "%s/claims/claim-8.json", rig->folder);
	snprintf(to, sizeof(to), "%s/claims/claim-8.2.json", rig->folder);
	copy_file(from, to);
	assert_int_equal(claim(rig, &wanted), -EAGAIN);
	assert_trouble(rig, "claim", "others leave claims of these groups unfinished");
	assert_state(rig, before);
	free(before);
}

static void damage_stops_a_claim(struct rig *rig)
{
	struct claim_request wanted = request(group8, 1, true);
	char path[128], *before;
	FILE *file;

	snprintf(path, sizeof(path), "%s/claims", rig->folder);
	assert_int_equal(mkdir(path, 0700), 0);
	strcat(path, "/claim-10.json");
	file = fdopen(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600), "w");
	fputs("{\"dmaown-claim\":1", file);
	fclose(file);
	before = state(rig);
	assert_int_equal(claim(rig, &wanted), -EUCLEAN);
	assert_trouble(rig, "claim-10.json", "is damaged");
	assert_state(rig, before);
	free(before);
}

/* ---- running ---- */

static const struct handover_case cases[] = {
	{"claim@gives-the-whole-group", gives_the_whole_group},
	{"claim@leaves-what-was-a-users", leaves_what_was_a_users},
	{"claim@closes-a-node-to-all-but-root", closes_a_node_to_all_but_root},
	{"release@a-node-comes-back-whatever-it-became", a_node_comes_back_whatever_it_became},
	{"claim@refuses-a-second-claim", refuses_a_second_claim},
	{"claim@can-be-interrupted", can_be_interrupted},
	{"claim@believes-the-kernel", believes_the_kernel},
	{"claim@undoes-a-bind-that-fails", undoes_a_bind_that_fails},
	{"release@retries-the-original-driver", retries_the_original_driver},
	{"release@says-what-is-not-back", says_what_is_not_back},
	{"release@recovers-when-it-can", recovers_when_it_can},
	{"release@waits-for-who-has-it-open", waits_for_who_has_it_open},
	{"end@does-not-hang-with-a-device-in-use", does_not_hang_with_a_device_in_use},
	{"release@somebody-stands-behind-it-ebusy", stands_behind_a_command},
	{"release@interrupted-ecanceled", a_wait_can_be_interrupted},
	{"release@gives-access-back", access_is_given_back},
	{"release@force-needs-no-lock", force_needs_no_lock},
	{"release@ended-meanwhile-enoent", a_record_is_entered_anew},
	{"claim@puts-back-what-was-abandoned", the_next_claim_puts_back},
	{"claim@puts-back-what-was-abandoned-in-each-group", each_group_was_left_unfinished},
	{"claim@others-leave-more-eagain", others_leave_more},
	{"claim@damage-stops-it", damage_stops_a_claim},
};

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, cases, run_case);
	return suite_run(&suite, "handover");
}
