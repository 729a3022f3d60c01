/* SPDX-License-Identifier: MIT */
/* Network interfaces as uses of devices. */
#include "uses_rows.h"

/* An interface of a device, with its link in class/net. */
#define NET(device, name, flags)                                                                   \
	{"sys/devices/" device "/net/" name "/flags", flags "\n"},                                 \
	{                                                                                          \
		"sys/class/net/" name, "->../../devices/" device "/net/" name                      \
	}
#define ZEROS "00000000000000000000000000000000"
#define ROUTE6(destination, length, interface)                                                     \
	destination " " length " " ZEROS " 00 " ZEROS                                              \
		    " 00000400 00000001 00000000 00000003     " interface "\n"

static const struct uses_row rows[] = {
	{"idle@interface-that-is-down", {NET(PCI(NIC), "eth0", "0x1002")}, ""},
	{"idle@interface-of-no-device", {NET("virtual", "lo", "0x9")}, ""},
	{"idle@a-deeper-device-is-not-ours", {NET(PCI(NIC) "/0000:09:00.0", "eth9", "0x1003")}, ""},

	{"network@up", {NET(PCI(NIC), "eth0", "0x1003")}, NIC " network eth0: up\n"},
	{"network@default-route",
	 {NET(PCI(NIC), "eth0", "0x1003"),
	  {"proc/net/route", "Iface\tDestination\tGateway\n"
			     "eth0\t00000000\t0102000A\neth0\t0002000A\t00000000\n"}},
	 NIC " network eth0: up, default route\n"},
	{"network@routes",
	 {NET(PCI(NIC), "eth0", "0x1002"),
	  {"proc/net/route", "eth0\t0002000A\t0\neth0\t0003000A\t0\neth1\t00000000\t0\n"}},
	 NIC " network eth0: 2 routes\n"},
	{"network@port-of-a-bond",
	 {NET(PCI(NIC), "eth0", "0x1002"),
	  {ROOT NIC "/net/eth0/master", "->../../../../virtual/net/bond0"},
	  {ROOT NIC "/net/eth0/upper_bond0", "->../../../../virtual/net/bond0"}},
	 NIC " network eth0: port of bond0\n"},
	{"network@below-a-vlan",
	 {NET(PCI(NIC), "eth0", "0x1002"),
	  {ROOT NIC "/net/eth0/upper_eth0.100", "->../../../../virtual/net/eth0.100"}},
	 NIC " network eth0: below eth0.100\n"},
	{"network@port-of-a-bridge-with-a-vlan-beside",
	 {NET(PCI(NIC), "eth0", "0x1003"),
	  {ROOT NIC "/net/eth0/master", "->../../../../virtual/net/br0"},
	  {ROOT NIC "/net/eth0/upper_br0", "->../../../../virtual/net/br0"},
	  {ROOT NIC "/net/eth0/upper_eth0.7", "->../../../../virtual/net/eth0.7"}},
	 NIC " network eth0: up, port of br0, below eth0.7\n"},
	{"network@address-of-ipv6",
	 {NET(PCI(NIC), "eth0", "0x1002"),
	  {"proc/net/if_inet6", "20010db8000000000000000000000001 02 40 00 80     eth0\n"
				"fe800000000000005054000000000001 02 40 20 80     eth0\n"
				"20010db8000000000000000000000002 03 40 00 80     eth1\n"}},
	 NIC " network eth0: 2001:db8::1/64\n"},
	{"network@default-route-of-ipv6",
	 {NET(PCI(NIC), "eth0", "0x1003"), {"proc/net/ipv6_route", ROUTE6(ZEROS, "00", "eth0")}},
	 NIC " network eth0: up, default route\n"},
	{"network@other-route-of-ipv6",
	 {NET(PCI(NIC), "eth0", "0x1003"),
	  {"proc/net/ipv6_route", ROUTE6("fe800000000000000000000000000000", "40", "eth0")
					  ROUTE6(ZEROS, "00", "lo") ROUTE6(ZEROS, "40", "eth0")}},
	 NIC " network eth0: up\n"},
	{"network@lines-that-are-none",
	 {NET(PCI(NIC), "eth0", "0x1002"),
	  {"proc/net/route", "\neth0\n\teth0\n"},
	  {"proc/net/ipv6_route", "\n0 0 eth0\n" ZEROS " 00 eth0\n"},
	  {"proc/net/if_inet6", "\n20010db8 02 40 00 80 eth0\n20010db8000000000000000000000001\n"}},
	 ""},
	{"network@in-another-namespace",
	 {{ROOT NIC "/net/.empty", ""}},
	 NIC " network net: an interface of it is in another network namespace\n"},
	{"network@on-a-usb-stick",
	 {NET(PCI(USB) "/usb1/1-2/1-2:1.0", "usb0", "0x1003")},
	 USB " network usb0: up\n"},
	{"network@on-platform",
	 {NET("platform/fd000000.ethernet", "end0", "0x1003")},
	 "fd000000.ethernet network end0: up\n"},
	{"network@on-fsl-mc",
	 {NET("platform/80c000000.fsl-mc/dprc.1/dpni.0", "eth4", "0x1003")},
	 "dpni.0 network eth4: up\n"},
};

int main(void)
{
	return uses_run(rows, sizeof(rows) / sizeof(*rows));
}
