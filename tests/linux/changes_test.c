/* SPDX-License-Identifier: MIT */
/*
 * Parts of a host and changes to its devices, on trees: several at once, in workers that are kept,
 * and one that never ends. A FIFO without a reader stands for a driver that doesn't: whoever opens
 * it to write waits.
 */
#define _GNU_SOURCE
#include "linux_machine.h"
#include "rows.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DEVICES = 20, PLENTY = 60000 };

struct fixture {
	struct tree tree;
	struct machine *machine;
	char addresses[DEVICES][16];
	int reader; /* of the FIFO, opened when all may end; -1: not */
};

static void set_up(struct fixture *fixture)
{
	fixture->reader = -1;
	tree_make(&fixture->tree);
	tree_driver(&fixture->tree, "pci", "vfio-pci", "vfio_pci");
	for (int i = 0; i < DEVICES; i++) {
		struct tree_device device = {
			.address = fixture->addresses[i], .driver = "e1000e", .group = i / 2};

		snprintf(fixture->addresses[i], sizeof(fixture->addresses[i]), "0000:%02x:00.0", i);
		tree_device(&fixture->tree, &device);
		tree_group(&fixture->tree, i / 2, "DMA\n", i < 2 ? "0x0 0x1000 direct\n" : "");
	}
	tree_device(&fixture->tree, &(struct tree_device) {.address = "0000:ff:00.0", .group = -1});
	assert_int_equal(linux_machine_open(fixture->tree.path, &fixture->machine), 0);
}

static void tear_down(struct fixture *fixture)
{
	machine_close(fixture->machine);
	while (waitpid(-1, NULL, __WALL) > 0)
		;
	if (fixture->reader >= 0)
		close(fixture->reader);
	tree_remove(&fixture->tree);
}

static void make_changes(struct fixture *fixture, enum change_kind kind, const char *driver,
			 struct change *changes)
{
	for (int i = 0; i < DEVICES; i++)
		changes[i] = (struct change) {
			.kind = kind, .device = fixture->addresses[i], .driver = driver};
}

/* ---- changes ---- */

static void changes_are_made(struct fixture *fixture)
{
	struct change changes[DEVICES];
	char path[128], text[64];

	make_changes(fixture, CHANGE_OVERRIDE, "vfio-pci", changes);
	machine_change_all(fixture->machine, changes, DEVICES, PLENTY);
	for (int i = 0; i < DEVICES; i++) {
		assert_int_equal(changes[i].result, 0);
		snprintf(path, sizeof(path), "sys/devices/pci0000:00/%s/driver_override",
			 fixture->addresses[i]);
		tree_read(&fixture->tree, path, text, sizeof(text));
		assert_string_equal(text, "vfio-pci");
	}
}

static void each_has_its_result(struct fixture *fixture)
{
	struct change changes[] = {
		{.kind = CHANGE_BIND, .device = fixture->addresses[0], .driver = "vfio-pci"},
		{.kind = CHANGE_BIND, .device = fixture->addresses[1], .driver = "frob"},
		{.kind = CHANGE_UNBIND, .device = "0000:aa:00.0"},
		{.kind = CHANGE_UNBIND, .device = fixture->addresses[3]},
	};

	machine_change_all(fixture->machine, changes, 4, PLENTY);
	assert_int_equal(changes[0].result, 0);
	assert_int_equal(changes[1].result, -ENODEV);
	assert_int_equal(changes[2].result, -ENODEV);
	assert_int_equal(changes[3].result, 0);
}

static void names_too_long_are_nobodys(struct fixture *fixture)
{
	char name[400];
	struct change changes[] = {
		{.kind = CHANGE_UNBIND, .device = name},
		{.kind = CHANGE_BIND, .device = fixture->addresses[0], .driver = name},
	};

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	machine_change_all(fixture->machine, changes, 2, PLENTY);
	assert_int_equal(changes[0].result, -ENODEV);
	assert_int_equal(changes[1].result, -ENODEV);
}

static void workers_are_kept(struct fixture *fixture)
{
	struct change changes[DEVICES];

	for (int round = 0; round < 5; round++) {
		make_changes(fixture, CHANGE_BIND, "vfio-pci", changes);
		machine_change_all(fixture->machine, changes, DEVICES, PLENTY);
		for (int i = 0; i < DEVICES; i++)
			assert_int_equal(changes[i].result, 0);
	}
}

static void make_stuck(struct fixture *fixture, char *path, size_t size)
{
	tree_unlink(&fixture->tree, "sys/bus/pci/drivers/e1000e/unbind");
	snprintf(path, size, "%s/sys/bus/pci/drivers/e1000e/unbind", fixture->tree.path);
	assert_int_equal(mkfifo(path, 0600), 0);
}

static void a_stuck_one_is_left_alone(struct fixture *fixture)
{
	struct change stuck = {.kind = CHANGE_UNBIND, .device = fixture->addresses[0]};
	struct change next = {
		.kind = CHANGE_OVERRIDE, .device = fixture->addresses[1], .driver = "vfio-pci"};
	char path[512], text[32] = "";
	ssize_t length;

	make_stuck(fixture, path, sizeof(path));
	machine_change_all(fixture->machine, &stuck, 1, 50);
	assert_int_equal(stuck.result, -ETIMEDOUT);
	machine_change_all(fixture->machine, &next, 1, PLENTY);
	assert_int_equal(next.result, 0);
	/* It ends when it can, all the same. */
	fixture->reader = open(path, O_RDONLY | O_CLOEXEC);
	length = read(fixture->reader, text, sizeof(text) - 1);
	assert_int_equal(length, strlen(fixture->addresses[0]));
	assert_string_equal(text, fixture->addresses[0]);
}

static void what_had_no_turn_is_canceled(struct fixture *fixture)
{
	struct change changes[DEVICES];
	unsigned int stuck = 0, canceled = 0;
	char path[512];

	make_stuck(fixture, path, sizeof(path));
	make_changes(fixture, CHANGE_UNBIND, NULL, changes);
	machine_change_all(fixture->machine, changes, DEVICES, 50);
	for (int i = 0; i < DEVICES; i++) {
		stuck += changes[i].result == -ETIMEDOUT;
		canceled += changes[i].result == -ECANCELED;
	}
	assert_true(stuck > 0);
	assert_int_equal(stuck + canceled, DEVICES);
	fixture->reader = open(path, O_RDONLY | O_CLOEXEC);
}

/* Whoever reads from a pipe of ours sees its end although a worker lives. */
static void workers_hold_nothing_of_ours(struct fixture *fixture)
{
	struct change change = {
		.kind = CHANGE_OVERRIDE, .device = fixture->addresses[0], .driver = "vfio-pci"};
	int ends[2];
	char byte;

	assert_int_equal(pipe(ends), 0);
	machine_change_all(fixture->machine, &change, 1, PLENTY);
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
}

/* What a group's lock keeps out is kept out, and no device is taken to have gone where it lacks. */
static void changes_are_guarded(struct fixture *fixture)
{
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 1};
	struct change change = {.kind = CHANGE_UNBIND, .device = fixture->addresses[0]};
	char path[512];
	int lock;

	change.guard = "run/group-0.lock";
	machine_change_all(fixture->machine, &change, 1, PLENTY);
	assert_int_equal(change.result, -ENOLCK);
	tree_text(&fixture->tree, "run/group-0.lock", "");
	snprintf(path, sizeof(path), "%s/run/group-0.lock", fixture->tree.path);
	lock = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(fcntl(lock, F_OFD_SETLK, &all), 0);
	machine_change_all(fixture->machine, &change, 1, PLENTY);
	assert_int_equal(change.result, -EBUSY);
	close(lock);
	machine_change_all(fixture->machine, &change, 1, PLENTY);
	assert_int_equal(change.result, 0);
}

/* A program of that name that somebody else's PATH has is not run, whatever is done with SIGCHLD.
 */
static void modprobe_is_the_kernels(struct fixture *fixture)
{
	const char *before = getenv("PATH");
	struct machine *live;
	char path[512], *kept = strdup(before ? before : "");

	snprintf(path, sizeof(path), "#!/bin/sh\n: > %s/ran\n", fixture->tree.path);
	tree_text(&fixture->tree, "bin/modprobe", path);
	snprintf(path, sizeof(path), "%s/bin/modprobe", fixture->tree.path);
	assert_int_equal(chmod(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/bin", fixture->tree.path);
	setenv("PATH", path, 1);
	assert_int_equal(linux_machine_open("/", &live), 0);
	assert_int_equal(machine_load_driver(live, "dmaown-there-is-no-such-driver"), -ENOENT);
	signal(SIGCHLD, SIG_IGN);
	machine_load_driver(live, "dmaown-there-is-no-such-driver");
	signal(SIGCHLD, SIG_DFL);
	machine_close(live);
	setenv("PATH", kept, 1);
	free(kept);
	snprintf(path, sizeof(path), "%s/ran", fixture->tree.path);
	assert_int_equal(access(path, F_OK), -1);
}

/* ---- parts ---- */

static void a_part_is_whole_groups(struct fixture *fixture)
{
	const struct machine_part parts[] = {{.device = fixture->addresses[0]},
					     {.device = fixture->addresses[1]},
					     {.group = 3},
					     {.device = "0000:ff:00.0"},
					     {.device = "0000:aa:00.0"},
					     {.group = 77}};
	struct facts facts;

	assert_int_equal(machine_read_part(fixture->machine, parts, 6, &facts), 0);
	assert_int_equal(facts.device_count, 5);
	assert_int_equal(facts.group_count, 2);
	assert_non_null(facts_device(&facts, fixture->addresses[7]));
	assert_int_equal(facts_device(&facts, "0000:ff:00.0")->group, -1);
	assert_int_equal(facts_group(&facts, 0)->direct_regions, KNOWN_YES);
	assert_int_equal(facts_group(&facts, 3)->direct_regions, KNOWN_NO);
	facts_release(&facts);
}

static void a_part_has_a_group(struct fixture *fixture)
{
	const struct machine_part device = {.device = fixture->addresses[5]};
	const struct machine_part alone = {.device = "0000:ff:00.0"};
	const struct machine_part absent = {.device = "0000:aa:00.0"};
	const struct machine_part group = {.group = 9}, no_group = {.group = 10};
	int id;

	assert_int_equal(machine_find_group(fixture->machine, &device, &id), 0);
	assert_int_equal(id, 2);
	assert_int_equal(machine_find_group(fixture->machine, &alone, &id), 0);
	assert_int_equal(id, -1);
	assert_int_equal(machine_find_group(fixture->machine, &group, &id), 0);
	assert_int_equal(id, 9);
	assert_int_equal(machine_find_group(fixture->machine, &absent, &id), -ENODEV);
	assert_int_equal(machine_find_group(fixture->machine, &no_group, &id), -ENOENT);
}

static void drivers_and_overrides_are_told(struct fixture *fixture)
{
	struct driver_name name;

	assert_int_equal(machine_driver(fixture->machine, fixture->addresses[0], &name), 0);
	assert_string_equal(name.text, "e1000e");
	assert_int_equal(machine_driver(fixture->machine, "0000:ff:00.0", &name), 0);
	assert_string_equal(name.text, "");
	assert_int_equal(machine_driver(fixture->machine, "0000:aa:00.0", &name), -ENODEV);
	assert_int_equal(machine_override(fixture->machine, "0000:ff:00.0", &name), 0);
	assert_string_equal(name.text, "");
	assert_int_equal(machine_set_override(fixture->machine, "0000:ff:00.0", "vfio-pci"), 0);
	assert_int_equal(machine_override(fixture->machine, "0000:ff:00.0", &name), 0);
	assert_string_equal(name.text, "vfio-pci");
}

/* A device whose driver's link has gone before its driver has. */
static void a_busy_device_is_known(struct fixture *fixture)
{
	struct facts facts;

	tree_unlink(&fixture->tree, "sys/devices/pci0000:00/0000:00:00.0/driver");
	tree_text(&fixture->tree, "sys/devices/pci0000:00/0000:00:00.0/driver_override", "frob\n");
	assert_int_equal(machine_glance(fixture->machine, &facts), 0);
	assert_true(facts_device(&facts, fixture->addresses[0])->busy);
	assert_string_equal(facts_device(&facts, fixture->addresses[0])->driver, "e1000e");
	assert_string_equal(facts_device(&facts, fixture->addresses[0])->override, "frob");
	assert_false(facts_device(&facts, fixture->addresses[1])->busy);
	facts_release(&facts);
}

/* An attribute that is not answered is not known of its device, and known of all others. */
static void a_stuck_attribute_is_unknown(struct fixture *fixture)
{
	const char *stuck = "sys/devices/pci0000:00/0000:00:00.0/driver_override";
	const struct device_facts *device;
	struct driver_name name;
	struct facts facts;
	char path[512];

	tree_unlink(&fixture->tree, stuck);
	snprintf(path, sizeof(path), "%s/%s", fixture->tree.path, stuck);
	assert_int_equal(mkfifo(path, 0600), 0);
	tree_text(&fixture->tree, "sys/devices/pci0000:00/0000:01:00.0/driver_override", "frob\n");
	assert_int_equal(machine_glance(fixture->machine, &facts), 0);
	device = facts_device(&facts, fixture->addresses[0]);
	assert_int_equal(device->unknown_count, 1);
	assert_string_equal(device->unknowns[0].about, "driver override");
	assert_int_equal(device->unknowns[0].error, -ETIMEDOUT);
	assert_string_equal(facts_device(&facts, fixture->addresses[1])->override, "frob");
	for (int i = 1; i < DEVICES; i++)
		assert_int_equal(facts_device(&facts, fixture->addresses[i])->unknown_count, 0);
	facts_release(&facts);
	assert_int_equal(machine_override(fixture->machine, fixture->addresses[0], &name),
			 -ETIMEDOUT);
	fixture->reader = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(write(fixture->reader, "x\n", 2), 2);
}

static void a_driver_is_read(struct fixture *fixture)
{
	struct facts facts = {0};

	assert_int_equal(machine_read_driver(fixture->machine, "pci", "vfio-pci", &facts), 0);
	assert_int_equal(machine_read_driver(fixture->machine, "pci", "vfio-pci", &facts), 0);
	assert_int_equal(facts.driver_count, 1);
	assert_true(facts.drivers[0].user);
	assert_int_equal(machine_read_driver(fixture->machine, "pci", "frob", &facts), -ENODEV);
	assert_int_equal(machine_read_driver(fixture->machine, "pci", "../x", &facts), -ENODEV);
	facts_release(&facts);
}

static void nodes_change_hands(struct fixture *fixture)
{
	struct group_node node, to = {.uid = getuid(), .gid = getgid(), .mode = 0640};

	assert_int_equal(machine_node(fixture->machine, 3, &node), -ENOENT);
	assert_int_equal(machine_set_node(fixture->machine, 3, &to), -ENOENT);
	tree_text(&fixture->tree, "dev/vfio/3", "");
	assert_int_equal(machine_set_node(fixture->machine, 3, &to), 0);
	assert_int_equal(machine_node(fixture->machine, 3, &node), 0);
	assert_string_equal(node.path, "/dev/vfio/3");
	assert_int_equal(node.mode, 0640);
	assert_int_equal(node.uid, getuid());
}

static const struct changes_case {
	const char *name;
	void (*run)(struct fixture *fixture);
} cases[] = {
	{"change@all-are-made", changes_are_made},
	{"change@each-has-its-result", each_has_its_result},
	{"change@names-too-long-enodev", names_too_long_are_nobodys},
	{"change@workers-are-kept", workers_are_kept},
	{"change@a-stuck-one-is-left-alone", a_stuck_one_is_left_alone},
	{"change@what-had-no-turn-ecanceled", what_had_no_turn_is_canceled},
	{"change@workers-hold-nothing-of-ours", workers_hold_nothing_of_ours},
	{"change@guarded", changes_are_guarded},
	{"module@is-loaded-by-the-kernels-program", modprobe_is_the_kernels},
	{"part@is-whole-groups", a_part_is_whole_groups},
	{"part@has-a-group", a_part_has_a_group},
	{"attribute@stuck-is-unknown", a_stuck_attribute_is_unknown},
	{"driver@and-override-are-told", drivers_and_overrides_are_told},
	{"driver@one-is-read", a_driver_is_read},
	{"busy@has-a-driver-without-a-link", a_busy_device_is_known},
	{"node@changes-hands", nodes_change_hands},
};

static void run_case(void **state)
{
	const struct changes_case *which = *state;
	struct fixture fixture;

	set_up(&fixture);
	which->run(&fixture);
	tear_down(&fixture);
}

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, cases, run_case);
	return suite_run(&suite, "changes");
}
