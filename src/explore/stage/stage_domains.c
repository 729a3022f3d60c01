/* SPDX-License-Identifier: MIT */
/*
 * The hardware's table of domains.
 *
 * Not instrumented: who gets which place is settled inside the hardware, whatever locks its callers
 * hold. What is written is noted as atomic.
 */
#include "live.h"
#include "stage_parts.h"

#include <errno.h>

static void set_kind(struct hardware_domain *domain, enum dmaown_domain_kind kind)
{
	note_access(domain, sizeof(*domain), true, true, NULL);
	domain->kind = kind;
}

int stage_domain_create(void *context, enum dmaown_domain_kind kind, void **hardware)
{
	struct stage *stage = context;

	for (size_t i = 0; i < HARDWARE_DOMAINS; i++) {
		struct hardware_domain *domain = &stage->now->domains[i];

		if (domain->kind != DMAOWN_DOMAIN_NONE)
			continue;
		set_kind(domain, kind);
		*hardware = domain;
		return 0;
	}
	return -ENOMEM;
}

void stage_domain_destroy(void *context, void *hardware)
{
	struct stage *stage = context;

	for (size_t i = 0; i < stage->device_count; i++)
		if (stage->devices[i].now->attached == hardware)
			explored_fail(
				FINDING_INVARIANT,
				"I4: a domain is freed that a device's hardware is attached to");
	set_kind(hardware, DMAOWN_DOMAIN_NONE);
}

int stage_domain_defer(void *context, void *hardware)
{
	set_kind(hardware, DMAOWN_DOMAIN_DMA_FQ);
	return 0;
}
