/* SPDX-License-Identifier: MIT */
/*
 * Embedding libdmaown: a machine of two network cards in one IOMMU group.
 *
 * Build it against the installed library:
 *	cc embed.c $(pkg-config --cflags --libs dmaown) -o embed
 *
 * An embedder gives four things: a table of memory and locks (here the one for POSIX threads), an
 * IOMMU (here one that only says what it is told), drivers, and devices with an identity that a bus
 * can match. It gets the rule: the group is the kernel's drivers' or one user's, never both.
 */
#include <dmaown/core.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the IOMMU: one group; domains are names ---- */

struct wiring {
	struct dmaown_group *group; /* both cards are behind one bridge that isolates nothing */
};

static int device_group(void *context, struct dmaown_device *device, struct dmaown_group **group)
{
	const struct wiring *wiring = context;

	dmaown_group_get(wiring->group);
	*group = wiring->group;
	return 0;
}

static int create_domain(void *context, enum dmaown_domain_kind kind, void **hardware)
{
	*hardware = strdup(dmaown_domain_kind_name(kind));
	return *hardware ? 0 : -ENOMEM;
}

static void destroy_domain(void *context, void *hardware)
{
	free(hardware);
}

static int attach(void *context, struct dmaown_device *device, void *hardware)
{
	printf("    iommu: %s is on its %s domain\n", dmaown_device_name(device),
	       (const char *)hardware);
	return 0;
}

static void block(void *context, struct dmaown_device *device)
{
	printf("    iommu: %s is blocked\n", dmaown_device_name(device));
}

static const struct dmaown_iommu_ops iommu_ops = {
	.device_group = device_group,
	.create_domain = create_domain,
	.destroy_domain = destroy_domain,
	.attach = attach,
	.block = block,
};

/* ---- the drivers: a native one with an id, and one that gives devices to users ---- */

static const struct dmaown_pci_id network_ids[] = {
	{0x8086, 0x100e, DMAOWN_ANY_ID, DMAOWN_ANY_ID, 0, 0, false},
	{0, 0, 0, 0, 0, 0, false},
};

static const struct dmaown_driver_type network_driver = {.name = "network", .ids = network_ids};
static const struct dmaown_driver_type user_driver = {.name = "user", .managed_dma = true};

/* ---- what happens ---- */

static void say(const char *what, int result)
{
	printf("%-44s %s\n", what, result ? strerror(-result) : "ok");
}

static struct dmaown_device *plug_in(struct dmaown_bus *bus, const char *name)
{
	static const struct dmaown_pci_identity card = {.vendor = 0x8086, .device = 0x100e};
	const struct dmaown_device_description description = {.name = name, .identity = &card};
	struct dmaown_device *device = NULL;

	if (dmaown_device_create(bus, &description, &device))
		exit(EXIT_FAILURE);
	say("plug in a card: the network driver takes it", dmaown_device_add(device));
	return device;
}

/* A user wants the group of `first` and `second`, both of which run on the native driver. */
static void hand_over(struct dmaown_group *group, struct dmaown_device *first,
		      struct dmaown_device *second, struct dmaown_driver *network,
		      struct dmaown_driver *user)
{
	const char *owner = "a virtual machine";

	say("claim the group: two native drivers", dmaown_group_claim(group, owner));
	say("unbind the first card", dmaown_device_unbind(first));
	say("its override names the user's driver", dmaown_device_set_override(first, "user"));
	say("bind the user's driver", dmaown_device_bind(first, user));
	say("claim the group: one native driver", dmaown_group_claim(group, owner));
	say("unbind the second card", dmaown_device_unbind(second));
	say("claim the group: nobody uses it", dmaown_group_claim(group, owner));
	say("bind the second card natively: it is owned", dmaown_device_bind(second, network));
	say("claim the group once more", dmaown_group_claim(group, "someone else"));
	say("release it", dmaown_group_release(group, owner));
	say("bind the second card natively again", dmaown_device_bind(second, network));
}

int main(void)
{
	struct dmaown_env env;
	struct dmaown_core *core;
	struct dmaown_bus *pci;
	struct dmaown_iommu *iommu;
	struct dmaown_driver *network, *user;
	struct dmaown_device *first, *second;
	struct wiring wiring = {0};

	dmaown_pthread_env(&env);
	if (dmaown_core_create(&env, &core))
		return EXIT_FAILURE;
	if (dmaown_bus_create(core, &dmaown_bus_pci, &pci) ||
	    dmaown_iommu_register(core, &iommu_ops, &wiring, &iommu) ||
	    dmaown_group_create(iommu, "behind the bridge", NULL, &wiring.group) ||
	    dmaown_driver_register(pci, &network_driver, &network) ||
	    dmaown_driver_register(pci, &user_driver, &user)) {
		dmaown_core_destroy(core);
		return EXIT_FAILURE;
	}
	first = plug_in(pci, "0000:02:01.0");
	second = plug_in(pci, "0000:02:03.0");
	hand_over(wiring.group, first, second, network, user);
	dmaown_core_destroy(core);
	return EXIT_SUCCESS;
}
