/* SPDX-License-Identifier: MIT */
/*
 * What can be seen of a device, and of a group: `check` and `finally` name it, timelines show it,
 * and two machines are compared by it. One table has each property's name, what its value can be,
 * and how a machine's facts tell it.
 *
 * What is not there is "absent" in all properties but `present`.
 */
#ifndef DMAOWN_SCENARIO_PROPERTY_H
#define DMAOWN_SCENARIO_PROPERTY_H

#include <stdbool.h>
#include <stddef.h>

struct device_facts;
struct facts;
struct group_facts;
struct players;
struct scenario;

enum property {
	PROPERTY_PRESENT,
	PROPERTY_DRIVER,
	PROPERTY_OVERRIDE,
	PROPERTY_GROUP,
	PROPERTY_VIABLE,
	PROPERTY_TYPE,
	PROPERTY_OWNER,
	PROPERTY_COUNT,
	PROPERTY_DOMAIN,
	PROPERTIES,
};

#define PROPERTY_ABSENT "absent"

/* "driver", "owner": what files call it. */
const char *property_name(enum property property);

/* Whether it is a group's property, rather than a device's. */
bool property_of_group(enum property property);

/* Whether its value can be that. */
bool property_takes(enum property property, const struct scenario *scenario, const char *value);

/* What its value can be, for a message: "none", "a declared group". NULL behind the last. */
const char *property_value(enum property property, size_t number);

/*
 * The word for a property of a device or a group; NULL: the machine can't tell. The device or the
 * group may be NULL: it is not there. The word is static, the facts' or the scenario's, or is
 * spelled in `room`.
 */
#define PROPERTY_ROOM 16
const char *property_word_of_device(enum property property, const struct players *players,
				    const struct device_facts *device);
const char *property_word_of_group(enum property property, const struct facts *facts,
				   const struct group_facts *group, char room[PROPERTY_ROOM]);

#endif
