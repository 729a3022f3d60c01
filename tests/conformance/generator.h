/* SPDX-License-Identifier: MIT */
/*
 * Random steps of a scenario, on the guest's testbed: a group of a bridge and three devices,
 * two of them native, and two groups of one device.
 *
 * The same seed and scope give the same steps, on any machine and of any number: a longer sequence
 * begins with the shorter one.
 */
#ifndef DMAOWN_CONFORMANCE_GENERATOR_H
#define DMAOWN_CONFORMANCE_GENERATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What every generated scenario begins with: the roles that the steps name. */
extern const char generator_roles[];

/* The addresses of the roles' devices, ended by NULL. */
extern const char *const generator_devices[];

/* What may be asked of the kernel. The second leaves out what takes kernels before 6.2 down
 * (kernel_answers.h of src/sim): to remove a device that has companions, or whose group a user may
 * have. */
enum scope { SCOPE_ALL, SCOPE_SPARED };

/*
 * Stores `count` steps, each a line of a scenario without its end, in an array that the caller
 * frees, as its strings. `state` is the seed, not 0, and afterwards where the next sequence goes
 * on. -ENOMEM.
 */
int generate_steps(uint64_t *state, enum scope scope, size_t count, char ***out);

/* Whether no step removes a device that SCOPE_SPARED spares. */
bool steps_spare(char *const *steps, size_t count);

void free_steps(char **steps, size_t count);

#endif
