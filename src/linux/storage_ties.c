/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "array.h"
#include "storage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int hide_ties(struct storage *storage, int err)
{
	if (!err || err == -ENOMEM)
		return err;
	if (!storage->ties.hidden)
		storage->ties.hidden = err;
	return 0;
}

int add_tie(struct storage *storage, const char *below, const char *above, const char *words)
{
	struct ties *ties = &storage->ties;
	struct tie *more = array_with_room(ties->all, ties->count, sizeof(*more));
	struct tie tie = {.words = NULL};

	if (!more)
		return -ENOMEM;
	ties->all = more;
	snprintf(tie.below, sizeof(tie.below), "%s", below);
	snprintf(tie.above, sizeof(tie.above), "%s", above);
	if (words) {
		tie.words = strdup(words);
		if (!tie.words)
			return -ENOMEM;
	}
	ties->all[ties->count++] = tie;
	return 0;
}

int tie_to_path(struct storage *storage, const char *path, const char *above, const char *words)
{
	char below[BLOCK_NAME];
	int err = block_of_path(storage->survey, path, below);

	if (err)
		return hide_ties(storage, err);
	return *below ? add_tie(storage, below, above, words) : 0;
}
