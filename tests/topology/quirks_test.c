/* SPDX-License-Identifier: MIT */
/* What vendors and the kernel know of devices: ids, and what follows from them for groups. */
#include "acs.h"
#include "rows.h"
#include "wired.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EP PCIE_ENDPOINT
#define UNKNOWN_WORDS "not known: the registers that decide could not be read "

static const struct wiring_case wiring_cases[] = {
	{"quirk@intel-integrated-functions",
	 {{"0000:00:03.0", ROOT, PCIE_INTEGRATED_ENDPOINT, .several = true, .acs = NO_ACS,
	   .vendor = "8086", .device = "10d3", .leader = "0000:00:03.0",
	   .words = ISOLATED " (Intel root-complex integrated endpoint; a kernel before 5.8 would "
			     "put it with 0000:00:03.1)"},
	  {"0000:00:03.1", ROOT, PCIE_INTEGRATED_ENDPOINT, .several = true, .acs = NO_ACS,
	   .vendor = "8086", .device = "10d3", .leader = "0000:00:03.1"}}},
	{"quirk@intel-chipset-port",
	 {{PORT("0000:00:1c.0", ROOT, RP, NO_ACS), .several = true, .vendor = "8086",
	   .device = "1c10", .leader = "0000:00:1c.0"},
	  {END("0000:01:00.0", "0000:00:1c.0"), .leader = "0000:01:00.0"}}},
	{"quirk@intel-port-of-another-chipset",
	 {{PORT("0000:00:1c.0", ROOT, RP, NO_ACS), .vendor = "8086", .device = "1d11",
	   .leader = "0000:00:1c.0"},
	  {END("0000:01:00.0", "0000:00:1c.0"), .leader = "0000:00:1c.0",
	   .company = COMPANY_PORT}}},
	{"quirk@ricoh-uses-function-0",
	 {{"0000:00:05.0", ROOT, PCIE_ENDPOINT, .several = true, .acs = ALL_ON,
	   .leader = "0000:00:05.0"},
	  {"0000:00:05.3", ROOT, PCIE_ENDPOINT, .several = true, .acs = ALL_ON, .vendor = "1180",
	   .device = "e832", .leader = "0000:00:05.0", .company = COMPANY_ALIAS,
	   .words = "its DMA carries the requester id of 0000:00:05.0 (Ricoh card reader)"}}},
	{"quirk@marvell-whose-function-1-is-not-there",
	 {{"0000:00:05.0", ROOT, PCIE_LEGACY_ENDPOINT, .acs = NO_ACS, .vendor = "1b4b",
	   .device = "9123", .leader = "0000:00:05.0"}}},
	{"quirk@integrated-functions-on-an-old-kernel",
	 {{"0000:00:03.0", ROOT, PCIE_INTEGRATED_ENDPOINT, .several = true, .acs = NO_ACS,
	   .vendor = "8086", .device = "10d3", .leader = "0000:00:03.0",
	   .company = COMPANY_FUNCTION,
	   .words = "one function of several that are not isolated from each other, as "
		    "0000:00:03.1: has no ACS; a kernel from 5.8 on knows that it isolates (Intel "
		    "root-complex integrated endpoint)",
	   .remedy = "start a kernel from 5.8 on, which knows that it isolates"},
	  {"0000:00:03.1", ROOT, PCIE_INTEGRATED_ENDPOINT, .several = true, .acs = NO_ACS,
	   .vendor = "8086", .device = "10d3", .leader = "0000:00:03.0",
	   .company = COMPANY_FUNCTION}},
	 .release = "5.4.0-216-generic"},
	{"quirk@integrated-functions-on-the-first-kernel",
	 {{"0000:00:03.0", ROOT, PCIE_INTEGRATED_ENDPOINT, .several = true, .acs = NO_ACS,
	   .vendor = "8086", .device = "10d3", .leader = "0000:00:03.0"},
	  {"0000:00:03.1", ROOT, PCIE_INTEGRATED_ENDPOINT, .several = true, .acs = NO_ACS,
	   .vendor = "8086", .device = "10d3", .leader = "0000:00:03.1"}},
	 .release = "5.8"},
	{"quirk@integrated-function-that-no-kernel-joins",
	 {{"0000:00:03.0", ROOT, PCIE_INTEGRATED_ENDPOINT, .several = true, .acs = NO_ACS,
	   .vendor = "8086", .device = "10d3", .leader = "0000:00:03.0",
	   .words = ISOLATED " (Intel root-complex integrated endpoint)"},
	  {"0000:00:03.1", ROOT, PCIE_INTEGRATED_ENDPOINT, .several = true, .acs = ALL_ON,
	   .vendor = "8086", .device = "10d3", .leader = "0000:00:03.1", .words = ISOLATED}}},
	{"quirk@port-whose-control-was-not-seen",
	 {{PORT("0000:00:1c.0", ROOT, RP, 0), .several = true, .vendor = "8086", .device = "9d10",
	   .leader = "0000:00:1c.0",
	   .words = ISOLATED " (Intel root port whose ACS control was not seen)"},
	  {PORT("0000:00:1c.4", ROOT, RP, 0), .several = true, .vendor = "8086", .device = "9d14",
	   .leader = "0000:00:1c.4"},
	  {END("0000:01:00.0", "0000:00:1c.0"), .leader = "0000:01:00.0", .words = ISOLATED}}},
	{"quirk@port-whose-control-was-seen-to-be-off",
	 {{PORT("0000:00:1c.0", ROOT, RP, 0), .wide = true, .vendor = "8086", .device = "9d10",
	   .leader = "0000:00:1c.0"},
	  {END("0000:01:00.0", "0000:00:1c.0"), .leader = "0000:00:1c.0",
	   .company = COMPANY_PORT}}},
	{"quirk@i219-without-express-capability",
	 {{"0000:00:1f.0", ROOT, PCIE_NONE, .several = true, .acs = NO_ACS,
	   .leader = "0000:00:1f.0"},
	  {"0000:00:1f.6", ROOT, PCIE_NONE, .several = true, .acs = NO_ACS, .vendor = "8086",
	   .device = "15b7", .leader = "0000:00:1f.6",
	   .words = ISOLATED " (Intel network function)"}}},
	{"quirk@i219-whose-registers-are-hidden",
	 {{"0000:00:1f.6", ROOT, PCIE_NONE, .several = true, .hidden = true, .acs = NO_ACS,
	   .vendor = "8086", .device = "15b8", .leader = "0000:00:1f.6",
	   .words = ISOLATED " (Intel network function)"}}},
	{"quirk@port-that-isolates-against-its-registers",
	 {{PORT("0000:00:02.0", ROOT, RP, ALL_ON), .vendor = "1d17", .device = "0700",
	   .leader = "0000:00:02.0"},
	  {END("0000:01:00.0", "0000:00:02.0"), .leader = "0000:00:02.0", .company = COMPANY_PORT,
	   .words = "0000:00:02.0, the port above it, does not isolate, whatever its registers say "
		    "(Zhaoxin port of another kind)",
	   .remedy = "move it below a port that isolates: 0000:00:02.0 cannot isolate, and "
		     "pcie_acs_override=, a patch that Linux has not taken, would only hide it"}}},
	{"quirk@functions-that-never-isolate",
	 {{"0000:01:00.0", ROOT, EP, .several = true, .acs = ALL_ON, .vendor = "8088",
	   .device = "0200", .leader = "0000:01:00.0", .company = COMPANY_FUNCTION,
	   .words = "one function of several that are not isolated from each other, as "
		    "0000:01:00.1: does not isolate, whatever its registers say (Wangxun function "
		    "of another kind)",
	   .remedy = "take all functions of the device together: they are not apart"},
	  {"0000:01:00.1", ROOT, EP, .several = true, .acs = NO_ACS, .leader = "0000:01:00.0",
	   .company = COMPANY_FUNCTION}}},
	{"quirk@virtual-functions-that-never-isolate",
	 {{"0000:01:00.2", ROOT, EP, .acs = NO_ACS, .vendor = "8088", .device = "0200",
	   .physical_function = "0000:01:00.0", .leader = "0000:01:00.2"},
	  {"0000:01:00.3", ROOT, EP, .acs = NO_ACS, .vendor = "8088", .device = "0200",
	   .physical_function = "0000:01:00.0", .leader = "0000:01:00.3"}}},
	{"southbridge@with-the-table",
	 {{"0000:00:14.0", ROOT, PCIE_NONE, .several = true, .acs = NO_ACS,
	   .leader = "0000:00:14.0"},
	  {"0000:00:14.4", ROOT, PCIE_NONE, .several = true, .acs = NO_ACS, .vendor = "1022",
	   .device = "780f", .leader = "0000:00:14.4"}},
	 .table = "IVRS"},
	{"southbridge@with-another-table",
	 {{"0000:00:14.0", ROOT, PCIE_NONE, .several = true, .acs = NO_ACS,
	   .leader = "0000:00:14.0", .company = COMPANY_FUNCTION},
	  {"0000:00:14.4", ROOT, PCIE_NONE, .several = true, .acs = NO_ACS, .vendor = "1022",
	   .device = "780f", .leader = "0000:00:14.0", .company = COMPANY_FUNCTION}},
	 .table = "DMAR"},
	{"southbridge@not-one-of-several",
	 {{"0000:00:14.0", ROOT, PCIE_NONE, .several = true, .acs = NO_ACS,
	   .leader = "0000:00:14.0", .company = COMPANY_FUNCTION},
	  {"0000:00:14.4", ROOT, PCIE_NONE, .acs = NO_ACS, .vendor = "1022", .device = "780f",
	   .leader = "0000:00:14.0", .company = COMPANY_FUNCTION}},
	 .table = "IVRS"},
	{"southbridge@not-on-the-root-bus",
	 {{PORT("0000:00:02.0", ROOT, RP, ALL_ON), .leader = "0000:00:02.0"},
	  {"0000:01:14.0", "0000:00:02.0", PCIE_NONE, .several = true, .acs = NO_ACS,
	   .leader = "0000:01:14.0", .company = COMPANY_FUNCTION},
	  {"0000:01:14.4", "0000:00:02.0", PCIE_NONE, .several = true, .acs = NO_ACS,
	   .vendor = "1002", .device = "4385", .leader = "0000:01:14.0",
	   .company = COMPANY_FUNCTION}},
	 .table = "IVRS"},
	{"vmd@everything-below-joins-it",
	 {{"0000:00:0e.0", ROOT, PCIE_INTEGRATED_ENDPOINT, .acs = NO_ACS, .leader = "0000:00:0e.0",
	   .words = JOINED},
	  {PORT("10000:e0:06.0", "0000:00:0e.0", RP, ALL_ON), .leader = "0000:00:0e.0",
	   .company = COMPANY_VMD, .remedy = NOTHING},
	  {END("10000:e1:00.0", "10000:e0:06.0"), .leader = "0000:00:0e.0", .company = COMPANY_VMD,
	   .words = "below 0000:00:0e.0, a VMD function: its DMA carries the requester id of that",
	   .remedy = "take it with 0000:00:0e.0, or switch VMD off in the firmware's settings: the "
		     "devices below it are then on the machine's own buses"}}},
	{"vmd@what-is-hidden-below-it-matters-not",
	 {{"0000:00:0e.0", ROOT, PCIE_INTEGRATED_ENDPOINT, .acs = NO_ACS, .leader = "0000:00:0e.0"},
	  {PORT("10000:e0:06.0", "0000:00:0e.0", PCIE_NONE, NO_ACS), .silent = true,
	   .leader = "0000:00:0e.0", .company = COMPANY_VMD},
	  {"10000:e1:00.0", "10000:e0:06.0", PCIE_NONE, .hidden = true, .acs = NO_ACS,
	   .leader = "0000:00:0e.0", .company = COMPANY_VMD}}},
	{"vmd@in-no-group-itself",
	 {{PORT("0000:00:01.0", ROOT, RP, NO_ACS), .leader = "0000:00:01.0"},
	  {"0000:01:00.0", "0000:00:01.0", EP, .acs = NO_ACS, .recorded = -1,
	   .leader = "0000:01:00.0"},
	  {END("10000:e0:00.0", "0000:01:00.0"), .leader = "0000:00:01.0",
	   .company = COMPANY_VMD}}},
	{"alias@function-1-by-another-vendor",
	 {{"0000:00:05.0", ROOT, EP, .several = true, .acs = ALL_ON, .vendor = "197b",
	   .device = "2392", .leader = "0000:00:05.0", .company = COMPANY_ALIAS},
	  {"0000:00:05.1", ROOT, EP, .several = true, .acs = ALL_ON, .leader = "0000:00:05.0"}}},
	{"alias@every-id-of-the-bus",
	 {{PORT("0000:00:02.0", ROOT, RP, ALL_ON), .leader = "0000:00:02.0"},
	  {END("0000:01:00.0", "0000:00:02.0"), .vendor = "10b5", .device = "87b1",
	   .leader = "0000:01:00.0", .company = COMPANY_ALIAS,
	   .words =
		   "its DMA carries requester ids of other functions, as that of 0000:01:03.0 (PLX "
		   "non-transparent bridge)"},
	  {END("0000:01:03.0", "0000:00:02.0"), .leader = "0000:01:00.0", .words = JOINED},
	  {END("0000:01:1f.7", "0000:00:02.0"), .leader = "0000:01:00.0"},
	  {END("0000:02:00.0", "0000:00:02.0"), .leader = "0000:02:00.0"}}},
	{"alias@slots-of-a-card",
	 {{END("0000:01:00.0", ROOT), .vendor = "8086", .device = "2264", .leader = "0000:01:00.0",
	   .company = COMPANY_ALIAS},
	  {END("0000:01:12.0", ROOT), .leader = "0000:01:12.0"},
	  {END("0000:01:12.3", ROOT), .several = true, .leader = "0000:01:00.0",
	   .company = COMPANY_NONE}}},
	{"alias@functions-0-to-4-of-every-slot",
	 {{END("0000:01:00.0", ROOT), .vendor = "8086", .device = "295a", .leader = "0000:01:00.0",
	   .company = COMPANY_ALIAS},
	  {"0000:01:09.4", ROOT, EP, .acs = ALL_ON, .leader = "0000:01:00.0"},
	  {"0000:01:09.5", ROOT, EP, .acs = ALL_ON, .leader = "0000:01:09.5"}}},
	{"alias@raid-of-one-board",
	 {{END("0000:01:00.0", ROOT), .vendor = "9005", .device = "0285", .subdevice = "02bc",
	   .leader = "0000:01:00.0", .company = COMPANY_ALIAS},
	  {END("0000:01:01.0", ROOT), .leader = "0000:01:00.0"}}},
	{"alias@raid-of-another-board",
	 {{END("0000:01:00.0", ROOT), .vendor = "9005", .device = "0285", .subdevice = "02bd",
	   .leader = "0000:01:00.0"},
	  {END("0000:01:01.0", ROOT), .leader = "0000:01:01.0"}}},
	{"alias@ids-in-registers-of-its-own",
	 {{PORT("0000:01:00.0", ROOT, PCIE_UPSTREAM, NO_ACS), .leader = "0000:01:00.0"},
	  {END("0000:01:00.1", ROOT), .vendor = "11f8", .device = "8534", .class = "068000",
	   .leader = "0000:01:00.1", .company = COMPANY_UNKNOWN,
	   .words = "not known: which requester ids its DMA carries stands in registers of its own "
		    "(Switchtec non-transparent bridge)",
	   .remedy = "none is known: only the kernel's own groups tell"}}},
	{"alias@management-function-of-the-same-switch",
	 {{PORT("0000:01:00.0", ROOT, PCIE_UPSTREAM, NO_ACS), .leader = "0000:01:00.0"},
	  {"0000:01:00.1", ROOT, EP, .acs = ALL_ON, .vendor = "11f8", .device = "8534",
	   .class = "058000", .leader = "0000:01:00.1"}}},
	{"alias@joins-its-neighbours-as-well",
	 {{"0000:00:05.0", ROOT, EP, .several = true, .acs = ALL_ON, .leader = "0000:00:05.0"},
	  {"0000:00:05.1", ROOT, EP, .several = true, .acs = NO_ACS, .leader = "0000:00:05.0",
	   .company = COMPANY_FUNCTION},
	  {"0000:00:05.2", ROOT, EP, .several = true, .acs = NO_ACS, .leader = "0000:00:05.0",
	   .company = COMPANY_FUNCTION},
	  {"0000:00:05.3", ROOT, EP, .several = true, .acs = NO_ACS, .vendor = "1180",
	   .device = "e476", .leader = "0000:00:05.0", .company = COMPANY_ALIAS}}},
	{"reach@function-0-does-not-say-that-there-are-others",
	 {{"0000:00:05.0", ROOT, PCIE_NONE, .acs = NO_ACS, .leader = "0000:00:05.0",
	   .company = COMPANY_FUNCTION},
	  {"0000:00:05.1", ROOT, PCIE_NONE, .acs = NO_ACS, .leader = "0000:00:05.0",
	   .company = COMPANY_FUNCTION}}},
	{"reach@function-in-no-group",
	 {{"0000:00:00.0", ROOT, PCIE_NONE, .several = true, .acs = NO_ACS,
	   .leader = "0000:00:00.0",
	   .words = "alone: 0000:00:00.2, which it would join, is in no group"},
	  {"0000:00:00.2", ROOT, PCIE_NONE, .several = true, .acs = NO_ACS, .recorded = -1,
	   .leader = "0000:00:00.2"}}},
	{"reach@port-in-no-group",
	 {{PORT("0000:00:02.0", ROOT, RP, NO_ACS), .recorded = -1, .leader = "0000:00:02.0"},
	  {END("0000:01:00.0", "0000:00:02.0"), .leader = "0000:01:00.0",
	   .words = "alone: 0000:00:02.0, which it would join, is in no group"},
	  {END("0000:01:01.0", "0000:00:02.0"), .leader = "0000:01:01.0"}}},
	{"reach@port-in-no-group-below-one-that-is",
	 {{PORT("0000:00:02.0", ROOT, RP, NO_ACS), .leader = "0000:00:02.0"},
	  {PORT("0000:01:00.0", "0000:00:02.0", PCIE_UPSTREAM, NO_ACS), .recorded = -1,
	   .leader = "0000:01:00.0"},
	  {PORT("0000:02:00.0", "0000:01:00.0", PCIE_DOWNSTREAM, ALL_ON), .leader = "0000:00:02.0",
	   .company = COMPANY_PORT,
	   .words = "0000:00:02.0, a port between it and the root, has no ACS"}}},
	{"reach@neighbour-of-a-port-in-no-group",
	 {{PORT("0000:00:02.0", ROOT, RP, NO_ACS), .several = true, .recorded = -1,
	   .leader = "0000:00:02.0"},
	  {PORT("0000:00:02.1", ROOT, RP, NO_ACS), .leader = "0000:00:02.1"},
	  {END("0000:01:00.0", "0000:00:02.0"), .leader = "0000:00:02.1", .company = COMPANY_PORT,
	   .words = "0000:00:02.0, the port above it, has no ACS"}}},
	{"silent@alone-in-its-slot",
	 {{PORT("0000:00:02.0", ROOT, RP, ALL_ON), .leader = "0000:00:02.0"},
	  {"0000:01:00.0", "0000:00:02.0", PCIE_NONE, .silent = true, .acs = NO_ACS,
	   .leader = "0000:01:00.0", .words = ISOLATED}}},
	{"silent@below-a-port-that-does-not-isolate",
	 {{PORT("0000:00:02.0", ROOT, RP, NO_ACS), .leader = "0000:00:02.0"},
	  {"0000:01:00.1", "0000:00:02.0", PCIE_NONE, .silent = true, .acs = NO_ACS,
	   .leader = "0000:00:02.0", .company = COMPANY_PORT}}},
	{"silent@neighbour",
	 {{"0000:00:05.0", ROOT, PCIE_NONE, .silent = true, .acs = NO_ACS, .leader = "0000:00:05.0",
	   .company = COMPANY_UNKNOWN,
	   .words = "not known: 0000:00:05.0 does not answer (its config space is all ff)",
	   .remedy = "wake 0000:00:05.0 (on in its power/control) and look again; if it still does "
		     "not answer, it is without power or gone"},
	  {"0000:00:05.1", ROOT, EP, .several = true, .acs = NO_ACS, .leader = "0000:00:05.1",
	   .company = COMPANY_UNKNOWN,
	   .words = "not known: 0000:00:05.0 does not answer (its config space is all ff)"},
	  {"0000:00:05.2", ROOT, EP, .several = true, .acs = ALL_ON, .leader = "0000:00:05.2",
	   .words = ISOLATED}}},
	{"hidden@one-sure-neighbour-is-enough",
	 {{"0000:00:05.0", ROOT, EP, .several = true, .acs = NO_ACS, .leader = "0000:00:05.0",
	   .company = COMPANY_FUNCTION},
	  {"0000:00:05.1", ROOT, PCIE_NONE, .hidden = true, .acs = NO_ACS, .leader = "0000:00:05.1",
	   .company = COMPANY_UNKNOWN},
	  {"0000:00:05.2", ROOT, EP, .several = true, .acs = NO_ACS, .leader = "0000:00:05.0",
	   .company = COMPANY_FUNCTION}}},
	{"hidden@from-root",
	 {{PORT("0000:00:02.0", ROOT, PCIE_NONE, NO_ACS), .hidden = true, .leader = "0000:00:02.0"},
	  {END("0000:01:00.0", "0000:00:02.0"), .leader = "0000:01:00.0",
	   .company = COMPANY_UNKNOWN,
	   .words = UNKNOWN_WORDS "(the kernel shows them to CAP_SYS_ADMIN)",
	   .remedy = "run dmaown, or take the snapshot, with CAP_SYS_ADMIN"}},
	 .by_root = true},
	{"hidden@by-a-failure",
	 {{PORT("0000:00:02.0", ROOT, PCIE_NONE, NO_ACS), .hidden = true, .hidden_by = EIO,
	   .leader = "0000:00:02.0"},
	  {END("0000:01:00.0", "0000:00:02.0"), .leader = "0000:01:00.0",
	   .company = COMPANY_UNKNOWN,
	   .words = "not known: the config space of 0000:00:02.0 could not be read (EIO)",
	   .remedy = "look again; the kernel's log may say why it can't be read"}}},
	{"hidden@by-permission",
	 {{PORT("0000:00:02.0", ROOT, PCIE_NONE, NO_ACS), .hidden = true, .hidden_by = EACCES,
	   .leader = "0000:00:02.0"},
	  {END("0000:01:00.0", "0000:00:02.0"), .leader = "0000:01:00.0",
	   .company = COMPANY_UNKNOWN,
	   .words = "not known: the config space of 0000:00:02.0 could not be read (EACCES)",
	   .remedy = "run dmaown, or take the snapshot, as root"}}},
	{"requester@where-the-walk-ends",
	 {{PORT("0000:00:1e.0", ROOT, PCIE_NONE, NO_ACS), .leader = "0000:00:1e.0"},
	  {PORT("0000:01:00.0", "0000:00:1e.0", RP, ALL_ON), .vendor = "14e4", .device = "9084",
	   .leader = "0000:00:1e.0", .company = COMPANY_BRIDGE},
	  {END("0000:02:00.0", "0000:01:00.0"), .leader = "0000:00:1e.0",
	   .company = COMPANY_PORT}}},
};

/* Ids as quirks.md lists them: "1509 150e-1511 3c09-3c29/10". */
struct id_case {
	const char *name, *vendor;
	int type;
	int acs; /* the control register, or NO_ACS */
	const char *isolate, *do_not;
};

static const struct id_case id_cases[] = {
	{"ids@intel-chipset-ports", "8086", RP, NO_ACS,
	 "3b42-3b51 1c10-1c1f 1d10-1d1e/2 1e10-1e1f 8c10-8c1f 8c90-8c9a/2 8d10-8d1e 9c10-9c1b "
	 "9c90-9c9b",
	 "3b41 3b52 1c0f 1c20 1d11 1d20 1e20 8c91 8c9c 8d1f 9c1c 9c9c"},
	{"ids@intel-chipset-port-ids-of-endpoints", "8086", EP, NO_ACS, "", "3b42 1c10 9c9b"},
	{"ids@82580", "8086", EP, NO_ACS, "1509 150e 150f 1510 1511 1516 1527", "1508 1512 1528"},
	{"ids@82598", "8086", EP, NO_ACS, "10c6 10db 10dd 10e1 10f1 10f7", "10c7 10dc 10f2"},
	{"ids@intel-82599-and-others", "8086", EP, NO_ACS,
	 "105e 105f 1060 10d9 10a7 10a9 10d6 10c9 10e6 10e7 10e8 150a 150d 1518 1526 10f8 10f9 "
	 "10fa "
	 "10fb 10fc 1507 1514 151c 1529 152a 154d 154f 1551 1558 1521 1522 1523 1524",
	 "1061 10a8 10fd 152b 1525"},
	{"ids@i219", "8086", PCIE_NONE, NO_ACS, "15b7 15b8", "15b6 15b9"},
	{"ids@integrated", "8086", PCIE_INTEGRATED_ENDPOINT, NO_ACS, "0000 1234 ffff", ""},
	{"ids@integrated-of-others", "1022", PCIE_INTEGRATED_ENDPOINT, NO_ACS, "", "1234"},
	{"ids@wide-ports", "8086", RP, 0, "a110-a11f a167-a16a a290-a29f a2e7-a2ee 9d10-9d1b",
	 "a10f a120 a166 a16b a28f a2a0 a2e6 a2ef 9d0f 9d1c"},
	{"ids@wide-ports-without-acs", "8086", RP, NO_ACS, "", "a110 9d10"},
	{"ids@solarflare", "1924", EP, NO_ACS, "0903 0923 0a03", "0a04"},
	{"ids@broadcom", "14e4", EP, NO_ACS, "16d7 1750 1751 1752 1760-1763 d714",
	 "1753 1764 d715"},
	{"ids@emulex", "19a2", EP, NO_ACS, "0710", "0711 0720"},
	{"ids@emulex-lightpulse", "10df", EP, NO_ACS, "0720", "0710"},
	{"ids@wangxun", "8088", EP, NO_ACS, "0100-010f 1001 2001 5010 5025 5040 5110 5125 5140",
	 "0110 1002 5011"},
	{"ids@wangxun-others-with-acs", "8088", EP, ALL_ON, "0100", "0110 1002 ffff"},
	{"ids@zhaoxin-endpoints", "1d17", PCIE_NONE, NO_ACS, "3038 3104 9083", "3039 0710"},
	{"ids@zhaoxin-root-ports", "1d17", RP, NO_ACS, "0710-071e 0721 0723-0752",
	 "070f 071f 0720 0722 0753"},
	{"ids@zhaoxin-downstream-ports", "1d17", PCIE_DOWNSTREAM, NO_ACS, "0710 0752", "0753"},
	{"ids@zhaoxin-other-ports-with-acs", "1d17", PCIE_DOWNSTREAM, ALL_ON, "0721",
	 "070f 071f 0753"},
	{"ids@zhaoxin-upstream-ports-with-acs", "1d17", PCIE_UPSTREAM, ALL_ON, "0700 0753", ""},
	{"ids@qualcomm", "17cb", RP, NO_ACS, "0400 0401 0115", "0402"},
	{"ids@hxt", "1dbf", RP, NO_ACS, "0401", "0400"},
	{"ids@cavium-ports", "177d", RP, NO_ACS, "a000 a3ff a7ff af84 b884", "9fff a800 af85"},
	{"ids@cavium-endpoints", "177d", EP, NO_ACS, "a026 a059 a060", "a000 a027 af84"},
	{"ids@applied-micro", "10e8", RP, NO_ACS, "e004", "e005"},
	{"ids@ampere", "1def", RP, NO_ACS, "e005-e00c", "e004 e00d"},
	{"ids@annapurna", "1c36", RP, NO_ACS, "0031", "0032"},
	{"ids@loongson", "0014", RP, NO_ACS, "3c09 3c19 3c29 7a09-7a69/10", "3c39 7a0a 7a79"},
	{"ids@nxp", "1957", RP, NO_ACS,
	 "8d80-8d83 8d88-8d8b 8d90-8d93 8d98-8d9b 8da0 8da1 8da8 8da9 8db0 8db1 8db8 8db9",
	 "8d84 8d8c 8d94 8d9c 8da2 8daa 8db2 8dba"},
	{"ids@ati-southbridge", "1002", PCIE_NONE, NO_ACS, "4383 4384 4385 4399 439c 439d",
	 "4382 4386 439a 439e"},
	{"ids@amd-southbridge", "1022", PCIE_NONE, NO_ACS, "7809 780f", "7808 780e"},
};

static void expect_isolation(const struct id_case *row, unsigned long id, enum known expected)
{
	char device[5];
	struct wired wired = {"0000:00:05.1",  ROOT,
			      row->type,       .several = true,
			      .acs = row->acs, .vendor = row->vendor,
			      .device = device};
	struct platform platform = platform_of(NULL);
	struct facts facts = {0};

	snprintf(device, sizeof(device), "%04lx", id & 0xffff);
	wired_add(&facts, &wired);
	if (isolates(&platform, &facts.devices[0]) != expected)
		fail_msg("%s:%s", row->vendor, device);
	facts_release(&facts);
}

static void expect_all(const struct id_case *row, const char *ids, enum known expected)
{
	for (char *end; *ids; ids = end + strspn(end, " ")) {
		unsigned long first = strtoul(ids, &end, 16), last = first, step = 1;

		if (*end == '-')
			last = strtoul(end + 1, &end, 16);
		if (*end == '/')
			step = strtoul(end + 1, &end, 16);
		for (unsigned long id = first; id <= last; id += step)
			expect_isolation(row, id, expected);
	}
}

static void ids(void **state)
{
	const struct id_case *row = *state;

	expect_all(row, row->isolate, KNOWN_YES);
	expect_all(row, row->do_not, KNOWN_NO);
}

struct requester_case {
	const char *name;
	struct wired devices[4]; /* the last one's id is compared */
	uint16_t requester;
};

#define BRIDGE(place, above, vendor_id, device_id)                                                 \
	PORT(place, above, PCIE_NONE, NO_ACS), .vendor = (vendor_id), .device = (device_id)
#define BEHIND(place, above) .address = place, .parent = above, .type = PCIE_NONE, .acs = NO_ACS

static const struct requester_case requester_cases[] = {
	{"requester@secondary-of-a-bridge-without-express",
	 {{PORT("0000:00:02.0", ROOT, RP, ALL_ON)},
	  {BRIDGE("0000:01:00.0", "0000:00:02.0", "1b21", "1080")},
	  {BEHIND("0000:07:01.0", "0000:01:00.0")}},
	 0x0700},
	{"requester@another-bridge-without-express",
	 {{PORT("0000:00:02.0", ROOT, RP, ALL_ON)},
	  {BRIDGE("0000:01:00.0", "0000:00:02.0", "1b21", "1081")},
	  {BEHIND("0000:07:01.0", "0000:01:00.0")}},
	 0x0100},
	{"requester@such-a-bridge-on-the-root-bus",
	 {{BRIDGE("0000:00:1e.0", ROOT, "8086", "244e")}, {BEHIND("0000:07:01.0", "0000:00:1e.0")}},
	 0x00f0},
	{"requester@such-a-bridge-behind-a-bridge-to-pci",
	 {{PORT("0000:01:00.0", ROOT, PCIE_TO_PCI_BRIDGE, NO_ACS)},
	  {BRIDGE("0000:07:02.0", "0000:01:00.0", "10e3", "8113")},
	  {BEHIND("0000:08:01.0", "0000:07:02.0")}},
	 0x0700},
	{"requester@ite-8892",
	 {{PORT("0000:00:02.0", ROOT, RP, ALL_ON)},
	  {BRIDGE("0000:01:00.0", "0000:00:02.0", "1283", "8892")},
	  {BEHIND("0000:07:01.0", "0000:01:00.0")}},
	 0x0700},
	{"requester@ite-8893",
	 {{PORT("0000:00:02.0", ROOT, RP, ALL_ON)},
	  {BRIDGE("0000:01:00.0", "0000:00:02.0", "1283", "8893")},
	  {BEHIND("0000:07:01.0", "0000:01:00.0")}},
	 0x0700},
	{"requester@below-vmd",
	 {{BEHIND("0000:00:0e.0", ROOT)},
	  {PORT("10000:e0:06.0", "0000:00:0e.0", RP, ALL_ON)},
	  {END("10000:e1:00.0", "10000:e0:06.0")}},
	 0x0070},
	{"requester@of-function-0",
	 {{BEHIND("0000:03:05.3", ROOT), .vendor = "6766", .device = "3d41"}},
	 0x0328},
	{"requester@of-function-1",
	 {{BEHIND("0000:03:05.0", ROOT), .vendor = "1103", .device = "0645"}},
	 0x0329},
	{"requester@of-many",
	 {{BEHIND("0000:03:05.0", ROOT), .vendor = "10b5", .device = "87b0"}},
	 0x0328},
	{"requester@where-the-walk-ends",
	 {{BEHIND("0000:00:1e.0", ROOT), .bridge = true},
	  {PORT("0000:01:00.0", "0000:00:1e.0", RP, ALL_ON), .vendor = "14e4", .device = "9000"},
	  {END("0000:02:00.0", "0000:01:00.0")}},
	 0x0200},
};

static void requester(void **state)
{
	const struct requester_case *row = *state;
	struct facts facts = {0};
	struct topology topology;

	for (size_t i = 0; i < COUNT(row->devices) && row->devices[i].address; i++)
		wired_add(&facts, &row->devices[i]);
	assert_int_equal(topology_init(&topology, &facts), 0);
	assert_int_equal(topology.placements[facts.device_count - 1].requester, row->requester);
	topology_release(&topology);
	facts_release(&facts);
}

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, wiring_cases, wired_test);
	ADD_ROWS(&suite, id_cases, ids);
	ADD_ROWS(&suite, requester_cases, requester);
	return suite_run(&suite, "quirks");
}
