/* SPDX-License-Identifier: MIT */
/*
 * What can be seen of a scenario's devices and groups at one moment, as words: a *view*.
 *
 * Words are what scenario files hold, timelines print and two machines are compared by. A property
 * that the machine can't tell has none; what is not there is "absent" in all properties but
 * `present`.
 */
#ifndef DMAOWN_SCENARIO_PROPERTY_H
#define DMAOWN_SCENARIO_PROPERTY_H

#include "operation.h"

#define PROPERTY_ABSENT "absent"

/* "driver", "owner": what files call it. */
const char *property_name(enum property property);

/* Whether it is a group's property, rather than a device's. */
bool property_of_group(enum property property);

/* The property of a device or of a group that has this name; PROPERTIES: there is none. */
enum property property_find(const char *name, bool of_group);

/* The words of one moment, one for each role and property; NULL where there is none. */
struct view {
	char **words; /* role * PROPERTIES + property; owned */
};

/* Sees the roles of the players' scenario in `facts`. -ENOMEM. Undone by view_release(). */
int view_init(struct view *view, const struct players *players, const struct facts *facts);
void view_release(struct view *view, const struct scenario *scenario);

/* The word, owned by the view; NULL: the machine can't tell. */
const char *view_word(const struct view *view, size_t role, enum property property);

#endif
