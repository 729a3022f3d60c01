/* SPDX-License-Identifier: MIT */
/*
 * The ids of drivers: what a driver binds without an override.
 *
 * On PCI and cdx an id is "8086:100e", "8086:100e:1af4:1100" (with the subsystem) or
 * "class:0c0330"; each part may have the shell's wildcards ("8086:*", "class:0702*"), and a class
 * may be cut short. On amba it is a peripheral id in hex, on fsl-mc a type ("dpni") or "1957:dpni",
 * elsewhere a name: of the device, a compatible string or an id of ACPI.
 *
 * On every bus an id may also be a module's alias, as modules.alias has it: what asks for ids and a
 * class together can't be said otherwise ("pci:v0000106Bd*sv*sd*bc01sc08i02*"). One that begins
 * with vfio_ holds only for devices whose override names the driver.
 */
#ifndef DMAOWN_MACHINE_DRIVER_ID_H
#define DMAOWN_MACHINE_DRIVER_ID_H

#include "facts.h"

/* Whether the id is an alias: it begins with the scheme of some bus. */
bool driver_id_is_alias(const char *id);

/* Whether drivers of the bus can have such an id. */
bool driver_id_is_valid(const char *bus, const char *id);

/* Whether the id is one of the device's, which is on the id's bus; `overridden`: its override names
 * the driver. An id that is not valid fits nothing. */
bool driver_id_fits(const char *id, const struct device_facts *device, bool overridden);

#endif
