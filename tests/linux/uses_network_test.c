/* SPDX-License-Identifier: MIT */
/* Network interfaces as uses of devices. */
#include "rows.h"
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

#define DEVICES "Inter-|   Receive  |  Transmit\n face |bytes    packets|bytes    packets\n"
#define PACKET_SOCKETS                                                                             \
	"sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n"                        \
	"0000000000000000 3      3    0003   0     1 0      0      17423\n"                        \
	"0000000000000000 3      3    0003   7     1 0      0      17424\n"
#define ADDRESS6(last) "20010db800000000000000000000000" last " 02 40 00 80     eth0\n"
#define SEVEN_ADDRESSES                                                                            \
	ADDRESS6("1")                                                                              \
	ADDRESS6("2")                                                                              \
	ADDRESS6("3")                                                                              \
	ADDRESS6("4")                                                                              \
	ADDRESS6("5") ADDRESS6("6") ADDRESS6("7")

#define X60 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X240 X60 X60 X60 X60

static const struct uses_row rows[] = {
	{"idle@interface-that-is-down", {NET(PCI(NIC), "eth0", "0x1002")}, ""},
	{"idle@interface-of-no-device", {NET("virtual", "lo", "0x9")}, ""},
	{"idle@a-deeper-device-is-not-ours", {NET(PCI(NIC) "/0000:09:00.0", "eth9", "0x1003")}, ""},

	{"network@up", {NET(PCI(NIC), "eth0", "0x1003")}, NIC " network eth0: up\n"},
	{"network@folder-with-a-link-to-its-device",
	 {{"sys/class/net/eth0/flags", "0x1003\n"},
	  {"sys/class/net/eth0/device", "->../../../devices/" PCI(NIC)}},
	 NIC " network eth0: up\n"},
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
	{"network@flags-that-are-empty",
	 {NET(PCI(NIC), "eth0", "")},
	 NIC " unknown network interfaces: EBADMSG\n"},
	{"network@flags-that-are-no-number",
	 {NET(PCI(NIC), "eth0", "up")},
	 NIC " unknown network interfaces: EBADMSG\n"},
	{"network@flags-with-more-behind-them",
	 {NET(PCI(NIC), "eth0", "0x1002 0x1003")},
	 NIC " unknown network interfaces: EBADMSG\n"},
	{"network@up-with-an-index-that-is-no-number",
	 {NET(PCI(NIC), "eth0", "0x1003"), {ROOT NIC "/net/eth0/ifindex", "x\n"}},
	 NIC " network eth0: up\n" NIC " unknown network interfaces: EBADMSG\n"},
	{"network@index-that-is-empty",
	 {NET(PCI(NIC), "eth0", "0x1002"), {ROOT NIC "/net/eth0/ifindex", "\n"}},
	 NIC " unknown network interfaces: EBADMSG\n"},
	{"network@in-another-namespace",
	 {{ROOT NIC "/net/.empty", ""}},
	 NIC " network net: an interface of it is in another network namespace\n"},
	{"network@of-a-virtio-device-in-another-namespace",
	 {{ROOT NIC "/virtio0/net/", ""}},
	 NIC " network net: an interface of it is in another network namespace\n"},
	{"network@of-an-auxiliary-device-in-another-namespace",
	 {{ROOT NIC "/mlx5_core.eth.0/net/", ""}},
	 NIC " network net: an interface of it is in another network namespace\n"},
	{"network@of-a-usb-stick-in-another-namespace",
	 {{ROOT USB "/usb1/1-2/1-2.1/1-2.1:1.0/net/", ""}},
	 USB " network net: an interface of it is in another network namespace\n"},
	{"network@of-a-modem-in-another-namespace",
	 {{ROOT NVME "/wwan/wwan0/net/", ""}},
	 NVME " network net: an interface of it is in another network namespace\n"},
	{"network@one-port-of-two-in-another-namespace",
	 {NET(PCI(NIC), "eth0", "0x1002"), {ROOT NIC "/net/.eth1/", ""}},
	 NIC " network net: an interface of it is in another network namespace\n"},
	{"network@one-port-up-and-two-in-other-namespaces",
	 {NET(PCI(NIC), "eth0", "0x1003"),
	  {ROOT NIC "/net/.eth1/", ""},
	  {ROOT NIC "/net/.eth2/", ""}},
	 NIC " network eth0: up\n" NIC
	     " network net: 2 interfaces of it are in other network namespaces\n"},
	{"network@subfunctions-of-which-one-is-in-another-namespace",
	 {NET(PCI(NIC) "/mlx5_core.sf.4", "enp2s0f0s88", "0x1002"),
	  {ROOT NIC "/mlx5_core.sf.5/net/", ""}},
	 NIC " network net: an interface of it is in another network namespace\n"},
	{"network@wireless-card-in-another-namespace",
	 {{ROOT NIC "/ieee80211/", ""}},
	 NIC " network ieee80211: a wireless card of it is in another network namespace\n"},
	{"network@rdma-device-in-another-namespace",
	 {{ROOT NIC "/infiniband/", ""}},
	 NIC " network infiniband: an RDMA device of it is in another network namespace\n"},
	{"network@one-rdma-device-of-two-in-another-namespace",
	 {{"sys/module/ib_core/parameters/netns_mode", "N\n"},
	  {ROOT NIC "/infiniband/mlx5_0/", ""},
	  {ROOT NIC "/infiniband/.mlx5_1/", ""}},
	 NIC " network infiniband: an RDMA device of it is in another network namespace\n"},
	{"idle@rdma-device-that-all-namespaces-share",
	 {{"sys/module/ib_core/parameters/netns_mode", "Y\n"},
	  {ROOT NIC "/infiniband/mlx5_0/", ""},
	  {ROOT NIC "/infiniband/.mlx5_0/", ""}},
	 ""},
	{"idle@all-ports-are-here",
	 {NET(PCI(NIC), "eth0", "0x1002"), NET(PCI(NIC), "eth1", "0x1002")},
	 ""},
	{"idle@net-is-a-folder-of-attributes", {{ROOT NIC "/net/mode", "x"}}, ""},
	{"idle@below-another-pci-device", {{ROOT NIC "/0000:09:00.0/net/", ""}}, ""},
	{"network@deeper-than-any-device",
	 {{ROOT NIC "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y/z/net/", ""}},
	 NIC " unknown network interfaces: ELOOP\n"},
	{"network@packet-socket-on-an-interface-that-is-down",
	 {NET(PCI(NIC), "eth0", "0x1002"),
	  {ROOT NIC "/net/eth0/ifindex", "7\n"},
	  {"proc/net/packet", PACKET_SOCKETS}},
	 NIC " network eth0: a packet socket is on it\n"},
	{"idle@packet-sockets-on-others",
	 {NET(PCI(NIC), "eth0", "0x1002"),
	  {ROOT NIC "/net/eth0/ifindex", "77\n"},
	  {"proc/net/packet", PACKET_SOCKETS}},
	 ""},
	{"network@packet-sockets-on-who-knows-which",
	 {NET(PCI(NIC), "eth0", "0x1002"), {"proc/net/packet", PACKET_SOCKETS}},
	 NIC " unknown network interfaces: ENODATA\n"},
	{"idle@routes-and-addresses-of-others",
	 {NET(PCI(NIC), "eth0", "0x1002"),
	  {"proc/net/dev", DEVICES "  eth0: 0 0 0\n"},
	  {"proc/net/route", "eth1\t00000000\t0\n"}},
	 ""},
	{"network@proc-is-of-another-namespace",
	 {NET(PCI(NIC), "eth0", "0x1002"),
	  {"proc/net/dev", DEVICES "    lo: 0 0 0\n  eth1: 0 0 0\n"},
	  {"proc/net/route", "eth1\t00000000\t0\n"}},
	 NIC " unknown network interfaces: ENXIO\n"},
	{"network@up-and-proc-is-of-another-namespace",
	 {NET(PCI(NIC), "eth0", "0x1003"), {"proc/net/dev", DEVICES "    lo: 0 0 0\n"}},
	 NIC " network eth0: up\n" NIC " unknown network interfaces: ENXIO\n"},
	{"network@name-that-tells-a-terminal-something",
	 {NET(PCI(NIC), "e\033[7m", "0x1003")},
	 NIC " network e\033[7m: up\n"},
	{"network@many-addresses",
	 {NET(PCI(NIC), "eth0", "0x1003"),
	  {"proc/net/if_inet6", SEVEN_ADDRESSES},
	  {"proc/net/route", "eth0\t00000000\t0102000A\n"}},
	 NIC " network eth0: up, 2001:db8::1/64, 2001:db8::2/64, 2001:db8::3/64, 2001:db8::4/64, "
	     "3 more addresses, default route\n"},
	{"network@more-than-a-line-has-room-for",
	 {NET(PCI(NIC), "eth0", "0x1003"),
	  {ROOT NIC "/net/eth0/master", "->../../../../virtual/net/" X240},
	  {ROOT NIC "/net/eth0/upper_" X240 "y", "->x"},
	  {"proc/net/route", "eth0\t00000000\t0102000A\n"}},
	 NIC " network eth0: up, default route, port of " X240 ", ...\n"},
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
	return uses_run(rows, COUNT(rows));
}
