/* SPDX-License-Identifier: MIT */
/*
 * Facts to findings. Most checks are rows of one table, of which the first that applies gives the
 * finding; those whose words depend on the facts (a bus, a limit, a group) are functions.
 *
 * The IOMMU is told by what the firmware describes (DMAR: Intel's, IVRS: AMD's, IORT: an SMMU)
 * rather than by the processor: a hypervisor may give any IOMMU to any processor.
 */
#define _GNU_SOURCE
#include "diagnosis.h"
#include "facts_json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The kernel's limit of locked memory for those to whom nobody gave another. */
#define DEFAULT_MEMLOCK (8LL << 20)

static const struct host_facts unknown_host = {
	.virtual = KNOWN_NOT,
	.interrupt_remapping = KNOWN_NOT,
	.unsafe_interrupts = KNOWN_NOT,
	.noiommu = KNOWN_NOT,
	.vfio_node = KNOWN_NOT,
	.sys_read_only = KNOWN_NOT,
	.privileged = KNOWN_NOT,
	.memlock = MEMLOCK_NOT_KNOWN,
};

static const struct host_facts *host_of(const struct facts *facts)
{
	return facts->host ? facts->host : &unknown_host;
}

/* What the kernel is told by "KEY=...", a list of words; NULL if the argument is another. */
static const char *words_of(const char *argument, const char *key)
{
	size_t length = strlen(key);

	return strncmp(argument, key, length) == 0 && argument[length] == '='
		       ? argument + length + 1
		       : NULL;
}

static bool has_word(const char *words, const char *word)
{
	size_t length = strlen(word);

	for (;; words++) {
		size_t end = strcspn(words, ",");

		if (end == length && strncmp(words, word, length) == 0)
			return true;
		words += end;
		if (!*words)
			return false;
	}
}

/* Whether the last argument KEY=... that has either word has `word`: the later one counts. */
static bool told(const struct facts *facts, const char *key, const char *word, const char *opposite)
{
	const struct host_facts *host = host_of(facts);
	bool result = false;

	for (size_t i = 0; i < host->argument_count; i++) {
		const char *words = words_of(host->arguments[i], key);

		if (words && has_word(words, word))
			result = true;
		else if (words && opposite && has_word(words, opposite))
			result = false;
	}
	return result;
}

static bool has_argument(const struct facts *facts, const char *argument)
{
	const struct host_facts *host = host_of(facts);

	for (size_t i = 0; i < host->argument_count; i++) {
		if (strcmp(host->arguments[i], argument) == 0)
			return true;
	}
	return false;
}

static bool has_table(const struct facts *facts, const char *table)
{
	const char *described = host_of(facts)->iommu_table;

	return described && strcmp(described, table) == 0;
}

static bool has_cpu_of(const struct facts *facts, const char *vendor)
{
	const char *cpu = host_of(facts)->cpu_vendor;

	return cpu && strcmp(cpu, vendor) == 0;
}

static bool is_arm(const struct facts *facts)
{
	const char *architecture = host_of(facts)->architecture;

	return architecture &&
	       (strncmp(architecture, "aarch64", 7) == 0 || strncmp(architecture, "arm", 3) == 0);
}

static bool has_user_driver(const struct facts *facts, const char *bus)
{
	for (size_t i = 0; i < facts->driver_count; i++) {
		if (facts->drivers[i].user && strcmp(facts->drivers[i].bus, bus) == 0)
			return true;
	}
	return false;
}

static bool any_user_driver(const struct facts *facts)
{
	for (size_t i = 0; i < facts->driver_count; i++) {
		if (facts->drivers[i].user)
			return true;
	}
	return false;
}

/* Whether a device of the bus is in a group. */
static bool has_groups(const struct facts *facts, const char *bus)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		if (facts->devices[i].group >= 0 && strcmp(facts->devices[i].bus, bus) == 0)
			return true;
	}
	return false;
}

static bool has_devices(const struct facts *facts, const char *bus)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		if (strcmp(facts->devices[i].bus, bus) == 0)
			return true;
	}
	return false;
}

/* The state of a module; of one that the facts do not have, nothing is known. */
static struct module_facts module_of(const struct facts *facts, const char *name)
{
	static const struct module_facts unknown = {.loaded = KNOWN_NOT, .installed = KNOWN_NOT};
	const struct module_facts *module = host_facts_module(host_of(facts), name);

	return module ? *module : unknown;
}

static bool always(const struct facts *facts)
{
	return true;
}

/* Without an IOMMU there are groups too, in VFIO's mode for that. */
static bool iommu_works(const struct facts *facts)
{
	const struct host_facts *host = host_of(facts);

	return facts->group_count > 0 && (host->iommu_count > 0 || !host->iommus_known);
}

static bool iommu_runs(const struct facts *facts)
{
	return host_of(facts)->iommu_count > 0;
}

static bool no_table(const struct facts *facts)
{
	return has_table(facts, "none");
}

static bool no_table_in_guest(const struct facts *facts)
{
	return no_table(facts) && host_of(facts)->virtual == KNOWN_YES;
}

static bool no_table_on_intel(const struct facts *facts)
{
	return no_table(facts) && has_cpu_of(facts, "GenuineIntel");
}

static bool no_table_on_amd(const struct facts *facts)
{
	return no_table(facts) &&
	       (has_cpu_of(facts, "AuthenticAMD") || has_cpu_of(facts, "HygonGenuine"));
}

static bool no_table_on_arm(const struct facts *facts)
{
	return no_table(facts) && is_arm(facts);
}

static bool iommu_off(const struct facts *facts)
{
	return told(facts, "iommu", "off", NULL);
}

static bool intel_off(const struct facts *facts)
{
	return has_table(facts, "DMAR") && told(facts, "intel_iommu", "off", "on");
}

static bool intel_on(const struct facts *facts)
{
	return has_table(facts, "DMAR") && told(facts, "intel_iommu", "on", "off");
}

static bool intel_untold(const struct facts *facts)
{
	return has_table(facts, "DMAR");
}

static bool amd_off(const struct facts *facts)
{
	return has_table(facts, "IVRS") && told(facts, "amd_iommu", "off", NULL);
}

static bool amd_failed(const struct facts *facts)
{
	return has_table(facts, "IVRS");
}

static bool smmu_failed(const struct facts *facts)
{
	return has_table(facts, "IORT");
}

static bool virtio_failed(const struct facts *facts)
{
	return has_table(facts, "VIOT");
}

static bool no_iommu_on_arm(const struct facts *facts)
{
	return host_of(facts)->iommus_known && is_arm(facts);
}

static bool no_iommu(const struct facts *facts)
{
	return host_of(facts)->iommus_known;
}

static bool no_groups(const struct facts *facts)
{
	return facts->group_count == 0 && facts->device_count > 0;
}

/* Without an IOMMU that works the question is moot. */
static bool interrupts(const struct facts *facts, enum known remapped)
{
	return iommu_works(facts) && host_of(facts)->interrupt_remapping == remapped;
}

static bool interrupts_remapped(const struct facts *facts)
{
	return interrupts(facts, KNOWN_YES);
}

static bool interrupts_unsafe_by_choice(const struct facts *facts)
{
	return interrupts(facts, KNOWN_NO) && host_of(facts)->unsafe_interrupts == KNOWN_YES;
}

static bool interrupts_told_off(const struct facts *facts)
{
	return interrupts(facts, KNOWN_NO) &&
	       (told(facts, "intremap", "off", "on") || has_argument(facts, "nointremap"));
}

static bool iommus_remap(const struct facts *facts, enum known can)
{
	const struct host_facts *host = host_of(facts);

	for (size_t i = 0; i < host->iommu_count; i++) {
		if (host->iommus[i].remaps_interrupts == can)
			return true;
	}
	return false;
}

static bool interrupts_beyond_hardware(const struct facts *facts)
{
	return interrupts(facts, KNOWN_NO) && iommus_remap(facts, KNOWN_NO);
}

static bool interrupts_not_remapped(const struct facts *facts)
{
	return interrupts(facts, KNOWN_NO);
}

static bool interrupts_unknown(const struct facts *facts)
{
	return interrupts(facts, KNOWN_NOT);
}

static bool type1_loaded(const struct facts *facts)
{
	return module_of(facts, "vfio_iommu_type1").loaded == KNOWN_YES;
}

/* iommufd can stand in for it. */
static bool type1_absent(const struct facts *facts)
{
	struct module_facts type1 = module_of(facts, "vfio_iommu_type1");
	struct module_facts iommufd = module_of(facts, "iommufd");

	return type1.loaded == KNOWN_NO && type1.installed == KNOWN_NO &&
	       iommufd.loaded != KNOWN_YES && iommufd.installed != KNOWN_YES;
}

/* A module that VFIO needs is loaded with VFIO, but can be unloaded alone. */
static bool type1_unloaded(const struct facts *facts)
{
	struct module_facts type1 = module_of(facts, "vfio_iommu_type1");

	return type1.loaded == KNOWN_NO && type1.installed == KNOWN_YES && any_user_driver(facts);
}

static bool type1_installed(const struct facts *facts)
{
	return module_of(facts, "vfio_iommu_type1").installed == KNOWN_YES;
}

static bool node_there(const struct facts *facts)
{
	return host_of(facts)->vfio_node == KNOWN_YES;
}

/* Before VFIO is loaded nobody misses it. */
static bool node_missing(const struct facts *facts)
{
	return host_of(facts)->vfio_node == KNOWN_NO && any_user_driver(facts);
}

static bool node_unknown(const struct facts *facts)
{
	return host_of(facts)->vfio_node == KNOWN_NOT;
}

static bool noiommu_on(const struct facts *facts)
{
	return host_of(facts)->noiommu == KNOWN_YES;
}

static bool noiommu_off(const struct facts *facts)
{
	return host_of(facts)->noiommu == KNOWN_NO;
}

static bool unsafe_on(const struct facts *facts)
{
	return host_of(facts)->unsafe_interrupts == KNOWN_YES;
}

static bool unsafe_off(const struct facts *facts)
{
	return host_of(facts)->unsafe_interrupts == KNOWN_NO;
}

static bool sys_read_only(const struct facts *facts)
{
	return host_of(facts)->sys_read_only == KNOWN_YES;
}

static bool privileged(const struct facts *facts)
{
	return host_of(facts)->privileged == KNOWN_YES;
}

static bool unprivileged(const struct facts *facts)
{
	return host_of(facts)->privileged == KNOWN_NO;
}

/* Of the rows of one check the first that applies gives its finding. */
struct rule {
	bool (*applies)(const struct facts *facts);
	struct finding finding;
};

#define UNSAFE_SWITCH "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"
#define NOIOMMU_SWITCH "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode"
#define UNSAFE_COST "a device that is given away can then raise any interrupt of the host"

#define OK VERDICT_OK, EXIT_DONE
#define UNKNOWN VERDICT_UNKNOWN, EXIT_DONE
#define WARNS VERDICT_WARNS, EXIT_DONE
#define UNSUPPORTED VERDICT_BLOCKS, EXIT_ABSENT
#define FORBIDDEN VERDICT_BLOCKS, EXIT_NOT_PERMITTED
#define BROKEN VERDICT_BLOCKS, EXIT_FAILED

#define IOMMU "iommu", "IOMMU"
#define INTERRUPTS "interrupt-remapping", "interrupt remapping"
#define TYPE1 "vfio-iommu", "vfio_iommu_type1"
#define NODE "vfio-node", "/dev/vfio/vfio"
#define NOIOMMU "noiommu", "enable_unsafe_noiommu_mode"
#define UNSAFE "unsafe-interrupts", "allow_unsafe_interrupts"
#define PERMISSION "permission", "permission"

static const struct rule rules[] = {
	{iommu_works, {IOMMU, OK, "runs, and its devices are in groups", NULL}},
	{iommu_runs,
	 {IOMMU, UNSUPPORTED, "runs, but no device is in a group",
	  "the kernel log says why: dmesg | grep -i iommu"}},
	{no_table_in_guest,
	 {IOMMU, UNSUPPORTED, "this virtual machine has none",
	  "give it one; QEMU: -machine q35,kernel-irqchip=split -device intel-iommu,intremap=on"}},
	{no_table_on_intel,
	 {IOMMU, UNSUPPORTED, "the firmware describes none (no ACPI table DMAR)",
	  "enable VT-d in the firmware's setup"}},
	{no_table_on_amd,
	 {IOMMU, UNSUPPORTED, "the firmware describes none (no ACPI table IVRS)",
	  "enable IOMMU, or AMD-Vi, in the firmware's setup"}},
	{no_table_on_arm,
	 {IOMMU, UNSUPPORTED, "the firmware describes none (no ACPI table IORT)",
	  "enable the SMMU in the firmware's setup, if the board has one"}},
	{no_table,
	 {IOMMU, UNSUPPORTED, "the firmware describes none", "enable it in the firmware's setup"}},
	{iommu_off,
	 {IOMMU, UNSUPPORTED, "off by the kernel argument iommu=off",
	  "take iommu=off off the kernel command line and reboot"}},
	{intel_off,
	 {IOMMU, UNSUPPORTED, "off by the kernel argument intel_iommu=off",
	  "make it intel_iommu=on on the kernel command line and reboot"}},
	{intel_on,
	 {IOMMU, UNSUPPORTED, "did not start in spite of intel_iommu=on",
	  "the kernel log says why: dmesg | grep -e DMAR -e IOMMU; without a word of it the kernel "
	  "lacks CONFIG_INTEL_IOMMU"}},
	{intel_untold,
	 {IOMMU, UNSUPPORTED, "off: this kernel uses it only when told",
	  "put intel_iommu=on on the kernel command line and reboot"}},
	{amd_off,
	 {IOMMU, UNSUPPORTED, "off by the kernel argument amd_iommu=off",
	  "take amd_iommu=off off the kernel command line and reboot"}},
	{amd_failed,
	 {IOMMU, UNSUPPORTED, "did not start, though the firmware describes it",
	  "the kernel log says why: dmesg | grep AMD-Vi; without a word of it the kernel lacks "
	  "CONFIG_AMD_IOMMU"}},
	{smmu_failed,
	 {IOMMU, UNSUPPORTED, "no SMMU runs, though the firmware has a table for it",
	  "enable the SMMU in the firmware's setup; the kernel needs CONFIG_ARM_SMMU_V3 or "
	  "CONFIG_ARM_SMMU"}},
	{virtio_failed, {IOMMU, UNSUPPORTED, "virtio-iommu does not run", "modprobe virtio_iommu"}},
	{no_iommu_on_arm,
	 {IOMMU, UNSUPPORTED, "no SMMU runs",
	  "the device tree has to enable it, and the kernel needs CONFIG_ARM_SMMU_V3 or "
	  "CONFIG_ARM_SMMU"}},
	{no_iommu,
	 {IOMMU, UNSUPPORTED, "none runs",
	  "enable it in the firmware's setup, and with intel_iommu=on on Intel"}},
	{no_groups,
	 {IOMMU, UNSUPPORTED, "no device is in a group",
	  "enable it in the firmware's setup, and with intel_iommu=on on Intel"}},
	{always, {IOMMU, UNKNOWN, "not known whether one runs", NULL}},

	{interrupts_remapped, {INTERRUPTS, OK, "devices' interrupts go through the IOMMU", NULL}},
	{interrupts_unsafe_by_choice,
	 {INTERRUPTS, WARNS, "off, and VFIO does without: " UNSAFE_COST,
	  "give devices to nobody whom you do not trust"}},
	{interrupts_told_off,
	 {INTERRUPTS, BROKEN, "off by a kernel argument, and VFIO insists on it",
	  "take intremap=off or nointremap off the kernel command line and reboot"}},
	{interrupts_beyond_hardware,
	 {INTERRUPTS, BROKEN, "the IOMMU cannot, and VFIO insists on it",
	  "echo Y > " UNSAFE_SWITCH "; " UNSAFE_COST}},
	{interrupts_not_remapped,
	 {INTERRUPTS, BROKEN, "off, and VFIO insists on it",
	  "enable it, and x2APIC, in the firmware's setup; or echo Y > " UNSAFE_SWITCH
	  ": " UNSAFE_COST}},
	{interrupts_unknown, {INTERRUPTS, UNKNOWN, "not known whether the kernel uses it", NULL}},

	{type1_loaded, {TYPE1, OK, "loaded", NULL}},
	{type1_absent,
	 {TYPE1, UNSUPPORTED, "the running kernel has no such module",
	  "boot a kernel with CONFIG_VFIO_IOMMU_TYPE1"}},
	{type1_unloaded, {TYPE1, UNSUPPORTED, "not loaded", "modprobe vfio_iommu_type1"}},
	{type1_installed, {TYPE1, OK, "installed, and loaded with VFIO", NULL}},
	{always, {TYPE1, UNKNOWN, "not known whether the running kernel has it", NULL}},

	{node_there, {NODE, OK, "there", NULL}},
	{node_missing,
	 {NODE, UNSUPPORTED, "missing, though VFIO is loaded",
	  "mount devtmpfs on /dev, or pass /dev/vfio into this container; the kernel needs "
	  "CONFIG_VFIO_CONTAINER"}},
	{node_unknown, {NODE, UNKNOWN, "not known whether it is there", NULL}},

	{interrupts_unsafe_by_choice, {UNSAFE, OK, "on, for want of interrupt remapping", NULL}},
	{unsafe_on,
	 {UNSAFE, WARNS, "on, and so a device may be given away without interrupt remapping",
	  "echo N > " UNSAFE_SWITCH}},
	{unsafe_off, {UNSAFE, OK, "off", NULL}},
	{always, {UNSAFE, UNKNOWN, "not known whether it is on", NULL}},

	{noiommu_on,
	 {NOIOMMU, WARNS,
	  "on: a device may be given away without an IOMMU, and can then reach all memory",
	  "echo N > " NOIOMMU_SWITCH}},
	{noiommu_off, {NOIOMMU, OK, "off", NULL}},
	{always, {NOIOMMU, UNKNOWN, "not known whether it is on", NULL}},

	{sys_read_only,
	 {PERMISSION, FORBIDDEN, "/sys is mounted read-only",
	  "mount -o remount,rw /sys, or run the container privileged"}},
	{privileged, {PERMISSION, OK, "root", NULL}},
	{unprivileged,
	 {PERMISSION, FORBIDDEN, "not root of the host: cannot write driver_override, bind, unbind",
	  "run it as root"}},
	{always, {PERMISSION, UNKNOWN, "not known who would do it", NULL}},
};

/* Copies the words of a finding into one allocation, which they then lie in; NULL: no memory. */
static char *pack(struct finding *finding)
{
	size_t thing = strlen(finding->thing) + 1, reason = strlen(finding->reason) + 1;
	size_t remedy = finding->remedy ? strlen(finding->remedy) + 1 : 0;
	char *words = malloc(thing + reason + remedy);

	if (!words)
		return NULL;
	finding->thing = memcpy(words, finding->thing, thing);
	finding->reason = memcpy(words + thing, finding->reason, reason);
	if (remedy)
		finding->remedy = memcpy(words + thing + reason, finding->remedy, remedy);
	return words;
}

int diagnosis_add(struct diagnosis *diagnosis, const struct finding *finding)
{
	size_t room = diagnosis->count + 1;
	struct finding *findings, copy = *finding;
	char **words;

	findings = reallocarray(diagnosis->findings, room, sizeof(*findings));
	if (!findings)
		return -ENOMEM;
	diagnosis->findings = findings;
	words = reallocarray(diagnosis->words, room, sizeof(*words));
	if (!words)
		return -ENOMEM;
	diagnosis->words = words;
	words[diagnosis->count] = pack(&copy);
	if (!words[diagnosis->count])
		return -ENOMEM;
	findings[diagnosis->count++] = copy;
	return 0;
}

static int apply_rules(struct diagnosis *diagnosis, const struct facts *facts)
{
	const char *answered = "";
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(rules) / sizeof(*rules); i++) {
		const struct rule *rule = &rules[i];

		if (strcmp(rule->finding.check, answered) == 0 || !rule->applies(facts))
			continue;
		answered = rule->finding.check;
		err = diagnosis_add(diagnosis, &rule->finding);
	}
	return err;
}

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
	return (struct finding) {.reason = "its module is not loaded"};
}

/*
 * Whether VFIO's driver of a bus is there. A machine that hands out devices of PCI can do without
 * those of other buses, but who wants them has to know.
 */
static int judge_driver(struct diagnosis *diagnosis, const struct facts *facts, const char *bus)
{
	bool needed = strcmp(bus, "pci") == 0 || !has_groups(facts, "pci");
	char driver[NAME_SIZE], module[NAME_SIZE], load[NAME_SIZE + sizeof("modprobe ")];
	struct finding finding = {.reason = "registered"};

	snprintf(driver, sizeof(driver), "vfio-%s", bus);
	strcpy(module, driver);
	for (char *at = module; (at = strchr(at, '-')); at++)
		*at = '_';
	snprintf(load, sizeof(load), "modprobe %s", driver);
	if (!has_user_driver(facts, bus)) {
		finding = missing_driver(module_of(facts, module));
		finding.remedy = finding.remedy ? finding.remedy : load;
		finding.verdict = needed ? VERDICT_BLOCKS : VERDICT_WARNS;
		finding.code = needed ? EXIT_ABSENT : EXIT_DONE;
	}
	finding.check = "vfio-driver";
	finding.thing = driver;
	return diagnosis_add(diagnosis, &finding);
}

/* Nearly every board has platform devices in groups, and few ever hand one out. */
static int judge_drivers(struct diagnosis *diagnosis, const struct facts *facts)
{
	static const char *const others[] = {"amba", "fsl-mc", "cdx"};
	int err = 0;

	if (has_devices(facts, "pci"))
		err = judge_driver(diagnosis, facts, "pci");
	if (!err && has_groups(facts, "platform") && !has_groups(facts, "pci"))
		err = judge_driver(diagnosis, facts, "platform");
	for (size_t i = 0; !err && i < sizeof(others) / sizeof(*others); i++) {
		if (has_groups(facts, others[i]))
			err = judge_driver(diagnosis, facts, others[i]);
	}
	return err;
}

/* A limit above the kernel's default is one that somebody chose. */
static int judge_memlock(struct diagnosis *diagnosis, const struct facts *facts)
{
	int64_t limit = host_of(facts)->memlock;
	char reason[WORDS_SIZE];
	struct finding finding = {.check = "memlock", .thing = "locked memory", .reason = reason};

	if (limit == MEMLOCK_NOT_KNOWN) {
		finding.verdict = VERDICT_UNKNOWN;
		finding.reason = "not known how much may be locked";
	} else if (limit == MEMLOCK_UNLIMITED) {
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

static int judge_groups(struct diagnosis *diagnosis, const struct facts *facts)
{
	size_t forbidden = 0;
	int err = 0;

	for (size_t i = 0; !err && i < facts->group_count; i++) {
		if (facts->groups[i].direct_regions != KNOWN_YES)
			continue;
		forbidden++;
		err = judge_group(diagnosis, &facts->groups[i]);
	}
	if (err || forbidden || !facts->group_count)
		return err;
	return diagnosis_add(diagnosis,
			     &(const struct finding) {.check = "direct-regions",
						      .thing = "groups",
						      .reason = "none is kept by the firmware"});
}

int diagnose(struct diagnosis *diagnosis, const struct facts *facts)
{
	int err = apply_rules(diagnosis, facts);

	if (!err)
		err = judge_drivers(diagnosis, facts);
	if (!err)
		err = judge_memlock(diagnosis, facts);
	return err ? err : judge_groups(diagnosis, facts);
}

void diagnosis_release(struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->count; i++)
		free(diagnosis->words[i]);
	free(diagnosis->words);
	free(diagnosis->findings);
	memset(diagnosis, 0, sizeof(*diagnosis));
}

enum exit_code diagnosis_code(const struct diagnosis *diagnosis)
{
	enum exit_code code = EXIT_DONE;

	for (size_t i = 0; i < diagnosis->count; i++) {
		const struct finding *finding = &diagnosis->findings[i];

		if (finding->verdict != VERDICT_BLOCKS || code == EXIT_ABSENT)
			continue;
		if (code == EXIT_DONE || finding->code == EXIT_ABSENT)
			code = finding->code;
		else if (code != finding->code)
			code = EXIT_FAILED;
	}
	return code;
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_OK] = "ok",
		[VERDICT_UNKNOWN] = "unknown",
		[VERDICT_WARNS] = "warns",
		[VERDICT_BLOCKS] = "blocks",
	};

	return names[verdict];
}

static json_t *finding_json(const struct finding *finding)
{
	return json_pack("{s:s, s:o, s:s, s:o, s:o}", "check", finding->check, "thing",
			 text_to_json(finding->thing), "verdict", verdict_name(finding->verdict),
			 "reason", text_to_json(finding->reason), "remedy",
			 text_to_json(finding->remedy));
}

json_t *diagnosis_to_json(const struct diagnosis *diagnosis)
{
	json_t *findings = json_array();
	int err = findings ? 0 : -1;

	for (size_t i = 0; !err && i < diagnosis->count; i++)
		err = json_array_append_new(findings, finding_json(&diagnosis->findings[i]));
	if (!err)
		return json_pack("{s:o}", "findings", findings);
	json_decref(findings);
	return NULL;
}
