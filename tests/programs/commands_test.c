/* SPDX-License-Identifier: MIT */
/*
 * commands_test DMAOWN: the program as scripts see it, exit codes, one-line errors, tables and
 * JSON, on a made tree with a group of two devices, one of its own, and one without a group.
 */
#define _GNU_SOURCE
#include "rows.h"
#include "tree.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The commands run in the tree, where the root is `.` and what is printed goes to out and err. */
static struct tree tree;
static char *dmaown;

#define BAD_NAME "\302\233bad\033name\n"

#define DOCTORS_MACHINE(host)                                                                      \
	"{\"dmaown-machine\": 1, \"groups\": [{\"id\": 3, \"devices\": ["                          \
	"{\"address\": \"0000:00:03.0\", \"bus\": \"pci\"}]}], \"drivers\": ["                     \
	"{\"name\": \"vfio-pci\", \"bus\": \"pci\", \"user\": true}], \"host\": {" host "}}"

/* All that decides whether a group can be handed out, but for who would do it. */
#define ALL_IS_WELL                                                                                \
	"\"iommus\": [{\"name\": \"dmar0\"}], \"interrupt_remapping\": true,"                      \
	" \"unsafe_interrupts\": false, \"vfio_node\": true, \"sys_read_only\": false,"            \
	" \"modules\": [{\"name\": \"vfio_iommu_type1\", \"loaded\": true}]"

/* Machine files. */
static const struct {
	const char *path, *text;
} machine_files[] = {
	{"functions.json", "{\"dmaown-machine\": 1, \"groups\": [{\"id\": 3, \"devices\": ["
			   "{\"address\": \"0000:00:03.0\", \"bus\": \"pci\","
			   " \"pci\": {\"type\": \"endpoint\", \"multifunction\": true}},"
			   "{\"address\": \"0000:00:03.1\", \"bus\": \"pci\","
			   " \"pci\": {\"type\": \"endpoint\"}}]}]}"},
	{"off.json", DOCTORS_MACHINE("\"iommus\": [], \"iommu_table\": \"DMAR\","
				     " \"arguments\": [\"intel_iommu=off\"]")},
	{"well.json", DOCTORS_MACHINE(ALL_IS_WELL ", \"privileged\": true")},
	{"somebody.json", DOCTORS_MACHINE(ALL_IS_WELL ", \"privileged\": false")},
	{"interrupts.json",
	 DOCTORS_MACHINE("\"interrupt_remapping\": false, \"unsafe_interrupts\": false")},
	{"hidden.json", DOCTORS_MACHINE(ALL_IS_WELL ", \"unknown\": [{\"about\": \"privileged\","
						    " \"errno\": \"EACCES\"}]")},
	{"apart.json",
	 "{\"dmaown-machine\": 1, \"groups\": [{\"id\": 3, \"devices\": ["
	 "{\"address\": \"0000:00:03.0\", \"bus\": \"pci\","
	 " \"pci\": {\"type\": \"endpoint\", \"multifunction\": true}}]},"
	 " {\"id\": 4, \"devices\": [{\"address\": \"0000:00:03.1\", \"bus\": \"pci\","
	 " \"pci\": {\"type\": \"endpoint\", \"multifunction\": true}}]}],"
	 " \"host\": {\"arguments\": [\"pcie_acs_override=multifunction\"]}}"},
	{"late.json", "{\"dmaown-machine\": 1, \"groups\": [], \"ungrouped\": ["
		      "{\"address\": \"0000:00:03.0\", \"bus\": \"pci\", \"pci\": {}},"
		      "{\"address\": \"0000:00:04.0\", \"bus\": \"pci\", \"pci\": {},"
		      " \"driver\": \"e1000e\"}],"
		      " \"drivers\": [{\"name\": \"e1000e\", \"bus\": \"pci\"}],"
		      " \"host\": {\"release\": \"6.12.1\", \"iommus\": [{\"name\": \"smmu3.a\","
		      " \"kind\": \"smmu\"}]}}"},
	{"broken.json", "{\"dmaown-machine\": 1,\n \"groups\": [}"},
};

static void make_machine(void)
{
	static const uint8_t config[256];
	const struct tree_device devices[] = {
		{.address = "0000:00:1f.0", .group = -1},
		{.address = "0000:02:01.0",
		 .modalias = "pci:v00008086d0000100Esv00001AF4sd00001100bc02sc00i00",
		 .driver = "e1000",
		 .group = 8},
		{.address = "0000:02:02.0",
		 .modalias = "pci:v00001234d000011E8sv00001AF4sd00001100bc00scFFi00",
		 .override = "vfio-pci\n",
		 .group = 8},
		{.address = "0000:03:00.0",
		 .modalias = "pci:v00008086d000010D3sv00008086sd00000000bc02sc00i00",
		 .driver = "vfio-pci",
		 .group = 10},
	};

	tree_make(&tree);
	for (size_t i = 0; i < COUNT(devices); i++) {
		struct tree_device device = devices[i];

		device.config = config;
		device.config_size = sizeof(config);
		tree_device(&tree, &device);
	}
	tree_text(&tree, "sys/devices/pci0000:00/0000:02:01.0/sriov_numvfs", "2\n");
	tree_group(&tree, 8, "DMA-FQ\n", "");
	tree_group(&tree, 10, "identity\n", "");
	tree_link(&tree, "proc/77/fd/3", "/dev/vfio/10");
	tree_text(&tree, "proc/77/comm", BAD_NAME);
	tree_text(&tree, "usr/share/misc/pci.ids",
		  "8086  Intel\n\t100e  82540EM Gigabit Ethernet Controller\n\t10d3  82574L\n");
	tree_text(&tree, "run/keep", "");
	for (size_t i = 0; i < COUNT(machine_files); i++)
		tree_text(&tree, machine_files[i].path, machine_files[i].text);
}

/* Runs the program and returns its exit code. */
static int run(const char *arguments)
{
	char *command;
	int status;

	assert_true(asprintf(&command, "cd '%s' && { '%s' %s; } >out 2>err </dev/null", tree.path,
			     dmaown, arguments) > 0);
	status = system(command);
	free(command);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

struct row {
	const char *name, *arguments;
	int code;
	const char *err; /* all of it; NULL: nothing */
	const char *out; /* a part of it; NULL: nothing */
};

#define TREE "--sysroot . "

static const struct row rows[] = {
	{"usage@no-command", "", 2, "dmaown: name a command (dmaown --help lists them)\n", NULL},
	{"usage@no-such-command", "frob", 2,
	 "dmaown: frob: no such command (dmaown --help lists them)\n", NULL},
	{"usage@no-such-option", "--frob list", 2,
	 "dmaown: --frob: no such option (--help lists them)\n", NULL},
	{"help@of-a-command", "help claim", 0, NULL, "  --take [ADDRESS/]USE "},
	{"help@of-a-command-as-its-option", "claim --help", 0, NULL, "example: dmaown claim"},
	{"help@of-dmaown", "help", 0, NULL, "usage: dmaown [OPTION...] COMMAND"},
	{"help@of-no-command", "help clam", 2,
	 "dmaown: clam: no such command (did you mean claim?)\n", NULL},
	{"help@of-two", "help claim list", 2, "dmaown: list: too much (help takes one command)\n",
	 NULL},
	{"usage@mistyped-command", "lsit", 2,
	 "dmaown: lsit: no such command (did you mean list?)\n", NULL},
	{"usage@mistyped-option", "list --jsno", 2,
	 "dmaown: --jsno: no such option (did you mean --json?)\n", NULL},
	{"usage@mistyped-option-with-a-value", "--sysrot=. list", 2,
	 "dmaown: --sysrot=.: no such option (did you mean --sysroot?)\n", NULL},
	{"usage@no-such-short-option", "-x list", 2,
	 "dmaown: -x: no such option (--help lists them)\n", NULL},
	{"usage@no-such-option-of-a-command", "list --output x", 2,
	 "dmaown: --output: no such option (--help lists them)\n", NULL},
	{"usage@argument-missing", "--sysroot", 2, "dmaown: --sysroot: needs an argument\n", NULL},
	{"usage@not-a-color", "--color=pink list", 2,
	 "dmaown: --color: 'pink' is none of auto, always, never\n", NULL},
	{"usage@sysroot-with-a-machine-file", TREE "--machine broken.json list", 2,
	 "dmaown: --sysroot: can't be used with a machine file (leave one of them out)\n", NULL},
	{"usage@no-such-sysroot", "--sysroot none list", 2,
	 "dmaown: none: No such file or directory\n", NULL},
	{"usage@no-such-machine-file", "--machine none list", 2,
	 "dmaown: none: No such file or directory (--machine takes live or a machine file)\n",
	 NULL},
	{"usage@show-nothing", TREE "show", 2,
	 "dmaown: show: takes one device or group (0 given)\n", NULL},
	{"usage@show-two", TREE "show a b", 2,
	 "dmaown: show: takes one device or group (2 given)\n", NULL},
	{"usage@snapshot-operand", TREE "snapshot x", 2,
	 "dmaown: x: snapshot takes no arguments (name the file with -o FILE)\n", NULL},
	{"usage@run-nothing", "run", 2, "dmaown: run takes one scenario file\n", NULL},
	{"usage@group-without-a-number", TREE "show group:x", 2,
	 "dmaown: group:x: is not a group (write group: and its number, such as group:8)\n", NULL},
	{"usage@group-negative", TREE "show group:-1", 2,
	 "dmaown: group:-1: is not a group (write group: and its number, such as group:8)\n", NULL},
	{"usage@group-beyond-numbers", TREE "show group:99999999999999999999", 2,
	 "dmaown: group:99999999999999999999: is not a group (write group: and its number, such as "
	 "group:8)\n",
	 NULL},

	{"help", "--help", 0, NULL, "usage: dmaown [OPTION...] COMMAND"},
	{"help@command", "show --help", 0, NULL, "usage: dmaown [OPTION...] show WHAT"},
	{"version", "--version", 0, NULL, "dmaown "},

	{"list@group", TREE "list", 0, NULL,
	 "8      DMA-FQ    kernel                    0000:02:01.0  e1000         SR-IOV  "
	 "82540EM Gigabit Ethernet Controller\n"
	 "                                           0000:02:02.0  - (vfio-pci)          "
	 "1234:11e8\n"},
	{"list@user-whose-name-commands-a-terminal", TREE "list", 0, NULL,
	 "10     identity  \\xc2\\x9bbad\\x1bname (77)  0000:03:00.0  vfio-pci              "
	 "82574L\n"},
	{"list@without-a-group-comes-last", TREE "list", 0, NULL,
	 "82574L\n-                                          0000:00:1f.0  -                     "
	 "\n"},
	{"list@quiet-has-no-header", TREE "-q list group:10", 0, NULL, "10  "},
	{"list@verbose-has-ids", TREE "-v list group:10", 0, NULL, "8086:10d3 020000  82574L"},
	{"list@what-stands-for-its-group", TREE "list 02:02.0", 0, NULL, "0000:02:01.0"},
	{"list@color", TREE "--color=always list", 0, NULL, "\033[33me1000\033[0m"},
	{"list@options-after-the-command", "list " TREE "-q", 0, NULL, "DMA-FQ"},
	{"list@no-such-device-whose-name-commands-a-terminal",
	 TREE "list \"$(printf '\\033[31m\\377')\"", 5,
	 "dmaown: \\x1b[31m\\xff: no such device (dmaown list shows all)\n", NULL},
	{"list@no-such-device", TREE "list 09:00.0", 5,
	 "dmaown: 09:00.0: no such device (dmaown list shows all)\n", NULL},
	{"list@no-such-group", TREE "list group:9", 5,
	 "dmaown: group:9: no such group (dmaown list shows all)\n", NULL},
	{"list@no-such-among-others", TREE "list 02:01.0 group:9", 5,
	 "dmaown: group:9: no such group (dmaown list shows all)\n", NULL},
	{"list@full-device", "--sysroot . list >/dev/full", 1,
	 "dmaown: standard output: No space left on device\n", NULL},

	{"show@what-hinders-a-claim", TREE "show group:8", 0, NULL,
	 "  hindrance       0000:02:01.0: in use: SR-IOV: 2 virtual functions are enabled "
	 "(echo 0 > /sys/bus/pci/devices/0000:02:01.0/sriov_numvfs)\n"},
	{"show@who-hinders-a-claim", TREE "show group:10", 0, NULL,
	 "  hindrance       owned: \\xc2\\x9bbad\\x1bname"},
	{"show@device", TREE "show 0000:02:01.0", 0, NULL,
	 "0000:02:01.0  82540EM Gigabit Ethernet Controller\n"},
	{"show@abbreviated", TREE "show 02:01.0", 0, NULL, "native: the group is the kernel's"},
	{"show@upper-case", TREE "show 00:1F.0", 0, NULL, "none: no IOMMU translates for it"},
	{"show@remedy-without-a-group", TREE "show 00:1f.0", 0, NULL,
	 "  remedy          dmaown doctor says why no IOMMU translates for it, and what to do\n"},
	{"show@remedy", "--machine functions.json show group:3", 0, NULL,
	 "  remedy          0000:00:03.1: take all functions of the device together"},
	{"show@group", TREE "show group:8", 0, NULL, "no: a native driver is bound"},
	{"show@owner", TREE "show group:10", 0, NULL, "process 77 of user"},
	{"show@no-such-device", TREE "show 0000:02:09.0", 5,
	 "dmaown: 0000:02:09.0: no such device (dmaown list shows all)\n", NULL},
	{"show@path-as-device", TREE "show ../../02:01.0", 5,
	 "dmaown: ../../02:01.0: no such device (dmaown list shows all)\n", NULL},

	{"show@told-to-be-apart", "--machine apart.json show group:3", 0, NULL,
	 "  otherwise       0000:00:03.0: with 0000:00:03.1 by the rules\n"
	 "  override        pcie_acs_override=multifunction makes the kernel treat them as "
	 "isolated; the hardware does not isolate them\n"},
	{"show@group-comes-with-a-driver", "--machine late.json show 00:03.0", 0, NULL,
	 "  group           none yet: this kernel looks for its IOMMU when a driver is bound\n"
	 "  remedy          echo vfio-pci > /sys/bus/pci/devices/0000:00:03.0/driver_override; "
	 "echo "
	 "0000:00:03.0 > /sys/bus/pci/drivers_probe\n"},
	{"show@no-group-with-a-driver", "--machine late.json show 00:04.0", 0, NULL,
	 "  group           none: no IOMMU translates for it\n"},

	{"doctor@nothing-blocks", "--machine well.json doctor", 0, NULL,
	 "nothing keeps this machine from handing out a group\n"},
	{"doctor@quiet", "--machine well.json -q doctor", 0, NULL, NULL},
	{"doctor@verbose-has-what-is-fine", "--machine well.json doctor -v", 0, NULL,
	 "ok       vfio-pci: registered\n"},
	{"doctor@verbose-has-what-is-not-known", "--machine well.json doctor -v", 0, NULL,
	 "unknown  locked memory: not known how much may be locked: nobody looked\n"},
	{"doctor@what-decides-is-not-known", TREE "doctor", 1, NULL,
	 "unknown  interrupt remapping: not known whether the kernel uses it: No such file or "
	 "directory\n"},
	{"doctor@permission-hides-what-decides", "--machine hidden.json doctor", 6, NULL,
	 "unknown  permission: not known whether dmaown may change the host: Permission denied\n"},
	{"doctor@color", TREE "--color=always -v doctor", 1, NULL,
	 "\033[32mok\033[0m       IOMMU: "},
	{"doctor@state-folder", TREE "doctor -v", 1, NULL,
	 "ok       ./run/dmaown: can be written\n"},
	{"doctor@state-folder-of-a-file-is-nobodys", "--machine off.json doctor -v", 5, NULL,
	 "not known how much may be locked: nobody looked\n"},
	{"doctor@iommu-off", "--machine off.json doctor", 5, NULL,
	 "blocks   IOMMU: off by the kernel argument intel_iommu=off (change it to intel_iommu=on "
	 "on the kernel command line and reboot)\n"},
	{"doctor@not-root", "--machine somebody.json doctor", 6, NULL,
	 "blocks   permission: not root of the host: cannot write driver_override, bind, unbind "
	 "(run it as "
	 "root)\n"},
	{"doctor@interrupts", "--machine interrupts.json doctor", 1, NULL,
	 "blocks   interrupt remapping: off, and VFIO requires it (enable it, and x2APIC, "},
	{"doctor@operand", TREE "doctor group:8", 2,
	 "dmaown: group:8: doctor takes no arguments (leave it out)\n", NULL},
	{"doctor@no-machine-file", "--machine none doctor", 2,
	 "dmaown: none: No such file or directory (--machine takes live or a machine file)\n",
	 NULL},
	{"doctor@full-device", "--sysroot . doctor >/dev/full", 1,
	 "dmaown: standard output: No space left on device\n", NULL},

	{"snapshot@output-can-not-be-made", TREE "snapshot -o none/file", 5,
	 "dmaown: none/file: No such file or directory\n", NULL},
	{"snapshot@into-a-device-file", TREE "snapshot -o /dev/full", 1,
	 "dmaown: /dev/full: No space left on device\n", NULL},
	{"snapshot@to-standard-output", TREE "snapshot", 0, NULL, "\"dmaown-machine\": 1"},
};

static void expect_text(const char *file, const char *expected, bool whole)
{
	char text[65536];

	tree_read(&tree, file, text, sizeof(text));
	if (!expected || whole)
		assert_string_equal(text, expected ? expected : "");
	else if (!strstr(text, expected))
		fail_msg("\"%s\" is not in:\n%s", expected, text);
}

static void command(void **state)
{
	const struct row *row = *state;

	tree_text(&tree, "out", "");
	assert_int_equal(run(row->arguments), row->code);
	expect_text("err", row->err, true);
	expect_text("out", row->out, false);
}

static void broken_machine_file_is_placed(void **state)
{
	assert_int_equal(run("--machine broken.json list"), 2);
	expect_text("err", "dmaown: broken.json:2: ", false);
	expect_text("out", NULL, true);
}

static json_t *read_json(void)
{
	char *path;
	json_t *json;

	assert_true(asprintf(&path, "%s/out", tree.path) > 0);
	json = json_load_file(path, 0, NULL);
	free(path);
	assert_non_null(json);
	return json;
}

/* The keys that scripts depend on: those of design.md. */
static void list_json(void **state)
{
	static const char *const keys[] = {"address",     "bus",   "vendor", "device",
					   "class",       "name",  "driver", "driver_override",
					   "managed_dma", "in_use"};
	json_t *json, *group, *device, *use;
	const char *machine, *type, *kind;
	int id, viable;

	assert_int_equal(run(TREE "--json list"), 0);
	json = read_json();
	assert_int_equal(json_unpack(json, "{s:s}", "machine", &machine), 0);
	assert_string_equal(machine, ".");
	group = json_array_get(json_object_get(json, "groups"), 0);
	assert_int_equal(json_unpack(group, "{s:i, s:s, s:b, s:{s:s}}", "id", &id, "type", &type,
				     "viable", &viable, "owner", "kind", &kind),
			 0);
	assert_int_equal(id, 8);
	assert_string_equal(type, "DMA-FQ");
	assert_false(viable);
	assert_string_equal(kind, "kernel");
	device = json_array_get(json_object_get(group, "devices"), 0);
	for (size_t i = 0; i < COUNT(keys); i++)
		assert_non_null(json_object_get(device, keys[i]));
	assert_string_equal(json_string_value(json_object_get(device, "vendor")), "8086");
	assert_true(json_is_null(json_object_get(device, "driver_override")));
	assert_true(json_is_false(json_object_get(device, "managed_dma")));
	use = json_array_get(json_object_get(device, "in_use"), 0);
	assert_string_equal(json_string_value(json_object_get(use, "kind")), "virtual-functions");
	assert_string_equal(json_string_value(json_object_get(use, "name")), "SR-IOV");
	assert_string_equal(json_string_value(json_object_get(use, "reason")),
			    "2 virtual functions are enabled");
	json_decref(json);
}

static void list_json_of_one_group(void **state)
{
	json_t *json, *owner;

	assert_int_equal(run(TREE "list --json 03:00.0"), 0);
	json = read_json();
	assert_int_equal(json_array_size(json_object_get(json, "groups")), 1);
	assert_int_equal(json_array_size(json_object_get(json, "ungrouped")), 0);
	owner = json_object_get(json_array_get(json_object_get(json, "groups"), 0), "owner");
	assert_string_equal(json_string_value(json_object_get(owner, "kind")), "user");
	assert_int_equal(json_integer_value(json_object_get(owner, "pid")), 77);
	assert_int_equal(json_integer_value(json_object_get(owner, "uid")), getuid());
	json_decref(json);
}

static void show_json(void **state)
{
	json_t *json;

	assert_int_equal(run(TREE "show --json 02:02.0"), 0);
	json = read_json();
	assert_string_equal(json_string_value(json_object_get(json_object_get(json, "device"),
							      "driver_override")),
			    "vfio-pci");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "group"), "id")),
			 8);
	assert_string_equal(
		json_string_value(json_object_get(
			json_array_get(json_object_get(json, "hindrances"), 0), "kind")),
		"in-use");
	json_decref(json);
	assert_int_equal(run(TREE "show --json 00:1f.0"), 0);
	json = read_json();
	assert_true(json_is_null(json_object_get(json, "group")));
	json_decref(json);
}

/* What is in no group is explained too. */
static void show_json_without_a_group(void **state)
{
	json_t *json, *isolation;

	assert_int_equal(run(TREE "show --json 00:1f.0"), 0);
	json = read_json();
	isolation = json_array_get(json_object_get(json, "isolation"), 0);
	assert_string_equal(json_string_value(json_object_get(isolation, "rule")), "ungrouped");
	assert_string_equal(json_string_value(json_object_get(isolation, "remedy")),
			    "dmaown doctor says why no IOMMU translates for it, and what to do");
	json_decref(json);
}

static void doctor_json(void **state)
{
	const char *check, *thing, *verdict, *reason, *remedy;
	json_t *json, *finding;

	assert_int_equal(run("--machine off.json --json doctor"), 5);
	json = read_json();
	finding = json_array_get(json_object_get(json, "findings"), 0);
	assert_int_equal(json_unpack(finding, "{s:s, s:s, s:s, s:s, s:s}", "check", &check, "thing",
				     &thing, "verdict", &verdict, "reason", &reason, "remedy",
				     &remedy),
			 0);
	assert_string_equal(check, "iommu");
	assert_string_equal(thing, "IOMMU");
	assert_string_equal(verdict, "blocks");
	assert_string_equal(reason, "off by the kernel argument intel_iommu=off");
	json_decref(json);
}

/* A folder of the tree, made if it is not there. */
static void make_folder(const char *name, mode_t mode)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", tree.path, name);
	assert_true(mkdir(path, mode) == 0 || errno == EEXIST);
	assert_int_equal(chmod(path, mode), 0);
}

static void doctor_of_a_folder_of_others(void **state)
{
	static const struct {
		mode_t folder, claims;
	} modes[] = {{0777, 0700}, {0775, 0700}, {0755, 0755}, {0755, 0710}};

	setenv("DMAOWN_RUNTIME_DIR", "runtime", 1);
	for (size_t i = 0; i < COUNT(modes); i++) {
		make_folder("runtime", modes[i].folder);
		make_folder("runtime/claims", modes[i].claims);
		assert_int_equal(run(TREE "doctor"), 1);
		expect_text("out",
			    "blocks   ./runtime: others may write to it, so dmaown believes no "
			    "record in it (make root its owner, with the mode 755, and 700 for "
			    "claims in it)\n",
			    false);
	}
	unsetenv("DMAOWN_RUNTIME_DIR");
}

static void doctor_without_a_state_folder(void **state)
{
	static const struct {
		const char *folder, *words;
	} folders[] = {
		{"none/a", "blocks   ./none/a: is in a folder that is not there (make that folder, "
			   "or set DMAOWN_RUNTIME_DIR)\n"},
		{"off.json", "blocks   ./off.json: Not a directory (set DMAOWN_RUNTIME_DIR to a "
			     "folder)\n"},
		{"off.json/a",
		 "blocks   ./off.json/a: Not a directory (set DMAOWN_RUNTIME_DIR to a "
		 "folder)\n"},
	};

	for (size_t i = 0; i < COUNT(folders); i++) {
		setenv("DMAOWN_RUNTIME_DIR", folders[i].folder, 1);
		assert_int_equal(run(TREE "doctor"), 1);
		unsetenv("DMAOWN_RUNTIME_DIR");
		expect_text("out", folders[i].words, false);
	}
}

/* The host goes with a snapshot, so that a refusal can be studied elsewhere. */
static void doctor_finds_the_same_in_a_snapshot(void **state)
{
	char live[65536], recorded[65536];

	tree_text(&tree, "proc/self/status", "Uid:\t1000\t1000\t1000\t1000\n");
	assert_int_equal(run(TREE "doctor"), 1);
	tree_read(&tree, "out", live, sizeof(live));
	assert_int_equal(run(TREE "snapshot -o somebody-else.json"), 0);
	tree_unlink(&tree, "proc/self/status");
	assert_int_equal(run("--machine somebody-else.json doctor"), 1);
	tree_read(&tree, "out", recorded, sizeof(recorded));
	assert_string_equal(recorded, live);
}

/* A snapshot is a machine: it lists the same, but for where it is from. */
static void snapshot_lists_the_same(void **state)
{
	char live[65536], recorded[65536];

	tree_text(&tree, "proc/77/comm", "qemü\033]0;\n");
	assert_int_equal(run(TREE "snapshot -o snapshot.json"), 0);
	assert_int_equal(run(TREE "list"), 0);
	tree_read(&tree, "out", live, sizeof(live));
	tree_text(&tree, "proc/77/comm", BAD_NAME);
	assert_int_equal(run("--machine snapshot.json list"), 0);
	tree_read(&tree, "out", recorded, sizeof(recorded));
	assert_string_equal(recorded, live);
}

static void machine_whose_name_is_no_text(void **state)
{
	json_t *json;

	assert_int_equal(run(TREE "snapshot -o \"$(printf '\\377').json\""), 0);
	assert_int_equal(run("--machine \"$(printf '\\377').json\" show --json group:8"), 0);
	json = read_json();
	assert_string_equal(json_string_value(json_object_get(json, "machine")),
			    "\357\277\275.json");
	json_decref(json);
}

/* A snapshot that can't be written whole leaves the file of before. */
static void snapshot_replaces_whole(void **state)
{
	char before[65536], after[65536];

	tree_text(&tree, "kept.json", "as before");
	assert_int_equal(run(TREE "snapshot -o kept.json"), 0);
	tree_read(&tree, "kept.json", before, sizeof(before));
	assert_non_null(strstr(before, "dmaown-machine"));
	assert_int_equal(run("--sysroot none snapshot -o kept.json"), 2);
	tree_read(&tree, "kept.json", after, sizeof(after));
	assert_string_equal(after, before);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(broken_machine_file_is_placed),
		cmocka_unit_test(list_json),
		cmocka_unit_test(list_json_of_one_group),
		cmocka_unit_test(show_json),
		cmocka_unit_test(show_json_without_a_group),
		cmocka_unit_test(doctor_json),
		cmocka_unit_test(doctor_of_a_folder_of_others),
		cmocka_unit_test(doctor_without_a_state_folder),
		cmocka_unit_test(doctor_finds_the_same_in_a_snapshot),
		cmocka_unit_test(snapshot_lists_the_same),
		cmocka_unit_test(machine_whose_name_is_no_text),
		cmocka_unit_test(snapshot_replaces_whole),
	};
	struct suite suite = {0};
	int failed;

	dmaown = argc == 2 ? realpath(argv[1], NULL) : NULL;
	if (!dmaown)
		return 2;
	ADD_ROWS(&suite, rows, command);
	ADD_TESTS(&suite, single);
	make_machine();
	failed = suite_run(&suite, "commands");
	tree_remove(&tree);
	free(dmaown);
	return failed;
}
