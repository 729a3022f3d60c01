/* SPDX-License-Identifier: MIT */
#include "isolation_quirks.h"
#include "acs_layout.h"

/* Ibex Peak to Wellsburg: they redirect without saying so. */
static const struct id_range intel_chipset_ports[] = {
	IDS(0x3b42, 0x3b51), IDS(0x1c10, 0x1c1f), STEPS(0x1d10, 0x1d1e, 2),
	IDS(0x1e10, 0x1e1f), IDS(0x8c10, 0x8c1f), STEPS(0x8c90, 0x8c9a, 2),
	IDS(0x8d10, 0x8d1e), IDS(0x9c10, 0x9c1b), IDS(0x9c90, 0x9c9b),
	END_OF_IDS,
};

/* 82571, 82575, 82576, 82580, 82598, 82599, I350, I219: no function reaches another. */
static const struct id_range intel_network_functions[] = {
	IDS(0x105e, 0x1060), ID(0x10d9),          ID(0x10a7),          ID(0x10a9), ID(0x10d6),
	ID(0x10c9),          IDS(0x10e6, 0x10e8), ID(0x150a),          ID(0x150d), ID(0x1518),
	ID(0x1526),          ID(0x1509),          IDS(0x150e, 0x1511), ID(0x1516), ID(0x1527),
	ID(0x10c6),          ID(0x10db),          ID(0x10dd),          ID(0x10e1), ID(0x10f1),
	ID(0x10f7),          IDS(0x10f8, 0x10fc), ID(0x1507),          ID(0x1514), ID(0x151c),
	IDS(0x1529, 0x152a), ID(0x154d),          ID(0x154f),          ID(0x1551), ID(0x1558),
	IDS(0x1521, 0x1524), IDS(0x15b7, 0x15b8), END_OF_IDS,
};

static const struct id_range solarflare[] = {ID(0x0903), ID(0x0923), ID(0x0a03), END_OF_IDS};
static const struct id_range broadcom_network_functions[] = {ID(0x16d7), IDS(0x1750, 0x1752),
							     IDS(0x1760, 0x1763), END_OF_IDS};
static const struct id_range emulex_oce10100[] = {ID(0x0710), END_OF_IDS};
static const struct id_range emulex_lightpulse[] = {ID(0x0720), END_OF_IDS};
static const struct id_range wangxun_network_functions[] = {
	IDS(0x0100, 0x010f), ID(0x1001), ID(0x2001), ID(0x5010), ID(0x5025),
	ID(0x5040),          ID(0x5110), ID(0x5125), ID(0x5140), END_OF_IDS,
};
static const struct id_range zhaoxin_endpoints[] = {ID(0x3038), ID(0x3104), ID(0x9083), END_OF_IDS};
static const struct id_range zhaoxin_ports[] = {IDS(0x0710, 0x071e), ID(0x0721),
						IDS(0x0723, 0x0752), END_OF_IDS};
static const struct id_range cavium_ports[] = {IDS(0xa000, 0xa7ff), ID(0xaf84), ID(0xb884),
					       END_OF_IDS};
static const struct id_range cavium_endpoints[] = {ID(0xa026), ID(0xa059), ID(0xa060), END_OF_IDS};
static const struct id_range qualcomm_ports[] = {ID(0x0400), ID(0x0401), ID(0x0115), END_OF_IDS};
static const struct id_range hxt_ports[] = {ID(0x0401), END_OF_IDS};
static const struct id_range applied_micro_ports[] = {ID(0xe004), END_OF_IDS};
static const struct id_range ampere_ports[] = {IDS(0xe005, 0xe00c), END_OF_IDS};
static const struct id_range broadcom_ports[] = {ID(0xd714), END_OF_IDS};
static const struct id_range annapurna_ports[] = {ID(0x0031), END_OF_IDS};
static const struct id_range loongson_ports[] = {STEPS(0x3c09, 0x3c29, 0x10),
						 STEPS(0x7a09, 0x7a69, 0x10), END_OF_IDS};
static const struct id_range nxp_ports[] = {
	IDS(0x8d80, 0x8d83), IDS(0x8d88, 0x8d8b), IDS(0x8d90, 0x8d93),
	IDS(0x8d98, 0x8d9b), IDS(0x8da0, 0x8da1), IDS(0x8da8, 0x8da9),
	IDS(0x8db0, 0x8db1), IDS(0x8db8, 0x8db9), END_OF_IDS,
};
static const struct id_range ati_southbridges[] = {IDS(0x4383, 0x4385), ID(0x4399),
						   IDS(0x439c, 0x439d), END_OF_IDS};
static const struct id_range amd_southbridges[] = {ID(0x7809), ID(0x780f), END_OF_IDS};

/* The kernel, which reads it from where it is, has switched all of it on. */
static bool has_unseen_control(const struct platform *platform, const struct device_facts *device)
{
	return acs_control_is_unseen(device);
}

/* A machine that has groups has a table of its IOMMUs: one that is not known is taken for AMD's. */
static bool is_southbridge_function(const struct platform *platform,
				    const struct device_facts *device)
{
	return device->pci->multifunction && !device->parent && platform->ivrs != KNOWN_NO;
}

#define ROOT_PORT (1U << PCIE_ROOT_PORT)
#define ANY_PORT (1U << PCIE_ROOT_PORT | 1U << PCIE_DOWNSTREAM)
#define INTEGRATED (1U << PCIE_INTEGRATED_ENDPOINT)
#define NEVER .answer = QUIRK_NEVER_ISOLATES
#define OF(id, ids) .vendor = (id), .devices = (ids)

/* The first row that holds for a device speaks for it. */
static const struct isolation_quirk quirks[] = {
	{"Intel root-complex integrated endpoint", OF(0x8086, NULL), .types = INTEGRATED,
	 .since = KERNEL(5, 8)},
	{"Intel network function", OF(0x8086, intel_network_functions)},
	{"Intel chipset root port", OF(0x8086, intel_chipset_ports), .types = ROOT_PORT},
	{"Intel root port whose ACS control was not seen", OF(0x8086, NULL), .types = ROOT_PORT,
	 .holds = has_unseen_control},
	{"Solarflare network function", OF(0x1924, solarflare)},
	{"Broadcom network function", OF(0x14e4, broadcom_network_functions)},
	{"Broadcom root port", OF(0x14e4, broadcom_ports)},
	{"Emulex network function", OF(0x19a2, emulex_oce10100)},
	{"Emulex network function", OF(0x10df, emulex_lightpulse)},
	{"Wangxun network function", OF(0x8088, wangxun_network_functions)},
	{"Wangxun function of another kind", OF(0x8088, NULL), NEVER},
	{"Zhaoxin chipset function", OF(0x1d17, zhaoxin_endpoints)},
	{"Zhaoxin port", OF(0x1d17, zhaoxin_ports), .types = ANY_PORT},
	{"Zhaoxin port of another kind", OF(0x1d17, NULL), .types = ANY_PORT, NEVER},
	{"Cavium function", OF(0x177d, cavium_endpoints)},
	{"Cavium root port", OF(0x177d, cavium_ports), .types = ROOT_PORT},
	{"Qualcomm root port", OF(0x17cb, qualcomm_ports)},
	{"HXT root port", OF(0x1dbf, hxt_ports)},
	{"Applied Micro root port", OF(0x10e8, applied_micro_ports)},
	{"Ampere root port", OF(0x1def, ampere_ports)},
	{"Annapurna root port", OF(0x1c36, annapurna_ports), .types = ROOT_PORT},
	{"Loongson root port", OF(0x0014, loongson_ports)},
	{"NXP root port", OF(0x1957, nxp_ports)},
	{"ATI southbridge function", OF(0x1002, ati_southbridges),
	 .holds = is_southbridge_function},
	{"AMD southbridge function", OF(0x1022, amd_southbridges),
	 .holds = is_southbridge_function},
};

static bool is_of_type(const struct pci_facts *pci, unsigned int types)
{
	return !types ||
	       (pci->config == CONFIG_READ && pci->type != PCIE_NONE && (types >> pci->type & 1));
}

static bool applies(const struct isolation_quirk *quirk, const struct platform *platform,
		    const struct device_facts *device, const struct device_ids *ids)
{
	return quirk->vendor == ids->vendor && id_is_among(ids->device, quirk->devices) &&
	       is_of_type(device->pci, quirk->types) &&
	       (!platform->kernel || platform->kernel >= quirk->since) &&
	       (!quirk->holds || quirk->holds(platform, device));
}

const struct isolation_quirk *isolation_quirk(const struct platform *platform,
					      const struct device_facts *device)
{
	struct device_ids ids;

	if (!device_ids_read(device, &ids))
		return NULL;
	for (size_t i = 0; i < sizeof(quirks) / sizeof(quirks[0]); i++)
		if (applies(&quirks[i], platform, device, &ids))
			return &quirks[i];
	return NULL;
}
