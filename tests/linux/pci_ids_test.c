/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "pci_ids.h"
#include "rows.h"
#include "tree.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char sample[] = "#\n# A comment\n"
			     "0001  First vendor\n"
			     "\t0001  First device\n"
			     "# In between\n"
			     "\tff00  Last device of the first\n"
			     "\t\t0001 0002  A subsystem\n"
			     "\t\tffff ffff  Another\n"
			     "8086  Intel Corporation\n"
			     "\t100e  82540EM Gigabit Ethernet Controller\n"
			     "d161  Digium, Inc.\n"
			     "\t0120  Wildcard TE120P\n"
			     "fffe  Last vendor\n"
			     "\tbeef  Last device\n"
			     "\n"
			     "C 00  Unclassified device\n"
			     "\t00  Non-VGA unclassified device\n"
			     "C 02  Network controller\n"
			     "\t00  Ethernet controller\n";

struct row {
	const char *name, *vendor, *device, *expected;
};

static const struct row rows[] = {
	{"name@first", "0001", "0001", "First device"},
	{"name@after-comment-before-subsystems", "0001", "ff00", "Last device of the first"},
	{"name@middle", "8086", "100e", "82540EM Gigabit Ethernet Controller"},
	{"name@vendor-above-the-letter-of-classes", "d161", "0120", "Wildcard TE120P"},
	{"name@last", "fffe", "beef", "Last device"},
	{"name@no-such-vendor", "1234", "11e8", NULL},
	{"name@no-such-device", "8086", "100f", NULL},
	{"name@device-of-another-vendor", "8086", "0001", NULL},
	{"name@subsystem-is-no-device", "0001", "ffff", NULL},
	{"name@beyond-all", "ffff", "ffff", NULL},
};

static void lookup(const char *text, const struct row *row)
{
	struct pci_ids ids = {0};
	struct tree tree;
	char *name;
	int root;

	tree_make(&tree);
	if (text)
		tree_text(&tree, "usr/share/misc/pci.ids", text);
	root = open(tree.path, O_PATH | O_CLOEXEC);
	assert_int_equal(pci_ids_name(&ids, root, row->vendor, row->device, &name), 0);
	if (row->expected)
		assert_string_equal(name, row->expected);
	else
		assert_null(name);
	free(name);
	pci_ids_release(&ids);
	close(root);
	tree_remove(&tree);
}

static void name(void **state)
{
	lookup(sample, *state);
}

static void no_file(void **state)
{
	lookup(NULL, &(struct row) {.vendor = "8086", .device = "100e"});
}

static void empty_file(void **state)
{
	lookup("", &(struct row) {.vendor = "8086", .device = "100e"});
}

static void cut_off_file(void **state)
{
	lookup("8086  Intel Corporation\n\t100e",
	       &(struct row) {.vendor = "8086", .device = "100e", .expected = ""});
}

/* Every device in the installed file is found under its own name. */
static void all_of_the_installed_file(void **state)
{
	FILE *file = fopen("/usr/share/misc/pci.ids", "re");
	int root = open("/", O_PATH | O_CLOEXEC);
	char line[512], vendor[5] = "", *found;
	struct pci_ids ids = {0};
	size_t devices = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) && line[0] != 'C') {
		line[strcspn(line, "\n")] = '\0';
		if (isxdigit((unsigned char)line[0]))
			snprintf(vendor, sizeof(vendor), "%.4s", line);
		if (line[0] != '\t' || line[1] == '\t')
			continue;
		line[5] = '\0';
		assert_int_equal(pci_ids_name(&ids, root, vendor, line + 1, &found), 0);
		assert_non_null(found);
		assert_string_equal(found, line + 7);
		free(found);
		devices++;
	}
	assert_true(devices > 10000);
	pci_ids_release(&ids);
	fclose(file);
	close(root);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(no_file),
		cmocka_unit_test(empty_file),
		cmocka_unit_test(cut_off_file),
		cmocka_unit_test(all_of_the_installed_file),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, rows, name);
	return suite_run(&suite, "pci_ids");
}
