/* SPDX-License-Identifier: MIT */
/* The types of a group's default domain, as sysfs takes them. */
#ifndef DMAOWN_CORE_DEFAULT_TYPE_H
#define DMAOWN_CORE_DEFAULT_TYPE_H

#include "dmaown/core.h"

#include <errno.h>
#include <string.h>

/* Stores the kind that a type stands for; of "auto", for which the hardware chooses,
 * DMAOWN_DOMAIN_NONE. -EINVAL: it is no type. */
static inline int default_type_parse(const char *type, enum dmaown_domain_kind *kind)
{
	static const struct {
		const char *name;
		enum dmaown_domain_kind kind;
	} types[] = {{"DMA", DMAOWN_DOMAIN_DMA},
		     {"DMA-FQ", DMAOWN_DOMAIN_DMA_FQ},
		     {"identity", DMAOWN_DOMAIN_IDENTITY},
		     {"auto", DMAOWN_DOMAIN_NONE}};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].name, type) == 0) {
			*kind = types[i].kind;
			return 0;
		}
	}
	return -EINVAL;
}

#endif
