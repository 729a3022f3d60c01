/* SPDX-License-Identifier: MIT */
/* All that forbids a claim, and what is lost if it is made all the same, in their words. */
#include "asked.h"

/* ---- refusals ---- */

static void print_refusals(const struct plan *plan, FILE *out)
{
	for (size_t i = 0; i < plan->refusal_count; i++) {
		const struct refusal *refusal = &plan->refusals[i];

		fprintf(out, "%s %d %s [%s] %s\n", refusal_name(refusal->kind), refusal->group,
			refusal->device ? refusal->device : "whole", or_none(refusal->name),
			refusal->reason);
	}
}

static const struct text_row refusal_rows[] = {
	{"refusals@none", {.groups_text = GROUP_8, .groups = {8}, .named = {"0000:01:00.0"}}, ""},
	{"refusals@no-iommu-named-device",
	 {.groups_text = GROUP_9,
	  .ungrouped_text = "{'address':'0000:00:1f.3','bus':'pci'},"
			    "{'address':'0000:00:1f.4','bus':'pci'}",
	  .groups = {9},
	  .named = {"0000:00:1f.4", "0000:03:00.0"}},
	 "no-iommu -1 0000:00:1f.4 [none] no IOMMU translates for it, so it has no group\n"},
	{"refusals@no-iommu-group-vanished",
	 {.groups_text = GROUP_9, .groups = {12}},
	 "vanished 12 whole [none] it has vanished\n"},
	{"refusals@firmware-regions",
	 {.groups_text = GROUP_WITH("'direct_regions':true,", CARD("")), .groups = {8}},
	 "firmware-regions 8 whole [none] firmware needs memory of it, so no user may have it\n"},
	{"refusals@nothing-to-give-only-a-bridge",
	 {.groups_text = GROUP_WITH("", "{'address':'0000:01:00.0','bus':'pci','class':'060400',"
					"'driver':'pcieport'}"),
	  .groups = {8}},
	 "nothing-to-give 8 whole [none] nothing in it can be given to a user\n"},
	{"refusals@nothing-to-give-no-user-driver-on-its-bus",
	 {.groups_text = GROUP_WITH("", "{'address':'15340000.vic','bus':'host1x',"
					"'driver':'display'}"),
	  .groups = {8}},
	 "nothing-to-give 8 whole [none] nothing in it can be given to a user\n"},
	{"refusals@nothing-to-give-an-empty-group",
	 {.groups_text = GROUP_WITH("", ""), .groups = {8}},
	 "nothing-to-give 8 whole [none] nothing in it can be given to a user\n"},
	{"refusals@a-users-device-is-something",
	 {.groups_text = GROUP_WITH("", "{'address':'0000:02:01.0','bus':'pci',"
					"'driver':'vfio-pci'}"),
	  .groups = {8}},
	 ""},
	{"refusals@no-driver",
	 {.groups_text = GROUP_9, .groups = {9}, .driver = "absent"},
	 "no-driver 9 0000:03:00.0 [absent] no driver absent on bus pci\n"},
	{"refusals@no-driver-of-another-bus",
	 {.groups_text = GROUP_9, .groups = {9}, .driver = "vfio-platform"},
	 "no-driver 9 0000:03:00.0 [vfio-platform] no driver vfio-platform on bus pci\n"},
	{"refusals@native-driver",
	 {.groups_text = GROUP_9, .groups = {9}, .driver = "e1000"},
	 "native-driver 9 0000:03:00.0 [e1000] e1000 is a native driver: it would make the group "
	 "the kernel's\n"},
	{"refusals@no-user-driver",
	 {.groups_text = GROUP_9, .groups = {9}, .driver = "pci-stub"},
	 "no-user-driver 9 0000:03:00.0 [pci-stub] pci-stub gives no device to a user\n"},
	{"refusals@a-driver-of-which-nothing-is-known",
	 {.groups_text = GROUP_9, .groups = {9}, .driver = "enigma"},
	 "unknown 9 0000:03:00.0 [none] whether the driver asked for is native: nobody looked\n"},
	{"refusals@named-and-vanished",
	 {.groups_text = GROUP_9, .groups = {9}, .named = {"0000:07:00.0"}},
	 "vanished -1 0000:07:00.0 [none] it has vanished\n"},
	{"refusals@named-and-come-into-another-group",
	 {.groups_text = GROUP_9, .groups = {}, .named = {"0000:03:00.0"}},
	 "vanished -1 0000:03:00.0 [none] it has come into group 9 just now\n"},
	{"refusals@in-use-though-on-a-users-driver",
	 {.groups_text = GROUP_WITH("", "{'address':'0000:02:01.0','bus':'pci','driver':'vfio-pci',"
					"'in_use':[{'kind':'node','name':'resource0'}]}"),
	  .groups = {8}},
	 "in-use 8 0000:02:01.0 [resource0] resource0\n"},
	{"refusals@member-of-a-strange-bus",
	 {.groups_text = GROUP_WITH("", "{'address':'thing.0','bus':'strange','unknown':[{'about':"
					"'bus strange','errno':'EOPNOTSUPP'}]}," CARD("")),
	  .groups = {8}},
	 "unknown 8 thing.0 [none] bus strange: Operation not supported\n"},
	{"refusals@busy",
	 {.groups_text = GROUP_9, .groups = {9}, .busy = "0000:03:00.0"},
	 "busy 9 0000:03:00.0 [e1000] e1000 has not let go of it yet\n"},
	{"refusals@busy-though-left",
	 {.groups_text = GROUP_8, .groups = {8}, .named = {"0000:01:00.0"}, .busy = "0000:02:04.0"},
	 "busy 8 0000:02:04.0 [vfio-pci] vfio-pci has not let go of it yet\n"},
	{"refusals@busy-though-forced",
	 {.groups_text = GROUP_9, .groups = {9}, .busy = "0000:03:00.0", .force = true},
	 "busy 9 0000:03:00.0 [e1000] e1000 has not let go of it yet\n"},
	{"refusals@owned-by-a-process",
	 {.groups_text = GROUP_WITH("'owner':{'kind':'user','name':'qemu','pid':77},", CARD("")),
	  .groups = {8}},
	 "owned 8 whole [qemu] qemu (process 77) has it\n"},
	{"refusals@owned-by-a-claim",
	 {.groups_text = GROUP_WITH("'owner':{'kind':'user','name':'lab'},", CARD("")),
	  .groups = {8}},
	 "owned 8 whole [lab] lab has it\n"},
	{"refusals@owned-by-nobody-known",
	 {.groups_text = GROUP_WITH("'owner':{'kind':'user'},", CARD("")), .groups = {8}},
	 "owned 8 whole [a user] a user has it\n"},
	{"refusals@owned-though-forced",
	 {.groups_text = GROUP_WITH("'owner':{'kind':'user','name':'lab'},", CARD("")),
	  .groups = {8},
	  .force = true},
	 "owned 8 whole [lab] lab has it\n"},
	{"refusals@the-kernels-is-not-owned",
	 {.groups_text = GROUP_WITH("'owner':{'kind':'kernel'},", CARD("")), .groups = {8}},
	 ""},
	{"refusals@in-use",
	 {.groups_text = GROUP_WITH("", USED), .groups = {8}},
	 "in-use 8 0000:02:01.0 [eth0] eth0: is up, 10.0.0.2\n"
	 "in-use 8 0000:02:01.0 [eth1] eth1\n"
	 "in-use 8 0000:02:01.0 [display] display: shows the console\n"
	 "in-use 8 0000:02:01.0 [sound] sound\n"},
	{"refusals@in-use-forced",
	 {.groups_text = GROUP_WITH("", USED), .groups = {8}, .force = true},
	 ""},
	{"refusals@in-use-and-taken-by-name",
	 {.groups_text = GROUP_WITH("", USED),
	  .groups = {8},
	  .takes = {"eth1", "display", "sound"}},
	 "in-use 8 0000:02:01.0 [eth0] eth0: is up, 10.0.0.2\n"},
	{"refusals@in-use-and-taken-by-address-and-name",
	 {.groups_text = GROUP_WITH("", USED),
	  .groups = {8},
	  .takes = {"0000:02:01.0/eth0", "0000:02:01.1/eth1", "display", "sound"}},
	 "in-use 8 0000:02:01.0 [eth1] eth1\n"},
	{"refusals@a-name-of-two-devices-takes-none",
	 {.groups_text = GROUP_WITH("", TWO_NETS), .groups = {8}, .takes = {"net"}},
	 "in-use 8 0000:02:01.0 [net] net\n"
	 "in-use 8 0000:02:01.1 [net] net\n"},
	{"refusals@a-name-of-two-devices-with-an-address-takes-one",
	 {.groups_text = GROUP_WITH("", TWO_NETS), .groups = {8}, .takes = {"0000:02:01.1/net"}},
	 "in-use 8 0000:02:01.0 [net] net\n"},
	{"refusals@a-name-of-a-device-that-is-not-asked-for-too",
	 {.groups_text = GROUP_WITH(
		  "",
		  CARD(",'in_use':[{'kind':'network','name':'net'}]")) ","
								       "{'id':9,'devices':[{'"
								       "address':'0000:03:00.0','"
								       "bus':'pci','driver':'e1000'"
								       ","
								       "'in_use':[{'kind':'network'"
								       ",'name':'net'}]}]}",
	  .groups = {8},
	  .takes = {"net"}},
	 ""},
	{"refusals@vital-is-not-taken-by-name-or-force",
	 {.groups_text = GROUP_WITH("", CARD(",'in_use':[{'kind':'storage','name':'sda1','reason':"
					     "'mounted on /','vital':true}]")),
	  .groups = {8},
	  .takes = {"sda1"},
	  .force = true},
	 "in-use 8 0000:02:01.0 [sda1] sda1: mounted on /\n"},
	{"refusals@unknown-is-not-forced",
	 {.groups_text = GROUP_WITH("", CARD(",'in_use':[],'unknown':[{'about':'open descriptors',"
					     "'errno':'EACCES'},{'about':'disks'}]")),
	  .groups = {8},
	  .takes = {"disks"},
	  .force = true},
	 "unknown 8 0000:02:01.0 [none] open descriptors: Permission denied\n"
	 "unknown 8 0000:02:01.0 [none] disks: nobody looked\n"},
	{"refusals@nobody-looked",
	 {.groups_text = GROUP_WITH("", CARD("")), .groups = {8}, .nobody_looked = true},
	 "unknown 8 0000:02:01.0 [none] what it is in use for: nobody looked\n"},
	{"refusals@owner-not-known",
	 {.groups_text = GROUP_WITH("'owner':{'kind':'unknown','errno':'EACCES'},", CARD("")),
	  .groups = {8}},
	 "unknown 8 whole [none] who has it open: Permission denied\n"},
	{"refusals@firmware-regions-not-known",
	 {.groups_text = GROUP_WITH("'direct_regions':null,", CARD("")), .groups = {8}},
	 "unknown 8 whole [none] whether firmware needs memory of it: nobody looked\n"},
	{"refusals@bridge-of-the-machine-not-named",
	 {.groups_text = GROUP_WITH("", LPC_BRIDGE("'driver':'hotplug'") "," CARD("")),
	  .groups = {8},
	  .force = true},
	 "not-named 8 0000:00:1f.0 [hotplug] hotplug is bound to this function of the machine and "
	 "would be unbound\n"},
	{"refusals@bridge-of-the-machine-without-a-driver",
	 {.groups_text = GROUP_WITH("", LPC_BRIDGE("'driver':null") "," CARD("")), .groups = {8}},
	 ""},
	{"refusals@in-use-below-a-carrier",
	 {.groups_text = GROUP_WITH("", VMD(",'in_use':[{'kind':'storage','name':'nvme0n1'}]")),
	  .groups = {8}},
	 "in-use 8 10000:01:00.0 [nvme0n1] nvme0n1\n"},
	{"refusals@virtual-functions-are-not-forced",
	 {.groups_text =
		  GROUP_WITH("", CARD(",'in_use':[{'kind':'virtual-functions','name':'SR-IOV'}]")),
	  .groups = {8},
	  .takes = {"SR-IOV"},
	  .force = true},
	 "in-use 8 0000:02:01.0 [SR-IOV] SR-IOV\n"},
	{"refusals@device-does-not-answer",
	 {.groups_text = GROUP_WITH("", CARD(",'pci':{'config_silent':true}")), .groups = {8}},
	 "unknown 8 0000:02:01.0 [none] it does not answer: all of its configuration space reads "
	 "ff\n"},
	{"refusals@group-that-isolates-nothing",
	 {.groups_text = GROUP_WITH("'noiommu':true,", CARD("")), .groups = {8}, .force = true},
	 "no-iommu 8 whole [none] no IOMMU isolates it: VFIO made this group for a device without "
	 "one\n"},
	{"refusals@in-use-of-a-freed-bridge",
	 {.groups_text =
		  GROUP_WITH("", "{'address':'0000:01:00.0','bus':'pci','class':'060400',"
				 "'driver':'hotplug','in_use':[{'kind':'other'}]}," CARD("")),
	  .groups = {8},
	  .named = {"0000:01:00.0"}},
	 "in-use 8 0000:01:00.0 [other] other\n"},
	{"refusals@in-use-does-not-matter-of-what-is-left",
	 {.groups_text =
		  GROUP_WITH("", "{'address':'0000:01:00.0','bus':'pci','class':'060400',"
				 "'driver':'pcieport','in_use':[{'kind':'other'}]}," CARD("")),
	  .groups = {8}},
	 ""},
	{"refusals@all-not-the-first",
	 {.groups_text = CURSED "," GROUP_9,
	  .ungrouped_text = "{'address':'0000:00:1f.3','bus':'pci'}",
	  .groups = {8, 12, 9},
	  .named = {"0000:00:1f.3"},
	  .driver = "absent",
	  .busy = "0000:02:01.0"},
	 "no-iommu -1 0000:00:1f.3 [none] no IOMMU translates for it, so it has no group\n"
	 "firmware-regions 8 whole [none] firmware needs memory of it, so no user may have it\n"
	 "owned 8 whole [qemu] qemu (process 77) has it\n"
	 "busy 8 0000:02:01.0 [e1000] e1000 has not let go of it yet\n"
	 "no-driver 8 0000:02:01.0 [absent] no driver absent on bus pci\n"
	 "in-use 8 0000:02:01.0 [eth0] eth0\n"
	 "vanished 12 whole [none] it has vanished\n"
	 "no-driver 9 0000:03:00.0 [absent] no driver absent on bus pci\n"},
	{"refusals@of-other-groups-none", {.groups_text = CURSED "," GROUP_9, .groups = {9}}, ""},
};

static void refuses(void **state)
{
	const struct text_row *row = *state;

	assert_printed(&row->asked, print_refusals, row->expected);
}

/* ---- losses ---- */

static void print_losses(const struct plan *plan, FILE *out)
{
	for (size_t i = 0; i < plan->loss_count; i++) {
		const struct use_facts *use = plan->losses[i].use;

		fprintf(out, "%s %s %s: %s\n", plan->losses[i].device->address, use->kind,
			or_none(use->name), loss_words(use));
	}
}

static const struct text_row loss_rows[] = {
	{"losses@none-of-what-is-not-taken",
	 {.groups_text = GROUP_WITH("", USED), .groups = {8}},
	 ""},
	{"losses@of-a-force-all",
	 {.groups_text = GROUP_WITH("", USED), .groups = {8}, .force = true},
	 "0000:02:01.0 network eth0: its addresses, routes, namespace and place in other "
	 "interfaces are lost\n"
	 "0000:02:01.0 network eth1: its addresses, routes, namespace and place in other "
	 "interfaces are lost\n"
	 "0000:02:01.0 display none: it goes dark\n"
	 "0000:02:01.0 sound none: whoever uses it loses it\n"},
	{"losses@of-one-that-is-taken",
	 {.groups_text = GROUP_WITH("", USED), .groups = {8}, .takes = {"display"}},
	 "0000:02:01.0 display none: it goes dark\n"},
	{"losses@vital-is-never-lost",
	 {.groups_text = GROUP_WITH("", CARD(",'in_use':[{'kind':'storage','name':'sda1',"
					     "'vital':true}]")),
	  .groups = {8},
	  .force = true},
	 ""},
	{"losses@none-of-what-is-left",
	 {.groups_text =
		  GROUP_WITH("", "{'address':'0000:01:00.0','bus':'pci','class':'060400',"
				 "'driver':'pcieport','in_use':[{'kind':'other'}]}," CARD("")),
	  .groups = {8},
	  .force = true},
	 ""},
};

static void loses(void **state)
{
	const struct text_row *row = *state;

	assert_printed(&row->asked, print_losses, row->expected);
}

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, refusal_rows, refuses);
	ADD_ROWS(&suite, loss_rows, loses);
	return suite_run(&suite, "refusals");
}
