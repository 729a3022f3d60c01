/* SPDX-License-Identifier: MIT */
#include "recorded_groups.h"
#include "rows.h"
#include "sim_machine.h"
#include "wired.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct wiring_case wiring_cases[] = {
	{"rules@endpoint-below-isolating-port",
	 {{PORT("0000:00:02.0", ROOT, RP, ALL_ON), .leader = "0000:00:02.0"},
	  {END("0000:01:00.0", "0000:00:02.0"), .leader = "0000:01:00.0", .words = ISOLATED}}},
	{"rules@endpoint-below-port-without-acs",
	 {{PORT("0000:00:02.0", ROOT, RP, NO_ACS), .leader = "0000:00:02.0"},
	  {END("0000:01:00.0", "0000:00:02.0"), .leader = "0000:00:02.0", .company = COMPANY_PORT,
	   .words = "0000:00:02.0, the port above it, has no ACS"}}},
	{"rules@port-with-redirect-off",
	 {{PORT("0000:00:02.0", ROOT, RP, 0x11), .leader = "0000:00:02.0"},
	  {END("0000:01:00.0", "0000:00:02.0"), .leader = "0000:00:02.0", .company = COMPANY_PORT,
	   .words = "0000:00:02.0, the port above it, has ACS with Request Redirect, "
		    "Completion Redirect off"}}},
	{"rules@port-with-source-validation-off",
	 {{PORT("0000:00:02.0", ROOT, RP, 0x0c), .leader = "0000:00:02.0"},
	  {END("0000:01:00.0", "0000:00:02.0"), .leader = "0000:00:02.0", .company = COMPANY_PORT,
	   .words = "0000:00:02.0, the port above it, has ACS with Source Validation, "
		    "Upstream Forwarding off"}}},
	{"rules@port-whose-missing-bit-is-not-there",
	 {{PORT("0000:00:02.0", ROOT, RP, 0x19), .without = 0x04, .leader = "0000:00:02.0"},
	  {END("0000:01:00.0", "0000:00:02.0"), .leader = "0000:01:00.0"}}},
	{"rules@behind-pcie-to-pci-bridge",
	 {{PORT("0000:00:02.0", ROOT, RP, ALL_ON), .leader = "0000:00:02.0"},
	  {PORT("0000:01:00.0", "0000:00:02.0", PCIE_TO_PCI_BRIDGE, NO_ACS),
	   .leader = "0000:01:00.0", .words = JOINED},
	  {"0000:02:01.0", "0000:01:00.0", PCIE_NONE, .acs = NO_ACS, .leader = "0000:01:00.0",
	   .company = COMPANY_BRIDGE,
	   .words = "behind 0000:01:00.0, a bridge between PCI Express and conventional PCI: all "
		    "DMA from behind it looks the same"},
	  {"0000:02:02.0", "0000:01:00.0", PCIE_NONE, .acs = NO_ACS, .leader = "0000:01:00.0",
	   .company = COMPANY_BRIDGE}}},
	{"rules@behind-two-conventional-bridges",
	 {{PORT("0000:00:1e.0", ROOT, PCIE_NONE, NO_ACS), .leader = "0000:00:1e.0"},
	  {PORT("0000:01:01.0", "0000:00:1e.0", PCIE_NONE, NO_ACS), .leader = "0000:00:1e.0",
	   .company = COMPANY_BRIDGE,
	   .words = "behind 0000:00:1e.0, a conventional PCI bridge: all DMA from behind it looks "
		    "the same"},
	  {"0000:02:01.0", "0000:01:01.0", PCIE_NONE, .acs = NO_ACS, .leader = "0000:00:1e.0",
	   .company = COMPANY_BRIDGE,
	   .words = "behind 0000:01:01.0, a conventional PCI bridge: all DMA from behind it looks "
		    "the same"}}},
	{"rules@express-behind-conventional",
	 {{PORT("0000:00:1e.0", ROOT, PCI_TO_PCIE_BRIDGE, NO_ACS), .leader = "0000:00:1e.0"},
	  {PORT("0000:01:00.0", "0000:00:1e.0", PCIE_DOWNSTREAM, ALL_ON), .leader = "0000:00:1e.0",
	   .company = COMPANY_BRIDGE},
	  {END("0000:02:00.0", "0000:01:00.0"), .leader = "0000:00:1e.0",
	   .company = COMPANY_BRIDGE}}},
	{"rules@switch-that-isolates",
	 {{PORT("0000:00:02.0", ROOT, RP, ALL_ON), .leader = "0000:00:02.0"},
	  {PORT("0000:01:00.0", "0000:00:02.0", PCIE_UPSTREAM, NO_ACS), .leader = "0000:01:00.0"},
	  {PORT("0000:02:00.0", "0000:01:00.0", PCIE_DOWNSTREAM, ALL_ON), .leader = "0000:02:00.0"},
	  {PORT("0000:02:01.0", "0000:01:00.0", PCIE_DOWNSTREAM, ALL_ON), .leader = "0000:02:01.0"},
	  {END("0000:03:00.0", "0000:02:00.0"), .leader = "0000:03:00.0"},
	  {END("0000:04:00.0", "0000:02:01.0"), .leader = "0000:04:00.0"}}},
	{"rules@switch-ports-without-acs-judged-upwards-only",
	 {{PORT("0000:00:02.0", ROOT, RP, ALL_ON), .leader = "0000:00:02.0"},
	  {PORT("0000:01:00.0", "0000:00:02.0", PCIE_UPSTREAM, NO_ACS), .leader = "0000:01:00.0"},
	  {PORT("0000:02:00.0", "0000:01:00.0", PCIE_DOWNSTREAM, NO_ACS), .leader = "0000:02:00.0"},
	  {PORT("0000:02:01.0", "0000:01:00.0", PCIE_DOWNSTREAM, NO_ACS), .leader = "0000:02:01.0"},
	  {END("0000:03:00.0", "0000:02:00.0"), .leader = "0000:02:00.0", .company = COMPANY_PORT},
	  {END("0000:04:00.0", "0000:02:01.0"), .leader = "0000:02:01.0",
	   .company = COMPANY_PORT}}},
	{"rules@switch-below-root-port-without-acs",
	 {{PORT("0000:00:02.0", ROOT, RP, NO_ACS), .leader = "0000:00:02.0"},
	  {PORT("0000:01:00.0", "0000:00:02.0", PCIE_UPSTREAM, NO_ACS), .leader = "0000:00:02.0",
	   .company = COMPANY_PORT},
	  {PORT("0000:02:00.0", "0000:01:00.0", PCIE_DOWNSTREAM, ALL_ON), .leader = "0000:00:02.0",
	   .company = COMPANY_PORT,
	   .words = "0000:00:02.0, a port between it and the root, has no ACS"},
	  {END("0000:03:00.0", "0000:02:00.0"), .leader = "0000:00:02.0",
	   .company = COMPANY_PORT}}},
	{"rules@functions-without-acs",
	 {{PORT("0000:00:02.0", ROOT, RP, ALL_ON), .leader = "0000:00:02.0"},
	  {"0000:01:00.0", "0000:00:02.0", PCIE_ENDPOINT, .several = true, .acs = NO_ACS,
	   .leader = "0000:01:00.0", .company = COMPANY_FUNCTION,
	   .words = "one function of several that are not isolated from each other, as "
		    "0000:01:00.2: has no ACS"},
	  {"0000:01:00.2", "0000:00:02.0", PCIE_ENDPOINT, .acs = NO_ACS, .leader = "0000:01:00.0",
	   .company = COMPANY_FUNCTION,
	   .words = "one function of several that are not isolated from each other, as "
		    "0000:01:00.0: has no ACS"}}},
	{"rules@functions-with-acs",
	 {{PORT("0000:00:02.0", ROOT, RP, ALL_ON), .leader = "0000:00:02.0"},
	  {"0000:01:00.0", "0000:00:02.0", PCIE_ENDPOINT, .several = true, .acs = ALL_ON,
	   .leader = "0000:01:00.0"},
	  {"0000:01:00.1", "0000:00:02.0", PCIE_ENDPOINT, .several = true, .acs = ALL_ON,
	   .leader = "0000:01:00.1"}}},
	{"rules@one-function-with-acs-among-others",
	 {{"0000:00:03.0", ROOT, PCIE_INTEGRATED_ENDPOINT, .several = true, .acs = NO_ACS,
	   .leader = "0000:00:03.0", .company = COMPANY_FUNCTION},
	  {"0000:00:03.1", ROOT, PCIE_INTEGRATED_ENDPOINT, .several = true, .acs = ALL_ON,
	   .leader = "0000:00:03.1"},
	  {"0000:00:03.2", ROOT, PCIE_EVENT_COLLECTOR, .several = true, .acs = NO_ACS,
	   .leader = "0000:00:03.0", .company = COMPANY_FUNCTION}}},
	{"rules@root-ports-as-functions",
	 {{PORT("0000:00:1c.0", ROOT, RP, NO_ACS), .several = true, .leader = "0000:00:1c.0",
	   .company = COMPANY_FUNCTION},
	  {PORT("0000:00:1c.1", ROOT, RP, NO_ACS), .several = true, .leader = "0000:00:1c.0",
	   .company = COMPANY_FUNCTION},
	  {END("0000:01:00.0", "0000:00:1c.0"), .leader = "0000:00:1c.0", .company = COMPANY_PORT},
	  {END("0000:02:00.0", "0000:00:1c.1"), .leader = "0000:00:1c.0",
	   .company = COMPANY_PORT}}},
	{"rules@conventional-functions-on-the-root-bus",
	 {{"0000:00:1f.0", ROOT, PCIE_NONE, .several = true, .acs = NO_ACS,
	   .leader = "0000:00:1f.0", .company = COMPANY_FUNCTION,
	   .words = "one function of several that are not isolated from each other, as "
		    "0000:00:1f.2: has no PCI Express capability"},
	  {"0000:00:1f.2", ROOT, PCIE_NONE, .several = true, .acs = NO_ACS,
	   .leader = "0000:00:1f.0", .company = COMPANY_FUNCTION},
	  {"0000:00:1e.0", ROOT, PCIE_NONE, .acs = NO_ACS, .leader = "0000:00:1e.0"},
	  {"0001:00:1f.0", ROOT, PCIE_NONE, .several = true, .acs = NO_ACS,
	   .leader = "0001:00:1f.0"}}},
	{"rules@single-integrated-endpoint",
	 {{"0000:00:03.0", ROOT, PCIE_INTEGRATED_ENDPOINT, .acs = NO_ACS, .leader = "0000:00:03.0"},
	  {"0000:00:04.0", ROOT, PCIE_INTEGRATED_ENDPOINT, .acs = NO_ACS,
	   .leader = "0000:00:04.0"}}},
	{"rules@virtual-functions",
	 {{PORT("0000:00:02.0", ROOT, RP, ALL_ON), .leader = "0000:00:02.0"},
	  {"0000:01:00.0", "0000:00:02.0", PCIE_ENDPOINT, .acs = NO_ACS, .leader = "0000:01:00.0"},
	  {"0000:01:00.1", "0000:00:02.0", PCIE_ENDPOINT, .acs = NO_ACS,
	   .physical_function = "0000:01:00.0", .leader = "0000:01:00.1"},
	  {"0000:01:00.2", "0000:00:02.0", PCIE_ENDPOINT, .acs = NO_ACS,
	   .physical_function = "0000:01:00.0", .leader = "0000:01:00.2"}}},
	{"rules@virtual-function-below-port-without-acs",
	 {{PORT("0000:00:02.0", ROOT, RP, NO_ACS), .leader = "0000:00:02.0"},
	  {END("0000:01:00.0", "0000:00:02.0"), .leader = "0000:00:02.0", .company = COMPANY_PORT},
	  {"0000:01:00.1", "0000:00:02.0", PCIE_ENDPOINT, .acs = NO_ACS,
	   .physical_function = "0000:01:00.0", .leader = "0000:00:02.0",
	   .company = COMPANY_PORT}}},
	{"hidden@below-a-port-that-could-not-be-read",
	 {{PORT("0000:00:02.0", ROOT, PCIE_NONE, NO_ACS), .hidden = true, .leader = "0000:00:02.0"},
	  {"0000:01:00.0", "0000:00:02.0", PCIE_NONE, .hidden = true, .acs = NO_ACS,
	   .leader = "0000:01:00.0", .company = COMPANY_UNKNOWN,
	   .words = "not known: the registers that decide could not be read (are you root?)"}}},
	{"hidden@single-function-on-the-root-bus",
	 {{"0000:00:03.0", ROOT, PCIE_NONE, .hidden = true, .acs = NO_ACS, .leader = "0000:00:03.0",
	   .company = COMPANY_NONE}}},
	{"hidden@functions",
	 {{"0000:00:03.0", ROOT, PCIE_NONE, .several = true, .hidden = true, .acs = NO_ACS,
	   .leader = "0000:00:03.0", .company = COMPANY_UNKNOWN}}},
	{"other-bus@as-recorded",
	 {{"a-uart", ROOT, .recorded = 5, .leader = "a-uart", .company = COMPANY_RECORDED},
	  {"b-uart", ROOT, .recorded = 6, .leader = "b-uart", .company = COMPANY_RECORDED},
	  {"c-uart", ROOT, .recorded = 5, .leader = "a-uart", .company = COMPANY_RECORDED},
	  {"d-uart", ROOT, .leader = "d-uart", .company = COMPANY_RECORDED},
	  {"e-uart", ROOT, .leader = "e-uart", .company = COMPANY_RECORDED}}},
	{"remedy@none-for-one-that-is-alone",
	 {{PORT("0000:00:02.0", ROOT, RP, ALL_ON), .leader = "0000:00:02.0", .remedy = NOTHING},
	  {END("0000:01:00.0", "0000:00:02.0"), .leader = "0000:01:00.0", .remedy = NOTHING}}},
	{"remedy@port-without-acs",
	 {{PORT("0000:00:02.0", ROOT, RP, NO_ACS), .leader = "0000:00:02.0", .remedy = NOTHING},
	  {END("0000:01:00.0", "0000:00:02.0"), .leader = "0000:00:02.0", .company = COMPANY_PORT,
	   .remedy = "move it below a port that has ACS: 0000:00:02.0 cannot isolate, and "
		     "pcie_acs_override=, a patch that Linux has not taken, would only hide it"}}},
	{"remedy@port-with-redirect-off",
	 {{PORT("0000:00:02.0", ROOT, RP, 0x11), .leader = "0000:00:02.0"},
	  {END("0000:01:00.0", "0000:00:02.0"), .leader = "0000:00:02.0", .company = COMPANY_PORT,
	   .remedy = "start the kernel with pci=config_acs=111x1@0000:00:02.0 (Linux 6.11 or "
		     "later), or without pci=disable_acs_redir= where that is why, or move it "
		     "below a port that isolates"}}},
	{"remedy@port-with-source-validation-off",
	 {{PORT("0000:00:02.0", ROOT, RP, 0x1c), .leader = "0000:00:02.0"},
	  {END("0000:01:00.0", "0000:00:02.0"), .leader = "0000:00:02.0", .company = COMPANY_PORT,
	   .remedy = "start the kernel with pci=config_acs=111x1@0000:00:02.0 (Linux 6.11 or "
		     "later), or move it below a port that isolates"}}},
	{"remedy@bits-that-the-port-has-not-are-left",
	 {{PORT("0000:00:02.0", ROOT, RP, 0x00), .without = 0x0c, .leader = "0000:00:02.0"},
	  {END("0000:01:00.0", "0000:00:02.0"), .leader = "0000:00:02.0", .company = COMPANY_PORT,
	   .remedy = "start the kernel with pci=config_acs=1xxx1@0000:00:02.0 (Linux 6.11 or "
		     "later), or move it below a port that isolates"}}},
	{"remedy@conventional-devices-behind-a-bridge",
	 {{PORT("0000:00:02.0", ROOT, PCIE_TO_PCI_BRIDGE, NO_ACS), .leader = "0000:00:02.0",
	   .remedy = NOTHING},
	  {"0000:02:01.0", "0000:00:02.0", PCIE_NONE, .acs = NO_ACS, .leader = "0000:00:02.0",
	   .company = COMPANY_BRIDGE,
	   .remedy = "use a PCI Express device in its place: nothing separates what is behind a "
		     "conventional bridge"},
	  {"0000:02:02.0", "0000:00:02.0", PCIE_NONE, .acs = NO_ACS, .leader = "0000:00:02.0",
	   .company = COMPANY_BRIDGE}}},
	{"remedy@none-for-one-with-only-its-bridges",
	 {{PORT("0000:00:1e.0", ROOT, PCIE_NONE, NO_ACS), .leader = "0000:00:1e.0"},
	  {PORT("0000:01:01.0", "0000:00:1e.0", PCIE_NONE, NO_ACS), .leader = "0000:00:1e.0",
	   .company = COMPANY_BRIDGE, .remedy = NOTHING},
	  {"0000:02:01.0", "0000:01:01.0", PCIE_NONE, .acs = NO_ACS, .leader = "0000:00:1e.0",
	   .company = COMPANY_BRIDGE, .remedy = NOTHING}}},
	{"remedy@express-behind-conventional",
	 {{PORT("0000:00:1e.0", ROOT, PCI_TO_PCIE_BRIDGE, NO_ACS), .leader = "0000:00:1e.0"},
	  {END("0000:02:00.0", "0000:00:1e.0"), .leader = "0000:00:1e.0", .company = COMPANY_BRIDGE,
	   .remedy = "move it to a PCI Express slot that is not behind 0000:00:1e.0: nothing "
		     "separates what is behind such a bridge"},
	  {END("0000:02:01.0", "0000:00:1e.0"), .leader = "0000:00:1e.0",
	   .company = COMPANY_BRIDGE}}},
	{"remedy@functions-without-acs",
	 {{"0000:00:03.0", ROOT, PCIE_ENDPOINT, .several = true, .acs = NO_ACS,
	   .leader = "0000:00:03.0", .company = COMPANY_FUNCTION,
	   .remedy = "take all functions of the device together: only its vendor could say that "
		     "they are apart, by a quirk in the kernel"},
	  {"0000:00:03.1", ROOT, PCIE_ENDPOINT, .several = true, .acs = 0x1c,
	   .leader = "0000:00:03.0", .company = COMPANY_FUNCTION,
	   .remedy = "start the kernel with pci=config_acs=111x1@0000:00:03.1 (Linux 6.11 or "
		     "later)"},
	  {"0000:00:03.2", ROOT, PCIE_EVENT_COLLECTOR, .several = true, .acs = 0x1c,
	   .leader = "0000:00:03.0", .company = COMPANY_FUNCTION,
	   .words = "one function of several that are not isolated from each other, as "
		    "0000:00:03.0: is of a type that ACS does not isolate",
	   .remedy = "take all functions of the device together: only its vendor could say that "
		     "they are apart, by a quirk in the kernel"}}},
	{"remedy@alias",
	 {{"0000:00:05.0", ROOT, PCIE_ENDPOINT, .several = true, .acs = ALL_ON,
	   .leader = "0000:00:05.0", .remedy = NOTHING},
	  {"0000:00:05.3", ROOT, PCIE_ENDPOINT, .several = true, .acs = ALL_ON, .vendor = "1180",
	   .device = "e832", .leader = "0000:00:05.0", .company = COMPANY_ALIAS,
	   .remedy = "take it with 0000:00:05.0, or use another model: the IOMMU takes the one "
		     "for the other"}}},
	{"remedy@hidden",
	 {{"0000:00:03.0", ROOT, PCIE_NONE, .several = true, .hidden = true, .acs = NO_ACS,
	   .leader = "0000:00:03.0", .company = COMPANY_UNKNOWN,
	   .remedy = "run dmaown, or take the snapshot, as root"}}},
	{"remedy@no-group",
	 {{"0000:00:03.0", ROOT, PCIE_ENDPOINT, .acs = NO_ACS, .recorded = -1,
	   .leader = "0000:00:03.0", .words = "in no group: no IOMMU translates for it",
	   .remedy = "dmaown doctor says why no IOMMU translates for it, and what to do"}}},
	{"remedy@other-bus",
	 {{"a-uart", ROOT, .recorded = 5, .leader = "a-uart", .company = COMPANY_RECORDED,
	   .remedy = "none is known: the board and its firmware say how the IOMMU tells devices "
		     "of bus pci apart"},
	  {"b-uart", ROOT, .recorded = 6, .leader = "b-uart", .company = COMPANY_RECORDED,
	   .remedy = NOTHING},
	  {"c-uart", ROOT, .recorded = 5, .leader = "a-uart", .company = COMPANY_RECORDED}}},
	{"remedy@apart-against-the-rules",
	 {{PORT("0000:00:02.0", ROOT, RP, NO_ACS), .recorded = 1, .leader = "0000:00:02.0"},
	  {END("0000:01:00.0", "0000:00:02.0"), .recorded = 2, .leader = "0000:00:02.0",
	   .company = COMPANY_PORT,
	   .remedy = "nothing, if the kernel has it from the vendor that 0000:00:02.0 isolates; "
		     "if it was started with pcie_acs_override=, a patch that isolates nothing, "
		     "start it without"}}},
};

static void requester_ids(void **state)
{
	static const struct wired devices[] = {
		{PORT("0000:00:02.0", ROOT, RP, ALL_ON)},
		{PORT("0000:01:00.0", "0000:00:02.0", PCIE_TO_PCI_BRIDGE, NO_ACS)},
		{"0000:07:1f.3", "0000:01:00.0", PCIE_NONE, .acs = NO_ACS},
		{PORT("0000:07:02.0", "0000:01:00.0", PCIE_NONE, NO_ACS)},
		{"0000:08:01.0", "0000:07:02.0", PCIE_NONE, .acs = NO_ACS},
		{PORT("0000:00:1e.0", ROOT, PCIE_NONE, NO_ACS)},
		{"0000:09:01.0", "0000:00:1e.0", PCIE_NONE, .acs = NO_ACS},
	};
	static const uint16_t ids[] = {0x0010, 0x0100, 0x0700, 0x0700, 0x0700, 0x00f0, 0x00f0};
	struct facts facts = {0};
	struct topology topology;

	for (size_t i = 0; i < COUNT(devices); i++)
		wired_add(&facts, &devices[i]);
	assert_int_equal(topology_init(&topology, &facts), 0);
	for (size_t i = 0; i < facts.device_count; i++)
		assert_int_equal(topology.placements[i].requester, ids[i]);
	topology_release(&topology);
	facts_release(&facts);
}

struct difference_case {
	const char *name;
	int recorded[6];    /* of the machine below */
	const char *differ; /* the addresses */
};

/* By the rules: {02.0}, {01:00.0 02:01.0 02:02.0}, {03.0}, and 04:00.0, of which nothing is known.
 */
static const struct wired compared[] = {
	{PORT("0000:00:02.0", ROOT, RP, ALL_ON)},
	{PORT("0000:01:00.0", "0000:00:02.0", PCIE_TO_PCI_BRIDGE, NO_ACS)},
	{"0000:02:01.0", "0000:01:00.0", PCIE_NONE, .acs = NO_ACS},
	{"0000:02:02.0", "0000:01:00.0", PCIE_NONE, .acs = NO_ACS},
	{"0000:00:03.0", ROOT, PCIE_INTEGRATED_ENDPOINT, .acs = NO_ACS},
	{"0000:00:04.0", ROOT, PCIE_NONE, .several = true, .hidden = true, .acs = NO_ACS},
};

static void record_group(struct facts *facts, int id)
{
	struct group_facts *group;

	if (id < 0 || facts_group(facts, id))
		return;
	assert_int_equal(facts_add_group(facts, &group), 0);
	group->id = id;
}

static void build_compared(struct facts *facts, const int *groups)
{
	*facts = (struct facts) {0};
	for (size_t i = 0; i < COUNT(compared); i++) {
		wired_add(facts, &compared[i]);
		facts->devices[i].group = groups[i];
		record_group(facts, groups[i]);
	}
}

static const struct difference_case difference_cases[] = {
	{"differences@none", {1, 2, 2, 2, 3, 4}, ""},
	{"differences@other-numbers", {9, 0, 0, 0, 3, 4}, ""},
	{"differences@nothing-recorded", {-1, -1, -1, -1, -1, -1}, ""},
	{"differences@ungrouped-bridge", {1, -1, 2, 5, 3, 4}, ""},
	{"differences@together-behind-an-ungrouped-bridge",
	 {1, -1, 2, 2, 3, 4},
	 "0000:02:01.0 0000:02:02.0 "},
	{"differences@unknown-joins-anything", {1, 2, 2, 2, 3, 2}, ""},
	{"differences@recorded-apart",
	 {1, 2, 2, 5, 3, 4},
	 "0000:01:00.0 0000:02:01.0 0000:02:02.0 "},
	{"differences@recorded-together", {1, 2, 2, 2, 1, 4}, "0000:00:02.0 0000:00:03.0 "},
	{"differences@one-moved",
	 {1, 2, 2, 1, 3, 4},
	 "0000:00:02.0 0000:01:00.0 0000:02:01.0 0000:02:02.0 "},
};

static void differences(void **state)
{
	const struct difference_case *row = *state;
	struct facts facts;
	struct topology topology;
	struct difference *found;
	char addresses[256] = "";
	size_t count;

	build_compared(&facts, row->recorded);
	assert_int_equal(topology_init(&topology, &facts), 0);
	assert_int_equal(topology_differences(&topology, &facts, &found, &count), 0);
	for (size_t i = 0; i < count; i++) {
		strcat(strcat(addresses, facts.devices[found[i].device].address), " ");
		assert_int_equal(found[i].recorded, row->recorded[found[i].device]);
		assert_int_equal(found[i].by_rules, topology.placements[found[i].device].group);
	}
	assert_string_equal(addresses, row->differ);
	free(found);
	topology_release(&topology);
	facts_release(&facts);
}

struct assign_case {
	const char *name;
	int before[6], after[6]; /* of the machine above */
	size_t groups;
};

#define BY_RULES GROUP_BY_RULES

static const struct assign_case assign_cases[] = {
	{"assign@nothing", {1, 2, 2, 2, 3, -1}, {1, 2, 2, 2, 3, -1}, 3},
	{"assign@everything",
	 {BY_RULES, BY_RULES, BY_RULES, BY_RULES, BY_RULES, BY_RULES},
	 {0, 1, 1, 1, 2, 3},
	 4},
	{"assign@joins-a-recorded-companion", {7, 4, BY_RULES, 4, 5, 6}, {7, 4, 4, 4, 5, 6}, 4},
	{"assign@recorded-wins", {1, 2, 5, BY_RULES, 1, -1}, {1, 2, 5, 2, 1, -1}, 3},
	{"assign@above-the-recorded", {BY_RULES, 9, 9, 9, BY_RULES, -1}, {10, 9, 9, 9, 11, -1}, 3},
	{"assign@ungrouped-companion",
	 {BY_RULES, -1, BY_RULES, BY_RULES, 4, -1},
	 {5, -1, 6, 7, 4, -1},
	 4},
};

static void assign(void **state)
{
	const struct assign_case *row = *state;
	struct facts facts;
	char *why = NULL;

	build_compared(&facts, row->before);
	assert_int_equal(topology_assign(&facts), 0);
	for (size_t i = 0; i < facts.device_count; i++)
		assert_int_equal(facts.devices[i].group, row->after[i]);
	assert_int_equal(facts.group_count, row->groups);
	assert_int_equal(facts_check(&facts, &why), 0);
	facts_release(&facts);
}

static void assign_without_numbers_left(void **state)
{
	static const int groups[] = {BY_RULES, INT_MAX, INT_MAX, INT_MAX, BY_RULES, -1};
	struct facts facts;

	build_compared(&facts, groups);
	assert_int_equal(topology_assign(&facts), -EOVERFLOW);
	facts_release(&facts);
}

/* A machine of which nothing but the wiring is written down has groups all the same. */
static void simulated_by_rules(void **state)
{
	static const int groups[] = {BY_RULES, BY_RULES, BY_RULES, BY_RULES, BY_RULES, -1};
	struct facts facts, read;
	struct machine *machine;
	char *why = NULL;

	build_compared(&facts, groups);
	assert_int_equal(sim_machine_open(&facts, NULL, &machine, &why), 0);
	assert_int_equal(machine_read(machine, &read), 0);
	assert_int_equal(read.group_count, 3);
	assert_int_equal(facts_device(&read, "0000:02:02.0")->group,
			 facts_device(&read, "0000:01:00.0")->group);
	facts_release(&read);
	machine_close(machine);
	facts_release(&facts);
}

/* A chain of bridges as long as buses allow many times over: time and stack stay small. */
static void long_chains(void **state)
{
	struct facts facts = {0};
	struct topology topology;
	char address[32], above[32] = "";
	size_t length = 20000;

	for (size_t i = 0; i < length; i++) {
		struct wired wired = {address, i ? above : NULL, PCIE_DOWNSTREAM, .bridge = true,
				      .acs = i ? ALL_ON : NO_ACS};

		snprintf(address, sizeof(address), "%04zx:00:00.0", length - i);
		wired_add(&facts, &wired);
		strcpy(above, address);
	}
	assert_int_equal(topology_init(&topology, &facts), 0);
	assert_int_equal(topology.group_count, 1);
	assert_int_equal(topology.placements[length - 1].cause, 0);
	topology_release(&topology);
	facts_release(&facts);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(requester_ids),
		cmocka_unit_test(assign_without_numbers_left),
		cmocka_unit_test(simulated_by_rules),
		cmocka_unit_test(long_chains),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, wiring_cases, wired_test);
	ADD_ROWS(&suite, difference_cases, differences);
	ADD_ROWS(&suite, assign_cases, assign);
	return suite_run(&suite, "topology");
}
