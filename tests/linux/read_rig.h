/* SPDX-License-Identifier: MIT */
/* A test builds a tree, reads it, and looks at the facts. */

#ifndef DMAOWN_TESTS_LINUX_READ_RIG_H
#define DMAOWN_TESTS_LINUX_READ_RIG_H

#include "linux_machine.h"
#include "rows.h"
#include "tree.h"

#include <stdint.h>

struct fixture {
	struct tree tree;
	struct facts facts;
};

int set_up(void **state);
int tear_down(void **state);
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

/* Reads the facts anew by that, and who has each group. */
void read_by(struct fixture *fixture, int (*read)(struct machine *, struct facts *));
/* By machine_read(). */
const struct facts *read_all(struct fixture *fixture);
/* A device that was read. */
const struct device_facts *find(const struct facts *facts, const char *address);

static const uint8_t plain_config[256];

#define E1000E "pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00"
#define DEVICE(...)                                                                                \
	&(struct tree_device)                                                                      \
	{                                                                                          \
		.config = plain_config, .config_size = 256, __VA_ARGS__                            \
	}

#endif
