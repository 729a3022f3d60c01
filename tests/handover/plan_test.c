/* SPDX-License-Identifier: MIT */
/* Plans: what a claim does with each kind of device, and its steps in their order. */
#define _GNU_SOURCE
#include "asked.h"
#include "failing_memory.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

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

/* ---- steps ---- */

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

static const struct text_row step_rows[] = {
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
	return suite_run(&suite, "plan");
}
