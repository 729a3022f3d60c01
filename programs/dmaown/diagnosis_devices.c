/* SPDX-License-Identifier: MIT */
/* Findings whose words depend on the facts: VFIO's drivers by bus, limits, groups. */
#include "diagnosis_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The kernel's limit of locked memory for those to whom nobody gave another. */
#define DEFAULT_MEMLOCK (8LL << 20)

enum { NAME_SIZE = 32, WORDS_SIZE = 128 };

/* What a missing driver of VFIO's takes, by the state of its module. */
static struct finding missing_driver(struct module_facts module)
{
	if (module.loaded == KNOWN_YES)
		return (struct finding) {.reason = "its module is loaded, but it is not registered",
					 .remedy = "unload its module and load it again"};
	if (module.installed == KNOWN_NO)
		return (struct finding) {.reason = "the running kernel has no such module",
					 .remedy =
						 "install the kernel's package with it, or boot a "
						 "kernel that was built with it"};
	if (module.loaded == KNOWN_NO)
		return (struct finding) {.reason = "its module is not loaded"};
	return (struct finding) {
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
	struct finding finding = {.reason = "registered"};

	snprintf(driver, sizeof(driver), "vfio-%s", bus);
	strcpy(module, driver);
	for (char *at = module; (at = strchr(at, '-')); at++)
		*at = '_';
	snprintf(load, sizeof(load), "modprobe %s", driver);
	if (!has_user_driver(facts, bus)) {
		finding = missing_driver(diagnosed_module(facts, module));
		finding.remedy = finding.remedy ? finding.remedy : load;
		finding.verdict = needed ? VERDICT_BLOCKS : VERDICT_WARNS;
		finding.code = needed ? EXIT_ABSENT : EXIT_DONE;
	}
	finding.check = "vfio-driver";
	finding.thing = driver;
	return diagnosis_add(diagnosis, &finding);
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
	for (size_t i = 0; !err && i < sizeof(others) / sizeof(*others); i++) {
		if (any_translated(facts, others[i]))
			err = judge_driver(diagnosis, facts, others[i]);
	}
	return err;
}

/* A limit above the kernel's default is one that somebody chose. */
int judge_memlock(struct diagnosis *diagnosis, const struct facts *facts)
{
	int64_t limit = diagnosed_host(facts)->memlock;
	char reason[WORDS_SIZE];
	struct finding finding = {.check = "memlock", .thing = "locked memory", .reason = reason};

	if (limit == MEMLOCK_NOT_KNOWN) {
		finding.reason = "not known how much may be locked";
		return diagnosis_add_unknown(
			diagnosis, &finding,
			host_facts_hidden_by(diagnosed_host(facts), "memlock"));
	}
	if (limit == MEMLOCK_UNLIMITED) {
		finding.reason = "not limited";
	} else {
		snprintf(reason, sizeof(reason), "limited to %" PRId64 " KiB", limit / 1024);
	}
	if (limit >= 0 && limit <= DEFAULT_MEMLOCK) {
		finding.verdict = VERDICT_WARNS;
		strcat(reason, ": without CAP_IPC_LOCK, mapping more for DMA fails with ENOMEM");
		finding.remedy = "ulimit -l unlimited; or LimitMEMLOCK=infinity in the unit of a "
				 "service, memlock in /etc/security/limits.conf for users";
	}
	return diagnosis_add(diagnosis, &finding);
}

static int judge_group(struct diagnosis *diagnosis, const struct group_facts *group)
{
	char thing[NAME_SIZE];
	const struct finding finding = {
		.check = "direct-regions",
		.thing = thing,
		.verdict = VERDICT_WARNS,
		.reason = "the firmware keeps 1:1 regions of memory for it: no user may have it",
		.remedy = "choose another device, or free it of them in the firmware's setup",
	};

	snprintf(thing, sizeof(thing), "group %d", group->id);
	return diagnosis_add(diagnosis, &finding);
}

/* A group of which it is not known may be one that no user can have. */
static int judge_unread_groups(struct diagnosis *diagnosis, const struct facts *facts)
{
	char reason[WORDS_SIZE];
	const struct finding finding = {
		.check = "direct-regions", .thing = "groups", .reason = reason};
	size_t unread = 0;

	for (size_t i = 0; i < facts->group_count; i++)
		unread += facts->groups[i].direct_regions == KNOWN_NOT;
	if (!unread)
		return 0;
	snprintf(reason, sizeof(reason),
		 "not known of %zu whether the firmware keeps memory for it", unread);
	return diagnosis_add_unknown(diagnosis, &finding, 0);
}

int judge_groups(struct diagnosis *diagnosis, const struct facts *facts)
{
	static const struct finding none = {.check = "direct-regions",
					    .thing = "groups",
					    .reason = "none is kept by the firmware"};
	size_t free = 0;
	int err = 0;

	for (size_t i = 0; !err && i < facts->group_count; i++) {
		free += facts->groups[i].direct_regions == KNOWN_NO;
		if (facts->groups[i].direct_regions == KNOWN_YES)
			err = judge_group(diagnosis, &facts->groups[i]);
	}
	if (!err && free && free == facts->group_count)
		err = diagnosis_add(diagnosis, &none);
	return err ? err : judge_unread_groups(diagnosis, facts);
}
