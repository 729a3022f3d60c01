/* SPDX-License-Identifier: MIT */
/* What a journal says of the owners of groups: who stands behind a living claim, by what its
 * devices are. */
#define _GNU_SOURCE
#include "journal_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { INSTANCE = 77 };

/* A group with one device, which is on the driver that claims give it with. */
static struct device_facts *add_group(struct facts *facts, int id)
{
	struct device_facts *device;
	struct group_facts *group;
	char address[32];

	assert_int_equal(facts_add_group(facts, &group), 0);
	group->id = id;
	group->owner.kind = OWNER_NONE;
	assert_int_equal(facts_add_device(facts, &device), 0);
	snprintf(address, sizeof(address), "0000:02:%02d.0", id);
	assert_int_equal(facts_set_string(&device->address, address), 0);
	assert_int_equal(facts_set_string(&device->driver, "vfio-pci"), 0);
	device->group = id;
	device->instance = INSTANCE;
	return device;
}

static void assert_owner(const struct facts *facts, int group, const char *name, long pid)
{
	const struct owner_facts *owner = &facts_group(facts, group)->owner;

	assert_int_equal(owner->kind, name ? OWNER_USER : OWNER_NONE);
	assert_int_equal(owner->pid, pid);
	if (name)
		assert_string_equal(owner->name, name);
	else
		assert_null(owner->name);
	assert_int_equal(owner->uid, name ? 1000 : -1);
}

static void assert_nobody_knows(const struct facts *facts, int group, int err)
{
	const struct owner_facts *owner = &facts_group(facts, group)->owner;

	assert_int_equal(owner->kind, OWNER_NOT_KNOWN);
	assert_int_equal(owner->hidden_by, err);
}

/* In the root there is, and /proc with it. */
static void move_to_root(struct rig *rig)
{
	struct journal_place place = {.root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC),
				      .name = "",
				      .state = rig->folder,
				      .locks = rig->folder,
				      .boot = "boot"};

	journal_close(rig->journal);
	assert_int_equal(journal_open(&place, &rig->journal), 0);
	assert_string_equal(journal_folder(rig->journal), rig->claims);
	close(place.root);
}

/* Who stands behind a claim is looked for, and is not who made it. */
static void marks_owners(struct rig *rig)
{
	struct facts facts = {0};
	struct other other;

	move_to_root(rig);
	other_begin(rig, begin_8, &other);
	write_record(rig, 9, true, RECORD_HELD);
	write_record(rig, 10, true, RECORD_HELD RECORD_ENDING);
	write_record(rig, 11, false, RECORD_HELD);
	write_record(rig, 13, true, RECORD_HELD);
	for (int id = 8; id <= 12; id++)
		add_group(&facts, id);
	assert_int_equal(journal_mark_owners(rig->journal, &facts), 0);
	assert_owner(&facts, 8, "lab", other.pid);
	assert_owner(&facts, 9, "lab", 0);
	assert_owner(&facts, 10, NULL, 0);
	assert_owner(&facts, 11, NULL, 0);
	assert_owner(&facts, 12, NULL, 0);
	other_kill(&other);
	facts_release(&facts);
}

static void marks_over_who_has_it_open(struct rig *rig)
{
	struct facts facts = {0};
	struct owner_facts *owner;

	write_record(rig, 8, true, RECORD_HELD);
	add_group(&facts, 8);
	owner = &facts_group(&facts, 8)->owner;
	owner->kind = OWNER_USER;
	owner->pid = 4712;
	assert_int_equal(facts_set_string(&owner->name, "qemu"), 0);
	assert_int_equal(journal_mark_owners(rig->journal, &facts), 0);
	assert_owner(&facts, 8, "lab", 0);
	facts_release(&facts);
}

/* By what the device is: another one may have its address, and another group its number. */
static void marks_by_device(struct rig *rig)
{
	struct facts facts = {0};

	for (int id = 8; id <= 11; id++)
		write_record(rig, id, true, RECORD_HELD);
	write_record(rig, 12, true, RECORD_HELD "{\"lost\":0}\n");
	add_group(&facts, 8)->instance = INSTANCE + 1;
	assert_int_equal(facts_set_string(&add_group(&facts, 9)->driver, "e1000e"), 0);
	add_group(&facts, 10)->group = 14;
	add_group(&facts, 11)->instance = 0;
	add_group(&facts, 12);
	add_group(&facts, 14);
	assert_int_equal(journal_mark_owners(rig->journal, &facts), 0);
	assert_owner(&facts, 8, NULL, 0);
	assert_owner(&facts, 9, NULL, 0);
	assert_owner(&facts, 10, NULL, 0);
	assert_owner(&facts, 11, "lab", 0);
	assert_owner(&facts, 12, NULL, 0);
	assert_owner(&facts, 14, "lab", 0);
	facts_release(&facts);
}

/* It may be about any group. */
static void damage_hides_owners(struct rig *rig)
{
	struct facts facts = {0};

	write_record(rig, 8, true, RECORD_HELD);
	write_file(rig, "claim-12.json", "{");
	add_group(&facts, 8);
	add_group(&facts, 9);
	assert_int_equal(journal_mark_owners(rig->journal, &facts), 0);
	assert_owner(&facts, 8, "lab", 0);
	assert_nobody_knows(&facts, 9, -EUCLEAN);
	facts_release(&facts);
}

static void marks_nothing_without_a_folder(struct rig *rig)
{
	struct facts facts = {0};
	int file;

	add_group(&facts, 8);
	move_to(rig, "none");
	assert_int_equal(journal_mark_owners(rig->journal, &facts), 0);
	assert_owner(&facts, 8, NULL, 0);
	file = openat(rig->root, "none", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(file >= 0);
	close(file);
	assert_int_equal(journal_mark_owners(rig->journal, &facts), -ENOTDIR);
	facts_release(&facts);
}

static const struct journal_case cases[] = {
	{"owners@of-living-claims", marks_owners},
	{"owners@over-who-has-it-open", marks_over_who_has_it_open},
	{"owners@by-device-not-by-number", marks_by_device},
	{"owners@damage-hides-the-others", damage_hides_owners},
	{"owners@none-without-a-folder", marks_nothing_without_a_folder},
};

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, cases, run_case);
	return suite_run(&suite, "journal-owners");
}
