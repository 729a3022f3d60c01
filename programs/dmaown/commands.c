/* SPDX-License-Identifier: MIT */
/* The commands of dmaown. */
#include "command.h"

const struct command commands[] = {
	{"list", "[WHAT...]", "list groups with their devices, drivers and owners", command_list},
	{"show", "WHAT", "show all about one device or group", command_show},
	{"plan", "WHAT...", "show the steps that a claim would take, or why it is refused",
	 command_plan},
	{"claim", "WHAT... [-- CMD ARG...]", "give whole groups to a user", command_claim},
	{"release", "WHAT...|--owner NAME|--all", "end claims, and put everything back",
	 command_release},
	{"recover", "", "end claims whose processes are gone, and put everything back",
	 command_recover},
	{"claims", "", "list all claims, and the devices that they have lost", command_claims},
	{"audit", "[WHAT...]", "show who had which device, when, with which command",
	 command_audit},
	{"doctor", "", "say what keeps this machine from handing out a group, and what to do",
	 command_doctor},
	{"run", "SCENARIO", "run a scenario and show the result", command_run},
	{"explore", "SCENARIO", "run a scenario in every interleaving of its threads",
	 command_explore},
	{"snapshot", "[-o FILE]", "write the machine to a machine file", command_snapshot},
	{"watch", "[WHAT...]", "print one line for each change as it happens", command_watch},
	{NULL, NULL, NULL, NULL},
};
