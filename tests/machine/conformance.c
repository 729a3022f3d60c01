/* SPDX-License-Identifier: MIT */
/* A case is a row of steps, each an operation and what must come of it. */
#define _GNU_SOURCE
#include "conformance.h"
#include "array.h"
#include "errname.h"
#include "kernel_version.h"

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

/* What a case begins with: native drivers bound, or A with the user's driver and C with none.
 * Nothing else has an override, and no group is open. */
static const struct {
	const char *device;
	const char *drivers[BEGINNINGS]; /* NULL: none */
} devices[] = {
	{A, {[BEGIN_NATIVE] = "e1000", [BEGIN_USER] = "vfio-pci"}},
	{EDU, {NULL, NULL}},
	{C, {[BEGIN_NATIVE] = "e1000", [BEGIN_USER] = NULL}},
	{ALONE, {"e1000e", "e1000e"}},
	{OTHER, {"e1000e", "e1000e"}},
	{NVME, {"nvme", "nvme"}},
};

enum { DEVICES = COUNT(devices) };

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
	err = machine_find_users(run->machine, &facts);
	kind = (int)facts_group(&facts, group)->owner.kind;
	facts_release(&facts);
	return err ? err : kind;
}

#define STEPS(...) ((const struct step[]) {__VA_ARGS__, {0}})

/* clang-format takes rows of steps for blocks. */
/* clang-format off */

/* A goes from its native driver to vfio-pci. */
#define A_TO_USER {override, A, "vfio-pci"}, {unbind, A}, {bind, A, "vfio-pci"}

#define ALONE_TO_USER {override, ALONE, "vfio-pci"}, {unbind, ALONE}, {bind, ALONE, "vfio-pci"}

/* The first user has the group; the case begins with BEGIN_USER. */
#define GROUP_OPEN {open_group, A}
#define GROUP_CLAIMED GROUP_OPEN, {claim}
#define GROUP_ATTACHED GROUP_CLAIMED, {attach}

/* The same with edu as the user's device. */
#define EDU_OPEN                                                                \
	{override, EDU, "vfio-pci"}, {bind, EDU, "vfio-pci"}, {open_group, EDU}, \
	{claim}, {attach}, {map, .iova = 0x100000, .size = 8192}, {open_device, EDU}

/* clang-format on */

const struct conformance_case conformance_cases[] = {
	{"begin@native-drivers", BEGIN_NATIVE,
	 STEPS({has_driver, A, "e1000", 1}, {has_driver, EDU, NULL, 1}, {has_driver, C, "e1000", 1},
	       {is_with_a, EDU, NULL, 1}, {is_with_a, C, NULL, 1}, {is_with_a, ALONE, NULL, 0},
	       {owner, A, NULL, OWNER_KERNEL})},

	{"bind@native", BEGIN_NATIVE,
	 STEPS({unbind, ALONE}, {has_driver, ALONE, NULL, 1}, {bind, ALONE, "e1000e"},
	       {has_driver, ALONE, "e1000e", 1})},
	{"bind@bound-ebusy", BEGIN_NATIVE,
	 STEPS({bind, ALONE, "e1000e", -EBUSY}, {has_driver, ALONE, "e1000e", 1})},
	{"bind@bound-and-overridden-ebusy", BEGIN_NATIVE,
	 STEPS({override, ALONE, "vfio-pci"}, {bind, ALONE, "vfio-pci", -EBUSY},
	       {has_driver, ALONE, "e1000e", 1})},
	{"bind@no-match-enodev", BEGIN_NATIVE,
	 STEPS({unbind, ALONE}, {bind, ALONE, "vfio-pci", -ENODEV}, {has_driver, ALONE, NULL, 1})},
	{"bind@other-ids-enodev", BEGIN_NATIVE,
	 STEPS({unbind, ALONE}, {bind, ALONE, "e1000", -ENODEV})},
	{"bind@no-such-driver-enodev", BEGIN_NATIVE,
	 STEPS({unbind, ALONE}, {bind, ALONE, "none-such", -ENODEV})},
	{"bind@no-such-device-enodev", BEGIN_NATIVE, STEPS({bind, NOTHING, "e1000e", -ENODEV})},
	{"bind@overridden-to-another-enodev", BEGIN_NATIVE,
	 STEPS({override, ALONE, "vfio-pci"}, {unbind, ALONE}, {bind, ALONE, "e1000e", -ENODEV})},
	{"bind@override-matches-any-device", BEGIN_NATIVE,
	 STEPS({override, ALONE, "vfio-pci"}, {unbind, ALONE}, {bind, ALONE, "vfio-pci"},
	       {has_driver, ALONE, "vfio-pci", 1}, {owner, ALONE, NULL, OWNER_NONE})},
	{"bind@override-to-pci-stub", BEGIN_NATIVE,
	 STEPS({override, EDU, "pci-stub"}, {bind, EDU, "pci-stub"},
	       {has_driver, EDU, "pci-stub", 1}, {owner, EDU, NULL, OWNER_KERNEL})},

	{"unbind@unbound-enodev", BEGIN_NATIVE, STEPS({unbind, EDU, NULL, -ENODEV})},
	{"unbind@no-such-device-enodev", BEGIN_NATIVE, STEPS({unbind, NOTHING, NULL, -ENODEV})},
	{"unbind@frees-the-group", BEGIN_NATIVE,
	 STEPS({unbind, ALONE}, {owner, ALONE, NULL, OWNER_NONE})},
	{"unbind@sibling-keeps-the-group", BEGIN_NATIVE,
	 STEPS({unbind, A}, {owner, A, NULL, OWNER_KERNEL}, {unbind, C},
	       {owner, A, NULL, OWNER_NONE})},

	{"probe@finds-the-native-driver", BEGIN_NATIVE,
	 STEPS({unbind, ALONE}, {probe, ALONE}, {has_driver, ALONE, "e1000e", 1})},
	{"probe@bound-stays", BEGIN_NATIVE,
	 STEPS({probe, ALONE}, {has_driver, ALONE, "e1000e", 1})},
	{"probe@follows-the-override", BEGIN_NATIVE,
	 STEPS({override, ALONE, "vfio-pci"}, {unbind, ALONE}, {probe, ALONE},
	       {has_driver, ALONE, "vfio-pci", 1})},
	{"probe@none-matches", BEGIN_NATIVE, STEPS({probe, EDU}, {has_driver, EDU, NULL, 1})},
	{"probe@override-to-none-such", BEGIN_NATIVE,
	 STEPS({override, ALONE, "none-such"}, {unbind, ALONE}, {probe, ALONE},
	       {has_driver, ALONE, NULL, 1})},
	{"probe@no-such-device-enodev", BEGIN_NATIVE, STEPS({probe, NOTHING, NULL, -ENODEV})},
	{"probe@claimed-group-einval", BEGIN_USER,
	 STEPS(GROUP_CLAIMED, {probe, C, NULL, -EINVAL}, {has_driver, C, NULL, 1})},

	{"override@set-and-cleared", BEGIN_NATIVE,
	 STEPS({override, ALONE, "vfio-pci"}, {has_override, ALONE, "vfio-pci", 1},
	       {override, ALONE, NULL}, {has_override, ALONE, NULL, 1},
	       {has_driver, ALONE, "e1000e", 1})},
	{"override@survives-unbind", BEGIN_NATIVE,
	 STEPS({override, ALONE, "vfio-pci"}, {unbind, ALONE},
	       {has_override, ALONE, "vfio-pci", 1})},
	{"override@no-such-device-enodev", BEGIN_NATIVE,
	 STEPS({override, NOTHING, "vfio-pci", -ENODEV})},

	{"remove@and-rescan-probes", BEGIN_NATIVE,
	 STEPS({take_off, ALONE}, {is_there, ALONE, NULL, 0}, {rescan}, {is_there, ALONE, NULL, 1},
	       {has_driver, ALONE, "e1000e", 1})},
	{"remove@forgets-the-override", BEGIN_NATIVE,
	 STEPS({override, ALONE, "vfio-pci"}, {take_off, ALONE}, {rescan},
	       {has_override, ALONE, NULL, 1}, {has_driver, ALONE, "e1000e", 1})},
	{"remove@joins-its-group-again", BEGIN_NATIVE,
	 STEPS({take_off, EDU}, {rescan}, {is_with_a, EDU, NULL, 1}, {has_driver, EDU, NULL, 1}),
	 SINCE_6_4},
	{"remove@sibling-of-a-claimed-group", BEGIN_USER,
	 STEPS(GROUP_CLAIMED, {take_off, EDU}, {is_there, EDU, NULL, 0}, {rescan},
	       {is_with_a, EDU, NULL, 1}, {has_driver, EDU, NULL, 1}, {release}, {claim}),
	 SINCE_6_4},
	{"remove@native-into-a-claimed-group-stays-unbound", BEGIN_USER,
	 STEPS(GROUP_CLAIMED, {take_off, C}, {rescan}, {is_with_a, C, NULL, 1},
	       {has_driver, C, NULL, 1}),
	 SINCE_6_4},
	{"remove@no-such-device-enodev", BEGIN_NATIVE, STEPS({take_off, NOTHING, NULL, -ENODEV})},
	{"rescan@nothing-removed", BEGIN_NATIVE, STEPS({rescan}, {has_driver, ALONE, "e1000e", 1})},

	{"type@identity-and-back", BEGIN_NATIVE,
	 STEPS({unbind, ALONE}, {set_type, ALONE, "identity"}, {set_type, ALONE, "DMA"})},
	{"type@native-bound-eperm", BEGIN_NATIVE, STEPS({set_type, ALONE, "identity", -EPERM}),
	 SINCE_6_4},
	{"type@native-bound-ebusy", BEGIN_NATIVE, STEPS({set_type, ALONE, "identity", -EBUSY}),
	 BEFORE_6_4},
	{"type@native-bound-dma-ebusy", BEGIN_NATIVE,
	 STEPS({set_type, ALONE, "DMA", -EBUSY}, {set_type, ALONE, "auto", -EBUSY}), BEFORE_6_4},
	{"type@managed-bound", BEGIN_NATIVE,
	 STEPS(ALONE_TO_USER, {set_type, ALONE, "identity"}, {set_type, ALONE, "DMA"}), SINCE_6_4},
	{"type@managed-bound-ebusy", BEGIN_NATIVE,
	 STEPS(ALONE_TO_USER, {set_type, ALONE, "identity", -EBUSY},
	       {set_type, ALONE, "DMA", -EBUSY}, {set_type, ALONE, "DMA-FQ"},
	       {set_type, ALONE, "DMA-FQ", -EBUSY}, {unbind, ALONE}, {set_type, ALONE, "DMA"}),
	 BEFORE_6_4},
	{"type@claimed-eperm", BEGIN_USER, STEPS(GROUP_CLAIMED, {set_type, A, "identity", -EPERM}),
	 SINCE_6_4},
	{"type@claimed-one-ebusy", BEGIN_NATIVE,
	 STEPS(ALONE_TO_USER, {open_group, ALONE}, {claim}, {set_type, ALONE, "identity", -EBUSY},
	       {set_type, ALONE, "DMA-FQ", -EBUSY}, {release}, {set_type, ALONE, "DMA-FQ"},
	       {unbind, ALONE}, {set_type, ALONE, "DMA"}),
	 BEFORE_6_4},
	{"type@claimed-one-dma-fq", BEGIN_NATIVE,
	 STEPS(ALONE_TO_USER, {open_group, ALONE}, {claim}, {set_type, ALONE, "identity", -EPERM},
	       {set_type, ALONE, "DMA-FQ"}, {release}, {unbind, ALONE}, {set_type, ALONE, "DMA"}),
	 SINCE_6_4},
	{"type@several-devices", BEGIN_NATIVE,
	 STEPS({unbind, A}, {unbind, C}, {set_type, A, "identity"}, {set_type, A, "DMA"}),
	 SINCE_6_4},
	{"type@several-devices-einval", BEGIN_NATIVE,
	 STEPS({set_type, A, "identity", -EINVAL}, {unbind, A}, {unbind, C},
	       {set_type, A, "identity", -EINVAL}, {set_type, A, "DMA-FQ", -EINVAL},
	       {set_type, A, "DMA", -EINVAL}, {set_type, A, "auto", -EINVAL}),
	 BEFORE_6_4},
	{"type@several-claimed-einval", BEGIN_USER,
	 STEPS(GROUP_CLAIMED, {set_type, A, "identity", -EINVAL}), BEFORE_6_4},
	{"type@dma-to-dma-fq-while-bound", BEGIN_NATIVE,
	 STEPS({set_type, ALONE, "DMA-FQ"}, {unbind, ALONE}, {set_type, ALONE, "DMA"})},
	{"type@no-such-type-einval", BEGIN_NATIVE,
	 STEPS({unbind, ALONE}, {set_type, ALONE, "pass", -EINVAL})},
	{"type@no-such-group-enodev", BEGIN_NATIVE,
	 STEPS({set_type_of_no_group, NULL, "identity", -ENODEV})},

	{"open@no-user-driver-enoent", BEGIN_NATIVE, STEPS({open_group, A, NULL, -ENOENT})},
	{"open@no-such-group-enoent", BEGIN_NATIVE, STEPS({open_no_group, NULL, NULL, -ENOENT})},
	{"open@second-ebusy", BEGIN_USER,
	 STEPS(GROUP_OPEN, {open_group, A, NULL, -EBUSY, .user = SECOND})},
	{"open@after-close", BEGIN_USER,
	 STEPS(GROUP_OPEN, {close_group}, {open_group, A, .user = SECOND})},
	{"open@not-viable", BEGIN_NATIVE,
	 STEPS(A_TO_USER, {open_group, A}, {viable, .expected = 0})},
	{"open@viable", BEGIN_USER, STEPS(GROUP_OPEN, {viable, .expected = 1})},
	{"open@managed-sibling-is-viable", BEGIN_NATIVE,
	 STEPS(A_TO_USER, {override, C, "pci-stub"}, {unbind, C}, {bind, C, "pci-stub"},
	       {open_group, A}, {viable, .expected = 1}, {claim})},

	{"claim@viable-group", BEGIN_USER,
	 STEPS(GROUP_OPEN, {claim}, {owner, A, NULL, OWNER_USER})},
	{"claim@native-sibling-eperm", BEGIN_NATIVE,
	 STEPS(A_TO_USER, {open_group, A}, {claim, .expected = -EPERM},
	       {has_driver, C, "e1000", 1})},
	{"claim@after-the-sibling-left", BEGIN_NATIVE,
	 STEPS(A_TO_USER, {open_group, A}, {claim, .expected = -EPERM}, {unbind, C}, {claim})},
	{"claim@again-einval", BEGIN_USER, STEPS(GROUP_CLAIMED, {claim, .expected = -EINVAL})},
	{"claim@after-release", BEGIN_USER, STEPS(GROUP_CLAIMED, {release}, {claim})},
	{"claim@native-came-between-eperm", BEGIN_USER,
	 STEPS(GROUP_CLAIMED, {release}, {bind, C, "e1000"}, {claim, .expected = -EPERM})},
	{"claim@groups-are-independent", BEGIN_USER,
	 STEPS(GROUP_CLAIMED, {override, ALONE, "vfio-pci"}, {unbind, ALONE},
	       {bind, ALONE, "vfio-pci"}, {open_group, ALONE, .user = SECOND},
	       {claim, .user = SECOND}, {release}, {release, .user = SECOND})},
	{"claim@native-bind-ebusy", BEGIN_USER,
	 STEPS(GROUP_CLAIMED, {bind, C, "e1000", -EBUSY}, {has_driver, C, NULL, 1})},
	{"claim@native-bind-elsewhere", BEGIN_USER,
	 STEPS(GROUP_CLAIMED, {unbind, ALONE}, {bind, ALONE, "e1000e"})},
	{"claim@managed-bind", BEGIN_USER,
	 STEPS(GROUP_CLAIMED, {override, C, "pci-stub"}, {bind, C, "pci-stub"},
	       {has_driver, C, "pci-stub", 1})},
	{"claim@user-driver-bind", BEGIN_USER,
	 STEPS(GROUP_CLAIMED, {override, C, "vfio-pci"}, {bind, C, "vfio-pci"},
	       {has_driver, C, "vfio-pci", 1})},

	{"release@unclaimed-einval", BEGIN_USER, STEPS(GROUP_OPEN, {release, .expected = -EINVAL})},
	{"release@twice-einval", BEGIN_USER,
	 STEPS(GROUP_CLAIMED, {release}, {release, .expected = -EINVAL})},
	{"release@lets-native-bind", BEGIN_USER,
	 STEPS(GROUP_CLAIMED, {release}, {bind, C, "e1000"}, {close_group},
	       {owner, A, NULL, OWNER_KERNEL})},
	{"release@by-close", BEGIN_USER, STEPS(GROUP_CLAIMED, {close_group}, {bind, C, "e1000"})},
	{"release@attached", BEGIN_USER, STEPS(GROUP_ATTACHED, {release}, {bind, C, "e1000"})},
	{"release@device-open-ebusy", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {open_device, A}, {release, .expected = -EBUSY}, {close_device, A},
	       {release})},
	{"release@by-close-with-device-open", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {open_device, A}, {close_group}, {bind, C, "e1000"})},

	{"lost@last-user-driver-unbound", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {map, .iova = 0x100000, .size = 4096}, {unbind, A},
	       {viable, .expected = -ENODEV}, {claim, .expected = -ENODEV},
	       {map, .iova = 0x200000, .size = 4096, .expected = -EINVAL},
	       {release, .expected = -EINVAL}, {bind, C, "e1000"})},
	{"lost@one-of-two-user-drivers-unbound", BEGIN_USER,
	 STEPS({override, C, "vfio-pci"}, {bind, C, "vfio-pci"}, GROUP_ATTACHED, {unbind, C},
	       {map, .iova = 0x100000, .size = 4096}, {override, C, NULL},
	       {bind, C, "e1000", -EBUSY}, {release})},

	{"attach@unclaimed-einval", BEGIN_USER, STEPS(GROUP_OPEN, {attach, .expected = -EINVAL})},
	{"attach@twice-einval", BEGIN_USER, STEPS(GROUP_ATTACHED, {attach, .expected = -EINVAL})},
	{"attach@released-einval", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {release}, {attach, .expected = -EINVAL})},
	{"attach@after-release-and-claim", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {release}, {claim}, {attach})},
	{"attach@native-bind-ebusy", BEGIN_USER, STEPS(GROUP_ATTACHED, {bind, C, "e1000", -EBUSY})},

	{"map@and-unmap", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {map, .iova = 0x100000, .size = 8192},
	       {unmap, .iova = 0x100000, .size = 8192})},
	{"map@unattached-einval", BEGIN_USER,
	 STEPS(GROUP_CLAIMED, {map, .iova = 0x100000, .size = 4096, .expected = -EINVAL})},
	{"map@unclaimed-einval", BEGIN_USER,
	 STEPS(GROUP_OPEN, {map, .iova = 0x100000, .size = 4096, .expected = -EINVAL})},
	{"map@address-not-aligned-einval", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {map, .iova = 0x100800, .size = 4096, .expected = -EINVAL})},
	{"map@size-not-aligned-einval", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {map, .iova = 0x100000, .size = 4097, .expected = -EINVAL})},
	{"map@nothing-einval", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {map, .iova = 0x100000, .size = 0, .expected = -EINVAL})},
	{"map@same-again-eexist", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {map, .iova = 0x100000, .size = 4096},
	       {map, .iova = 0x100000, .size = 4096, .expected = -EEXIST})},
	{"map@overlap-eexist", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {map, .iova = 0x100000, .size = 8192},
	       {map, .iova = 0x101000, .size = 8192, .expected = -EEXIST})},
	{"map@adjacent", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {map, .iova = 0x100000, .size = 4096},
	       {map, .iova = 0x101000, .size = 4096})},
	{"map@gone-with-release", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {map, .iova = 0x100000, .size = 4096}, {release}, {claim}, {attach},
	       {map, .iova = 0x100000, .size = 4096})},
	{"unmap@nothing-there-enoent", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {unmap, .iova = 0x100000, .size = 4096, .expected = -ENOENT})},
	{"unmap@part-of-a-mapping-einval", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {map, .iova = 0x100000, .size = 8192},
	       {unmap, .iova = 0x100000, .size = 4096, .expected = -EINVAL})},
	{"unmap@several-at-once", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {map, .iova = 0x100000, .size = 4096},
	       {map, .iova = 0x101000, .size = 4096}, {unmap, .iova = 0x100000, .size = 8192},
	       {map, .iova = 0x100000, .size = 8192})},

	{"open-device@claimed-only-einval", BEGIN_USER,
	 STEPS(GROUP_CLAIMED, {open_device, A, NULL, -EINVAL})},
	{"open-device@unclaimed-einval", BEGIN_USER,
	 STEPS(GROUP_OPEN, {open_device, A, NULL, -EINVAL})},
	{"open-device@attached", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {open_device, A}, {close_device, A})},
	{"open-device@again-ebusy", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {open_device, A}, {open_device, A, NULL, -EBUSY})},
	{"open-device@without-driver-enodev", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {open_device, EDU, NULL, -ENODEV})},
	{"open-device@of-another-group-enodev", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {open_device, ALONE, NULL, -ENODEV})},
	{"open-device@no-such-enodev", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {open_device, NOTHING, NULL, -ENODEV})},

	{"dma@to-mapped-memory", BEGIN_USER,
	 STEPS(EDU_OPEN, {dma_to, EDU, NULL, 1, .iova = 0x100000, .size = 4096})},
	{"dma@from-mapped-memory", BEGIN_USER,
	 STEPS(EDU_OPEN, {dma_from, EDU, NULL, 1, .iova = 0x101000, .size = 512})},
	{"dma@to-unmapped-address", BEGIN_USER,
	 STEPS(EDU_OPEN, {dma_to, EDU, NULL, 0, .iova = 0x200000, .size = 4096})},
	{"dma@from-unmapped-address", BEGIN_USER,
	 STEPS(EDU_OPEN, {dma_from, EDU, NULL, 0, .iova = 0x200000, .size = 4096})},
	{"dma@stops-with-unmap", BEGIN_USER,
	 STEPS(EDU_OPEN, {dma_to, EDU, NULL, 1, .iova = 0x100000, .size = 64},
	       {unmap, .iova = 0x100000, .size = 8192},
	       {dma_to, EDU, NULL, 0, .iova = 0x100000, .size = 64})},
	{"dma@device-not-open-einval", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {dma_to, A, NULL, -EINVAL, .iova = 0x100000, .size = 64})},
	{"dma@too-much-einval", BEGIN_USER,
	 STEPS(EDU_OPEN, {dma_to, EDU, NULL, -EINVAL, .iova = 0x100000, .size = 4097})},
	{"dma@network-card-eopnotsupp", BEGIN_USER,
	 STEPS(GROUP_ATTACHED, {open_device, A},
	       {dma_to, A, NULL, -EOPNOTSUPP, .iova = 0x100000, .size = 64})},
};

const size_t conformance_case_count = COUNT(conformance_cases);

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

/* Gives one device the driver that it is to begin with; whether it has it is looked at later, for
 * all of them together. */
static void bring_device(struct run *run, const char *device, const char *driver)
{
	bool managed = driver && strcmp(driver, "vfio-pci") == 0;
	struct step step = {.device = device, .text = driver};

	machine_set_override(run->machine, device, managed ? driver : NULL);
	if (has_driver(run, &step) == 1)
		return;
	machine_unbind(run->machine, device);
	if (driver)
		machine_bind(run->machine, device, driver);
}

static void bring_back_removed(struct run *run)
{
	for (size_t i = 0; i < DEVICES; i++) {
		if (is_there(run, &(struct step) {.device = devices[i].device}) == 0) {
			machine_rescan(run->machine);
			return;
		}
	}
}

static void begin(struct run *run, enum beginning beginning)
{
	bring_back_removed(run);
	for (size_t i = 0; i < DEVICES; i++)
		bring_device(run, devices[i].device, devices[i].drivers[beginning]);
	for (size_t i = 0; i < DEVICES; i++) {
		const char *driver = devices[i].drivers[beginning];
		struct step step = {.device = devices[i].device, .text = driver};

		if (has_driver(run, &step) != 1)
			wrong(run, "%s: can't be given %s to begin with", step.device,
			      driver ? driver : "no driver");
	}
}

static const char *result_text(int result, char *buffer, size_t size)
{
	if (result < 0)
		return errno_name(result);
	snprintf(buffer, size, "%d", result);
	return buffer;
}

static void run_step(struct run *run, const struct step *step, size_t number)
{
	int result = step->operation(run, step);
	char came[16], expected[16];

	if (result != step->expected)
		wrong(run, "step %zu (%s%s%s): %s instead of %s", number,
		      step->device ? step->device : "", step->text ? " " : "",
		      step->text ? step->text : "", result_text(result, came, sizeof(came)),
		      result_text(step->expected, expected, sizeof(expected)));
}

static int finish(struct run *run, char **why)
{
	for (int user = 0; user < USERS; user++)
		close_group(run, &(struct step) {.user = (enum user)user});
	if (!run->why)
		return 0;
	*why = run->why;
	return -EINVAL;
}

int conformance_kernels(struct machine *machine, enum kernels *out)
{
	struct facts facts;
	int err = machine_read(machine, &facts);

	if (err)
		return err;
	*out = kernel_is_before(facts.host, 6, 4) == KNOWN_YES ? BEFORE_6_4 : SINCE_6_4;
	facts_release(&facts);
	return 0;
}

int conformance_run(const struct conformance_case *one, struct machine *machine, char **why)
{
	struct run run = {.machine = machine};

	begin(&run, one->begin);
	for (size_t i = 0; one->steps[i].operation && !run.why; i++)
		run_step(&run, &one->steps[i], i + 1);
	return finish(&run, why);
}

int conformance_end(struct machine *machine, char **why)
{
	struct run run = {.machine = machine};

	begin(&run, BEGIN_NATIVE);
	return finish(&run, why);
}
