/* SPDX-License-Identifier: MIT */
/* The commands of dmaown, and what --help says of each. */
#include "command.h"

/* Of a claim, and of a plan of it. */
#define PLAN_OPTIONS                                                                               \
	"  --driver DRIVER             put the devices on this driver instead of vfio-pci\n"       \
	"  --user USER                 open the groups to this user, and run CMD as him\n"         \
	"  --take [ADDRESS/]USE        take a use that a refusal named; may be repeated\n"         \
	"  --force                     take all uses that are known\n"

#define TIMEOUT_OPTION                                                                             \
	"  --timeout TIME              wait so long for each thing that may be stuck (5s)\n"

const struct command commands[] = {
	{.name = "list",
	 .arguments = "[WHAT...]",
	 .summary = "list groups with their devices, drivers and owners",
	 .example = "dmaown list group:9",
	 .run = command_list},
	{.name = "show",
	 .arguments = "WHAT",
	 .summary = "show all about one device or group",
	 .example = "dmaown show 03:00.0",
	 .run = command_show},
	{.name = "plan",
	 .arguments = "WHAT...",
	 .summary = "show the steps that a claim would take, or why it is refused",
	 .options = PLAN_OPTIONS,
	 .example = "dmaown plan 03:00.0",
	 .run = command_plan},
	{.name = "claim",
	 .arguments = "WHAT... [-- CMD ARG...]",
	 .summary = "give whole groups to a user",
	 .options = PLAN_OPTIONS
	 "  --owner NAME                call the claim this (else: after CMD, or you)\n"
	 "  --dry-run                   show what would be done, and change "
	 "nothing\n" TIMEOUT_OPTION
	 "  --memlock SIZE              let CMD lock so much memory, for DMA\n"
	 "  --pty                       give CMD a terminal of its own\n"
	 "  --new-privs                 let CMD get more rights (sudo) than the user has\n",
	 .example = "dmaown claim --user alice 03:00.0 -- qemu-system-x86_64 -device "
		    "vfio-pci,host=03:00.0",
	 .run = command_claim},
	{.name = "release",
	 .arguments = "WHAT...|--owner NAME|--all",
	 .summary = "end claims, and put everything back",
	 .options = "  --owner NAME                end the claims of this name\n"
		    "  --all                       end all claims\n"
		    "  --force                     also if a process stands behind the "
		    "claim\n" TIMEOUT_OPTION,
	 .example = "dmaown release --owner vm7",
	 .run = command_release},
	{.name = "recover",
	 .arguments = "",
	 .summary = "end claims whose processes are gone, and put everything back",
	 .options = TIMEOUT_OPTION,
	 .example = "dmaown recover",
	 .run = command_recover},
	{.name = "claims",
	 .arguments = "",
	 .summary = "list all claims, and the devices that they have lost",
	 .example = "dmaown claims",
	 .run = command_claims},
	{.name = "audit",
	 .arguments = "[WHAT...]",
	 .summary = "show who had which device, when, with which command",
	 .options = "  --owner NAME                show the claims of this name\n",
	 .example = "dmaown audit 03:00.0",
	 .run = command_audit},
	{.name = "doctor",
	 .arguments = "",
	 .summary = "say what keeps this machine from handing out a group, and what to do",
	 .example = "dmaown doctor -v",
	 .run = command_doctor},
	{.name = "run",
	 .arguments = "SCENARIO",
	 .summary = "run a scenario and show the result",
	 .example = "dmaown run examples/scenarios/section-3.scn",
	 .run = command_run},
	{.name = "explore",
	 .arguments = "SCENARIO",
	 .summary = "run a scenario in every interleaving of its threads",
	 .example = "dmaown explore --help",
	 .run = command_explore},
	{.name = "snapshot",
	 .arguments = "[-o FILE]",
	 .summary = "write the machine to a machine file",
	 .options = "  -o, --output FILE           write to this file, not to standard output\n",
	 .example = "dmaown snapshot -o host.json",
	 .run = command_snapshot},
	{.name = "watch",
	 .arguments = "[WHAT...]",
	 .summary = "print one line for each change as it happens",
	 .example = "dmaown watch group:10",
	 .run = command_watch},
	{.name = "help",
	 .arguments = "[COMMAND]",
	 .summary = "show how a command is used",
	 .example = "dmaown help claim",
	 .run = command_help},
	{0},
};
