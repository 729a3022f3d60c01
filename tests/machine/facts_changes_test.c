/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "facts_changes.h"
#include "failing_memory.h"
#include "rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define A "0000:02:01.0"
#define B "0000:02:02.0"

struct device {
	const char *address;
	int group;
	const char *driver, *override;
};

struct group {
	const char *type; /* NULL: not known */
	int id;
	enum owner_kind owner;
	const char *name;
	long pid, uid;
};

struct picture {
	struct device devices[3];
	struct group groups[3]; /* those with an id above 0 */
};

struct changes_case {
	const char *name;
	struct picture before, after;
	const char *told;
};

static const struct changes_case changes_cases[] = {
	{"changes@none",
	 .before = {{{A, 8, "e1000", "e1000"}}, {{"DMA", 8, OWNER_KERNEL, NULL, 0, -1}}},
	 .after = {{{A, 8, "e1000", "e1000"}}, {{"DMA", 8, OWNER_KERNEL, NULL, 0, -1}}},
	 .told = ""},
	{"changes@nothing-there", .told = ""},
	{"changes@order-of-the-entries-does-not-matter",
	 .before = {{{A, 8, "e1000", NULL}, {B, 8, NULL, NULL}}, {{"DMA", 8}, {"DMA", 9}}},
	 .after = {{{B, 8, NULL, NULL}, {A, 8, "e1000", NULL}}, {{"DMA", 9}, {"DMA", 8}}},
	 .told = ""},
	{"changes@bound", .before.devices = {{A, 8}}, .after.devices = {{A, 8, "e1000"}},
	 .told = "bound " A " 8>8 ->e1000\n"},
	{"changes@unbound", .before.devices = {{A, 8, "e1000"}}, .after.devices = {{A, 8}},
	 .told = "unbound " A " 8>8 e1000>-\n"},
	{"changes@another-driver", .before.devices = {{A, 8, "e1000"}},
	 .after.devices = {{A, 8, "vfio-pci"}},
	 .told = "unbound " A " 8>8 e1000>-\nbound " A " 8>8 ->vfio-pci\n"},
	{"changes@added-without-a-driver", .after.devices = {{A, 8}},
	 .told = "added " A " -1>8 ->-\n"},
	{"changes@added-and-bound", .before.devices = {{B, 8}},
	 .after.devices = {{A, 8, "e1000", "e1000"}, {B, 8}},
	 .told = "added " A " -1>8 ->-\noverride " A " -1>8 ->e1000\nbound " A " -1>8 ->e1000\n"},
	{"changes@removed-while-bound", .before.devices = {{A, 8, "e1000", "e1000"}, {B, 8}},
	 .after.devices = {{B, 8}}, .told = "unbound " A " 8>-1 e1000>-\nremoved " A " 8>-1 ->-\n"},
	{"changes@joined-a-group", .before.devices = {{A, -1}}, .after.devices = {{A, 8}},
	 .told = "group " A " -1>8 ->-\n"},
	{"changes@left-its-group", .before.devices = {{A, 8}}, .after.devices = {{A, -1}},
	 .told = "group " A " 8>-1 ->-\n"},
	{"changes@override-set", .before.devices = {{A, 8}},
	 .after.devices = {{A, 8, NULL, "vfio-pci"}}, .told = "override " A " 8>8 ->vfio-pci\n"},
	{"changes@override-replaced", .before.devices = {{A, 8, NULL, "e1000"}},
	 .after.devices = {{A, 8, NULL, "vfio-pci"}},
	 .told = "override " A " 8>8 e1000>vfio-pci\n"},
	{"changes@override-cleared", .before.devices = {{A, 8, NULL, "vfio-pci"}},
	 .after.devices = {{A, 8}}, .told = "override " A " 8>8 vfio-pci>-\n"},
	{"changes@type", .before.groups = {{"DMA", 8}}, .after.groups = {{"DMA-FQ", 8}},
	 .told = "type - 8>8 DMA>DMA-FQ\n"},
	{"changes@type-that-is-no-longer-known", .before.groups = {{"DMA", 8}},
	 .after.groups = {{NULL, 8}}, .told = ""},
	{"changes@group-comes-without-an-owner",
	 .after.groups = {{"DMA", 8, OWNER_NONE, NULL, 0, -1}}, .told = ""},
	{"changes@group-comes-with-an-owner", .after.groups = {{"DMA", 8, OWNER_KERNEL}},
	 .told = "owner - 8>8 nobody>kernel\n"},
	{"changes@group-goes-with-an-owner", .before.groups = {{"DMA", 8, OWNER_USER, "qemu", 7}},
	 .told = "owner - 8>8 qemu/7/0>nobody\n"},
	{"changes@owner", .before.groups = {{"DMA", 8, OWNER_KERNEL}},
	 .after.groups = {{"DMA", 8, OWNER_USER, "qemu", 7}},
	 .told = "owner - 8>8 kernel>qemu/7/0\n"},
	{"changes@owner-of-another-process", .before.groups = {{"DMA", 8, OWNER_USER, "qemu", 7}},
	 .after.groups = {{"DMA", 8, OWNER_USER, "qemu", 9}},
	 .told = "owner - 8>8 qemu/7/0>qemu/9/0\n"},
	{"changes@owner-of-another-name", .before.groups = {{"DMA", 8, OWNER_USER, "bash", 7}},
	 .after.groups = {{"DMA", 8, OWNER_USER, "qemu", 7}},
	 .told = "owner - 8>8 bash/7/0>qemu/7/0\n"},
	{"changes@owner-of-another-user", .before.groups = {{"DMA", 8, OWNER_USER, "qemu", 7, 0}},
	 .after.groups = {{"DMA", 8, OWNER_USER, "qemu", 7, 5}},
	 .told = "owner - 8>8 qemu/7/0>qemu/7/5\n"},
	{"changes@in-the-order-of-a-handover",
	 .before = {{{A, 8, "e1000"}, {B, 8, "e1000"}}, {{"DMA", 8, OWNER_KERNEL}}},
	 .after = {{{A, 8, "vfio-pci", "vfio-pci"}, {B, 8, "vfio-pci", "vfio-pci"}},
		   {{"DMA", 8, OWNER_USER, "qemu", 7}}},
	 .told = "override " A " 8>8 ->vfio-pci\noverride " B " 8>8 ->vfio-pci\n"
		 "unbound " A " 8>8 e1000>-\nunbound " B " 8>8 e1000>-\n"
		 "bound " A " 8>8 ->vfio-pci\nbound " B " 8>8 ->vfio-pci\n"
		 "owner - 8>8 kernel>qemu/7/0\n"},
};
static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

static void add_device(struct facts *facts, const struct device *from)
{
	struct device_facts *device;

	assert_int_equal(facts_add_device(facts, &device), 0);
	device->address = copy(from->address);
	device->bus = copy("pci");
	device->group = from->group;
	device->driver = copy(from->driver);
	device->override = copy(from->override);
}

static void add_group(struct facts *facts, const struct group *from)
{
	struct group_facts *group;

	assert_int_equal(facts_add_group(facts, &group), 0);
	group->id = from->id;
	group->type = copy(from->type);
	group->owner = (struct owner_facts) {
		.kind = from->owner, .name = copy(from->name), .pid = from->pid, .uid = from->uid};
}

static struct facts facts_of(const struct picture *picture)
{
	struct facts facts = {0};

	for (const struct device *device = picture->devices; device->address; device++)
		add_device(&facts, device);
	for (const struct group *group = picture->groups; group->id; group++)
		add_group(&facts, group);
	return facts;
}

static void print_owner(FILE *out, const struct owner_facts *owner)
{
	if (owner->kind == OWNER_USER)
		fprintf(out, "%s/%ld/%ld", owner->name, owner->pid, owner->uid);
	else
		fputs(owner->kind == OWNER_KERNEL ? "kernel" : "nobody", out);
}

static void print_change(FILE *out, const struct facts_change *change)
{
	fprintf(out, "%s %s %d>%d ", facts_change_name(change->kind),
		change->device ? change->device : "-", change->group_before, change->group_after);
	if (change->kind == CHANGED_OWNER) {
		print_owner(out, change->owner_from);
		fputc('>', out);
		print_owner(out, change->owner_to);
	} else {
		fprintf(out, "%s>%s", change->from ? change->from : "-",
			change->to ? change->to : "-");
	}
	fputc('\n', out);
}

static void changes(void **state)
{
	const struct changes_case *row = *state;
	struct facts before = facts_of(&row->before), after = facts_of(&row->after);
	struct facts_changes found;
	char told[1024] = "";
	FILE *out = fmemopen(told, sizeof(told), "w");

	assert_int_equal(facts_changes_init(&found, &before, &after), 0);
	for (size_t i = 0; i < found.count; i++)
		print_change(out, &found.all[i]);
	fclose(out);
	assert_string_equal(told, row->told);
	facts_changes_release(&found);
	facts_release(&before);
	facts_release(&after);
}

static void without_memory(void **state)
{
	static const struct picture old = {{{A, 8, "e1000"}}, {{"DMA", 8, OWNER_KERNEL}}};
	static const struct picture new = {{{B, 8, "vfio-pci"}}, {{"DMA-FQ", 8}}};
	struct facts before = facts_of(&old), after = facts_of(&new);
	struct facts_changes found = {.count = 77};
	int err = -ENOMEM;

	for (size_t n = 1; err == -ENOMEM; n++) {
		until_failure = n;
		err = facts_changes_init(&found, &before, &after);
		assert_int_equal(err, until_failure ? 0 : -ENOMEM);
		assert_int_equal(found.count, err ? 77 : 6);
	}
	until_failure = 0;
	facts_changes_release(&found);
	facts_release(&before);
	facts_release(&after);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(without_memory),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, changes_cases, changes);
	return suite_run(&suite, "facts-changes");
}
