/* SPDX-License-Identifier: MIT */
/*
 * Claims and their end on a simulated machine: what a claim gives, what it refuses, what comes
 * back, and that every step may fail or be the last.
 *
 * The machine has one group with a bridge, two native cards and a device without a driver (8), one
 * in which a device is a user's already, granted to somebody, beside a native one with an override
 * that names another driver (9), and a single native card (10).
 */
#define _GNU_SOURCE
#include "failing_memory.h"
#include "failing_steps.h"
#include "handover.h"
#include "machine_file.h"
#include "rows.h"
#include "sim_machine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static const char machine_text[] =
	"{\"dmaown-machine\":1,\"groups\":["
	"{\"id\":8,\"type\":\"DMA\",\"devices\":["
	"{\"address\":\"0000:01:00.0\",\"bus\":\"pci\",\"class\":\"060400\","
	" \"vendor\":\"1b36\",\"device\":\"000e\",\"driver\":\"pcieport\"},"
	"{\"address\":\"0000:02:01.0\",\"bus\":\"pci\",\"vendor\":\"8086\",\"device\":\"100e\","
	" \"driver\":\"e1000\"},"
	"{\"address\":\"0000:02:02.0\",\"bus\":\"pci\",\"vendor\":\"1234\",\"device\":\"11e8\"},"
	"{\"address\":\"0000:02:03.0\",\"bus\":\"pci\",\"vendor\":\"8086\",\"device\":\"100e\","
	" \"driver\":\"e1000\"}]},"
	"{\"id\":9,\"type\":\"DMA\",\"devices\":["
	"{\"address\":\"0000:03:00.0\",\"bus\":\"pci\",\"vendor\":\"8086\",\"device\":\"10d3\","
	" \"driver\":\"vfio-pci\",\"driver_override\":\"vfio-pci\"},"
	"{\"address\":\"0000:03:00.1\",\"bus\":\"pci\",\"vendor\":\"8086\",\"device\":\"100e\"}]},"
	"{\"id\":10,\"type\":\"DMA\",\"devices\":["
	"{\"address\":\"0000:04:00.0\",\"bus\":\"pci\",\"vendor\":\"8086\",\"device\":\"100e\","
	" \"driver\":\"e1000\"}]}],"
	"\"drivers\":["
	"{\"name\":\"e1000\",\"bus\":\"pci\",\"managed_dma\":false,\"ids\":[\"8086:100e\"]},"
	"{\"name\":\"other\",\"bus\":\"pci\",\"managed_dma\":false},"
	"{\"name\":\"pcieport\",\"bus\":\"pci\",\"managed_dma\":true},"
	"{\"name\":\"vfio-pci\",\"bus\":\"pci\",\"managed_dma\":true,\"user\":true}]}";

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

static const int group8[] = {8}, group9[] = {9}, group10[] = {10}, both[] = {8, 9};

static struct claim_request request(const int *groups, size_t count, bool kept)
{
	return (struct claim_request) {.groups = groups,
				       .group_count = count,
				       .owner = "test",
				       .user = "alice",
				       .uid = 1000,
				       .gid = 1001,
				       .kept = kept};
}

static void set_up(struct rig *rig)
{
	struct group_node node = group_node_of_user(1234);
	struct facts facts;
	char *why;

	node.uid = 7;
	node.gid = 8;
	*rig = (struct rig) {.folder = "/tmp/dmaown-handover.XXXXXX", .claim.entry.fd = -1};
	assert_int_equal(
		machine_file_parse(machine_text, strlen(machine_text), "test", &facts, &why), 0);
	for (size_t i = 0; i < facts.device_count; i++)
		facts.devices[i].uses_known = true;
	assert_int_equal(sim_machine_open(&facts, NULL, &rig->sim, &why), 0);
	facts_release(&facts);
	assert_int_equal(machine_bind(rig->sim, "0000:03:00.1", "e1000"), 0);
	assert_int_equal(machine_set_override(rig->sim, "0000:03:00.1", "other"), 0);
	assert_int_equal(machine_set_node(rig->sim, 9, &node), 0);
	rig->machine = failing_machine(rig->sim);
	assert_non_null(mkdtemp(rig->folder));
	rig->root = open(rig->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	rig->handover = (struct handover) {.machine = rig->machine};
	assert_int_equal(journal_open(&(struct journal_place) {.root = rig->root,
							       .name = rig->folder,
							       .state = ".",
							       .locks = ".",
							       .boot = "boot"},
				      &rig->handover.journal),
			 0);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	return remove(path);
}

static void tear_down(struct rig *rig)
{
	claim_close(&rig->claim);
	troubles_release(&rig->troubles);
	journal_close(rig->handover.journal);
	failing_machine_free(rig->machine);
	machine_close(rig->sim);
	close(rig->root);
	nftw(rig->folder, remove_entry, 4, FTW_DEPTH | FTW_PHYS);
}

/* ---- the whole state, as text ---- */

static int is_record(const struct dirent *entry)
{
	return strstr(entry->d_name, "claim-") != NULL;
}

static void print_folder(struct rig *rig, FILE *out)
{
	struct dirent **entries;
	int count = scandirat(rig->root, "claims", &entries, is_record, alphasort);

	for (int i = 0; i < count; i++) {
		fprintf(out, "%s\n", entries[i]->d_name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static void print_node(const struct group_node *node, FILE *out)
{
	fprintf(out, "%s %u:%u %o", node->path, node->uid, node->gid, node->mode);
	for (size_t i = 0; i < node->acl_count; i++)
		fprintf(out, " %x:%u:%o", node->acl[i].tag, node->acl[i].id,
			node->acl[i].permissions);
	fputc('\n', out);
}

/* Drivers, overrides, nodes and the journal; the caller frees. */
static char *state(struct rig *rig)
{
	struct group_node node;
	struct facts facts;
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);

	assert_int_equal(machine_read(rig->sim, &facts), 0);
	for (size_t i = 0; i < facts.device_count; i++)
		fprintf(out, "%s %s %s\n", facts.devices[i].address,
			facts.devices[i].driver ? facts.devices[i].driver : "-",
			facts.devices[i].override ? facts.devices[i].override : "-");
	for (int group = 8; group <= 10; group++) {
		if (machine_node(rig->sim, group, &node) == 0)
			print_node(&node, out);
	}
	facts_release(&facts);
	print_folder(rig, out);
	fclose(out);
	return text;
}

/* Ends our own claim, as `dmaown claim` does when its command has ended. */
static int end_own(struct rig *rig)
{
	return handover_release(&rig->handover, &rig->claim.entry, RELEASE_OURS, &rig->troubles);
}

static void assert_driver(struct rig *rig, const char *device, const char *expected)
{
	struct driver_name name;

	assert_int_equal(machine_driver(rig->sim, device, &name), 0);
	assert_string_equal(name.text, expected);
}

/* The group's node is root's, and open to that user alone. */
static void assert_node(struct rig *rig, int group, unsigned int uid)
{
	const struct group_node expected = group_node_of_user(uid);
	struct group_node node;

	assert_int_equal(machine_node(rig->sim, group, &node), 0);
	assert_true(group_node_same(&node, &expected));
}

static size_t count_records(struct rig *rig)
{
	struct entries entries;
	size_t count;

	assert_int_equal(journal_read(rig->handover.journal, &entries), 0);
	count = entries.count;
	entries_release(&entries);
	return count;
}

static int claim(struct rig *rig, const struct claim_request *wanted)
{
	claim_close(&rig->claim);
	return handover_claim(&rig->handover, wanted, &rig->claim, &rig->troubles);
}

/* Ends the one claim that there is, as `dmaown release` does. */
static int release(struct rig *rig)
{
	struct entries entries;
	int err;

	claim_close(&rig->claim);
	err = journal_read(rig->handover.journal, &entries);
	if (err)
		return err;
	assert_int_equal(entries.count, 1);
	err = handover_release(&rig->handover, &entries.all[0], 0, &rig->troubles);
	entries_release(&entries);
	return err;
}

/* Puts back what nobody stands behind, as `dmaown recover` does. */
static void recover(struct rig *rig)
{
	struct entries entries;

	claim_close(&rig->claim);
	assert_int_equal(journal_read(rig->handover.journal, &entries), 0);
	journal_clean(rig->handover.journal);
	for (size_t i = 0; i < entries.count; i++) {
		if (!entry_lives(&entries.all[i]))
			assert_int_equal(handover_release(&rig->handover, &entries.all[i], 0,
							  &rig->troubles),
					 0);
	}
	entries_release(&entries);
}

/* Some trouble says that. */
static void assert_trouble(const struct rig *rig, const char *thing, const char *reason)
{
	for (size_t i = 0; i < rig->troubles.count; i++) {
		if (strcmp(rig->troubles.all[i].thing, thing) == 0 &&
		    strstr(rig->troubles.all[i].reason, reason))
			return;
	}
	for (size_t i = 0; i < rig->troubles.count; i++)
		print_error("%s: %s\n", rig->troubles.all[i].thing, rig->troubles.all[i].reason);
	fail_msg("no trouble \"%s: ...%s\"", thing, reason);
}

/* Takes the text over. */
static void assert_state(struct rig *rig, const char *expected)
{
	char *now = state(rig);

	assert_string_equal(now, expected);
	free(now);
}

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

/* ---- what the contracts say ---- */

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

/* ---- sweeps ---- */

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

static const struct handover_case {
	const char *name;
	void (*run)(struct rig *rig);
} cases[] = {
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
	{"end@needs-no-memory", end_needs_no_memory},
	{"release@a-device-has-gone", a_device_has_gone},
	{"release@a-device-has-come-back", a_device_has_come_back},
	{"release@somebody-elses-device-estale", somebody_elses_device_is_left},
	{"release@what-others-put-back", what_others_put_back_is_back},
	{"release@another-device-at-the-address", another_device_is_left},
	{"release@another-device-in-its-group", another_device_has_its_driver_in_the_end},
	{"claim@a-device-that-another-has-lost", a_lost_device_can_be_claimed},
	{"claim@a-second-record-of-the-group", a_second_record_of_a_group},
	{"handover@another-changes-the-group-etimedout", another_changes_the_group},
	{"handover@a-change-under-way-einprogress", a_change_is_under_way},
	{"claim@boot-not-known-enokey", the_boot_is_not_known},
	{"claim@folder-of-others-euclean", others_may_write_to_the_folder},
	{"release@no-record-any-more-euclean", a_record_is_none_any_more},
	{"release@interrupted-ecanceled", a_wait_can_be_interrupted},
	{"release@not-known-keeps-the-record", a_device_that_can_not_be_looked_at},
	{"release@gives-access-back", access_is_given_back},
	{"release@force-needs-no-lock", force_needs_no_lock},
	{"release@ended-meanwhile-enoent", a_record_is_entered_anew},
	{"claim@puts-back-what-was-abandoned", the_next_claim_puts_back},
	{"claim@puts-back-what-was-abandoned-in-each-group", each_group_was_left_unfinished},
	{"claim@others-leave-more-eagain", others_leave_more},
	{"claim@damage-stops-it", damage_stops_a_claim},
};

static void run_case(void **state_of_case)
{
	const struct handover_case *which = *state_of_case;
	struct rig rig;

	set_up(&rig);
	which->run(&rig);
	tear_down(&rig);
}

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
	return suite_run(&suite, "handover");
}
