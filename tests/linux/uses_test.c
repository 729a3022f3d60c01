/* SPDX-License-Identifier: MIT */
/* Functions as uses of devices. */
#include "rows.h"
#include "uses_rows.h"

#define LINK(supplier, consumer) "sys/class/devlink/" supplier "--" consumer "/status"
#define END(supplier, consumer, end) "sys/class/devlink/" supplier "--" consumer "/" end
#define BELOW(address) "->../../../devices/pci0000:00/" address

static const struct uses_row rows[] = {
	{"idle@nothing-hangs-off-anything", {{NULL, NULL}}, ""},
	{"idle@no-virtual-functions", {{ROOT NIC "/sriov_numvfs", "0\n"}}, ""},

	{"virtual-functions@one",
	 {{ROOT NIC "/sriov_numvfs", "1\n"}},
	 NIC " virtual-functions SR-IOV: 1 virtual function is enabled\n"},
	{"virtual-functions@several",
	 {{ROOT NIC "/sriov_numvfs", "4\n"}},
	 NIC " virtual-functions SR-IOV: 4 virtual functions are enabled\n"},
	{"virtual-functions@number-that-is-empty",
	 {{ROOT NIC "/sriov_numvfs", ""}},
	 NIC " unknown virtual functions: EBADMSG\n"},
	{"virtual-functions@number-that-is-none",
	 {{ROOT NIC "/sriov_numvfs", "4 or so\n"}},
	 NIC " unknown virtual functions: EBADMSG\n"},

	{"supplier@of-another-group",
	 {{LINK("pci:" GPU, "pci:" USB), "active\n"}},
	 GPU " supplier " USB ": depends on it\n"},
	{"supplier@of-what-has-no-group",
	 {{LINK("platform:fd000000.ethernet", "platform:phy"), "active\n"}},
	 "fd000000.ethernet supplier phy: depends on it\n"},
	{"supplier@of-its-own-group", {{LINK("pci:" GPU, "pci:" SOUND), "active\n"}}, ""},
	{"supplier@of-what-has-no-driver", {{LINK("pci:" GPU, "pci:" USB), "available\n"}}, ""},
	{"supplier@below-a-device",
	 {{ROOT NIC "/i2c-5/", ""},
	  {LINK("i2c:i2c-5", "platform:panel"), "active\n"},
	  {END("i2c:i2c-5", "platform:panel", "supplier"), BELOW(NIC "/i2c-5")}},
	 NIC " supplier panel: depends on it\n"},
	{"supplier@and-consumer-below-one-device",
	 {{ROOT NIC "/i2c-5/5-0038/", ""},
	  {LINK("i2c:i2c-5", "i2c:5-0038"), "active\n"},
	  {END("i2c:i2c-5", "i2c:5-0038", "supplier"), BELOW(NIC "/i2c-5")},
	  {END("i2c:i2c-5", "i2c:5-0038", "consumer"), BELOW(NIC "/i2c-5/5-0038")}},
	 ""},
	{"supplier@and-consumer-below-one-group",
	 {{ROOT GPU "/i2c-5/", ""},
	  {ROOT SOUND "/codec/", ""},
	  {LINK("i2c:i2c-5", "hdaudio:codec"), "active\n"},
	  {END("i2c:i2c-5", "hdaudio:codec", "supplier"), BELOW(GPU "/i2c-5")},
	  {END("i2c:i2c-5", "hdaudio:codec", "consumer"), BELOW(SOUND "/codec")}},
	 ""},
	{"supplier@that-leads-to-no-device",
	 {{"sys/devices/platform/other/", ""},
	  {LINK("pci:" GPU, "pci:" USB), "active\n"},
	  {END("pci:" GPU, "pci:" USB, "supplier"), "->../../../devices/platform/other"}},
	 ""},
	{"supplier@of-what-is-being-bound",
	 {{LINK("pci:" GPU, "pci:" USB), "consumer probing\n"}},
	 GPU " supplier " USB ": depends on it\n"},
	{"supplier@that-is-being-unbound",
	 {{LINK("pci:" GPU, "pci:" USB), "supplier unbinding\n"}},
	 GPU " supplier " USB ": depends on it\n"},
	{"supplier@status-that-is-new",
	 {{LINK("pci:" GPU, "pci:" USB), "attached\n"}},
	 GPU " supplier " USB ": depends on it\n"},
	{"supplier@status-that-is-empty",
	 {{LINK("pci:" GPU, "pci:" USB), ""}},
	 GPU " unknown devices that depend on it: EBADMSG\n"},
	{"supplier@that-is-not-tracked", {{LINK("pci:" GPU, "pci:" USB), "not tracked\n"}}, ""},
	{"supplier@that-has-no-driver", {{LINK("pci:" GPU, "pci:" USB), "dormant\n"}}, ""},
	{"supplier@names-that-are-none",
	 {{"sys/class/devlink/x/status", "active\n"},
	  {"sys/class/devlink/pci:" GPU "/status", "active\n"},
	  {"sys/class/devlink/pci:" GPU "--/status", "active\n"},
	  {LINK("platform:" GPU, "pci:" USB), "active\n"}},
	 ""},
};

int main(void)
{
	return uses_run(rows, COUNT(rows));
}
