/* SPDX-License-Identifier: MIT */
/* dmaown-explore: what `dmaown explore` becomes, with the same command line. */
#include "command.h"

const struct command commands[] = {
	{"explore", "SCENARIO", "run a scenario in every interleaving of its threads",
	 command_explore},
	{NULL, NULL, NULL, NULL},
};
