/* SPDX-License-Identifier: MIT */
/*
 * Module aliases. Those of PCI and cdx have the ids of a device ("pci:v00008086d0000100E...") or,
 * with "*" for what may be anything, the ids that a driver matches; both are read by the same
 * function.
 */
#ifndef DMAOWN_LINUX_MODALIAS_H
#define DMAOWN_LINUX_MODALIAS_H

#include <stddef.h>

/* Lower-case hex digits, four each and six for the class; "*" where the alias says so, "" where it
 * says nothing. Digits of a class stand alone: "0c03*" is a base and a sub-class with any
 * interface.
 */
struct modalias_ids {
	char vendor[5], device[5], subvendor[5], subdevice[5], class[7];
};

/* Reads an alias that ends at `end` (NULL: with the string). -EINVAL: it is of another bus, or not
 * well formed. */
int modalias_parse(const char *alias, const char *end, struct modalias_ids *out);

/*
 * The id that driver_facts holds for an alias of the given bus, in a string that the caller frees:
 * "8086:100e", "8086:100e:1af4:1100", "class:0c0330", "dpni", "pl330", and the alias itself where
 * it asks for what those can't say (driver_id.h). -EINVAL: it is of another bus, or not well
 * formed; -ENOMEM.
 */
int modalias_driver_id(const char *bus, const char *alias, const char *end, char **out);

#endif
