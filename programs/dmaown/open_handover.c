/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "open_handover.h"
#include "command.h"
#include "complain.h"
#include "open_journal.h"
#include "open_machine.h"
#include "option_value.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int open_scratch_journal(const char *scratch, struct journal **out)
{
	struct journal_place place = {.root = open(scratch, O_PATH | O_DIRECTORY | O_CLOEXEC),
				      .name = scratch,
				      .state = ".",
				      .locks = ".",
				      .boot = "simulated"};
	int err = place.root < 0 ? -errno : journal_open(&place, out);

	if (place.root >= 0)
		close(place.root);
	return err ? complain(EXIT_FAILED, scratch, "%s", strerror(-err)) : EXIT_DONE;
}

static int make_scratch(char **out)
{
	const char *directory = getenv("TMPDIR");
	char *path;

	if (asprintf(&path, "%s/dmaown.XXXXXX", directory ? directory : "/tmp") < 0)
		return complain_memory();
	if (!mkdtemp(path)) {
		int code = complain(EXIT_FAILED, path, "%s", strerror(errno));

		free(path);
		return code;
	}
	*out = path;
	return EXIT_DONE;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	remove(path);
	return 0;
}

static void remove_scratch(char *path)
{
	if (path)
		nftw(path, remove_entry, 4, FTW_DEPTH | FTW_PHYS);
	free(path);
}

int open_handover(const struct context *context, unsigned int patience, struct opened *out)
{
	struct opened opened = {.handover.patience = patience};
	int code = open_machine(context, &opened.handover.machine);

	if (code != EXIT_DONE)
		return code;
	if (!context->machine) {
		code = open_journal(context, &opened.handover.journal);
	} else {
		code = make_scratch(&opened.scratch);
		if (code == EXIT_DONE)
			code = open_scratch_journal(opened.scratch, &opened.handover.journal);
	}
	if (code == EXIT_DONE)
		*out = opened;
	else
		close_handover(&opened);
	return code;
}

void close_handover(struct opened *opened)
{
	journal_close(opened->handover.journal);
	machine_close(opened->handover.machine);
	remove_scratch(opened->scratch);
}

bool read_patience(const char *text, unsigned int *out)
{
	uint64_t time;

	if (!read_time("--timeout", text, 0, 24 * HOUR, &time))
		return false;
	*out = (unsigned int)time;
	return true;
}
