/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "uses_rows.h"
#include "errname.h"
#include "failing_looks.h"
#include "linux_machine.h"
#include "rows.h"
#include "tree.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A root may lie anywhere: this one is in a folder that is named as a device of it. */
static void make_machine(struct tree *outside, struct tree *tree)
{
	static const struct tree_device devices[] = {
		{.address = GPU, .driver = "i915", .group = 1},
		{.address = SOUND, .driver = "snd_hda_intel", .group = 1},
		{.address = NIC, .driver = "ixgbe", .group = 2},
		{.address = NVME, .driver = "nvme", .group = 3},
		{.address = USB, .driver = "xhci_hcd", .group = 4},
		{.address = SATA, .driver = "ahci", .group = 5},
		{.bus = "platform",
		 .above = "platform",
		 .address = "fd000000.ethernet",
		 .group = 6},
		{.bus = "fsl-mc",
		 .above = "platform/80c000000.fsl-mc/dprc.1",
		 .address = "dpni.0",
		 .group = 7},
		{.bus = "amba", .above = "platform", .address = "2d000000.serial", .group = 8},
	};

	char path[sizeof(tree->path) + 32];

	tree_make(outside);
	snprintf(path, sizeof(path), "%s/" SATA, outside->path);
	tree_make_at(tree, path);
	tree_folder(tree, "proc");
	for (size_t i = 0; i < COUNT(devices); i++)
		tree_device(tree, &devices[i]);
}

static void add_file(const struct tree *tree, const struct uses_file *file)
{
	if (file->path[strlen(file->path) - 1] == '/')
		tree_folder(tree, file->path);
	else if (strncmp(file->text, "->", 2) == 0)
		tree_link(tree, file->path, file->text + 2);
	else
		tree_text(tree, file->path, file->text);
}

/* Every use and all that is not known, a line each; the caller frees. */
static char *print_uses(const struct facts *facts)
{
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);

	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];

		assert_true(device->uses_known);
		for (size_t at = 0; at < device->use_count; at++)
			fprintf(out, "%s %s %s%s: %s\n", device->address, device->uses[at].kind,
				device->uses[at].name, device->uses[at].vital ? ", vital" : "",
				device->uses[at].reason);
		for (size_t at = 0; at < device->unknown_count; at++)
			fprintf(out, "%s unknown %s: %s\n", device->address,
				device->unknowns[at].about, errno_name(device->unknowns[at].error));
	}
	fclose(out);
	return text;
}

static void run_row(void **state)
{
	const struct uses_row *row = *state;
	struct machine *machine;
	struct facts facts;
	struct tree outside, tree;
	char *uses;

	make_machine(&outside, &tree);
	for (size_t i = 0; i < COUNT(row->files) && row->files[i].path; i++)
		add_file(&tree, &row->files[i]);
	assert_int_equal(linux_machine_open(tree.path, &machine), 0);
	assert_int_equal(machine_glance(machine, &facts), 0);
	assert_int_equal(machine_find_uses(machine, &facts), 0);
	assert_int_equal(machine_find_uses(machine, &facts), 0);
	uses = print_uses(&facts);
	assert_string_equal(uses, row->uses);
	free(uses);
	facts_release(&facts);
	machine_close(machine);
	printf("# %zu look-ups failed, and nothing looked free\n", looks_sweep(tree.path));
	tree_remove(&outside);
}

int uses_run(const struct uses_row *rows, size_t count)
{
	struct suite suite = {0};

	for (size_t i = 0; i < count; i++)
		suite_add_row(&suite, rows[i].name, run_row, &rows[i]);
	return suite_run(&suite, "uses");
}
