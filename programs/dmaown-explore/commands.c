/* SPDX-License-Identifier: MIT */
/* dmaown-explore: what `dmaown explore` becomes, with the same command line. */
#include "command.h"

const struct command commands[] = {
	{.name = "explore",
	 .arguments = "SCENARIO",
	 .summary = "run a scenario in every interleaving of its threads",
	 .options = "  --design NAME               how owners are known (a wrong name lists them)\n"
		    "  --stateless                 one execution of every trace, not every state\n"
		    "  --preemptions N             interrupt threads that could go on so often at "
		    "most\n"
		    "  --spurious                  waits for a condition may end without a signal\n"
		    "  --max-states N              end after so many states\n"
		    "  --memory SIZE               end when so much memory is used\n"
		    "  --time TIME                 end after this time\n"
		    "  --replay SCHEDULE           take this schedule, and say what is wrong after "
		    "it\n"
		    "  --html FILE                 write the report as a page\n"
		    "  --lock-graph FILE           write which locks were taken under which\n",
	 .example = "dmaown explore --time 5m "
		    "examples/scenarios/explore/two-drivers-leave-at-once.scn",
	 .run = command_explore},
	{0},
};
