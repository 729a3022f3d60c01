/* SPDX-License-Identifier: MIT */
/*
 * Plans: what a claim does with each kind of device, its steps in their order, and all that forbids
 * it, in its words. Machines and plans are text; in the machines ' stands for ".
 */
#define _GNU_SOURCE
#include "failing_memory.h"
#include "machine_file.h"
#include "plan.h"
#include "rows.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ASKED = 4 }; /* of groups, and of named devices, in one case */

/* Of every driver that a case has bound or asks for. */
static const char drivers[] =
	"{'name':'e1000','bus':'pci','managed_dma':false},"
	"{'name':'enigma','bus':'pci','managed_dma':null},"
	"{'name':'hotplug','bus':'pci','managed_dma':false},"
	"{'name':'pci-stub','bus':'pci','managed_dma':true},"
	"{'name':'pcieport','bus':'pci','managed_dma':true},"
	"{'name':'other-vfio','bus':'pci','managed_dma':true,'user':true},"
	"{'name':'vfio-pci','bus':'pci','managed_dma':true,'user':true},"
	"{'name':'sdhci','bus':'platform','managed_dma':false},"
	"{'name':'vfio-platform','bus':'platform','managed_dma':true,'user':true},"
	"{'name':'pl330','bus':'amba','managed_dma':false},"
	"{'name':'vfio-amba','bus':'amba','managed_dma':true,'user':true},"
	"{'name':'dpaa2','bus':'fsl-mc','managed_dma':false},"
	"{'name':'vfio-fsl-mc','bus':'fsl-mc','managed_dma':true,'user':true},"
	"{'name':'engine','bus':'cdx','managed_dma':false},"
	"{'name':'vfio-cdx','bus':'cdx','managed_dma':true,'user':true},"
	"{'name':'display','bus':'host1x','managed_dma':false},"
	"{'name':'context','bus':'host1x','managed_dma':true}";

/* What a case asks of which machine. Group 0 ends `groups`: no machine here has one. */
struct asked {
	const char *groups_text;    /* elements of the machine file's "groups" */
	const char *ungrouped_text; /* and of its "ungrouped"; NULL: none */
	const char *busy;           /* the device that is; NULL: none */
	int groups[MOST_ASKED];
	const char *named[MOST_ASKED];
	const char *driver, *user;
	bool force;
	const char *takes[MOST_ASKED];
	bool nobody_looked; /* what devices are in use for */
};

static void read_machine(const struct asked *asked, struct facts *out)
{
	char *text, *why = NULL;
	int length = asprintf(
		&text, "{'dmaown-machine':1,'groups':[%s],'ungrouped':[%s],'drivers':[%s]}",
		asked->groups_text, asked->ungrouped_text ? asked->ungrouped_text : "", drivers);

	assert_true(length > 0);
	for (char *at = text; (at = strchr(at, '\'')); at++)
		*at = '"';
	if (machine_file_parse(text, (size_t)length, "test", out, &why) != 0)
		fail_msg("%s", why);
	free(text);
	for (size_t i = 0; i < out->device_count; i++)
		out->devices[i].uses_known = !asked->nobody_looked;
	if (asked->busy)
		facts_device(out, asked->busy)->busy = true;
}

static struct claim_request request(const struct asked *asked)
{
	struct claim_request request = {.groups = asked->groups,
					.named = asked->named,
					.driver = asked->driver,
					.user = asked->user,
					.owner = "test",
					.takes = asked->takes,
					.force = asked->force};

	while (request.take_count < MOST_ASKED && asked->takes[request.take_count])
		request.take_count++;
	while (request.group_count < MOST_ASKED && asked->groups[request.group_count])
		request.group_count++;
	while (request.named_count < MOST_ASKED && asked->named[request.named_count])
		request.named_count++;
	return request;
}

/* ---- a plan as text ---- */

static const char *or_none(const char *name)
{
	return name ? name : "none";
}

static void print_step(const struct plan_step *step, FILE *out)
{
	fprintf(out, "%s ", action_name(step->action));
	if (step->device)
		fprintf(out, "%s", step->device->address);
	else
		fprintf(out, "%d", step->group);
	if (step->action != ACTION_VERIFY)
		fprintf(out, " %s > %s", or_none(step->from), or_none(step->to));
	fputc('\n', out);
}

static void print_steps(const struct plan *plan, FILE *out)
{
	for (size_t i = 0; i < plan->step_count; i++)
		print_step(&plan->steps[i], out);
}

static void print_refusals(const struct plan *plan, FILE *out)
{
	for (size_t i = 0; i < plan->refusal_count; i++) {
		const struct refusal *refusal = &plan->refusals[i];

		fprintf(out, "%s %d %s [%s] %s\n", refusal_name(refusal->kind), refusal->group,
			refusal->device ? refusal->device : "whole", or_none(refusal->name),
			refusal->reason);
	}
}

static void assert_printed(const struct asked *asked,
			   void (*print)(const struct plan *plan, FILE *out), const char *expected)
{
	struct claim_request wanted = request(asked);
	struct facts facts;
	struct plan plan;
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);

	read_machine(asked, &facts);
	assert_int_equal(plan_make(&facts, &wanted, &plan), 0);
	print(&plan, out);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
	plan_release(&plan);
	facts_release(&facts);
}

/* ---- treatments ---- */

#define ADDRESS "0000:02:01.0"
#define PCI "'bus':'pci'"
#define BRIDGE PCI ",'class':'060400'"
#define CARDBUS PCI ",'class':'060700','pci':{'bridge':{'secondary':3,'subordinate':3}}"
#define HOST_BRIDGE PCI ",'class':'060000'"
#define ISA_BRIDGE PCI ",'class':'060100'"
#define SMBUS PCI ",'class':'0c0500'"

static const struct treatment_row {
	const char *name, *device; /* its members but for the address */
	const char *driver;        /* that is asked for; NULL: none */
	bool named;
	enum treatment treatment;
} treatment_rows[] = {
	{"treatment@native-given", PCI ",'driver':'e1000'", NULL, false, TREATMENT_GIVE},
	{"treatment@unknown-driver-is-native-given", PCI ",'driver':'enigma'", NULL, false,
	 TREATMENT_GIVE},
	{"treatment@driverless-given", PCI, NULL, false, TREATMENT_GIVE},
	{"treatment@bridge-with-pcieport-left", BRIDGE ",'driver':'pcieport'", NULL, false,
	 TREATMENT_LEAVE},
	{"treatment@bridge-with-native-freed", BRIDGE ",'driver':'hotplug'", NULL, false,
	 TREATMENT_FREE},
	{"treatment@bridge-with-native-named-freed", BRIDGE ",'driver':'hotplug'", NULL, true,
	 TREATMENT_FREE},
	{"treatment@driverless-bridge-named-left", BRIDGE, NULL, true, TREATMENT_LEAVE},
	{"treatment@cardbus-bridge-freed", CARDBUS ",'driver':'hotplug'", NULL, false,
	 TREATMENT_FREE},
	{"treatment@driverless-cardbus-bridge-left", CARDBUS, NULL, true, TREATMENT_LEAVE},
	{"treatment@driverless-host-bridge-left", HOST_BRIDGE, NULL, false, TREATMENT_LEAVE},
	{"treatment@driverless-host-bridge-named-given", HOST_BRIDGE, NULL, true, TREATMENT_GIVE},
	{"treatment@driverless-isa-bridge-left", ISA_BRIDGE, NULL, false, TREATMENT_LEAVE},
	{"treatment@driverless-isa-bridge-named-given", ISA_BRIDGE, NULL, true, TREATMENT_GIVE},
	{"treatment@native-isa-bridge-freed", ISA_BRIDGE ",'driver':'e1000'", NULL, false,
	 TREATMENT_FREE},
	{"treatment@native-isa-bridge-named-given", ISA_BRIDGE ",'driver':'e1000'", NULL, true,
	 TREATMENT_GIVE},
	{"treatment@smbus-freed", SMBUS ",'driver':'e1000'", NULL, false, TREATMENT_FREE},
	{"treatment@driverless-smbus-left", SMBUS, NULL, false, TREATMENT_LEAVE},
	{"treatment@smbus-named-given", SMBUS ",'driver':'e1000'", NULL, true, TREATMENT_GIVE},
	{"treatment@pci-stub-companion-left", PCI ",'driver':'pci-stub'", NULL, false,
	 TREATMENT_LEAVE},
	{"treatment@pci-stub-named-given", PCI ",'driver':'pci-stub'", NULL, true, TREATMENT_GIVE},
	{"treatment@vfio-pci-left", PCI ",'driver':'vfio-pci'", NULL, false, TREATMENT_LEAVE},
	{"treatment@vfio-pci-named-left", PCI ",'driver':'vfio-pci'", NULL, true, TREATMENT_LEAVE},
	{"treatment@other-user-driver-left", PCI ",'driver':'other-vfio'", "vfio-pci", true,
	 TREATMENT_LEAVE},
	{"treatment@platform-given", "'bus':'platform','driver':'sdhci'", NULL, false,
	 TREATMENT_GIVE},
	{"treatment@amba-given", "'bus':'amba','driver':'pl330'", NULL, false, TREATMENT_GIVE},
	{"treatment@fsl-mc-given", "'bus':'fsl-mc','driver':'dpaa2'", NULL, false, TREATMENT_GIVE},
	{"treatment@cdx-given", "'bus':'cdx','driver':'engine'", NULL, false, TREATMENT_GIVE},
	{"treatment@host1x-native-freed", "'bus':'host1x','driver':'display'", NULL, false,
	 TREATMENT_FREE},
	{"treatment@host1x-native-named-freed", "'bus':'host1x','driver':'display'", NULL, true,
	 TREATMENT_FREE},
	{"treatment@host1x-managed-left", "'bus':'host1x','driver':'context'", NULL, false,
	 TREATMENT_LEAVE},
	{"treatment@host1x-driverless-left", "'bus':'host1x'", NULL, true, TREATMENT_LEAVE},
};

static void treats(void **state)
{
	const struct treatment_row *row = *state;
	struct asked asked = {.groups = {8}, .driver = row->driver};
	struct claim_request wanted;
	struct facts facts;
	char *text;

	if (row->named)
		asked.named[0] = ADDRESS;
	assert_true(asprintf(&text, "{'id':8,'devices':[{'address':'" ADDRESS "',%s}]}",
			     row->device) > 0);
	asked.groups_text = text;
	wanted = request(&asked);
	read_machine(&asked, &facts);
	assert_int_equal(plan_treatment(&facts, &wanted, &facts.devices[0]), row->treatment);
	facts_release(&facts);
	free(text);
}

/* ---- groups ---- */

#define GROUP_WITH(members, device) "{'id':8," members "'devices':[" device "]}"
#define CARD(members) "{'address':'0000:02:01.0','bus':'pci','driver':'e1000'" members "}"
#define LPC_BRIDGE(driver) "{'address':'0000:00:1f.0','bus':'pci','class':'060100'," driver "}"
/* Intel's VMD, a port of its domain and a disk behind that. */
#define VMD(members)                                                                               \
	"{'address':'0000:5d:05.5','bus':'pci','class':'010400','driver':'e1000','pci':{}},"       \
	"{'address':'10000:00:02.0','bus':'pci','class':'060400','driver':'pcieport',"             \
	"'pci':{},'parent':'0000:5d:05.5'},"                                                       \
	"{'address':'10000:01:00.0','bus':'pci','driver':'hotplug','pci':{},"                      \
	"'parent':'10000:00:02.0'" members "}"
#define USED                                                                                       \
	CARD(",'in_use':[{'kind':'network','name':'eth0','reason':'is up, 10.0.0.2'},"             \
	     "{'kind':'network','name':'eth1'},{'kind':'display','reason':'shows the console'},"   \
	     "{'kind':'sound'}]")
#define TWO_NETS                                                                                   \
	CARD(",'in_use':[{'kind':'network','name':'net'}]")                                        \
	",{'address':'0000:02:01.1','bus':'pci','driver':'e1000',"                                 \
	"'in_use':[{'kind':'network','name':'net'}]}"

/* ---- steps ---- */

/* A bridge with a native driver, a native card, one with a right and one with a wrong override, and
 * one that is a user's. */
#define GROUP_8                                                                                    \
	"{'id':8,'devices':["                                                                      \
	"{'address':'0000:01:00.0','bus':'pci','class':'060400','driver':'hotplug'},"              \
	"{'address':'0000:02:01.0','bus':'pci','driver':'e1000'},"                                 \
	"{'address':'0000:02:02.0','bus':'pci','driver_override':'vfio-pci'},"                     \
	"{'address':'0000:02:03.0','bus':'pci','driver':'e1000','driver_override':'e1000'},"       \
	"{'address':'0000:02:04.0','bus':'pci','driver':'vfio-pci'}]}"
#define GROUP_9 "{'id':9,'devices':[{'address':'0000:03:00.0','bus':'pci','driver':'e1000'}]}"
#define OTHER_BUSES                                                                                \
	"{'id':11,'devices':["                                                                     \
	"{'address':'a003c00.mmc','bus':'platform','driver':'sdhci'},"                             \
	"{'address':'7ff00000.dma','bus':'amba','driver':'pl330'},"                                \
	"{'address':'dpni.3','bus':'fsl-mc','driver':'dpaa2'},"                                    \
	"{'address':'cdx-00:01','bus':'cdx','driver':'engine'},"                                   \
	"{'address':'15340000.vic','bus':'host1x','driver':'display'}]}"

static const struct text_row {
	const char *name;
	struct asked asked;
	const char *expected;
} step_rows[] = {
	{"steps@in-their-order",
	 {.groups_text = GROUP_8, .groups = {8}, .user = "alice"},
	 "override 0000:02:01.0 none > vfio-pci\n"
	 "override 0000:02:03.0 e1000 > vfio-pci\n"
	 "unbind 0000:01:00.0 hotplug > none\n"
	 "unbind 0000:02:01.0 e1000 > none\n"
	 "unbind 0000:02:03.0 e1000 > none\n"
	 "bind 0000:02:01.0 none > vfio-pci\n"
	 "bind 0000:02:02.0 none > vfio-pci\n"
	 "bind 0000:02:03.0 none > vfio-pci\n"
	 "verify 8\n"
	 "grant 8 root > alice\n"},
	{"steps@without-a-user-root-is-granted",
	 {.groups_text = GROUP_9, .groups = {9}},
	 "override 0000:03:00.0 none > vfio-pci\n"
	 "unbind 0000:03:00.0 e1000 > none\n"
	 "bind 0000:03:00.0 none > vfio-pci\n"
	 "verify 9\n"
	 "grant 9 root > root\n"},
	{"steps@the-driver-that-is-asked-for",
	 {.groups_text = GROUP_9, .groups = {9}, .driver = "other-vfio"},
	 "override 0000:03:00.0 none > other-vfio\n"
	 "unbind 0000:03:00.0 e1000 > none\n"
	 "bind 0000:03:00.0 none > other-vfio\n"
	 "verify 9\n"
	 "grant 9 root > root\n"},
	{"steps@of-two-groups-phase-by-phase",
	 {.groups_text = GROUP_9 ",{'id':10,'devices':[{'address':'0000:04:00.0','bus':'pci'}]}",
	  .groups = {9, 10}},
	 "override 0000:03:00.0 none > vfio-pci\n"
	 "override 0000:04:00.0 none > vfio-pci\n"
	 "unbind 0000:03:00.0 e1000 > none\n"
	 "bind 0000:03:00.0 none > vfio-pci\n"
	 "bind 0000:04:00.0 none > vfio-pci\n"
	 "verify 9\n"
	 "verify 10\n"
	 "grant 9 root > root\n"
	 "grant 10 root > root\n"},
	{"steps@of-other-groups-none",
	 {.groups_text = GROUP_8 "," GROUP_9, .groups = {9}},
	 "override 0000:03:00.0 none > vfio-pci\n"
	 "unbind 0000:03:00.0 e1000 > none\n"
	 "bind 0000:03:00.0 none > vfio-pci\n"
	 "verify 9\n"
	 "grant 9 root > root\n"},
	{"steps@each-bus-its-user-driver",
	 {.groups_text = OTHER_BUSES, .groups = {11}},
	 "override a003c00.mmc none > vfio-platform\n"
	 "override 7ff00000.dma none > vfio-amba\n"
	 "override dpni.3 none > vfio-fsl-mc\n"
	 "override cdx-00:01 none > vfio-cdx\n"
	 "unbind a003c00.mmc sdhci > none\n"
	 "unbind 7ff00000.dma pl330 > none\n"
	 "unbind dpni.3 dpaa2 > none\n"
	 "unbind cdx-00:01 engine > none\n"
	 "unbind 15340000.vic display > none\n"
	 "bind a003c00.mmc none > vfio-platform\n"
	 "bind 7ff00000.dma none > vfio-amba\n"
	 "bind dpni.3 none > vfio-fsl-mc\n"
	 "bind cdx-00:01 none > vfio-cdx\n"
	 "verify 11\n"
	 "grant 11 root > root\n"},
	{"steps@a-carrier-alone",
	 {.groups_text = GROUP_WITH("", VMD("")), .groups = {8}},
	 "override 0000:5d:05.5 none > vfio-pci\n"
	 "unbind 0000:5d:05.5 e1000 > none\n"
	 "bind 0000:5d:05.5 none > vfio-pci\n"
	 "verify 8\n"
	 "grant 8 root > root\n"},
	{"steps@a-user-driver-already-needs-none",
	 {.groups_text = "{'id':8,'devices':[{'address':'0000:02:01.0','bus':'pci',"
			 "'driver':'vfio-pci'}]}",
	  .groups = {8}},
	 "verify 8\n"
	 "grant 8 root > root\n"},
	{"steps@a-named-stub-is-moved",
	 {.groups_text = "{'id':8,'devices':[{'address':'0000:02:01.0','bus':'pci',"
			 "'driver':'pci-stub','driver_override':'pci-stub'}]}",
	  .groups = {8},
	  .named = {"0000:02:01.0"}},
	 "override 0000:02:01.0 pci-stub > vfio-pci\n"
	 "unbind 0000:02:01.0 pci-stub > none\n"
	 "bind 0000:02:01.0 none > vfio-pci\n"
	 "verify 8\n"
	 "grant 8 root > root\n"},
};

static void makes_steps(void **state)
{
	const struct text_row *row = *state;

	assert_printed(&row->asked, print_steps, row->expected);
}

/* ---- refusals ---- */

/* A group in which everything is wrong. */
#define CURSED                                                                                     \
	GROUP_WITH("'direct_regions':true,'owner':{'kind':'user','name':'qemu','pid':77},",        \
		   CARD(",'in_use':[{'kind':'network','name':'eth0'}]"))

#define TAKEN                                                                                      \
	"{'id':10,'devices':[{'address':'0000:04:00.0','bus':'pci','in_use':[{'kind':'display',"   \
	"'name':'fb0'}]}]}"

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
	 "busy 9 0000:03:00.0 [e1000] e1000 was told to let go of it and has not yet\n"},
	{"refusals@busy-though-left",
	 {.groups_text = GROUP_8, .groups = {8}, .named = {"0000:01:00.0"}, .busy = "0000:02:04.0"},
	 "busy 8 0000:02:04.0 [vfio-pci] vfio-pci was told to let go of it and has not yet\n"},
	{"refusals@busy-though-forced",
	 {.groups_text = GROUP_9, .groups = {9}, .busy = "0000:03:00.0", .force = true},
	 "busy 9 0000:03:00.0 [e1000] e1000 was told to let go of it and has not yet\n"},
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
	 "no-iommu 8 whole [none] it isolates nothing: VFIO made it for what no IOMMU translates "
	 "for\n"},
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
	 "busy 8 0000:02:01.0 [e1000] e1000 was told to let go of it and has not yet\n"
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

/* ---- running ---- */

static void an_empty_plan_is_released(void **unused)
{
	struct plan plan = {0};

	plan_release(&plan);
	assert_int_equal(plan.step_count, 0);
}

/* Whichever allocation fails: nothing is left, and what was there is untouched. */
static void is_made_whole_or_not_at_all(void **unused)
{
	const struct asked asked = {.groups_text = CURSED "," GROUP_9 "," TAKEN,
				    .groups = {8, 9, 10},
				    .takes = {"fb0"}};
	struct claim_request wanted = request(&asked);
	struct plan plan = {.step_count = SIZE_MAX};
	struct facts facts;
	int err = -ENOMEM;

	read_machine(&asked, &facts);
	for (size_t k = 1; err; k++) {
		until_failure = k;
		err = plan_make(&facts, &wanted, &plan);
		until_failure = 0;
		assert_true(!err || err == -ENOMEM);
		assert_true(!err || plan.step_count == SIZE_MAX);
	}
	assert_int_equal(plan.refusal_count, 3);
	assert_int_equal(plan.loss_count, 1);
	plan_release(&plan);
	facts_release(&facts);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(an_empty_plan_is_released),
		cmocka_unit_test(is_made_whole_or_not_at_all),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, treatment_rows, treats);
	ADD_ROWS(&suite, step_rows, makes_steps);
	ADD_ROWS(&suite, refusal_rows, refuses);
	ADD_ROWS(&suite, loss_rows, loses);
	return suite_run(&suite, "plan");
}
