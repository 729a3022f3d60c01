/* SPDX-License-Identifier: MIT */
/* Whether VFIO's drivers are there, by bus. */
#include "array.h"
#include "complain.h"
#include "diagnosis_facts.h"
#include "diagnosis_parts.h"

#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 32 };

/* What a missing driver of VFIO's takes, by the state of its module. */
static struct remark missing_driver(struct module_facts module)
{
	if (module.loaded == KNOWN_YES)
		return (struct remark) {.reason = "its module is loaded, but it is not registered",
					.remedy = "unload its module and load it again"};
	if (module.installed == KNOWN_NO)
		return (struct remark) {.reason = "the running kernel has no such module",
					.remedy = "install the kernel package that has it, or boot "
						  "a kernel that was built with it"};
	if (module.loaded == KNOWN_NO)
		return (struct remark) {.reason = "its module is not loaded"};
	return (struct remark) {
		.reason = "not registered, and not known whether its module is loaded"};
}

/*
 * Whether VFIO's driver of a bus is there. A machine that hands out devices of PCI can do without
 * those of other buses, but who wants them has to know.
 */
static int judge_driver(struct diagnosis *diagnosis, const struct facts *facts, const char *bus)
{
	bool needed = strcmp(bus, "pci") == 0 || !any_translated(facts, "pci");
	char driver[NAME_SIZE], module[NAME_SIZE], load[NAME_SIZE + sizeof("modprobe ")];
	struct remark remark = {.reason = "registered"};

	snprintf(driver, sizeof(driver), "vfio-%s", bus);
	strcpy(module, driver);
	for (char *at = module; (at = strchr(at, '-')); at++)
		*at = '_';
	snprintf(load, sizeof(load), "modprobe %s", driver);
	if (!has_user_driver(facts, bus)) {
		remark = missing_driver(diagnosed_module(facts, module));
		remark.remedy = remark.remedy ? remark.remedy : load;
		remark.gravity = needed ? GRAVITY_BLOCKS : GRAVITY_WARNS;
		remark.code = needed ? EXIT_ABSENT : EXIT_DONE;
	}
	remark.check = "vfio-driver";
	remark.thing = driver;
	return diagnosis_add(diagnosis, &remark);
}

/* Nearly every board has platform devices in groups, and few ever hand one out. */
int judge_drivers(struct diagnosis *diagnosis, const struct facts *facts)
{
	static const char *const others[] = {"amba", "fsl-mc", "cdx"};
	int err = 0;

	if (has_devices(facts, "pci"))
		err = judge_driver(diagnosis, facts, "pci");
	if (!err && any_translated(facts, "platform") && !any_translated(facts, "pci"))
		err = judge_driver(diagnosis, facts, "platform");
	for (size_t i = 0; !err && i < COUNT(others); i++) {
		if (any_translated(facts, others[i]))
			err = judge_driver(diagnosis, facts, others[i]);
	}
	return err;
}
