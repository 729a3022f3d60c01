/* SPDX-License-Identifier: MIT */
/* Reading what of the host itself handing out a group depends on, on trees made for each test. */
#define _GNU_SOURCE
#include "linux_machine.h"
#include "rows.h"
#include "tree.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct fixture {
	struct tree tree;
	struct facts facts;
};

static int set_up(void **state)
{
	static const uint8_t config[256];
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	tree_make(&fixture->tree);
	tree_device(&fixture->tree, &(struct tree_device) {.address = "0000:03:00.0",
							   .group = -1,
							   .config = config,
							   .config_size = sizeof(config)});
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	facts_release(&fixture->facts);
	tree_remove(&fixture->tree);
	free(fixture);
	return 0;
}

static const struct host_facts *read_host(struct fixture *fixture)
{
	struct machine *machine;
	char *why = NULL;

	facts_release(&fixture->facts);
	assert_int_equal(linux_machine_open(fixture->tree.path, &machine), 0);
	assert_int_equal(machine_read(machine, &fixture->facts), 0);
	machine_close(machine);
	if (facts_check(&fixture->facts, &why) != 0)
		fail_msg("%s", why);
	assert_non_null(fixture->facts.host);
	return fixture->facts.host;
}

static void expect_hidden(struct fixture *fixture, const char *about, int err)
{
	assert_int_equal(host_facts_hidden_by(fixture->facts.host, about), err);
}

static void nothing_is_known_of_sys_alone(void **state)
{
	const struct host_facts *host = read_host(*state);

	assert_null(host->release);
	assert_null(host->architecture);
	assert_null(host->cpu_vendor);
	assert_int_equal(host->virtual, KNOWN_NOT);
	assert_false(host->arguments_known);
	assert_null(host->iommu_table);
	assert_false(host->iommus_known);
	assert_int_equal(host->interrupt_remapping, KNOWN_NOT);
	assert_int_equal(host->unsafe_interrupts, KNOWN_NOT);
	assert_int_equal(host->noiommu, KNOWN_NOT);
	assert_int_equal(host->vfio_node, KNOWN_NOT);
	assert_int_equal(host->sys_read_only, KNOWN_NO);
	assert_int_equal(host->privileged, KNOWN_NOT);
	assert_true(host->memlock == MEMLOCK_NOT_KNOWN);
	assert_int_equal(host_facts_module(host, "vfio_pci")->loaded, KNOWN_NOT);
	assert_int_equal(host_facts_module(host, "vfio_pci")->installed, KNOWN_NOT);
	assert_int_equal(host->sees_all, KNOWN_NOT);
	assert_int_equal(host->xen_first, KNOWN_NO);
	assert_int_equal(host->vfio_node_open, KNOWN_NOT);
}

/* Each fact that could not be looked at says why. */
static void what_hid_the_facts(void **state)
{
	static const char *const keys[] = {
		"release",     "architecture", "cpu_vendor",          "arguments",
		"iommu_table", "iommus",       "interrupt_remapping", "unsafe_interrupts",
		"noiommu",     "vfio_node",    "privileged",          "memlock",
		"vfio_pci",    "iommufd"};
	struct fixture *fixture = *state;

	read_host(fixture);
	for (size_t i = 0; i < COUNT(keys); i++)
		expect_hidden(fixture, keys[i], -ENOENT);
	expect_hidden(fixture, "sys_read_only", 0);
}

/* Files that are folders: an errno that says nothing of what they would have held. */
static void what_can_not_be_read(void **state)
{
	static const struct {
		const char *path, *key;
	} rows[] = {
		{"proc/interrupts/a", "interrupt_remapping"},
		{"proc/cmdline/a", "arguments"},
		{"proc/self/status/a", "privileged"},
		{"proc/self/limits/a", "memlock"},
		{"sys/module/vfio/parameters/enable_unsafe_noiommu_mode/a", "noiommu"},
		{"sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts/a",
		 "unsafe_interrupts"},
		{"proc/sys/kernel/osrelease/a", "release"},
		{"sys/hypervisor/type/a", "xen_first"},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(rows); i++)
		tree_text(&fixture->tree, rows[i].path, "");
	read_host(fixture);
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_hidden(fixture, rows[i].key, -EISDIR);
	assert_int_equal(fixture->facts.host->noiommu, KNOWN_NOT);
	assert_int_equal(fixture->facts.host->unsafe_interrupts, KNOWN_NOT);
	assert_int_equal(fixture->facts.host->xen_first, KNOWN_NOT);
}

static void a_glance_does_not_look(void **state)
{
	struct fixture *fixture = *state;
	struct machine *machine;

	assert_int_equal(linux_machine_open(fixture->tree.path, &machine), 0);
	assert_int_equal(machine_glance(machine, &fixture->facts), 0);
	assert_null(fixture->facts.host);
	machine_close(machine);
}

static void kernel_and_processor(void **state)
{
	struct fixture *fixture = *state;
	const struct host_facts *host;

	tree_text(&fixture->tree, "proc/sys/kernel/osrelease", "6.12.1\n");
	tree_text(&fixture->tree, "proc/sys/kernel/arch", "x86_64\n");
	tree_text(
		&fixture->tree, "proc/cpuinfo",
		"processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu vme hypervisor lahf\n");
	host = read_host(fixture);
	assert_string_equal(host->release, "6.12.1");
	assert_string_equal(host->architecture, "x86_64");
	assert_string_equal(host->cpu_vendor, "GenuineIntel");
	assert_int_equal(host->virtual, KNOWN_YES);
	tree_text(&fixture->tree, "proc/cpuinfo", "vendor_id\t: AuthenticAMD\nflags\t: fpu svm\n");
	host = read_host(fixture);
	assert_string_equal(host->cpu_vendor, "AuthenticAMD");
	assert_int_equal(host->virtual, KNOWN_NO);
	tree_text(&fixture->tree, "proc/cpuinfo", "CPU implementer\t: 0x41\n");
	assert_null(read_host(fixture)->cpu_vendor);
}

static void arguments_that_matter(void **state)
{
	static const char *const expected[] = {"intel_iommu=on,sm_on", "iommu.passthrough=1",
					       "vfio-pci.ids=8086:100e", "nointremap",
					       "arm-smmu.disable_bypass=0"};
	struct fixture *fixture = *state;
	const struct host_facts *host;

	tree_text(&fixture->tree, "proc/cmdline",
		  "root=UUID=x intel_iommu=on,sm_on quiet iommu.passthrough=1 init=\"/sbin/a b "
		  "iommu=off\" vfio-pci.ids=8086:100e nointremap arm-smmu.disable_bypass=0 -- "
		  "iommu=off\n");
	host = read_host(fixture);
	assert_true(host->arguments_known);
	assert_int_equal(host->argument_count, COUNT(expected));
	for (size_t i = 0; i < host->argument_count; i++)
		assert_string_equal(host->arguments[i], expected[i]);
}

static void no_argument_matters(void **state)
{
	struct fixture *fixture = *state;

	tree_text(&fixture->tree, "proc/cmdline", "\n");
	assert_true(read_host(fixture)->arguments_known);
	assert_int_equal(fixture->facts.host->argument_count, 0);
}

static void tables_of_the_firmware(void **state)
{
	static const char *const tables[] = {"VIOT", "IORT", "IVRS", "DMAR"};
	struct fixture *fixture = *state;
	char path[64];

	tree_text(&fixture->tree, "sys/firmware/acpi/tables/APIC", "");
	assert_string_equal(read_host(fixture)->iommu_table, "none");
	for (size_t i = 0; i < COUNT(tables); i++) {
		snprintf(path, sizeof(path), "sys/firmware/acpi/tables/%s", tables[i]);
		tree_text(&fixture->tree, path, "");
		assert_string_equal(read_host(fixture)->iommu_table, tables[i]);
	}
}

static void no_iommus(void **state)
{
	struct fixture *fixture = *state;

	tree_text(&fixture->tree, "sys/class/net/lo", "");
	assert_true(read_host(fixture)->iommus_known);
	assert_int_equal(fixture->facts.host->iommu_count, 0);
}

static void iommus_of_every_kind(void **state)
{
	struct fixture *fixture = *state;
	const struct iommu_facts *iommus;

	tree_text(&fixture->tree, "sys/class/iommu/dmar1/intel-iommu/ecap", "f00f42\n");
	tree_text(&fixture->tree, "sys/class/iommu/dmar0/intel-iommu/ecap", "f00f4a\n");
	tree_text(&fixture->tree, "sys/class/iommu/ivhd0/amd-iommu/cap", "40\n");
	tree_text(&fixture->tree, "sys/class/iommu/smmu3.0x0000000009050000/uevent", "");
	tree_text(&fixture->tree, "sys/class/iommu/virtio0/uevent", "");
	tree_text(&fixture->tree, "sys/bus/virtio/drivers/virtio_iommu/a", "");
	tree_text(&fixture->tree, "sys/bus/platform/drivers/arm-smmu-v3/a", "");
	tree_text(&fixture->tree, "sys/class/iommu/0000:00:02.0/device/uevent", "");
	tree_link(&fixture->tree, "sys/class/iommu/0000:00:02.0/device/driver",
		  "../../../../bus/virtio/drivers/virtio_iommu");
	tree_text(&fixture->tree, "sys/class/iommu/z-smmu/device/uevent", "");
	tree_link(&fixture->tree, "sys/class/iommu/z-smmu/device/driver",
		  "../../../../bus/platform/drivers/arm-smmu-v3");
	assert_int_equal(read_host(fixture)->iommu_count, 7);
	iommus = fixture->facts.host->iommus;
	assert_string_equal(iommus[0].name, "0000:00:02.0");
	assert_string_equal(iommus[0].kind, "virtio");
	assert_int_equal(iommus[0].remaps_interrupts, KNOWN_NO);
	assert_string_equal(iommus[6].kind, "smmu");
	assert_int_equal(iommus[6].remaps_interrupts, KNOWN_NOT);
	iommus++;
	assert_string_equal(iommus[0].name, "dmar0");
	assert_string_equal(iommus[0].kind, "intel");
	assert_int_equal(iommus[0].remaps_interrupts, KNOWN_YES);
	assert_string_equal(iommus[1].name, "dmar1");
	assert_int_equal(iommus[1].remaps_interrupts, KNOWN_NO);
	assert_string_equal(iommus[2].kind, "amd");
	assert_int_equal(iommus[2].remaps_interrupts, KNOWN_NOT);
	assert_string_equal(iommus[3].kind, "smmu");
	assert_null(iommus[4].kind);
}

#define INTERRUPT_LINES(prefix)                                                                    \
	"           CPU0       CPU1\n"                                                             \
	"  0:        124          0  " prefix "IO-APIC   2-edge      timer\n"                      \
	" 24:          0          0  DMAR-MSI   0-edge      dmar0\n"                               \
	" 25:          3          9  " prefix "PCI-MSIX-0000:03:00.0   0-edge      eth0\n"         \
	"NMI:          0          0   Non-maskable interrupts\n"

struct interrupts_case {
	const char *name, *text;
	enum known remapped;
};

static const struct interrupts_case interrupts_cases[] = {
	{"interrupts@remapped", INTERRUPT_LINES("IR-"), KNOWN_YES},
	{"interrupts@not-remapped", INTERRUPT_LINES(""), KNOWN_NO},
	{"interrupts@of-the-iommu-itself-are-not",
	 " 24:  0  PCI-MSI 2048-edge  AMD-Vi\n 25:  7  IR-PCI-MSI-0000:03:00.0  0-edge  eth0\n",
	 KNOWN_YES},
	{"interrupts@named-by-somebody", " 24:  0  PCI-MSI  0-edge  IR-receiver IR-\n", KNOWN_NO},
	{"interrupts@of-an-arm", " 13:  1  GICv3  27 Level  timer\n 31:  4  ITS-PCI-MSIX  0 Edge\n",
	 KNOWN_YES},
	{"interrupts@of-another-machine", "  1:  1  XT-PIC  cascade\n", KNOWN_NOT},
	{"interrupts@empty", "", KNOWN_NOT},
};

static struct fixture *interrupts_fixture;

static void interrupts(void **state)
{
	const struct interrupts_case *row = *state;

	tree_text(&interrupts_fixture->tree, "proc/interrupts", row->text);
	assert_int_equal(read_host(interrupts_fixture)->interrupt_remapping, row->remapped);
}

static const struct module_facts *read_module(struct fixture *fixture, const char *name)
{
	const struct module_facts *module = host_facts_module(read_host(fixture), name);

	assert_non_null(module);
	return module;
}

static void expect_module(struct fixture *fixture, const char *name, enum known loaded,
			  enum known installed)
{
	const struct module_facts *module = read_module(fixture, name);

	assert_int_equal(module->loaded, loaded);
	assert_int_equal(module->installed, installed);
}

/* What none of the lists has is not there only if all of them were read. */
static void modules(void **state)
{
	struct fixture *fixture = *state;

	tree_text(&fixture->tree, "proc/sys/kernel/osrelease", "6.12.1\n");
	tree_text(&fixture->tree, "sys/module/e1000e/refcnt", "0\n");
	expect_module(fixture, "vfio_pci", KNOWN_NOT, KNOWN_NOT);
	expect_hidden(fixture, "vfio_pci", -ENOENT);
	tree_text(
		&fixture->tree, "lib/modules/6.12.1/modules.dep",
		"kernel/drivers/vfio/pci/vfio-pci-core.ko.xz: kernel/drivers/vfio/vfio-pci.ko.xz\n"
		"kernel/drivers/vfio/vfio_iommu_type1.ko.zst: kernel/drivers/vfio/vfio.ko.zst\n");
	expect_module(fixture, "vfio_iommu_type1", KNOWN_NO, KNOWN_YES);
	expect_module(fixture, "vfio_pci", KNOWN_NOT, KNOWN_NOT);
	tree_text(&fixture->tree, "lib/modules/6.12.1/modules.builtin", "kernel/fs/a.ko\n");
	expect_module(fixture, "vfio_pci", KNOWN_NO, KNOWN_NO);
	tree_text(&fixture->tree, "lib/modules/6.12.1/modules.builtin",
		  "kernel/drivers/vfio/pci/vfio-pci.ko\n");
	expect_module(fixture, "vfio_pci", KNOWN_YES, KNOWN_YES);
	tree_text(&fixture->tree, "sys/module/vfio_iommu_type1/refcnt", "0\n");
	expect_module(fixture, "vfio_iommu_type1", KNOWN_YES, KNOWN_YES);
}

/* Modules are looked at for the buses that have devices. */
static void modules_of_buses(void **state)
{
	struct fixture *fixture = *state;

	assert_null(host_facts_module(read_host(fixture), "vfio_fsl_mc"));
	tree_device(&fixture->tree,
		    &(struct tree_device) {.bus = "fsl-mc", .address = "dpni.1", .group = 7});
	read_module(fixture, "vfio_fsl_mc");
}

static void switches(void **state)
{
	struct fixture *fixture = *state;

	tree_text(&fixture->tree, "sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts",
		  "Y\n");
	assert_int_equal(read_host(fixture)->unsafe_interrupts, KNOWN_YES);
	assert_int_equal(fixture->facts.host->noiommu, KNOWN_NO);
	tree_text(&fixture->tree, "sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts",
		  "N\n");
	tree_text(&fixture->tree, "sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "Y\n");
	assert_int_equal(read_host(fixture)->unsafe_interrupts, KNOWN_NO);
	assert_int_equal(fixture->facts.host->noiommu, KNOWN_YES);
}

static void node_of_vfio(void **state)
{
	struct fixture *fixture = *state;
	char path[512];

	tree_text(&fixture->tree, "dev/null", "");
	assert_int_equal(read_host(fixture)->vfio_node, KNOWN_NO);
	tree_text(&fixture->tree, "dev/vfio/vfio", "");
	assert_int_equal(read_host(fixture)->vfio_node, KNOWN_YES);
	for (mode_t mode = 0; mode < 07; mode++) {
		snprintf(path, sizeof(path), "%s/dev/vfio/vfio", fixture->tree.path);
		assert_int_equal(chmod(path, 0660 | mode), 0);
		assert_int_equal(read_host(fixture)->vfio_node_open,
				 (mode & 06) == 06 ? KNOWN_YES : KNOWN_NO);
	}
}

static void first_domain_of_xen(void **state)
{
	struct fixture *fixture = *state;

	tree_text(&fixture->tree, "sys/hypervisor/type", "kvm\n");
	assert_int_equal(read_host(fixture)->xen_first, KNOWN_NO);
	tree_text(&fixture->tree, "sys/hypervisor/type", "xen\n");
	assert_int_equal(read_host(fixture)->xen_first, KNOWN_NOT);
	expect_hidden(fixture, "xen_first", -ENOENT);
	tree_text(&fixture->tree, "proc/xen/capabilities", "");
	assert_int_equal(read_host(fixture)->xen_first, KNOWN_NO);
	tree_text(&fixture->tree, "proc/xen/capabilities", "control_d\n");
	assert_int_equal(read_host(fixture)->xen_first, KNOWN_YES);
}

/* The real user is not who counts, nor is the hard limit. */
static void who_looks(void **state)
{
	struct fixture *fixture = *state;

	tree_text(&fixture->tree, "proc/self/status", "Name:\ta\nUid:\t0\t1000\t0\t0\n");
	tree_text(
		&fixture->tree, "proc/self/limits",
		"Limit                     Soft Limit           Hard Limit           Units     \n"
		"Max locked memory         65536                unlimited            bytes     \n"
		"Max file locks            unlimited            unlimited            locks     \n");
	assert_int_equal(read_host(fixture)->privileged, KNOWN_NO);
	assert_true(fixture->facts.host->memlock == 65536);
	tree_text(&fixture->tree, "proc/self/status", "Uid:\t1000\t0\t1000\t1000\n");
	tree_text(&fixture->tree, "proc/self/limits",
		  "Max locked memory         unlimited            unlimited            bytes\n");
	assert_int_equal(read_host(fixture)->privileged, KNOWN_YES);
	assert_true(fixture->facts.host->memlock == MEMLOCK_UNLIMITED);
}

static void root_of_a_user_namespace_is_not(void **state)
{
	struct fixture *fixture = *state;

	tree_text(&fixture->tree, "proc/self/status", "Uid:\t0\t0\t0\t0\n");
	tree_text(&fixture->tree, "proc/self/uid_map", "         0          0 4294967295\n");
	assert_int_equal(read_host(fixture)->privileged, KNOWN_YES);
	tree_text(&fixture->tree, "proc/self/uid_map",
		  "         0       1000          1\n         1     100000      65536\n");
	assert_int_equal(read_host(fixture)->privileged, KNOWN_NO);
}

static void whose_root_a_hidden_map_says_is_not_known(void **state)
{
	struct fixture *fixture = *state;

	tree_text(&fixture->tree, "proc/self/status", "Uid:\t0\t0\t0\t0\n");
	tree_text(&fixture->tree, "proc/self/uid_map/a", "");
	assert_int_equal(read_host(fixture)->privileged, KNOWN_NOT);
	expect_hidden(fixture, "privileged", -EISDIR);
	tree_text(&fixture->tree, "proc/self/status", "Uid:\t0\t1000\t0\t0\n");
	assert_int_equal(read_host(fixture)->privileged, KNOWN_NO);
}

static void this_host_is_read(void **state)
{
	struct machine *machine;
	struct facts facts;

	assert_int_equal(linux_machine_open(NULL, &machine), 0);
	assert_int_equal(machine_read(machine, &facts), 0);
	assert_non_null(facts.host->release);
	assert_true(facts.host->arguments_known);
	assert_true(facts.host->privileged != KNOWN_NOT);
	assert_true(facts.host->memlock != MEMLOCK_NOT_KNOWN);
	assert_true(facts.host->sees_all != KNOWN_YES || facts.host->privileged == KNOWN_YES);
	assert_int_equal(facts.host->sees_all == KNOWN_NO, facts.host->blind_spot_count > 0);
	facts_release(&facts);
	machine_close(machine);
}

static int set_up_interrupts(void **state)
{
	return set_up((void **)&interrupts_fixture);
}

static int tear_down_interrupts(void **state)
{
	return tear_down((void **)&interrupts_fixture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest single[] = {
		TEST(nothing_is_known_of_sys_alone),
		TEST(what_hid_the_facts),
		TEST(what_can_not_be_read),
		TEST(first_domain_of_xen),
		TEST(whose_root_a_hidden_map_says_is_not_known),
		TEST(a_glance_does_not_look),
		TEST(kernel_and_processor),
		TEST(arguments_that_matter),
		TEST(no_argument_matters),
		TEST(tables_of_the_firmware),
		TEST(no_iommus),
		TEST(iommus_of_every_kind),
		TEST(modules),
		TEST(modules_of_buses),
		TEST(switches),
		TEST(node_of_vfio),
		TEST(who_looks),
		TEST(root_of_a_user_namespace_is_not),
		cmocka_unit_test(this_host_is_read),
	};
	struct suite host = {0}, lines = {0};

	ADD_TESTS(&host, single);
	ADD_ROWS(&lines, interrupts_cases, interrupts);
	return suite_run(&host, "host facts") +
	       suite_run_between(&lines, "interrupts", set_up_interrupts, tear_down_interrupts);
}
