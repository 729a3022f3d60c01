/* SPDX-License-Identifier: MIT */
/*
 * Where the ACS registers of a PCI function lie.
 *
 * The capability is at offset 4 and the control at 6 of the extended capability, a word each.
 * Intel's root ports of Sunrise and Union Point (100 and 200 series) have a dword each, so that
 * their control is at 8, and what lies at 6 reads 0: "everything is off", of ports that isolate.
 */
#ifndef DMAOWN_MACHINE_ACS_LAYOUT_H
#define DMAOWN_MACHINE_ACS_LAYOUT_H

#include "facts.h"

/* Whether a function with these ids and of this type (enum pcie_type) has dwords. */
bool acs_is_wide(uint16_t vendor, uint16_t device, int type);

/* Whether a function has dwords, but its control was read as that of one with words (lspci does,
 * and dmaown did): it says nothing. */
bool acs_control_is_unseen(const struct device_facts *device);

#endif
