/* SPDX-License-Identifier: MIT */
/*
 * What a case of conformance.h is made of: operations on the devices of the testbed, and questions.
 * Each returns what a step compares: 0 or -errno, or what it tells.
 */

#ifndef DMAOWN_TESTS_MACHINE_CONFORMANCE_STEPS_H
#define DMAOWN_TESTS_MACHINE_CONFORMANCE_STEPS_H

#include "machine.h"

#include <stdint.h>

/* The devices, and the groups that are named by them. */
#define A "0000:02:01.0"
#define EDU "0000:02:02.0"
#define C "0000:02:03.0"
#define ALONE "0000:03:00.0"
#define OTHER "0000:04:00.0"
#define NVME "0000:05:00.0"
#define NOTHING "0000:0f:00.0"

/* The two users that can have a group open at once, or try. */
enum user { FIRST, SECOND, USERS };

struct run {
	struct machine *machine;
	struct group_file *files[USERS];
	char *why;
};

/*
 * `device` names the device, or its group; `text` is a driver, a type or an owner's kind. The
 * result is compared with `expected`: an errno, negative, or what the operation tells.
 */
struct step {
	int (*operation)(struct run *run, const struct step *step);
	const char *device, *text;
	int expected;
	uint64_t iova, size;
	enum user user;
};

int bind_driver(struct run *run, const struct step *step);
int unbind_driver(struct run *run, const struct step *step);
int probe(struct run *run, const struct step *step);
int override(struct run *run, const struct step *step);
int take_off(struct run *run, const struct step *step);
int rescan(struct run *run, const struct step *step);
int set_type(struct run *run, const struct step *step);
int set_type_of_no_group(struct run *run, const struct step *step);
int open_group(struct run *run, const struct step *step);
int open_no_group(struct run *run, const struct step *step);
int close_group(struct run *run, const struct step *step);
/* Tells 1 or 0. */
int viable(struct run *run, const struct step *step);
int claim(struct run *run, const struct step *step);
int release(struct run *run, const struct step *step);
int attach(struct run *run, const struct step *step);
int map(struct run *run, const struct step *step);
int unmap(struct run *run, const struct step *step);
int open_device(struct run *run, const struct step *step);
int close_device(struct run *run, const struct step *step);
int dma_to(struct run *run, const struct step *step);
int dma_from(struct run *run, const struct step *step);
int has_driver(struct run *run, const struct step *step);
int has_override(struct run *run, const struct step *step);
int is_with_a(struct run *run, const struct step *step);
int is_there(struct run *run, const struct step *step);
/* Tells the kind of the owner of the device's group. */
int owner(struct run *run, const struct step *step);

#endif
