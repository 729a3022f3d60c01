/* SPDX-License-Identifier: MIT */
/*
 * Whether a PCI function isolates: by its vendor's or the kernel's word (quirks.h), which is asked
 * first, or by its registers of Access Control Services (topology.h, head).
 */
#ifndef DMAOWN_TOPOLOGY_ACS_H
#define DMAOWN_TOPOLOGY_ACS_H

#include "facts.h"
#include "quirks.h"

/* Bits of the ACS capability and control registers. */
#define ACS_SOURCE_VALIDATION 0x01
#define ACS_REQUEST_REDIRECT 0x04
#define ACS_COMPLETION_REDIRECT 0x08
#define ACS_UPSTREAM_FORWARDING 0x10
#define ACS_ISOLATION                                                                              \
	(ACS_SOURCE_VALIDATION | ACS_REQUEST_REDIRECT | ACS_COMPLETION_REDIRECT |                  \
	 ACS_UPSTREAM_FORWARDING)

/* A function found beyond function 0 is one of several even where its header does not say so; a
 * virtual function never is. */
bool is_one_of_several(const struct pci_facts *pci);

/* Of the bits that isolation needs, those that the function has but that are off; all of them if it
 * has no ACS. */
uint16_t acs_missing(const struct pci_facts *pci);

/* Whether the function would isolate by its registers if nothing of its ACS were missing. */
bool acs_would_isolate(const struct pci_facts *pci);

/* Whether the function isolates, by its registers alone, and by what is said of it as well.
 * KNOWN_NOT: the registers that decide were not read. */
enum known registers_isolate(const struct pci_facts *pci);
enum known isolates(const struct platform *platform, const struct device_facts *device);

#endif
