/* SPDX-License-Identifier: MIT */
/* Reading who has a group open. */
#define _GNU_SOURCE
#include "read_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct owner_row {
	const char *name;
	const char *driver, *companion; /* bound in group 8 */
	const char *node;               /* open in process 1234; NULL: none */
	enum owner_kind kind;
};

static const struct owner_row owner_rows[] = {
	{"owner@unbound", NULL, NULL, NULL, OWNER_NONE},
	{"owner@native", "e1000", NULL, NULL, OWNER_KERNEL},
	{"owner@managed-only", "vfio-pci", "pci-stub", NULL, OWNER_NONE},
	{"owner@native-companion", "vfio-pci", "e1000", NULL, OWNER_KERNEL},
	{"owner@open-with-native-companion", "vfio-pci", "e1000", "/dev/vfio/8", OWNER_USER},
	{"owner@open", "vfio-pci", NULL, "/dev/vfio/8", OWNER_USER},
	{"owner@open-in-a-container", "vfio-pci", NULL, "/vfio/8", OWNER_USER},
	{"owner@iommufd", "vfio-pci", NULL, "/dev/vfio/devices/vfio3", OWNER_USER},
	{"owner@iommufd-of-no-device", "vfio-pci", NULL, "/dev/vfio/devices/vfio4", OWNER_NONE},
	{"owner@other-group", "vfio-pci", NULL, "/dev/vfio/9", OWNER_NONE},
	{"owner@container-alone", "vfio-pci", NULL, "/dev/vfio/vfio", OWNER_NONE},
	{"owner@longer-name", "vfio-pci", NULL, "/dev/vfio/8x", OWNER_NONE},
	{"owner@socket", "vfio-pci", NULL, "socket:[1234]", OWNER_NONE},
	{"owner@open-on-a-native-driver", "nvidia", NULL, "/dev/vfio/8", OWNER_USER},
	{"owner@open-on-no-driver", NULL, NULL, "/dev/vfio/8", OWNER_USER},
	{"owner@open-without-an-iommu", "vfio-pci", NULL, "/dev/vfio/noiommu-8", OWNER_USER},
	{"owner@iommufd-with-a-link", "vfio-pci", NULL, "/dev/vfio/devices/vfio5", OWNER_USER},
	{"owner@no-number", "vfio-pci", NULL, "/dev/vfio/noiommu-", OWNER_NONE},
};

static void make_owner_tree(const struct tree *tree, const struct owner_row *row)
{
	tree_device(tree, DEVICE(.address = "0000:02:01.0", .driver = row->driver, .group = 8));
	tree_device(tree, DEVICE(.address = "0000:02:02.0", .driver = row->companion, .group = 8));
	tree_link(tree, "sys/class/vfio-dev/vfio3/device",
		  "../../../devices/pci0000:00/0000:02:01.0");
	tree_link(tree, "sys/class/vfio-dev/vfio5",
		  "../../devices/pci0000:00/0000:02:01.0/vfio-dev/vfio5");
	tree_text(tree, "proc/1234/comm", "qemu\n");
	tree_link(tree, "proc/1234/fd/0", "/dev/null");
	if (row->node)
		tree_link(tree, "proc/1234/fd/17", row->node);
	tree_text(tree, "proc/self/comm", "no number\n");
}

static void owner(void **state)
{
	const struct owner_row *row = *state;
	struct fixture fixture = {0};
	const struct owner_facts *owner;

	tree_make(&fixture.tree);
	make_owner_tree(&fixture.tree, row);
	owner = &read_all(&fixture)->groups[0].owner;
	assert_int_equal(owner->kind, row->kind);
	if (owner->kind == OWNER_USER) {
		assert_string_equal(owner->name, "qemu");
		assert_int_equal(owner->pid, 1234);
		assert_int_equal(owner->uid, getuid());
	} else {
		assert_null(owner->name);
	}
	facts_release(&fixture.facts);
	tree_remove(&fixture.tree);
}

static void a_thread_with_descriptors_of_its_own_has_it(void **state)
{
	struct fixture *fixture = *state;

	make_owner_tree(&fixture->tree, &(struct owner_row) {.driver = "vfio-pci"});
	tree_link(&fixture->tree, "proc/1234/task/1240/fd/17", "/dev/vfio/8");
	assert_int_equal(read_all(fixture)->groups[0].owner.kind, OWNER_USER);
	assert_int_equal(fixture->facts.groups[0].owner.pid, 1234);
}

static void a_plain_file_is_no_node(void **state)
{
	struct fixture *fixture = *state;

	make_owner_tree(&fixture->tree, &(struct owner_row) {.driver = "vfio-pci"});
	tree_text(&fixture->tree, "home/vfio/8", "");
	tree_link(&fixture->tree, "proc/1234/fd/17", "/home/vfio/8");
	assert_int_equal(read_all(fixture)->groups[0].owner.kind, OWNER_NONE);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		TEST(a_plain_file_is_no_node),
		TEST(a_thread_with_descriptors_of_its_own_has_it),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, owner_rows, owner);
	return suite_run(&suite, "owners");
}
