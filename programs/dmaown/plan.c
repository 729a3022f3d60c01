/* SPDX-License-Identifier: MIT */
/* dmaown plan: what a claim would do, or what forbids it. */
#include "claim_text.h"
#include "command.h"
#include "complain.h"
#include "open_handover.h"
#include "options.h"
#include "request.h"

int command_plan(struct context *context, int argc, char **argv)
{
	struct request_options options;
	struct request request;
	struct opened opened;
	int code = read_request_options(context, argc, argv, &options);

	if (code == EXIT_DONE && !check_options_of_command(&options, false))
		code = EXIT_USAGE;
	if (code == EXIT_DONE)
		code = open_handover(context, options.patience, &opened);
	if (code != EXIT_DONE)
		return code;
	code = make_request(opened.handover.machine, &options, argv + optind,
			    (size_t)(argc - optind), &request);
	if (code == EXIT_DONE) {
		code = print_plan(context, &opened.handover, &request.claim);
		release_request(&request);
	}
	close_handover(&opened);
	return code;
}
