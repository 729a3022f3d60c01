/* SPDX-License-Identifier: MIT */
#include "read_rig.h"

#include <stdlib.h>

int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	tree_make(&fixture->tree);
	*state = fixture;
	return 0;
}

int tear_down(void **state)
{
	struct fixture *fixture = *state;

	facts_release(&fixture->facts);
	tree_remove(&fixture->tree);
	free(fixture);
	return 0;
}

void read_by(struct fixture *fixture, int (*read)(struct machine *, struct facts *))
{
	struct machine *machine;
	char *why = NULL;

	facts_release(&fixture->facts);
	assert_int_equal(linux_machine_open(fixture->tree.path, &machine), 0);
	assert_int_equal(read(machine, &fixture->facts), 0);
	assert_int_equal(machine_find_users(machine, &fixture->facts), 0);
	machine_close(machine);
	if (facts_check(&fixture->facts, &why) != 0)
		fail_msg("%s", why);
}

const struct facts *read_all(struct fixture *fixture)
{
	read_by(fixture, machine_read);
	return &fixture->facts;
}

const struct device_facts *find(const struct facts *facts, const char *address)
{
	const struct device_facts *device = facts_device(facts, address);

	if (!device)
		fail_msg("%s: not read", address);
	return device;
}
