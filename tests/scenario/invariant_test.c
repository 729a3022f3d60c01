/* SPDX-License-Identifier: MIT */
/* Which pictures of a group break which invariant. */
#include "fake_machine.h"
#include "invariant.h"
#include "rows.h"

#include <stdlib.h>
#include <string.h>

struct picture {
	const char *name;
	const char *drivers[3]; /* of the group's three devices */
	enum owner_kind owner;
	int count;
	const char *type, *domain;
	const char *broken; /* NULL: nothing is */
};

static const struct picture pictures[] = {
	{"whole@kernel", {"e1000", NULL, "e1000"}, OWNER_KERNEL, 2, "DMA", "DMA", NULL},
	{"whole@managed-takes-no-count",
	 {"vfio-pci", NULL, "e1000"},
	 OWNER_KERNEL,
	 1,
	 "DMA",
	 "DMA",
	 NULL},
	{"whole@nobody", {NULL, NULL, NULL}, OWNER_NONE, 0, "DMA", "DMA", NULL},
	{"whole@user-blocked", {"vfio-pci", NULL, NULL}, OWNER_USER, 1, "DMA", "blocked", NULL},
	{"whole@user-claimed-two-devices",
	 {"vfio-pci", "vfio-pci", NULL},
	 OWNER_USER,
	 2,
	 "DMA",
	 "unmanaged",
	 NULL},
	{"whole@nothing-visible", {"e1000", NULL, NULL}, OWNER_KERNEL, -1, NULL, NULL, NULL},
	{"whole@unknown-driver-may-count",
	 {"odd", NULL, NULL},
	 OWNER_KERNEL,
	 1,
	 "DMA",
	 "DMA",
	 NULL},
	{"I8@native-in-users-group",
	 {"vfio-pci", NULL, "e1000"},
	 OWNER_USER,
	 1,
	 "DMA",
	 "blocked",
	 "I8: group 8 is in a user's hands, and 0000:02:03.0 is bound to e1000"},
	{"whole@open-and-not-claimed-on-a-host",
	 {"vfio-pci", NULL, "e1000"},
	 OWNER_USER,
	 -1,
	 "DMA",
	 NULL,
	 NULL},
	{"I1@user-without-count",
	 {"vfio-pci", NULL, NULL},
	 OWNER_USER,
	 0,
	 "DMA",
	 "blocked",
	 "I1: group 8 is in a user's hands, and its count is 0"},
	{"I1@one-native-too-few",
	 {"e1000", NULL, NULL},
	 OWNER_KERNEL,
	 2,
	 "DMA",
	 "DMA",
	 "I1: group 8 has 1 native devices, and its count is 2"},
	{"I1@native-not-counted",
	 {"e1000", NULL, NULL},
	 OWNER_NONE,
	 0,
	 "DMA",
	 "DMA",
	 "I1: group 8 has 1 native devices, and its count is 0"},
	{"I2@user-on-default",
	 {"vfio-pci", NULL, NULL},
	 OWNER_USER,
	 1,
	 "DMA",
	 "DMA",
	 "I2: group 8 is in a user's hands, and its current domain is DMA"},
	{"I2@user-on-none",
	 {"vfio-pci", NULL, NULL},
	 OWNER_USER,
	 1,
	 NULL,
	 "none",
	 "I2: group 8 is in a user's hands, and its current domain is none"},
	{"I2@kernel-left-blocked",
	 {"e1000", NULL, NULL},
	 OWNER_KERNEL,
	 1,
	 "DMA",
	 "blocked",
	 "I2: group 8 is the kernel's, and its current domain is blocked, not the default one "
	 "(DMA)"},
};

static void look(void **state)
{
	const struct picture *row = *state;
	struct fake_machine fake;
	struct group_facts *group;
	char *broken = NULL;

	fake_machine_init(&fake);
	group = &fake.facts.groups[0];
	group->owner.kind = row->owner;
	group->count = row->count;
	assert_int_equal(facts_set_string(&group->type, row->type), 0);
	assert_int_equal(facts_set_string(&group->domain, row->domain), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(facts_set_string(&fake.facts.devices[i].driver, row->drivers[i]),
				 0);
	assert_int_equal(invariants_look(&fake.facts, 8, &broken), 0);
	if (row->broken)
		assert_string_equal(broken ? broken : "nothing", row->broken);
	else
		assert_string_equal(broken ? broken : "nothing", "nothing");
	free(broken);
	fake_machine_release(&fake);
}

static void a_group_that_is_not_there_breaks_nothing(void **state)
{
	struct fake_machine fake;
	char *broken = (char *)"untouched";

	fake_machine_init(&fake);
	assert_int_equal(invariants_look(&fake.facts, 9, &broken), 0);
	assert_null(broken);
	fake_machine_release(&fake);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(a_group_that_is_not_there_breaks_nothing),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, pictures, look);
	return suite_run(&suite, "invariant");
}
