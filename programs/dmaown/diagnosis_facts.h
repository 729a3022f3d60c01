/* SPDX-License-Identifier: MIT */
/* What the checks of a diagnosis ask of a machine's facts. What is not known is never answered with
 * "no" here: whoever asks looks at the fact itself first. */
#ifndef DMAOWN_DMAOWN_DIAGNOSIS_FACTS_H
#define DMAOWN_DMAOWN_DIAGNOSIS_FACTS_H

#include "facts.h"

/* The host, or one of which nothing is known. */
const struct host_facts *diagnosed_host(const struct facts *facts);

/* Whether the kernel's last argument KEY=WORD,... that has either word has `word`: the later one
 * counts. `opposite` may be NULL. */
bool kernel_was_told(const struct facts *facts, const char *key, const char *word,
		     const char *opposite);
bool kernel_has_argument(const struct facts *facts, const char *argument);
/* The words of the last argument KEY=...; NULL: there is none. */
const char *kernel_words(const struct facts *facts, const char *key);

bool firmware_has_table(const struct facts *facts, const char *table);
bool cpu_is_of(const struct facts *facts, const char *vendor);
bool cpu_is_arm(const struct facts *facts);

bool any_user_driver(const struct facts *facts);
bool has_user_driver(const struct facts *facts, const char *bus);

/* Whether an IOMMU made the group: VFIO makes groups for devices without one too. */
bool group_is_of_iommu(const struct group_facts *group);

bool is_first_of_xen(const struct facts *facts);

/* Whether an IOMMU runs and has made groups. */
bool iommu_works(const struct facts *facts);

/* Whether an IOMMU translates for a device, of the bus if that is given. */
bool any_translated(const struct facts *facts, const char *bus);
bool has_devices(const struct facts *facts, const char *bus);

/* The state of a module. Nothing is known of a module that the facts do not have. */
struct module_facts diagnosed_module(const struct facts *facts, const char *name);

#endif
