/* SPDX-License-Identifier: MIT */
#include "modalias.h"
#include "rows.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct row {
	const char *name, *bus, *alias;
	int err;
	const char *id;
};

static const struct row rows[] = {
	{"id@vendor-device", "pci", "pci:v00008086d0000100Esv*sd*bc*sc*i*", 0, "8086:100e"},
	{"id@subsystem", "pci", "pci:v00008086d0000100Esv00001AF4sd00001100bc*sc*i*", 0,
	 "8086:100e:1af4:1100"},
	{"id@any-device", "pci", "pci:v00001AF4d*sv*sd*bc*sc*i*", 0, "1af4:*"},
	{"id@class", "pci", "pci:v*d*sv*sd*bc0Csc03i30*", 0, "class:0c0330"},
	{"id@class-any-interface", "pci", "pci:v*d*sv*sd*bc0Csc03i*", 0, "class:0c03*"},
	{"id@anything", "pci", "pci:v*d*sv*sd*bc*sc*i*", 0, "*:*"},
	{"id@cdx", "cdx", "cdx:v000010EEd00006020sv*sd*c*", 0, "10ee:6020"},
	{"id@fsl-mc", "fsl-mc", "fsl-mc:v00001957ddpni", 0, "dpni"},
	{"id@amba", "amba", "amba:d00041330*", 0, "00041330"},
	{"id@platform", "platform", "platform:vfio-test", 0, "vfio-test"},
	{"id@device-tree", "platform", "of:N*T*Carm,smmu-test", 0, "arm,smmu-test"},
	{"id@device-tree-before-others", "platform", "of:N*T*Carm,smmu-testC*", 0, "arm,smmu-test"},
	{"id@device-tree-of-old", "platform", "of:N*T*Carm,smmu-test*", 0, "arm,smmu-test"},
	{"id@device-tree-on-host1x", "host1x", "of:N*T*Cnvidia,tegra124-dcC*", 0,
	 "nvidia,tegra124-dc"},
	{"id@device-tree-by-type", "platform", "of:N*Tnetwork*Cfsl,x", 0, "of:N*Tnetwork*Cfsl,x"},
	{"id@device-tree-by-name", "platform", "of:NrtasT*", 0, "of:NrtasT*"},
	{"id@acpi", "platform", "acpi*:PNP0501:*", 0, "PNP0501"},
	{"id@acpi-class", "platform", "acpi*:0106??:*", 0, "acpi*:0106??:*"},
	{"id@platform-prefix", "platform", "platform:hmem*", 0, "hmem"},
	{"id@platform-wild-inside", "platform", "platform:x[0-3]y", 0, "platform:x[0-3]y"},
	{"id@vendor-and-class", "pci", "pci:v0000106Bd*sv*sd*bc01sc08i02*", 0,
	 "pci:v0000106Bd*sv*sd*bc01sc08i02*"},
	{"id@device-and-class", "pci", "pci:v00001002d000015D8sv*sd*bc03sc*i*", 0,
	 "pci:v00001002d000015D8sv*sd*bc03sc*i*"},
	{"id@subsystem-and-class", "pci", "pci:v00008086d*sv0000106Bsd*bc01sc06i01*", 0,
	 "pci:v00008086d*sv0000106Bsd*bc01sc06i01*"},
	{"id@subsystem-of-any-vendor", "pci", "pci:v*d00008168sv00001186sd00004300bc*sc*i*", 0,
	 "*:8168:1186:4300"},
	{"id@class-any-sub-class", "pci", "pci:v*d*sv*sd*bc07sc*i*", 0, "class:07*"},
	{"id@class-any-sub-class-in-between", "pci", "pci:v*d*sv*sd*bc0Csc*i30*", 0,
	 "pci:v*d*sv*sd*bc0Csc*i30*"},
	{"id@class-any-base-class", "pci", "pci:v*d*sv*sd*bc*sc03i*", 0, "pci:v*d*sv*sd*bc*sc03i*"},
	{"id@digits-any", "pci", "pci:v00008086d0000153?sv*sd*bc*sc*i*", 0,
	 "pci:v00008086d0000153?sv*sd*bc*sc*i*"},
	{"id@digits-of-a-set", "pci", "pci:v00008086d000015[0-9A]0sv*sd*bc*sc*i*", 0,
	 "pci:v00008086d000015[0-9A]0sv*sd*bc*sc*i*"},
	{"id@digits-cut-off-by-a-star", "pci", "pci:v00008086d000015*sv*sd*bc*sc*i*", 0,
	 "pci:v00008086d000015*sv*sd*bc*sc*i*"},
	{"id@class-digits-any", "pci", "pci:v*d*sv*sd*bc0[13]sc0?i*", 0,
	 "pci:v*d*sv*sd*bc0[13]sc0?i*"},
	{"id@set-without-end-refused", "pci", "pci:v00008086d000015[0sv*sd*bc*sc*i*", -EINVAL,
	 NULL},
	{"id@vfio-override-only", "pci", "vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i*", 0,
	 "vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i*"},
	{"id@vfio-cut-off-refused", "pci", "vfio_pci:v000015B3d00", -EINVAL, NULL},
	{"id@cdx-override-only", "cdx", "vfio_cdx:v*d*sv*sd*c*", 0, "vfio_cdx:v*d*sv*sd*c*"},
	{"id@cdx-class", "cdx", "cdx:v*d*sv*sd*c0C0330", 0, "class:0c0330"},
	{"id@fsl-mc-of-another-vendor", "fsl-mc", "fsl-mc:v00001234ddpni", 0,
	 "fsl-mc:v00001234ddpni"},
	{"id@fsl-mc-without-type-refused", "fsl-mc", "fsl-mc:v00001957d", -EINVAL, NULL},
	{"id@amba-letters", "amba", "amba:d000BBD08", 0, "000bbd08"},
	{"id@amba-digits-any", "amba", "amba:d???41061", 0, "amba:d???41061"},
	{"id@amba-digits-of-a-set", "amba", "amba:d0004[13579BDF]061*", 0,
	 "amba:d0004[13579BDF]061*"},
	{"id@amba-short-refused", "amba", "amba:d0004", -EINVAL, NULL},
	{"id@amba-anything-refused", "amba", "amba:d*", -EINVAL, NULL},
	{"id@other-bus-refused", "pci", "usb:v0BDAp8153d*dc*dsc*dp*ic*isc*ip*in*", -EINVAL, NULL},
	{"id@bus-mismatch-refused", "cdx", "pci:v00008086d0000100Esv*sd*bc*sc*i*", -EINVAL, NULL},
	{"id@lower-case-hex-refused", "pci", "pci:v00008086d0000100esv*sd*bc*sc*i*", -EINVAL, NULL},
	{"id@cut-off-refused", "pci", "pci:v00008086d00", -EINVAL, NULL},
	{"id@too-wide-refused", "pci", "pci:v00018086d0000100Esv*sd*bc*sc*i*", -EINVAL, NULL},
	{"id@trailing-refused", "pci", "pci:v00008086d0000100Esv*sd*bc*sc*i*x", -EINVAL, NULL},
	{"id@class-twice-refused", "pci", "pci:v*d*sv*sd*bc0Csc03i30c0C0330", -EINVAL, NULL},
	{"id@part-left-out-is-any", "pci", "pci:v00008086d0000100Esd00001100", 0,
	 "8086:100e:*:1100"},
	{"id@empty-refused", "pci", "", -EINVAL, NULL},
	{"id@prefix-only-refused", "pci", "pci:", -EINVAL, NULL},
	{"id@fsl-mc-prefix-only-refused", "fsl-mc", "fsl-mc:v", -EINVAL, NULL},
	{"id@platform-empty-refused", "platform", "platform:", -EINVAL, NULL},
};

static void driver_id(void **state)
{
	const struct row *row = *state;
	char *id = NULL;

	assert_int_equal(modalias_driver_id(row->bus, row->alias, NULL, &id), row->err);
	if (row->id)
		assert_string_equal(id, row->id);
	else
		assert_null(id);
	free(id);
}

static void device_ids(void **state)
{
	struct modalias_ids ids;

	assert_int_equal(
		modalias_parse("pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00", NULL, &ids),
		0);
	assert_string_equal(ids.vendor, "8086");
	assert_string_equal(ids.device, "10d3");
	assert_string_equal(ids.subvendor, "8086");
	assert_string_equal(ids.subdevice, "a01f");
	assert_string_equal(ids.class, "020000");
}

static void ends_where_told(void **state)
{
	static const char text[] = "pci:v00008086d0000100Esv*sd*bc*sc*i* e1000";
	char *id;

	assert_int_equal(modalias_driver_id("pci", text, strchr(text, ' '), &id), 0);
	assert_string_equal(id, "8086:100e");
	free(id);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(device_ids),
		cmocka_unit_test(ends_where_told),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, rows, driver_id);
	return suite_run(&suite, "modalias");
}
