/* SPDX-License-Identifier: MIT */
/* The operations of a host, on a tree: what is written where, and what is refused before. */
#include "linux_machine.h"
#include "rows.h"
#include "tree.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE "sys/devices/pci0000:00/0000:00:02.0"

/* A bound device, an unbound one, and a platform device, which can't be removed. */
static void make_tree(const struct tree *tree)
{
	tree_device(tree, &(struct tree_device) {
				  .address = "0000:00:02.0", .driver = "e1000e", .group = 1});
	tree_device(tree, &(struct tree_device) {.address = "0000:00:03.0", .group = 2});
	tree_device(tree, &(struct tree_device) {.bus = "platform", .address = "uart", .group = 3});
	tree_driver(tree, "pci", "vfio-pci", "vfio_pci");
	tree_text(tree, "sys/bus/pci/drivers_probe", "");
	tree_text(tree, "sys/bus/pci/rescan", "");
	tree_text(tree, DEVICE "/remove", "");
	tree_unlink(tree, "sys/devices/pci0000:00/uart/driver_override");
	tree_group(tree, 1, "DMA-FQ", "");
}

static int bind_it(struct machine *machine)
{
	return machine_bind(machine, "0000:00:02.0", "vfio-pci");
}

static int bind_no_device(struct machine *machine)
{
	return machine_bind(machine, "0000:00:04.0", "vfio-pci");
}

static int bind_no_driver(struct machine *machine)
{
	return machine_bind(machine, "0000:00:02.0", "nvme");
}

static int bind_driver_of_another_bus(struct machine *machine)
{
	return machine_bind(machine, "uart", "vfio-pci");
}

static int bind_path_as_device(struct machine *machine)
{
	return machine_bind(machine, "../devices/0000:00:02.0", "vfio-pci");
}

static int bind_path_as_driver(struct machine *machine)
{
	return machine_bind(machine, "0000:00:02.0", "../drivers/vfio-pci");
}

static int bind_no_name(struct machine *machine)
{
	return machine_bind(machine, "", "");
}

static int unbind_it(struct machine *machine)
{
	return machine_unbind(machine, "0000:00:02.0");
}

static int unbind_unbound(struct machine *machine)
{
	return machine_unbind(machine, "0000:00:03.0");
}

static int unbind_no_device(struct machine *machine)
{
	return machine_unbind(machine, "0000:00:04.0");
}

static int probe_it(struct machine *machine)
{
	return machine_probe(machine, "0000:00:02.0");
}

static int probe_no_device(struct machine *machine)
{
	return machine_probe(machine, "0000:00:04.0");
}

static int override_it(struct machine *machine)
{
	return machine_set_override(machine, "0000:00:02.0", "vfio-pci");
}

static int override_nothing(struct machine *machine)
{
	return machine_set_override(machine, "0000:00:02.0", NULL);
}

static int override_no_device(struct machine *machine)
{
	return machine_set_override(machine, "0000:00:04.0", "vfio-pci");
}

static int override_unknown_to_bus(struct machine *machine)
{
	return machine_set_override(machine, "uart", "vfio-platform");
}

static int remove_it(struct machine *machine)
{
	return machine_remove(machine, "0000:00:02.0");
}

static int remove_platform(struct machine *machine)
{
	return machine_remove(machine, "uart");
}

static int rescan(struct machine *machine)
{
	return machine_rescan(machine);
}

static int set_type(struct machine *machine)
{
	return machine_set_type(machine, 1, "identity");
}

static int set_type_no_group(struct machine *machine)
{
	return machine_set_type(machine, 99, "identity");
}

static int reset(struct machine *machine)
{
	return machine_reset(machine, "0000:00:02.0", true);
}

static int open_no_node(struct machine *machine)
{
	struct group_file *file;

	return machine_open(machine, 1, &file);
}

struct row {
	const char *name;
	int (*operation)(struct machine *machine);
	int err;
	const char *path, *written; /* what is then in which file */
};

static const struct row rows[] = {
	{"bind", bind_it, 0, "sys/bus/pci/drivers/vfio-pci/bind", "0000:00:02.0"},
	{"bind@no-such-device-enodev", bind_no_device, -ENODEV, NULL, NULL},
	{"bind@no-such-driver-enodev", bind_no_driver, -ENODEV, NULL, NULL},
	{"bind@driver-of-another-bus-enodev", bind_driver_of_another_bus, -ENODEV, NULL, NULL},
	{"bind@path-as-device-enodev", bind_path_as_device, -ENODEV, NULL, NULL},
	{"bind@path-as-driver-enodev", bind_path_as_driver, -ENODEV, NULL, NULL},
	{"bind@no-name-enodev", bind_no_name, -ENODEV, NULL, NULL},
	{"unbind", unbind_it, 0, "sys/bus/pci/drivers/e1000e/unbind", "0000:00:02.0"},
	{"unbind@unbound-enodev", unbind_unbound, -ENODEV, NULL, NULL},
	{"unbind@no-such-device-enodev", unbind_no_device, -ENODEV, NULL, NULL},
	{"probe", probe_it, 0, "sys/bus/pci/drivers_probe", "0000:00:02.0"},
	{"probe@no-such-device-enodev", probe_no_device, -ENODEV, NULL, NULL},
	{"override", override_it, 0, DEVICE "/driver_override", "vfio-pci"},
	{"override@cleared", override_nothing, 0, DEVICE "/driver_override", "\n"},
	{"override@no-such-device-enodev", override_no_device, -ENODEV, NULL, NULL},
	{"override@unknown-to-bus-eopnotsupp", override_unknown_to_bus, -EOPNOTSUPP, NULL, NULL},
	{"remove", remove_it, 0, DEVICE "/remove", "1"},
	{"remove@platform-eopnotsupp", remove_platform, -EOPNOTSUPP, NULL, NULL},
	{"rescan", rescan, 0, "sys/bus/pci/rescan", "1"},
	{"type", set_type, 0, "sys/kernel/iommu_groups/1/type", "identity"},
	{"type@no-such-group-enodev", set_type_no_group, -ENODEV, NULL, NULL},
	{"reset@eopnotsupp", reset, -EOPNOTSUPP, NULL, NULL},
	{"open@no-node-enoent", open_no_node, -ENOENT, NULL, NULL},
};

static void operation(void **state)
{
	const struct row *row = *state;
	struct machine *machine;
	struct tree tree;
	char text[64];

	tree_make(&tree);
	make_tree(&tree);
	if (row->path)
		tree_text(&tree, row->path, "");
	assert_int_equal(linux_machine_open(tree.path, &machine), 0);
	assert_int_equal(row->operation(machine), row->err);
	if (row->path) {
		tree_read(&tree, row->path, text, sizeof(text));
		assert_string_equal(text, row->written);
	}
	machine_close(machine);
	tree_remove(&tree);
}

static void open_no_root(void **state)
{
	struct machine *machine = NULL;

	assert_int_equal(linux_machine_open("/no/such/directory", &machine), -ENOENT);
	assert_int_equal(linux_machine_open("/dev/null", &machine), -ENOTDIR);
	assert_null(machine);
}

static void says_where_it_is_from(void **state)
{
	struct machine *machine;
	struct facts facts;
	struct tree tree;

	tree_make(&tree);
	assert_int_equal(linux_machine_open(tree.path, &machine), 0);
	assert_int_equal(machine_read(machine, &facts), 0);
	assert_string_equal(facts.machine, tree.path);
	facts_release(&facts);
	machine_close(machine);
	tree_remove(&tree);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(open_no_root),
		cmocka_unit_test(says_where_it_is_from),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, rows, operation);
	return suite_run(&suite, "host");
}
