/* SPDX-License-Identifier: MIT */
/* A view: what can be seen of all of a scenario's devices and groups at one moment, as words. */
#ifndef DMAOWN_SCENARIO_VIEW_H
#define DMAOWN_SCENARIO_VIEW_H

#include "players.h"

/* One word for each role and property; NULL where there is none. */
struct view {
	char **words; /* role * PROPERTIES + property; owned */
};

/* Sees the roles of the players' scenario in `facts`. -ENOMEM. Undone by view_release(). */
int view_init(struct view *view, const struct players *players, const struct facts *facts);
void view_release(struct view *view, const struct scenario *scenario);

/* The word, owned by the view; NULL: the machine can't tell. */
const char *view_word(const struct view *view, size_t role, enum property property);

#endif
