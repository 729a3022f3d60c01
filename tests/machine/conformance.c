/* SPDX-License-Identifier: MIT */
/* A case is a row of steps, each an operation and what must come of it. */
#define _GNU_SOURCE
#include "conformance.h"
#include "errname.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The devices, and the groups that are named by them. */
#define A "0000:02:01.0"
#define EDU "0000:02:02.0"
#define C "0000:02:03.0"
#define ALONE "0000:03:00.0"
#define OTHER "0000:04:00.0"
#define NVME "0000:05:00.0"
#define NOTHING "0000:0f:00.0"

static const struct {
	const char *device, *driver; /* NULL: none */
} natives[] = {
	{A, "e1000"},      {EDU, NULL},       {C, "e1000"},
	{ALONE, "e1000e"}, {OTHER, "e1000e"}, {NVME, "nvme"},
};

enum { NATIVES = sizeof(natives) / sizeof(*natives) };

/* The two users that can have a group open at once, or try. */
enum user { FIRST, SECOND, USERS };

struct run {
	struct machine *machine;
	struct group_file *files[USERS];
	char *why;
};

/*
 * `device` names the device, or its group; `text` is a driver, a type or an owner's kind. The
 * result is compared with `expected`: an errno, negative, or what the operation tells.
 */
struct step {
	int (*operation)(struct run *run, const struct step *step);
	const char *device, *text;
	int expected;
	uint64_t iova, size;
	enum user user;
};

static int group_of(struct machine *machine, const char *device)
{
	struct device_facts *found;
	struct facts facts;
	int group, err = machine_glance(machine, &facts);

	if (err)
		return err;
	found = facts_device(&facts, device);
	group = found && found->group >= 0 ? found->group : -ENODEV;
	facts_release(&facts);
	return group;
}

static int bind(struct run *run, const struct step *step)
{
	return machine_bind(run->machine, step->device, step->text);
}

static int unbind(struct run *run, const struct step *step)
{
	return machine_unbind(run->machine, step->device);
}

static int probe(struct run *run, const struct step *step)
{
	return machine_probe(run->machine, step->device);
}

static int override(struct run *run, const struct step *step)
{
	return machine_set_override(run->machine, step->device, step->text);
}

static int take_off(struct run *run, const struct step *step)
{
	return machine_remove(run->machine, step->device);
}

static int rescan(struct run *run, const struct step *step)
{
	return machine_rescan(run->machine);
}

static int set_type(struct run *run, const struct step *step)
{
	int group = group_of(run->machine, step->device);

	return group < 0 ? group : machine_set_type(run->machine, group, step->text);
}

static int set_type_of_no_group(struct run *run, const struct step *step)
{
	return machine_set_type(run->machine, 9999, step->text);
}

static int open_group(struct run *run, const struct step *step)
{
	int group = group_of(run->machine, step->device);

	return group < 0 ? group : machine_open(run->machine, group, &run->files[step->user]);
}

static int open_no_group(struct run *run, const struct step *step)
{
	return machine_open(run->machine, 9999, &run->files[step->user]);
}

static int close_group(struct run *run, const struct step *step)
{
	group_file_close(run->files[step->user]);
	run->files[step->user] = NULL;
	return 0;
}

/* Tells 1 or 0. */
static int viable(struct run *run, const struct step *step)
{
	bool is_viable;
	int err = group_file_viable(run->files[step->user], &is_viable);

	return err ? err : is_viable;
}

static int claim(struct run *run, const struct step *step)
{
	return group_file_claim(run->files[step->user]);
}

static int release(struct run *run, const struct step *step)
{
	return group_file_release(run->files[step->user]);
}

static int attach(struct run *run, const struct step *step)
{
	return group_file_attach(run->files[step->user]);
}

static int map(struct run *run, const struct step *step)
{
	return group_file_map(run->files[step->user], step->iova, step->size);
}

static int unmap(struct run *run, const struct step *step)
{
	return group_file_unmap(run->files[step->user], step->iova, step->size);
}

static int open_device(struct run *run, const struct step *step)
{
	return group_file_open_device(run->files[step->user], step->device);
}

static int close_device(struct run *run, const struct step *step)
{
	return group_file_close_device(run->files[step->user], step->device);
}

/* Tells 1 if the DMA reached memory, 0 if not. */
static int dma(struct run *run, const struct step *step, enum dma_direction direction)
{
	bool reached;
	int err = group_file_dma(run->files[step->user], step->device, direction, step->iova,
				 step->size, &reached);

	return err ? err : reached;
}

static int dma_to(struct run *run, const struct step *step)
{
	return dma(run, step, DMA_TO_MEMORY);
}

static int dma_from(struct run *run, const struct step *step)
{
	return dma(run, step, DMA_FROM_MEMORY);
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

enum fact { FACT_DRIVER, FACT_OVERRIDE, FACT_COMPANY, FACT_PRESENT };

/* Tells 1 if the device is as the text says, 0 if it is not. */
static int look(struct run *run, const struct step *step, enum fact fact)
{
	const struct device_facts *device, *company;
	struct facts facts;
	int found, err = machine_glance(run->machine, &facts);

	if (err)
		return err;
	device = facts_device(&facts, step->device);
	company = facts_device(&facts, A);
	if (fact == FACT_PRESENT)
		found = device != NULL;
	else if (!device)
		found = -ENODEV;
	else if (fact == FACT_COMPANY)
		found = company && device->group == company->group;
	else
		found = same(fact == FACT_DRIVER ? device->driver : device->override, step->text);
	facts_release(&facts);
	return found;
}

static int has_driver(struct run *run, const struct step *step)
{
	return look(run, step, FACT_DRIVER);
}

static int has_override(struct run *run, const struct step *step)
{
	return look(run, step, FACT_OVERRIDE);
}

static int is_with_a(struct run *run, const struct step *step)
{
	return look(run, step, FACT_COMPANY);
}

static int is_there(struct run *run, const struct step *step)
{
	return look(run, step, FACT_PRESENT);
}

/* Tells the kind of the owner of the device's group. */
static int owner(struct run *run, const struct step *step)
{
	int group = group_of(run->machine, step->device);
	struct facts facts;
	int kind, err;

	if (group < 0)
		return group;
	err = machine_glance(run->machine, &facts);
	if (err)
		return err;
	kind = (int)facts_group(&facts, group)->owner.kind;
	facts_release(&facts);
	return kind;
}

#define STEPS(...) ((const struct step[]) {__VA_ARGS__, {0}})

/* A goes from its native driver to vfio-pci. */
#define A_TO_USER                                                                                  \
	{override, A, "vfio-pci"}, {unbind, A},                                                    \
	{                                                                                          \
		bind, A, "vfio-pci"                                                                \
	}

/* The whole group goes to vfio-pci or to no driver, and the first user has it. */
#define GROUP_OPEN                                                                                 \
	A_TO_USER, {unbind, C},                                                                    \
	{                                                                                          \
		open_group, A                                                                      \
	}
#define GROUP_CLAIMED                                                                              \
	GROUP_OPEN,                                                                                \
	{                                                                                          \
		claim                                                                              \
	}
#define GROUP_ATTACHED                                                                             \
	GROUP_CLAIMED,                                                                             \
	{                                                                                          \
		attach                                                                             \
	}

/* The same with edu as the user's device. */
#define EDU_OPEN                                                                                   \
	{unbind, A}, {unbind, C}, {override, EDU, "vfio-pci"}, {bind, EDU, "vfio-pci"},            \
		{open_group, EDU}, {claim}, {attach}, {map, .iova = 0x100000, .size = 8192},       \
	{                                                                                          \
		open_device, EDU                                                                   \
	}

const struct conformance_case conformance_cases[] = {
	{"begin@native-drivers",
	 STEPS({has_driver, A, "e1000", 1}, {has_driver, EDU, NULL, 1}, {has_driver, C, "e1000", 1},
	       {is_with_a, EDU, NULL, 1}, {is_with_a, C, NULL, 1}, {is_with_a, ALONE, NULL, 0},
	       {owner, A, NULL, OWNER_KERNEL})},

	{"bind@native", STEPS({unbind, ALONE}, {has_driver, ALONE, NULL, 1},
			      {bind, ALONE, "e1000e"}, {has_driver, ALONE, "e1000e", 1})},
	{"bind@bound-ebusy",
	 STEPS({bind, ALONE, "e1000e", -EBUSY}, {has_driver, ALONE, "e1000e", 1})},
	{"bind@bound-and-overridden-ebusy",
	 STEPS({override, ALONE, "vfio-pci"}, {bind, ALONE, "vfio-pci", -EBUSY},
	       {has_driver, ALONE, "e1000e", 1})},
	{"bind@no-match-enodev",
	 STEPS({unbind, ALONE}, {bind, ALONE, "vfio-pci", -ENODEV}, {has_driver, ALONE, NULL, 1})},
	{"bind@other-ids-enodev", STEPS({unbind, ALONE}, {bind, ALONE, "e1000", -ENODEV})},
	{"bind@no-such-driver-enodev", STEPS({unbind, ALONE}, {bind, ALONE, "none-such", -ENODEV})},
	{"bind@no-such-device-enodev", STEPS({bind, NOTHING, "e1000e", -ENODEV})},
	{"bind@overridden-to-another-enodev",
	 STEPS({override, ALONE, "vfio-pci"}, {unbind, ALONE}, {bind, ALONE, "e1000e", -ENODEV})},
	{"bind@override-matches-any-device",
	 STEPS({override, ALONE, "vfio-pci"}, {unbind, ALONE}, {bind, ALONE, "vfio-pci"},
	       {has_driver, ALONE, "vfio-pci", 1}, {owner, ALONE, NULL, OWNER_NONE})},
	{"bind@override-to-pci-stub",
	 STEPS({override, EDU, "pci-stub"}, {bind, EDU, "pci-stub"},
	       {has_driver, EDU, "pci-stub", 1}, {owner, EDU, NULL, OWNER_KERNEL})},

	{"unbind@unbound-enodev", STEPS({unbind, EDU, NULL, -ENODEV})},
	{"unbind@no-such-device-enodev", STEPS({unbind, NOTHING, NULL, -ENODEV})},
	{"unbind@frees-the-group", STEPS({unbind, ALONE}, {owner, ALONE, NULL, OWNER_NONE})},
	{"unbind@sibling-keeps-the-group", STEPS({unbind, A}, {owner, A, NULL, OWNER_KERNEL},
						 {unbind, C}, {owner, A, NULL, OWNER_NONE})},

	{"probe@finds-the-native-driver",
	 STEPS({unbind, ALONE}, {probe, ALONE}, {has_driver, ALONE, "e1000e", 1})},
	{"probe@bound-stays", STEPS({probe, ALONE}, {has_driver, ALONE, "e1000e", 1})},
	{"probe@follows-the-override", STEPS({override, ALONE, "vfio-pci"}, {unbind, ALONE},
					     {probe, ALONE}, {has_driver, ALONE, "vfio-pci", 1})},
	{"probe@none-matches", STEPS({probe, EDU}, {has_driver, EDU, NULL, 1})},
	{"probe@override-to-none-such", STEPS({override, ALONE, "none-such"}, {unbind, ALONE},
					      {probe, ALONE}, {has_driver, ALONE, NULL, 1})},
	{"probe@no-such-device-enodev", STEPS({probe, NOTHING, NULL, -ENODEV})},
	{"probe@claimed-group-einval",
	 STEPS(GROUP_CLAIMED, {probe, C, NULL, -EINVAL}, {has_driver, C, NULL, 1})},

	{"override@set-and-cleared",
	 STEPS({override, ALONE, "vfio-pci"}, {has_override, ALONE, "vfio-pci", 1},
	       {override, ALONE, NULL}, {has_override, ALONE, NULL, 1},
	       {has_driver, ALONE, "e1000e", 1})},
	{"override@survives-unbind", STEPS({override, ALONE, "vfio-pci"}, {unbind, ALONE},
					   {has_override, ALONE, "vfio-pci", 1})},
	{"override@no-such-device-enodev", STEPS({override, NOTHING, "vfio-pci", -ENODEV})},

	{"remove@and-rescan-probes",
	 STEPS({take_off, ALONE}, {is_there, ALONE, NULL, 0}, {rescan}, {is_there, ALONE, NULL, 1},
	       {has_driver, ALONE, "e1000e", 1})},
	{"remove@forgets-the-override",
	 STEPS({override, ALONE, "vfio-pci"}, {take_off, ALONE}, {rescan},
	       {has_override, ALONE, NULL, 1}, {has_driver, ALONE, "e1000e", 1})},
	{"remove@joins-its-group-again",
	 STEPS({take_off, EDU}, {rescan}, {is_with_a, EDU, NULL, 1}, {has_driver, EDU, NULL, 1})},
	{"remove@sibling-of-a-claimed-group",
	 STEPS(GROUP_CLAIMED, {take_off, EDU}, {is_there, EDU, NULL, 0}, {rescan},
	       {is_with_a, EDU, NULL, 1}, {has_driver, EDU, NULL, 1}, {release}, {claim})},
	{"remove@native-into-a-claimed-group-stays-unbound",
	 STEPS(GROUP_CLAIMED, {take_off, C}, {rescan}, {is_with_a, C, NULL, 1},
	       {has_driver, C, NULL, 1})},
	{"remove@no-such-device-enodev", STEPS({take_off, NOTHING, NULL, -ENODEV})},
	{"rescan@nothing-removed", STEPS({rescan}, {has_driver, ALONE, "e1000e", 1})},

	{"type@identity-and-back",
	 STEPS({unbind, ALONE}, {set_type, ALONE, "identity"}, {set_type, ALONE, "DMA"})},
	{"type@native-bound-eperm", STEPS({set_type, ALONE, "identity", -EPERM})},
	{"type@managed-bound",
	 STEPS({override, ALONE, "vfio-pci"}, {unbind, ALONE}, {bind, ALONE, "vfio-pci"},
	       {set_type, ALONE, "identity"}, {set_type, ALONE, "DMA"})},
	{"type@claimed-eperm", STEPS(GROUP_CLAIMED, {set_type, A, "identity", -EPERM})},
	{"type@dma-to-dma-fq-while-bound",
	 STEPS({set_type, ALONE, "DMA-FQ"}, {unbind, ALONE}, {set_type, ALONE, "DMA"})},
	{"type@no-such-type-einval", STEPS({unbind, ALONE}, {set_type, ALONE, "pass", -EINVAL})},
	{"type@no-such-group-enodev", STEPS({set_type_of_no_group, NULL, "identity", -ENODEV})},

	{"open@no-user-driver-enoent", STEPS({open_group, A, NULL, -ENOENT})},
	{"open@no-such-group-enoent", STEPS({open_no_group, NULL, NULL, -ENOENT})},
	{"open@second-ebusy", STEPS(GROUP_OPEN, {open_group, A, NULL, -EBUSY, .user = SECOND})},
	{"open@after-close", STEPS(GROUP_OPEN, {close_group}, {open_group, A, .user = SECOND})},
	{"open@not-viable", STEPS(A_TO_USER, {open_group, A}, {viable, .expected = 0})},
	{"open@viable", STEPS(GROUP_OPEN, {viable, .expected = 1})},
	{"open@managed-sibling-is-viable",
	 STEPS(A_TO_USER, {override, C, "pci-stub"}, {unbind, C}, {bind, C, "pci-stub"},
	       {open_group, A}, {viable, .expected = 1}, {claim})},

	{"claim@viable-group", STEPS(GROUP_OPEN, {claim}, {owner, A, NULL, OWNER_USER})},
	{"claim@native-sibling-eperm",
	 STEPS(A_TO_USER, {open_group, A}, {claim, .expected = -EPERM},
	       {has_driver, C, "e1000", 1})},
	{"claim@after-the-sibling-left",
	 STEPS(A_TO_USER, {open_group, A}, {claim, .expected = -EPERM}, {unbind, C}, {claim})},
	{"claim@again-einval", STEPS(GROUP_CLAIMED, {claim, .expected = -EINVAL})},
	{"claim@after-release", STEPS(GROUP_CLAIMED, {release}, {claim})},
	{"claim@native-came-between-eperm",
	 STEPS(GROUP_CLAIMED, {release}, {bind, C, "e1000"}, {claim, .expected = -EPERM})},
	{"claim@groups-are-independent",
	 STEPS(GROUP_CLAIMED, {override, ALONE, "vfio-pci"}, {unbind, ALONE},
	       {bind, ALONE, "vfio-pci"}, {open_group, ALONE, .user = SECOND},
	       {claim, .user = SECOND}, {release}, {release, .user = SECOND})},
	{"claim@native-bind-ebusy",
	 STEPS(GROUP_CLAIMED, {bind, C, "e1000", -EBUSY}, {has_driver, C, NULL, 1})},
	{"claim@native-bind-elsewhere",
	 STEPS(GROUP_CLAIMED, {unbind, ALONE}, {bind, ALONE, "e1000e"})},
	{"claim@managed-bind", STEPS(GROUP_CLAIMED, {override, C, "pci-stub"},
				     {bind, C, "pci-stub"}, {has_driver, C, "pci-stub", 1})},
	{"claim@user-driver-bind", STEPS(GROUP_CLAIMED, {override, C, "vfio-pci"},
					 {bind, C, "vfio-pci"}, {has_driver, C, "vfio-pci", 1})},

	{"release@unclaimed-einval", STEPS(GROUP_OPEN, {release, .expected = -EINVAL})},
	{"release@twice-einval", STEPS(GROUP_CLAIMED, {release}, {release, .expected = -EINVAL})},
	{"release@lets-native-bind",
	 STEPS(GROUP_CLAIMED, {release}, {bind, C, "e1000"}, {owner, A, NULL, OWNER_KERNEL})},
	{"release@by-close", STEPS(GROUP_CLAIMED, {close_group}, {bind, C, "e1000"})},
	{"release@attached", STEPS(GROUP_ATTACHED, {release}, {bind, C, "e1000"})},
	{"release@device-open-ebusy",
	 STEPS(GROUP_ATTACHED, {open_device, A}, {release, .expected = -EBUSY}, {close_device, A},
	       {release})},
	{"release@by-close-with-device-open",
	 STEPS(GROUP_ATTACHED, {open_device, A}, {close_group}, {bind, C, "e1000"})},

	{"attach@unclaimed-einval", STEPS(GROUP_OPEN, {attach, .expected = -EINVAL})},
	{"attach@twice-einval", STEPS(GROUP_ATTACHED, {attach, .expected = -EINVAL})},
	{"attach@released-einval", STEPS(GROUP_ATTACHED, {release}, {attach, .expected = -EINVAL})},
	{"attach@after-release-and-claim", STEPS(GROUP_ATTACHED, {release}, {claim}, {attach})},
	{"attach@native-bind-ebusy", STEPS(GROUP_ATTACHED, {bind, C, "e1000", -EBUSY})},

	{"map@and-unmap", STEPS(GROUP_ATTACHED, {map, .iova = 0x100000, .size = 8192},
				{unmap, .iova = 0x100000, .size = 8192})},
	{"map@unattached-einval",
	 STEPS(GROUP_CLAIMED, {map, .iova = 0x100000, .size = 4096, .expected = -EINVAL})},
	{"map@unclaimed-einval",
	 STEPS(GROUP_OPEN, {map, .iova = 0x100000, .size = 4096, .expected = -EINVAL})},
	{"map@address-not-aligned-einval",
	 STEPS(GROUP_ATTACHED, {map, .iova = 0x100800, .size = 4096, .expected = -EINVAL})},
	{"map@size-not-aligned-einval",
	 STEPS(GROUP_ATTACHED, {map, .iova = 0x100000, .size = 4097, .expected = -EINVAL})},
	{"map@nothing-einval",
	 STEPS(GROUP_ATTACHED, {map, .iova = 0x100000, .size = 0, .expected = -EINVAL})},
	{"map@same-again-eexist",
	 STEPS(GROUP_ATTACHED, {map, .iova = 0x100000, .size = 4096},
	       {map, .iova = 0x100000, .size = 4096, .expected = -EEXIST})},
	{"map@overlap-eexist", STEPS(GROUP_ATTACHED, {map, .iova = 0x100000, .size = 8192},
				     {map, .iova = 0x101000, .size = 8192, .expected = -EEXIST})},
	{"map@adjacent", STEPS(GROUP_ATTACHED, {map, .iova = 0x100000, .size = 4096},
			       {map, .iova = 0x101000, .size = 4096})},
	{"map@gone-with-release",
	 STEPS(GROUP_ATTACHED, {map, .iova = 0x100000, .size = 4096}, {release}, {claim}, {attach},
	       {map, .iova = 0x100000, .size = 4096})},
	{"unmap@nothing-there-enoent",
	 STEPS(GROUP_ATTACHED, {unmap, .iova = 0x100000, .size = 4096, .expected = -ENOENT})},
	{"unmap@part-of-a-mapping-einval",
	 STEPS(GROUP_ATTACHED, {map, .iova = 0x100000, .size = 8192},
	       {unmap, .iova = 0x100000, .size = 4096, .expected = -EINVAL})},
	{"unmap@several-at-once",
	 STEPS(GROUP_ATTACHED, {map, .iova = 0x100000, .size = 4096},
	       {map, .iova = 0x101000, .size = 4096}, {unmap, .iova = 0x100000, .size = 8192},
	       {map, .iova = 0x100000, .size = 8192})},

	{"open-device@claimed-only-einval", STEPS(GROUP_CLAIMED, {open_device, A, NULL, -EINVAL})},
	{"open-device@unclaimed-einval", STEPS(GROUP_OPEN, {open_device, A, NULL, -EINVAL})},
	{"open-device@attached", STEPS(GROUP_ATTACHED, {open_device, A}, {close_device, A})},
	{"open-device@again-ebusy",
	 STEPS(GROUP_ATTACHED, {open_device, A}, {open_device, A, NULL, -EBUSY})},
	{"open-device@without-driver-enodev",
	 STEPS(GROUP_ATTACHED, {open_device, EDU, NULL, -ENODEV})},
	{"open-device@of-another-group-enodev",
	 STEPS(GROUP_ATTACHED, {open_device, ALONE, NULL, -ENODEV})},
	{"open-device@no-such-enodev",
	 STEPS(GROUP_ATTACHED, {open_device, NOTHING, NULL, -ENODEV})},

	{"dma@to-mapped-memory",
	 STEPS(EDU_OPEN, {dma_to, EDU, NULL, 1, .iova = 0x100000, .size = 4096})},
	{"dma@from-mapped-memory",
	 STEPS(EDU_OPEN, {dma_from, EDU, NULL, 1, .iova = 0x101000, .size = 512})},
	{"dma@to-unmapped-address",
	 STEPS(EDU_OPEN, {dma_to, EDU, NULL, 0, .iova = 0x200000, .size = 4096})},
	{"dma@from-unmapped-address",
	 STEPS(EDU_OPEN, {dma_from, EDU, NULL, 0, .iova = 0x200000, .size = 4096})},
	{"dma@stops-with-unmap",
	 STEPS(EDU_OPEN, {dma_to, EDU, NULL, 1, .iova = 0x100000, .size = 64},
	       {unmap, .iova = 0x100000, .size = 8192},
	       {dma_to, EDU, NULL, 0, .iova = 0x100000, .size = 64})},
	{"dma@device-not-open-einval",
	 STEPS(GROUP_ATTACHED, {dma_to, A, NULL, -EINVAL, .iova = 0x100000, .size = 64})},
	{"dma@too-much-einval",
	 STEPS(EDU_OPEN, {dma_to, EDU, NULL, -EINVAL, .iova = 0x100000, .size = 4097})},
	{"dma@network-card-eopnotsupp",
	 STEPS(GROUP_ATTACHED, {open_device, A},
	       {dma_to, A, NULL, -EOPNOTSUPP, .iova = 0x100000, .size = 64})},
};

const size_t conformance_case_count = sizeof(conformance_cases) / sizeof(*conformance_cases);

/* Keeps the first thing that was wrong. */
__attribute__((format(printf, 2, 3))) static void wrong(struct run *run, const char *format, ...)
{
	va_list args;

	if (run->why)
		return;
	va_start(args, format);
	if (vasprintf(&run->why, format, args) < 0)
		run->why = NULL;
	va_end(args);
}

/* Puts one device back; what it is like afterwards is checked for all of them together. */
static void restore(struct run *run, const char *device, const char *driver)
{
	struct step step = {.device = device, .text = driver};

	machine_set_override(run->machine, device, NULL);
	if (has_driver(run, &step) == 1)
		return;
	machine_unbind(run->machine, device);
	if (driver)
		machine_bind(run->machine, device, driver);
}

static void restore_all(struct run *run)
{
	bool missing = false;

	for (int user = 0; user < USERS; user++)
		close_group(run, &(struct step) {.user = (enum user)user});
	for (size_t i = 0; i < NATIVES; i++)
		missing |= is_there(run, &(struct step) {.device = natives[i].device}) == 0;
	if (missing)
		machine_rescan(run->machine);
	for (size_t i = 0; i < NATIVES; i++)
		restore(run, natives[i].device, natives[i].driver);
	for (size_t i = 0; i < NATIVES; i++) {
		struct step step = {.device = natives[i].device, .text = natives[i].driver};

		if (has_driver(run, &step) != 1)
			wrong(run, "%s: %s is not back", step.device,
			      step.text ? step.text : "no driver");
	}
}

static const char *result_text(int result, char *buffer, size_t size)
{
	if (result < 0)
		return errno_name(result);
	snprintf(buffer, size, "%d", result);
	return buffer;
}

int conformance_run(const struct conformance_case *one, struct machine *machine, char **why)
{
	struct run run = {.machine = machine};

	for (const struct step *step = one->steps; step->operation && !run.why; step++) {
		int result = step->operation(&run, step);
		char came[16], expected[16];

		if (result != step->expected)
			wrong(&run, "step %td (%s%s%s): %s instead of %s", step - one->steps + 1,
			      step->device ? step->device : "", step->text ? " " : "",
			      step->text ? step->text : "", result_text(result, came, sizeof(came)),
			      result_text(step->expected, expected, sizeof(expected)));
	}
	restore_all(&run);
	if (!run.why)
		return 0;
	*why = run.why;
	return -EINVAL;
}
