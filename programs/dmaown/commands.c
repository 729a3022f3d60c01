/* SPDX-License-Identifier: MIT */
/* The commands of dmaown. */
#include "command.h"

const struct command commands[] = {
	{"list", "[WHAT...]", "groups, their devices, drivers and owners", command_list},
	{"show", "WHAT", "one device or group in full", command_show},
	{"plan", "WHAT...", "the steps that a claim would take, or what forbids it", command_plan},
	{"claim", "WHAT... [-- CMD ARG...]", "give whole groups to a user", command_claim},
	{"release", "WHAT...", "end claims, and put everything back", command_release},
	{"recover", "", "end claims whose processes are gone, and put everything back",
	 command_recover},
	{"claims", "", "all claims, and the devices that they have lost", command_claims},
	{"audit", "[WHAT...]", "who had which device, when, with which command", command_audit},
	{"doctor", "", "what keeps this machine from handing out a group", command_doctor},
	{"run", "SCENARIO", "run a scenario and show the result", command_run},
	{"explore", "SCENARIO", "run a scenario in every interleaving of its threads",
	 command_explore},
	{"snapshot", "[-o FILE]", "write the machine to a machine file", command_snapshot},
	{"watch", "[WHAT...]", "one line for each change as it happens", command_watch},
	{NULL, NULL, NULL, NULL},
};
