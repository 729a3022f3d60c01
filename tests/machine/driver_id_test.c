/* SPDX-License-Identifier: MIT */
/*
 * From a line of modules.alias to a bound device: the id that a driver has for it, the devices that
 * the id fits, and the simulated machine, which binds those and no others.
 */
#define _GNU_SOURCE
#include "driver_id.h"
#include "modalias.h"
#include "rows.h"
#include "sim_machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct row {
	const char *name, *bus, *alias;     /* an alias, or an id */
	const char *fitting[4], *others[4]; /* the modaliases of devices */
};

#define NVME "pci:v0000144Dd0000A808sv0000144Dsd0000A801bc01sc08i02"
#define APPLE_NVME "pci:v0000106Bd00002005sv0000106Bsd00001800bc01sc08i02"
#define APPLE_BRIDGE "pci:v0000106Bd00001801sv0000106Bsd00001801bc00sc00i00"
#define XHCI "pci:v00008086d00009D2Fsv00000000sd00000000bc0Csc03i30"
#define EHCI "pci:v00008086d00001D2Dsv00000000sd00000000bc0Csc03i20"
#define UART "pci:v00009710d00009912sv0000A000sd00001000bc07sc00i02"
#define PARPORT "pci:v00009710d00009912sv0000A000sd00002000bc07sc01i03"
#define MULTIPORT "pci:v000010B5d00009030sv000010B5sd00001584bc07sc02i00"

static const struct row rows[] = {
	{"id@vendor-and-device", "pci", "pci:v00008086d00009D2Fsv*sd*bc*sc*i*", {XHCI}, {EHCI}},
	{"id@class", "pci", "pci:v*d*sv*sd*bc01sc08i02*", {NVME, APPLE_NVME}, {XHCI}},
	{"id@class-any-interface", "pci", "pci:v*d*sv*sd*bc0Csc03i*", {XHCI, EHCI}, {NVME}},
	{"id@class-any-sub-class",
	 "pci",
	 "pci:v*d*sv*sd*bc07sc*i*",
	 {UART, PARPORT, MULTIPORT},
	 {NVME}},
	{"id@class-with-a-wildcard", "pci", "class:0702*", {MULTIPORT}, {UART, PARPORT, NVME}},
	{"id@class-cut-short", "pci", "class:0702", {MULTIPORT}, {UART}},
	{"id@class-odd-digits", "pci", "class:070*", {UART, PARPORT, MULTIPORT}, {NVME, XHCI}},
	{"id@class-any-digit", "pci", "class:07?002", {UART}, {PARPORT, MULTIPORT}},
	{"id@class-any-digit-in-the-middle", "pci", "class:07000?", {UART}, {PARPORT}},
	{"id@class-digits-of-a-set", "pci", "class:070[01]*", {UART, PARPORT}, {MULTIPORT}},
	{"id@class-any", "pci", "class:*", {UART, NVME}, {NULL}},
	{"id@class-any-sub-class-one-interface",
	 "pci",
	 "pci:v*d*sv*sd*bc0Csc*i30*",
	 {XHCI},
	 {EHCI}},
	{"id@any-base-class",
	 "pci",
	 "pci:v*d*sv*sd*bc*sc08i*",
	 {NVME, APPLE_NVME},
	 {XHCI, APPLE_BRIDGE}},
	{"id@vendor-and-class",
	 "pci",
	 "pci:v0000106Bd*sv*sd*bc01sc08i02*",
	 {APPLE_NVME},
	 {NVME, APPLE_BRIDGE}},
	{"id@subsystem-and-class",
	 "pci",
	 "pci:v00009710d00009912sv0000A000sd*bc07sc01i*",
	 {PARPORT},
	 {UART, MULTIPORT}},
	{"id@subsystem",
	 "pci",
	 "pci:v00009710d00009912sv0000A000sd00001000bc*sc*i*",
	 {UART},
	 {PARPORT}},
	{"id@subdevice-only", "pci", "9710:9912:*:2000", {PARPORT}, {UART}},
	{"id@any-vendor", "pci", "*:9912", {UART, PARPORT}, {NVME}},
	{"id@anything", "pci", "pci:v*d*sv*sd*bc*sc*i*", {UART, NVME, XHCI}, {NULL}},
	{"id@digits-any", "pci", "8086:?d2?", {XHCI}, {UART, NVME}},
	{"id@digits-cut-off", "pci", "8086:9d*", {XHCI}, {EHCI}},
	{"id@digits-of-a-set",
	 "pci",
	 "pci:v00008086d0000[19]D2[D-F]sv*sd*bc*sc*i*",
	 {XHCI, EHCI},
	 {NVME}},
	{"id@long-hex", "pci", "00008086:00009d2f", {XHCI}, {EHCI}},
	{"id@override-only-without-one",
	 "pci",
	 "vfio_pci:v*d*sv*sd*bc*sc*i*",
	 {NULL},
	 {NVME, XHCI}},
	{"id@cdx",
	 "cdx",
	 "cdx:v000010EEd00006020sv*sd*c*",
	 {"cdx:v000010EEd00006020sv00000000sd00000000c000000"},
	 {"cdx:v000010EEd00006021sv00000000sd00000000c000000"}},
	{"id@cdx-class",
	 "cdx",
	 "cdx:v*d*sv*sd*c0C0330",
	 {"cdx:v000010EEd00006020sv00000000sd00000000c0C0330"},
	 {"cdx:v000010EEd00006020sv00000000sd00000000c0C0320"}},
	{"id@fsl-mc",
	 "fsl-mc",
	 "fsl-mc:v00001957ddpni",
	 {"fsl-mc:v00001957ddpni"},
	 {"fsl-mc:v00001957ddpmac", "fsl-mc:v00001234ddpni"}},
	{"id@fsl-mc-of-another-vendor",
	 "fsl-mc",
	 "fsl-mc:v00001234ddpni",
	 {"fsl-mc:v00001234ddpni"},
	 {"fsl-mc:v00001957ddpni"}},
	{"id@amba", "amba", "amba:d000BBD08*", {"amba:d000BBD08"}, {"amba:d000BBD09"}},
	{"id@amba-digits-any",
	 "amba",
	 "amba:d???41061",
	 {"amba:d00041061", "amba:d10241061"},
	 {"amba:d00041062"}},
	{"id@amba-digits-of-a-set",
	 "amba",
	 "amba:d0004[13]061*",
	 {"amba:d00041061"},
	 {"amba:d00042061"}},
	{"id@platform",
	 "platform",
	 "platform:vfio-test",
	 {"platform:vfio-test"},
	 {"platform:vfio-tes", "platform:vfio-test2"}},
	{"id@compatible",
	 "platform",
	 "of:N*T*Carm,pl330C*",
	 {"of:NdmaT(null)Carm,pl330", "of:NdmaT(null)Carm,pl330Carm,primecell",
	  "of:NdmaT(null)Cacme,dmaCarm,pl330"},
	 {"of:NdmaT(null)Carm,pl3300", "of:NdmaT(null)Carm,pl33"}},
	{"id@node-by-type",
	 "platform",
	 "of:N*Tnetwork*Cfsl,x",
	 {"of:NethTnetworkCfsl,x"},
	 {"of:NethT(null)Cfsl,x"}},
	{"id@node-by-name", "platform", "of:NrtasT*", {"of:NrtasTrtas"}, {"of:NrtasesTrtas"}},
	{"id@acpi",
	 "platform",
	 "acpi*:PNP0501:*",
	 {"acpi:PNP0501:", "acpi:ACME0001:PNP0501:"},
	 {"acpi:PNP0500:"}},
	{"id@acpi-class",
	 "platform",
	 "acpi*:0106??:*",
	 {"acpi:ACME0001:010601:"},
	 {"acpi:ACME0001:010701:"}},
	{"id@compatible-on-host1x",
	 "host1x",
	 "of:N*T*Cnvidia,dc",
	 {"of:NdcT(null)Cnvidia,dc"},
	 {"of:NdcT(null)Cnvidia,dsi"}},
};

static void name_address(const char *bus, char **address)
{
	const char *text = strcmp(bus, "pci") == 0 ? "0000:01:00.0" : "a-device";

	assert_int_equal(facts_set_string(address, text), 0);
}

static void add_device(struct facts *facts, const char *bus, const char *modalias)
{
	struct device_facts *device;
	struct modalias_ids ids;

	assert_int_equal(facts_add_device(facts, &device), 0);
	name_address(bus, &device->address);
	assert_int_equal(facts_set_string(&device->bus, bus), 0);
	assert_int_equal(facts_set_string(&device->modalias, modalias), 0);
	if (modalias_parse(modalias, NULL, &ids) != 0)
		return;
	assert_int_equal(facts_set_string(&device->vendor, ids.vendor), 0);
	assert_int_equal(facts_set_string(&device->device, ids.device), 0);
	assert_int_equal(facts_set_string(&device->subvendor, ids.subvendor), 0);
	assert_int_equal(facts_set_string(&device->subdevice, ids.subdevice), 0);
	assert_int_equal(facts_set_string(&device->class, ids.class), 0);
}

static void add_driver(struct facts *facts, const char *bus, const char *id)
{
	struct driver_facts *driver;

	assert_int_equal(facts_add_driver(facts, &driver), 0);
	assert_int_equal(facts_set_string(&driver->name, "a-driver"), 0);
	assert_int_equal(facts_set_string(&driver->bus, bus), 0);
	assert_int_equal(driver_facts_add_id(driver, id), 0);
}

static int bind_simulated(const struct facts *facts)
{
	struct machine *machine;
	char *why = NULL;
	int err;

	assert_int_equal(sim_machine_open(facts, NULL, &machine, &why), 0);
	err = machine_bind(machine, facts->devices[0].address, "a-driver");
	machine_close(machine);
	return err;
}

/* With the modalias that the facts have, and, on PCI, with the one that its ids make. */
static void expect(const struct row *row, const char *id, const char *modalias, bool fits)
{
	struct facts facts = {0};

	add_device(&facts, row->bus, modalias);
	add_driver(&facts, row->bus, id);
	if (driver_id_fits(id, &facts.devices[0], false) != fits)
		fail_msg("%s: %s", id, modalias);
	assert_int_equal(bind_simulated(&facts), fits ? 0 : -ENODEV);
	if (strcmp(row->bus, "pci") == 0) {
		assert_int_equal(facts_set_string(&facts.devices[0].modalias, NULL), 0);
		assert_int_equal(bind_simulated(&facts), fits ? 0 : -ENODEV);
	}
	facts_release(&facts);
}

static void fits(void **state)
{
	const struct row *row = *state;
	char *id = NULL;

	if (driver_id_is_alias(row->alias))
		assert_int_equal(modalias_driver_id(row->bus, row->alias, NULL, &id), 0);
	else
		id = strdup(row->alias);
	assert_true(driver_id_is_valid(row->bus, id));
	for (size_t i = 0; i < 4 && row->fitting[i]; i++)
		expect(row, id, row->fitting[i], true);
	for (size_t i = 0; i < 4 && row->others[i]; i++)
		expect(row, id, row->others[i], false);
	free(id);
}

/* vfio-cdx has an id for every device, which holds only where an override names it. */
static void override_only(void **state)
{
	struct facts facts = {0};

	add_device(&facts, "cdx", "cdx:v000010EEd00006020sv00000000sd00000000c000000");
	add_driver(&facts, "cdx", "vfio_cdx:v*d*sv*sd*c*");
	assert_int_equal(bind_simulated(&facts), -ENODEV);
	assert_int_equal(facts_set_string(&facts.devices[0].override, "other"), 0);
	assert_int_equal(bind_simulated(&facts), -ENODEV);
	assert_int_equal(facts_set_string(&facts.devices[0].override, "a-driver"), 0);
	assert_int_equal(bind_simulated(&facts), 0);
	facts_release(&facts);
}

/* What was seen bound can be simulated, whatever its driver's ids were read as. */
static void bound_devices_are_simulated(void **state)
{
	static const struct {
		const char *bus, *modalias;
	} seen[] = {
		{"pci", NVME},
		{"pci", NULL},
		{"platform", "of:NvirtioT(null)Cvirtio,mmio"},
		{"platform", "acpi:LNRO0005:"},
		{"platform", NULL},
		{"amba", "amba:d00041061"},
		{"fsl-mc", "fsl-mc:v00001957ddpni"},
	};

	for (size_t i = 0; i < COUNT(seen); i++) {
		struct facts facts = {0};
		struct machine *machine;
		char *why = NULL;

		add_device(&facts, seen[i].bus, seen[i].modalias ? seen[i].modalias : "");
		if (!seen[i].modalias)
			assert_int_equal(facts_set_string(&facts.devices[0].modalias, NULL), 0);
		add_driver(&facts, seen[i].bus, strcmp(seen[i].bus, "pci") ? "123" : "8086:100e");
		assert_int_equal(facts_set_string(&facts.devices[0].driver, "a-driver"), 0);
		if (sim_machine_open(&facts, NULL, &machine, &why))
			fail_msg("%s", why);
		machine_close(machine);
		facts_release(&facts);
	}
}

static void bad_ids_are_named(void **state)
{
	static const char *const bad[] = {"8086",      "8086:100e:1af4",  "8086::1",
					  "class:",    "8086:100E",       "usb:v0BDAp8153d*",
					  "of:N*T*Ca", "8086:100e:1:2:3", ":",
					  "platform:x"};

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct facts facts = {0};
		struct machine *machine;
		char *why = NULL;

		add_device(&facts, "pci", NVME);
		add_driver(&facts, "pci", bad[i]);
		assert_false(driver_id_is_valid("pci", bad[i]));
		assert_int_equal(sim_machine_open(&facts, NULL, &machine, &why), -EINVAL);
		if (!strstr(why, bad[i]))
			fail_msg("%s", why);
		free(why);
		facts_release(&facts);
	}
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(override_only),
		cmocka_unit_test(bound_devices_are_simulated),
		cmocka_unit_test(bad_ids_are_named),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, rows, fits);
	return suite_run(&suite, "driver_id");
}
