/* SPDX-License-Identifier: MIT */
/* A simulated machine with a group of three, two of them native, and a device alone in its group.
 */

#ifndef DMAOWN_TESTS_SIM_MACHINE_RIG_H
#define DMAOWN_TESTS_SIM_MACHINE_RIG_H

#include "rows.h"
#include "sim_machine.h"

#define A "0000:02:01.0"
#define B "0000:02:02.0"
#define C "0000:02:03.0"
#define ALONE "0000:03:00.0"
#define GROUP 9
#define ALONE_GROUP 10

struct bed {
	struct machine *machine;
	struct group_file *file;
};

void add_device(struct facts *facts, const char *address, int group, const char *id,
		const char *driver);
void add_group(struct facts *facts, int id);
/* Of that machine. */
void make_facts(struct facts *facts);
int set_up(void **state);
int tear_down(void **state);
#define CASE(name, function)                                                                       \
	{                                                                                          \
		name, function, set_up, tear_down, NULL                                            \
	}

/* No invariant is broken. */
void check(struct bed *bed);

/* What the operation gave is what section 3 says, and no invariant is broken by it. */
#define EXPECT(bed, operation, expected)                                                           \
	do {                                                                                       \
		assert_int_equal(operation, expected);                                             \
		check(bed);                                                                        \
	} while (0)

/* Gives a device a driver, by its override. */
void give(struct bed *bed, const char *device, const char *driver);

#endif
