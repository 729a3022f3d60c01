/* SPDX-License-Identifier: MIT */
/* Functions as uses of devices. */
#include "uses_rows.h"

#define LINK(supplier, consumer) "sys/class/devlink/" supplier "--" consumer "/status"

static const struct uses_row rows[] = {
	{"idle@nothing-hangs-off-anything", {{NULL, NULL}}, ""},
	{"idle@no-virtual-functions", {{ROOT NIC "/sriov_numvfs", "0\n"}}, ""},

	{"virtual-functions@one",
	 {{ROOT NIC "/sriov_numvfs", "1\n"}},
	 NIC " virtual-functions SR-IOV: 1 virtual function is enabled\n"},
	{"virtual-functions@several",
	 {{ROOT NIC "/sriov_numvfs", "4\n"}},
	 NIC " virtual-functions SR-IOV: 4 virtual functions are enabled\n"},

	{"supplier@of-another-group",
	 {{LINK("pci:" GPU, "pci:" USB), "active\n"}},
	 GPU " supplier " USB ": depends on it\n"},
	{"supplier@of-what-has-no-group",
	 {{LINK("platform:fd000000.ethernet", "platform:phy"), "active\n"}},
	 "fd000000.ethernet supplier phy: depends on it\n"},
	{"supplier@of-its-own-group", {{LINK("pci:" GPU, "pci:" SOUND), "active\n"}}, ""},
	{"supplier@of-what-has-no-driver", {{LINK("pci:" GPU, "pci:" USB), "available\n"}}, ""},
	{"supplier@names-that-are-none",
	 {{"sys/class/devlink/x/status", "active\n"},
	  {"sys/class/devlink/pci:" GPU "/status", "active\n"},
	  {"sys/class/devlink/pci:" GPU "--/status", "active\n"},
	  {LINK("platform:" GPU, "pci:" USB), "active\n"}},
	 ""},
};

int main(void)
{
	return uses_run(rows, sizeof(rows) / sizeof(*rows));
}
