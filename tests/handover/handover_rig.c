/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "handover_rig.h"
#include "machine_file.h"
#include "sim_machine.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
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

const int group8[] = {8}, group9[] = {9}, group10[] = {10}, both[] = {8, 9};

void set_up_on(struct rig *rig, const char *machine)
{
	struct facts facts;
	char *why;

	*rig = (struct rig) {.folder = "/tmp/dmaown-handover.XXXXXX", .claim.entry.fd = -1};
	assert_int_equal(machine_file_parse(machine, strlen(machine), "test", &facts, &why), 0);
	for (size_t i = 0; i < facts.device_count; i++)
		facts.devices[i].uses_known = true;
	assert_int_equal(sim_machine_open(&facts, NULL, &rig->sim, &why), 0);
	facts_release(&facts);
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

void set_up(struct rig *rig)
{
	struct group_node node = group_node_of_user(1234);

	node.uid = 7;
	node.gid = 8;
	set_up_on(rig, machine_text);
	assert_int_equal(machine_bind(rig->sim, "0000:03:00.1", "e1000"), 0);
	assert_int_equal(machine_set_override(rig->sim, "0000:03:00.1", "other"), 0);
	assert_int_equal(machine_set_node(rig->sim, 9, &node), 0);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	return remove(path);
}

void tear_down(struct rig *rig)
{
	claim_close(&rig->claim);
	troubles_release(&rig->troubles);
	journal_close(rig->handover.journal);
	failing_machine_free(rig->machine);
	machine_close(rig->sim);
	close(rig->root);
	nftw(rig->folder, remove_entry, 4, FTW_DEPTH | FTW_PHYS);
}

void run_case(void **state_of_case)
{
	const struct handover_case *which = *state_of_case;
	struct rig rig;

	set_up(&rig);
	which->run(&rig);
	tear_down(&rig);
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

char *state(struct rig *rig)
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

void assert_state(struct rig *rig, const char *expected)
{
	char *now = state(rig);

	assert_string_equal(now, expected);
	free(now);
}

void assert_driver(struct rig *rig, const char *device, const char *expected)
{
	struct driver_name name;

	assert_int_equal(machine_driver(rig->sim, device, &name), 0);
	assert_string_equal(name.text, expected);
}

void assert_node(struct rig *rig, int group, unsigned int uid)
{
	const struct group_node expected = group_node_of_user(uid);
	struct group_node node;

	assert_int_equal(machine_node(rig->sim, group, &node), 0);
	assert_true(group_node_same(&node, &expected));
}

void assert_trouble(const struct rig *rig, const char *thing, const char *reason)
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

/* ---- claims ---- */

struct claim_request request(const int *groups, size_t count, bool kept)
{
	return (struct claim_request) {.groups = groups,
				       .group_count = count,
				       .owner = "test",
				       .user = "alice",
				       .uid = 1000,
				       .gid = 1001,
				       .kept = kept};
}

int claim(struct rig *rig, const struct claim_request *wanted)
{
	claim_close(&rig->claim);
	return handover_claim(&rig->handover, wanted, &rig->claim, &rig->troubles);
}

int release(struct rig *rig)
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

int end_own(struct rig *rig)
{
	return handover_release(&rig->handover, &rig->claim.entry, RELEASE_OURS, &rig->troubles);
}

void recover(struct rig *rig)
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

size_t count_records(struct rig *rig)
{
	struct entries entries;
	size_t count;

	assert_int_equal(journal_read(rig->handover.journal, &entries), 0);
	count = entries.count;
	entries_release(&entries);
	return count;
}
