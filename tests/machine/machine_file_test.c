/* SPDX-License-Identifier: MIT */
#include "facts_equal.h"
#include "facts_json.h"
#include "machine_file.h"
#include "rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A machine with every key, and each kind of value that a key can have. */
static const char full[] =
	"{\"dmaown-machine\": 1, \"machine\": \"live\", \"x-comment\": [1.5, {}],\n"
	" \"groups\": [\n"
	"  {\"id\": 8, \"type\": \"DMA-FQ\", \"viable\": false, \"direct_regions\": true,\n"
	"   \"owner\": {\"kind\": \"user\", \"name\": \"vm1\", \"pid\": 77, \"uid\": 0},\n"
	"   \"count\": 3, \"domain\": \"unmanaged\",\n"
	"   \"devices\": [\n"
	"    {\"address\": \"0000:02:01.0\", \"bus\": \"pci\", \"parent\": \"0000:00:1c.1\",\n"
	"     \"vendor\": \"8086\", \"device\": \"100e\", \"subsystem_vendor\": \"1af4\",\n"
	"     \"subsystem_device\": \"1100\", \"class\": \"020000\", \"modalias\": \"pci:v8086\",\n"
	"     \"name\": \"82540EM\", \"driver\": \"e1000\", \"driver_override\": \"vfio-pci\",\n"
	"     \"managed_dma\": false, \"pci\": {\"type\": null, \"multifunction\": true,\n"
	"     \"physical_function\": \"0000:02:00.0\"},\n"
	"     \"in_use\": [{\"kind\": \"network\", \"name\": \"eth0\", \"reason\": \"up\"},\n"
	"                {\"kind\": \"odd\"}]},\n"
	"    {\"address\": \"0000:02:02.0\", \"bus\": \"pci\", \"pci\": {\"type\": 3},\n"
	"     \"in_use\": []}]},\n"
	"  {\"id\": 0, \"devices\": [], \"owner\": {\"kind\": \"kernel\"}}],\n"
	" \"ungrouped\": [\n"
	"  {\"address\": \"0000:00:1c.1\", \"bus\": \"pci\", \"pci\": {\"type\": \"root-port\",\n"
	"   \"bridge\": {\"secondary\": 2, \"subordinate\": 255}, \"config_hidden\": true, "
	"\"config_errno\": \"EIO\",\n"
	"   \"acs\": {\"capability\": \"005f\", \"control\": \"001d\", \"wide\": true}}},\n"
	"  {\"address\": \"a-uart\", \"bus\": \"platform\", \"in_use\": null}],\n"
	" \"devices\": [{\"address\": \"0000:05:00.0\", \"bus\": \"pci\", \"pci\": "
	"{\"config_silent\": true}}],\n"
	" \"drivers\": [\n"
	"  {\"name\": \"e1000\", \"bus\": \"pci\", \"managed_dma\": false,\n"
	"   \"ids\": [\"8086:100e\", \"class:0200*\"]},\n"
	"  {\"name\": \"vfio-pci\", \"bus\": \"pci\", \"managed_dma\": true, \"user\": true},\n"
	"  {\"name\": \"odd\", \"bus\": \"platform\", \"managed_dma\": null}],\n"
	" \"host\": {\"release\": \"6.12.1\", \"architecture\": \"x86_64\",\n"
	"  \"cpu_vendor\": \"GenuineIntel\", \"virtual\": false,\n"
	"  \"arguments\": [\"intel_iommu=on\", \"iommu=pt\"], \"iommu_table\": \"DMAR\",\n"
	"  \"iommus\": [{\"name\": \"dmar0\", \"kind\": \"intel\", \"remaps_interrupts\": true},\n"
	"             {\"name\": \"odd\"}],\n"
	"  \"interrupt_remapping\": true,\n"
	"  \"modules\": [{\"name\": \"vfio_pci\", \"loaded\": false, \"installed\": true},\n"
	"              {\"name\": \"iommufd\"}],\n"
	"  \"unsafe_interrupts\": false, \"noiommu\": true, \"vfio_node\": true,\n"
	"  \"sys_read_only\": false, \"privileged\": true, \"memlock\": 8388608,\n"
	"  \"xen_first\": true, \"vfio_node_open\": false, \"sees_all\": false,\n"
	"  \"blind_spots\": [{\"about\": \"mounts\", \"errno\": \"EPERM\"}],\n"
	"  \"unknown\": [{\"about\": \"iommus\", \"errno\": \"EACCES\"}, {\"about\": "
	"\"vfio_pci\"}]}}\n";

static void parse(const char *text, size_t length, struct facts *out)
{
	char *why = NULL;
	int err = machine_file_parse(text, length, "FILE", out, &why);

	if (why)
		print_error("%s\n", why);
	free(why);
	assert_int_equal(err, 0);
}

static void every_key_is_read(void **state)
{
	struct facts facts;
	const struct device_facts *nic, *port;

	parse(full, strlen(full), &facts);
	assert_string_equal(facts.machine, "FILE");
	nic = facts_device(&facts, "0000:02:01.0");
	assert_int_equal(nic->group, 8);
	assert_string_equal(nic->parent, "0000:00:1c.1");
	assert_string_equal(nic->subdevice, "1100");
	assert_string_equal(nic->override, "vfio-pci");
	assert_true(nic->uses_known);
	assert_int_equal(nic->use_count, 2);
	assert_string_equal(nic->uses[0].reason, "up");
	assert_null(nic->uses[1].name);
	assert_int_equal(nic->pci->type, PCIE_NONE);
	assert_true(nic->pci->multifunction);
	assert_string_equal(nic->pci->physical_function, "0000:02:00.0");
	port = facts_device(&facts, "0000:00:1c.1");
	assert_int_equal(port->group, -1);
	assert_int_equal(port->pci->type, PCIE_ROOT_PORT);
	assert_true(port->pci->bridge && port->pci->has_acs);
	assert_int_equal(port->pci->config, CONFIG_HIDDEN);
	assert_int_equal(port->pci->config_errno, EIO);
	assert_int_equal(nic->pci->config, CONFIG_READ);
	assert_int_equal(facts_device(&facts, "0000:05:00.0")->pci->config, CONFIG_SILENT);
	assert_int_equal(port->pci->subordinate, 255);
	assert_int_equal(port->pci->acs_capability, 0x5f);
	assert_int_equal(port->pci->acs_control, 0x1d);
	assert_true(port->pci->acs_wide);
	assert_int_equal(port->pci->slot, 0x1c);
	assert_int_equal(facts_device(&facts, "0000:02:02.0")->pci->type, 3);
	assert_int_equal(facts_device(&facts, "0000:05:00.0")->group, GROUP_BY_RULES);
	assert_false(facts_device(&facts, "a-uart")->uses_known);
	assert_int_equal(facts_group(&facts, 8)->owner.kind, OWNER_USER);
	assert_int_equal(facts_group(&facts, 8)->owner.pid, 77);
	assert_int_equal(facts_group(&facts, 8)->owner.uid, 0);
	assert_int_equal(facts_group(&facts, 8)->count, 3);
	assert_int_equal(facts_group(&facts, 8)->direct_regions, KNOWN_YES);
	assert_int_equal(facts_group(&facts, 0)->owner.kind, OWNER_KERNEL);
	assert_int_equal(facts_group(&facts, 0)->count, -1);
	assert_true(facts_driver(&facts, "pci", "vfio-pci")->user);
	assert_int_equal(facts_driver(&facts, "platform", "odd")->managed_dma, KNOWN_NOT);
	assert_string_equal(facts_driver(&facts, "pci", "e1000")->ids[1], "class:0200*");
	facts_release(&facts);
}

static void write_to_memory(const struct facts *facts, char **text, size_t *length)
{
	FILE *out = open_memstream(text, length);

	assert_non_null(out);
	assert_int_equal(machine_file_write(facts, out), 0);
	fclose(out);
}

static void host_is_read(void **state)
{
	const struct host_facts *host;
	struct facts facts;

	parse(full, strlen(full), &facts);
	host = facts.host;
	assert_string_equal(host->release, "6.12.1");
	assert_string_equal(host->architecture, "x86_64");
	assert_string_equal(host->cpu_vendor, "GenuineIntel");
	assert_int_equal(host->virtual, KNOWN_NO);
	assert_true(host->arguments_known);
	assert_int_equal(host->argument_count, 2);
	assert_string_equal(host->arguments[1], "iommu=pt");
	assert_string_equal(host->iommu_table, "DMAR");
	assert_true(host->iommus_known);
	assert_int_equal(host->iommu_count, 2);
	assert_string_equal(host->iommus[0].kind, "intel");
	assert_int_equal(host->iommus[0].remaps_interrupts, KNOWN_YES);
	assert_null(host->iommus[1].kind);
	assert_int_equal(host->iommus[1].remaps_interrupts, KNOWN_NOT);
	assert_int_equal(host_facts_module(host, "vfio_pci")->loaded, KNOWN_NO);
	assert_int_equal(host_facts_module(host, "vfio_pci")->installed, KNOWN_YES);
	assert_int_equal(host_facts_module(host, "iommufd")->loaded, KNOWN_NOT);
	assert_null(host_facts_module(host, "vfio"));
	assert_int_equal(host->interrupt_remapping, KNOWN_YES);
	assert_int_equal(host->unsafe_interrupts, KNOWN_NO);
	assert_int_equal(host->noiommu, KNOWN_YES);
	assert_int_equal(host->vfio_node, KNOWN_YES);
	assert_int_equal(host->sys_read_only, KNOWN_NO);
	assert_int_equal(host->privileged, KNOWN_YES);
	assert_int_equal(host->memlock, 8388608);
	assert_int_equal(host->xen_first, KNOWN_YES);
	assert_int_equal(host->vfio_node_open, KNOWN_NO);
	assert_int_equal(host->sees_all, KNOWN_NO);
	assert_int_equal(host->blind_spot_count, 1);
	assert_string_equal(host->blind_spots[0].about, "mounts");
	assert_int_equal(host->blind_spots[0].error, -EPERM);
	assert_int_equal(host->unknown_count, 2);
	assert_int_equal(host_facts_hidden_by(host, "iommus"), -EACCES);
	assert_int_equal(host_facts_hidden_by(host, "vfio_pci"), 0);
	assert_int_equal(host_facts_hidden_by(host, "arguments"), 0);
	facts_release(&facts);
}

#define HOST(inner) "{\"dmaown-machine\": 1, \"groups\": [],\n\"host\": " inner "}"

static void parse_host(const char *text, struct facts *out)
{
	parse(text, strlen(text), out);
}

static void host_of_which_nothing_is_known(void **state)
{
	struct facts facts;

	parse_host(HOST("{\"memlock\": null, \"modules\": null, \"iommus\": null, \"arguments\": "
			"null}"),
		   &facts);
	assert_null(facts.host->iommu_table);
	assert_false(facts.host->arguments_known);
	assert_false(facts.host->iommus_known);
	assert_int_equal(facts.host->virtual, KNOWN_NOT);
	assert_int_equal(facts.host->interrupt_remapping, KNOWN_NOT);
	assert_int_equal(facts.host->unsafe_interrupts, KNOWN_NOT);
	assert_int_equal(facts.host->noiommu, KNOWN_NOT);
	assert_int_equal(facts.host->vfio_node, KNOWN_NOT);
	assert_int_equal(facts.host->sys_read_only, KNOWN_NOT);
	assert_int_equal(facts.host->privileged, KNOWN_NOT);
	assert_true(facts.host->memlock == MEMLOCK_NOT_KNOWN);
	facts_release(&facts);
}

static void host_that_is_not_there(void **state)
{
	struct facts facts;

	parse_host(HOST("null"), &facts);
	assert_null(facts.host);
	facts_release(&facts);
}

static void memory_without_a_limit(void **state)
{
	struct facts facts, again;
	size_t length;
	char *text;

	parse_host(HOST("{\"memlock\": \"unlimited\"}"), &facts);
	assert_true(facts.host->memlock == MEMLOCK_UNLIMITED);
	write_to_memory(&facts, &text, &length);
	parse(text, length, &again);
	assert_true(facts_equal(&facts, &again));
	free(text);
	facts_release(&facts);
	facts_release(&again);
}

static void what_is_written_is_read_again(void **state)
{
	struct facts facts, again;
	char *text;
	size_t length;

	parse(full, strlen(full), &facts);
	write_to_memory(&facts, &text, &length);
	parse(text, length, &again);
	assert_true(facts_equal(&facts, &again));
	free(text);
	facts_release(&facts);
	facts_release(&again);
}

static void read_from_a_file(void **state)
{
	FILE *file = tmpfile();
	struct facts facts;
	char *why = NULL;

	assert_non_null(file);
	assert_int_equal(fputs(full, file) < 0, 0);
	rewind(file);
	assert_int_equal(machine_file_read(file, "FILE", &facts, &why), 0);
	assert_int_equal(facts.device_count, 5);
	facts_release(&facts);
	fclose(file);
}

static void more_than_the_limit(void **state)
{
	FILE *file = fopen("/dev/zero", "r");
	struct facts facts;
	char *why = NULL;

	assert_non_null(file);
	assert_int_equal(machine_file_read(file, "FILE", &facts, &why), -EFBIG);
	assert_null(why);
	fclose(file);
}

static void a_directory_is_no_machine(void **state)
{
	FILE *file = fopen("/", "r");
	struct facts facts;
	char *why = NULL;

	assert_non_null(file);
	assert_int_equal(machine_file_read(file, "FILE", &facts, &why), -EISDIR);
	fclose(file);
}

static void no_room_to_write(void **state)
{
	FILE *file = fopen("/dev/full", "w");
	struct facts facts;

	assert_non_null(file);
	parse(full, strlen(full), &facts);
	assert_int_equal(machine_file_write(&facts, file), -ENOSPC);
	facts_release(&facts);
	fclose(file);
}

static void bytes_that_are_no_utf8_are_replaced(void **state)
{
	struct facts facts, again;
	struct use_facts *use;
	char *text;
	size_t length;

	parse(full, strlen(full), &facts);
	assert_int_equal(device_facts_add_use(&facts.devices[0], &use), 0);
	use->kind = strdup("storage");
	use->name = strdup("caf\xe9 \xc3\xa9 \xed\xa0\x80 \xf0\x9f\x98\x80 \xc0\xaf");
	use->reason = strdup("a\nb\x7f\xe2\x82");
	write_to_memory(&facts, &text, &length);
	parse(text, length, &again);
	use = &again.devices[0].uses[2];
	assert_string_equal(use->name,
			    "caf\xef\xbf\xbd \xc3\xa9 \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
			    " \xf0\x9f\x98\x80 \xef\xbf\xbd\xef\xbf\xbd");
	assert_string_equal(use->reason, "a\nb\x7f\xef\xbf\xbd\xef\xbf\xbd");
	for (size_t i = 0; i < length; i++)
		assert_true(text[i] == '\n' || (text[i] >= ' ' && text[i] <= 0x7f));
	free(text);
	facts_release(&facts);
	facts_release(&again);
}

/* The words that scripts depend on (design.md), down to their order. */
static void list_json_is_as_promised(void **state)
{
	static const char text[] =
		"{\"dmaown-machine\": 1, \"groups\": [{\"id\": 8, \"type\": \"DMA-FQ\","
		" \"owner\": {\"kind\": \"kernel\"}, \"devices\": [{\"address\": \"0000:02:01.0\","
		" \"bus\": \"pci\", \"vendor\": \"8086\", \"device\": \"100e\","
		" \"class\": \"020000\", \"driver\": \"e1000\", \"in_use\": [{\"kind\": "
		"\"network\","
		" \"name\": \"eth0\", \"reason\": \"up, 10.0.0.2/24\"}]}]}],"
		" \"drivers\": [{\"name\": \"e1000\", \"bus\": \"pci\", "
		"\"managed_dma\": false}]}";
	static const char promised[] =
		"{\"machine\":\"FILE\",\"groups\":[{\"id\":8,\"type\":\"DMA-FQ\",\"viable\":false,"
		"\"owner\":{\"kind\":\"kernel\"},\"noiommu\":false,"
		"\"direct_regions\":false,\"count\":null,"
		"\"domain\":null,\"devices\":[{\"address\":\"0000:02:01.0\",\"bus\":\"pci\","
		"\"parent\":null,\"vendor\":\"8086\",\"device\":\"100e\",\"subsystem_vendor\":null,"
		"\"subsystem_device\":null,\"class\":\"020000\",\"modalias\":null,\"name\":null,"
		"\"driver\":\"e1000\",\"driver_override\":null,\"busy\":false,\"managed_dma\":"
		"false,\"pci\":null,"
		"\"in_use\":[{\"kind\":\"network\",\"name\":\"eth0\","
		"\"reason\":\"up, "
		"10.0.0.2/24\",\"vital\":false,\"remedy\":null}],\"unknown\":[]}]}],"
		"\"ungrouped\":[]}";
	struct facts facts;
	json_t *json, *group;
	char *written;

	parse(text, strlen(text), &facts);
	json = list_to_json(&facts);
	written = json_dumps(json, JSON_COMPACT);
	assert_string_equal(written, promised);
	group = group_to_json(&facts, &facts.groups[0]);
	assert_true(json_equal(group, json_array_get(json_object_get(json, "groups"), 0)));
	free(written);
	json_decref(group);
	json_decref(json);
	facts_release(&facts);
}

struct bad_case {
	const char *name, *text, *why;
};

#define DEVICE(keys) "{\"dmaown-machine\": 1,\n\"groups\": [{\"id\": 8,\n\"devices\": [" keys "]}]}"
#define PCI(keys) DEVICE("{\"address\": \"0000:02:01.0\", \"bus\": \"pci\",\n \"pci\": {" keys "}}")
#define GROUP(keys) "{\"dmaown-machine\": 1,\n\"groups\": [\n{" keys "}]}"
#define UNGROUPED(devices)                                                                         \
	"{\"dmaown-machine\": 1, \"groups\": [],\n\"ungrouped\": [\n" devices "]}"
#define DRIVER(keys) "{\"dmaown-machine\": 1, \"groups\": [],\n\"drivers\": [{" keys "}]}"

static const struct bad_case bad_cases[] = {
	{"bad@empty", "", "FILE:1: '[' or '{' expected near end of file"},
	{"bad@cut-off", "{\"dmaown-machine\": 1,\n\"groups\": [\n{\"id\": ",
	 "FILE:3: unexpected token near end of file"},
	{"bad@more-after-it", "{\"dmaown-machine\": 1,\n\"groups\": []}\n}",
	 "FILE:3: end of file expected near '}'"},
	{"bad@not-utf-8", "{\"dmaown-machine\": 1,\n\"machine\": \"\xff\"}",
	 "FILE:2: unable to decode byte 0xff near '\"'"},
	{"bad@zero-byte", "{\"dmaown-machine\": 1,\n\"machine\": \"\\u0000\"}",
	 "FILE:2: \\u0000 is not allowed without JSON_ALLOW_NUL near '\"\\u0000\"'"},
	{"bad@duplicate-key", "{\"dmaown-machine\": 1,\n\"dmaown-machine\": 1}",
	 "FILE:2: duplicate object key near '\"dmaown-machine\"'"},
	{"bad@number-beyond-64-bits", GROUP("\"id\": 99999999999999999999"),
	 "FILE:3: too big integer near '99999999999999999999'"},
	{"bad@exponent-beyond-doubles", GROUP("\"id\": 1e999"),
	 "FILE:3: real number overflow near '1e999'"},
	{"bad@not-an-object", "[]", "FILE:1: expected an object, found an array"},
	{"bad@no-version", "{\n\"groups\": []}", "FILE:1: lacks \"dmaown-machine\""},
	{"bad@later-version", "{\n\"dmaown-machine\": 2, \"groups\": []}",
	 "FILE:2: dmaown-machine: expected 1, the only version of machine files"},
	{"bad@no-groups", "{\"dmaown-machine\": 1}", "FILE:1: lacks \"groups\""},
	{"bad@groups-not-an-array", "{\"dmaown-machine\": 1,\n\"groups\": {}}",
	 "FILE:2: groups: expected an array, found an object"},
	{"bad@unknown-key", "{\"dmaown-machine\": 1, \"groups\": [],\n\"drvier\": []}",
	 "FILE:2: drvier: no such key (keys of your own begin with x-)"},
	{"bad@unknown-key-with-controls", "{\"dmaown-machine\": 1, \"\\u001b[2J\": 1}",
	 "FILE:1: ?[2J: no such key (keys of your own begin with x-)"},
	{"bad@group-not-an-object", "{\"dmaown-machine\": 1, \"groups\": [\n7]}",
	 "FILE:2: groups[0]: expected an object, found a whole number"},
	{"bad@group-without-id", GROUP("\"devices\": []"), "FILE:3: groups[0]: lacks \"id\""},
	{"bad@group-without-devices", GROUP("\"id\": 8"), "FILE:3: groups[0]: lacks \"devices\""},
	{"bad@negative-group", GROUP("\"id\": -1, \"devices\": []"),
	 "FILE:3: groups[0].id: expected a number from 0 to 2147483647, found -1"},
	{"bad@huge-group", GROUP("\"id\": 2147483648, \"devices\": []"),
	 "FILE:3: groups[0].id: expected a number from 0 to 2147483647, found 2147483648"},
	{"bad@fraction-as-group", GROUP("\"id\": 1.5, \"devices\": []"),
	 "FILE:3: groups[0].id: expected a whole number, found a number with a fraction"},
	{"bad@two-groups-one-id",
	 GROUP("\"id\": 8, \"devices\": []},\n{\"id\": 8, \"devices\": []"),
	 "FILE:4: groups[1]: group 8: two groups have this id"},
	{"bad@group-type", GROUP("\"id\": 8, \"devices\": [], \"type\": 1"),
	 "FILE:3: groups[0].type: expected a string or null, found a whole number"},
	{"bad@owner-kind", GROUP("\"id\": 8, \"devices\": [], \"owner\": {\"kind\": \"nobody\"}"),
	 "FILE:3: groups[0].owner: expected \"kind\": \"kernel\", \"user\" or "
	 "\"unknown\""},
	{"bad@owner-without-kind", GROUP("\"id\": 8, \"devices\": [], \"owner\": {}"),
	 "FILE:3: groups[0].owner: expected \"kind\": \"kernel\", \"user\" or "
	 "\"unknown\""},
	{"bad@owner-not-an-object", GROUP("\"id\": 8, \"devices\": [], \"owner\": \"vm\""),
	 "FILE:3: groups[0].owner: expected an object, found a string"},
	{"bad@kernel-with-pid",
	 GROUP("\"id\": 8, \"devices\": [], \"owner\": {\"kind\": \"kernel\", \"pid\": 1}"),
	 "FILE:3: groups[0].owner.pid: no such key (keys of your own begin with x-)"},
	{"bad@huge-uid",
	 GROUP("\"id\": 8, \"devices\": [], \"owner\": {\"kind\": \"user\", \"uid\": 4294967295}"),
	 "FILE:3: groups[0].owner.uid: expected a number from 0 to 4294967294, found 4294967295"},
	{"bad@device-not-an-object", DEVICE("null"),
	 "FILE:3: groups[0].devices[0]: expected an object, found null"},
	{"bad@device-without-address", DEVICE("{\"bus\": \"pci\"}"),
	 "FILE:3: groups[0].devices[0]: lacks \"address\""},
	{"bad@device-without-bus", DEVICE("{\"address\": \"a\"}"),
	 "FILE:3: groups[0].devices[0]: lacks \"bus\""},
	{"bad@address-not-a-string", DEVICE("\n{\"address\": 7, \"bus\": \"pci\"}"),
	 "FILE:4: groups[0].devices[0].address: expected a string, found a whole number"},
	{"bad@empty-address", DEVICE("{\"address\": \"\", \"bus\": \"pci\"}"),
	 "FILE:3: groups[0].devices[0].address: expected a name, found an empty string"},
	{"bad@control-character", DEVICE("{\"address\": \"a\\u001b[2J\", \"bus\": \"pci\"}"),
	 "FILE:3: groups[0].devices[0].address: expected text, found a control character"},
	{"bad@vendor-too-short",
	 DEVICE("{\"address\": \"a\", \"bus\": \"pci\", \"vendor\": \"80\"}"),
	 "FILE:3: groups[0].devices[0].vendor: expected 4 lower-case hex digits in a string, or "
	 "null"},
	{"bad@class-in-upper-case",
	 DEVICE("{\"address\": \"a\", \"bus\": \"pci\", \"class\": \"0C0330\"}"),
	 "FILE:3: groups[0].devices[0].class: expected 6 lower-case hex digits in a string, or "
	 "null"},
	{"bad@pci-facts-of-a-name",
	 DEVICE("{\"address\": \"a\", \"bus\": \"platform\", \"pci\": {}}"),
	 "FILE:3: groups[0].devices[0].pci: expected null: a is no PCI address (0000:02:01.0)"},
	{"bad@pci-type-name", PCI("\"type\": \"rootport\""),
	 "FILE:4: groups[0].devices[0].pci.type: no PCI Express type has this name"},
	{"bad@pci-type-number", PCI("\"type\": 16"),
	 "FILE:4: groups[0].devices[0].pci.type: expected a number from 0 to 15, found 16"},
	{"bad@multifunction", PCI("\"multifunction\": 1"),
	 "FILE:4: groups[0].devices[0].pci.multifunction: expected true or false, found a whole "
	 "number"},
	{"bad@config-errno", PCI("\"config_hidden\": true, \"config_errno\": \"EWHAT\""),
	 "FILE:4: groups[0].devices[0].pci.config_errno: expected the name of an errno (\"EIO\") "
	 "or "
	 "null"},
	{"bad@config-errno-of-a-config-that-was-read", PCI("\"config_errno\": \"EIO\""),
	 "FILE:4: groups[0].devices[0].pci.config_errno: expected null where \"config_hidden\" is "
	 "not true"},
	{"bad@config-silent-and-hidden", PCI("\"config_silent\": true, \"config_hidden\": true"),
	 "FILE:4: groups[0].devices[0].pci.config_silent: expected false where \"config_hidden\" "
	 "is "
	 "true"},
	{"bad@bus-number", PCI("\"bridge\": {\"secondary\": 256, \"subordinate\": 1}"),
	 "FILE:4: groups[0].devices[0].pci.bridge.secondary: expected a number from 0 to 255, "
	 "found "
	 "256"},
	{"bad@half-a-bridge", PCI("\"bridge\": {\"secondary\": 2}"),
	 "FILE:4: groups[0].devices[0].pci.bridge: lacks \"subordinate\""},
	{"bad@acs-number", PCI("\"acs\": {\"capability\": 31, \"control\": \"001d\"}"),
	 "FILE:4: groups[0].devices[0].pci.acs.capability: expected 4 lower-case hex digits in a "
	 "string"},
	{"bad@acs-null", PCI("\"acs\": {\"capability\": null, \"control\": \"001d\"}"),
	 "FILE:4: groups[0].devices[0].pci.acs.capability: expected 4 lower-case hex digits in a "
	 "string"},
	{"bad@use-without-kind",
	 DEVICE("{\"address\": \"a\", \"bus\": \"pci\", \"in_use\": [\n{\"name\": \"eth0\"}]}"),
	 "FILE:4: groups[0].devices[0].in_use[0]: lacks \"kind\""},
	{"bad@device-in-two-groups",
	 GROUP("\"id\": 8, \"devices\": [{\"address\": \"a\", \"bus\": \"pci\"}]},\n"
	       "{\"id\": 9, \"devices\": [{\"address\": \"b\", \"bus\": \"pci\"},\n"
	       "{\"address\": \"a\", \"bus\": \"pci\"}]"),
	 "FILE:5: groups[1].devices[1]: a: is in group 8 and in group 9"},
	{"bad@two-devices-one-address",
	 UNGROUPED("{\"address\": \"a\", \"bus\": \"pci\"},\n{\"address\": \"a\", \"bus\": \"x\"}"),
	 "FILE:4: ungrouped[1]: a: two devices have this address"},
	{"bad@device-by-rules-and-in-none",
	 "{\"dmaown-machine\": 1, \"groups\": [],\n"
	 "\"devices\": [{\"address\": \"b\", \"bus\": \"pci\"},\n"
	 "{\"address\": \"a\", \"bus\": \"pci\"}],\n"
	 "\"ungrouped\": [{\"address\": \"a\", \"bus\": \"pci\"}]}",
	 "FILE:3: devices[1]: a: two devices have this address"},
	{"bad@parents-in-a-ring",
	 UNGROUPED("{\"address\": \"a\", \"bus\": \"pci\", \"parent\": \"b\"},\n"
		   "{\"address\": \"b\", \"bus\": \"pci\", \"parent\": \"a\"}"),
	 "FILE:3: ungrouped[0]: a: is above itself (its parents form a cycle)"},
	{"bad@parent-not-there",
	 UNGROUPED("{\"address\": \"a\", \"bus\": \"pci\", \"parent\": \"b\"}"),
	 "FILE:3: ungrouped[0]: a: its parent b is not on this machine"},
	{"bad@driver-not-there",
	 UNGROUPED("{\"address\": \"a\", \"bus\": \"pci\", \"driver\": \"ghost\"}"),
	 "FILE:3: ungrouped[0]: a: its driver ghost is not on bus pci of this machine"},
	{"bad@driver-managed", DRIVER("\"name\": \"d\", \"bus\": \"pci\", \"managed_dma\": 0"),
	 "FILE:2: drivers[0].managed_dma: expected true, false or null, found a whole number"},
	{"bad@driver-ids", DRIVER("\"name\": \"d\", \"bus\": \"pci\", \"ids\": [\"a\",\n\"\"]"),
	 "FILE:3: drivers[0].ids[1]: expected a name, found an empty string"},
	{"bad@host", HOST("[]"), "FILE:2: host: expected an object, found an array"},
	{"bad@host-key", HOST("{\n\"memory\": 1}"),
	 "FILE:3: host.memory: no such key (keys of your own begin with x-)"},
	{"bad@host-virtual", HOST("{\"virtual\": 1}"),
	 "FILE:2: host.virtual: expected true, false or null, found a whole number"},
	{"bad@host-arguments", HOST("{\"arguments\": \"quiet\"}"),
	 "FILE:2: host.arguments: expected an array, found a string"},
	{"bad@host-argument", HOST("{\"arguments\": [\"quiet\",\n1]}"),
	 "FILE:3: host.arguments[1]: expected a string, found a whole number"},
	{"bad@iommu-without-name", HOST("{\"iommus\": [{\"kind\": \"intel\"}]}"),
	 "FILE:2: host.iommus[0]: lacks \"name\""},
	{"bad@module-without-name", HOST("{\"modules\": [{\"name\": \"\"}]}"),
	 "FILE:2: host.modules[0].name: expected a name, found an empty string"},
	{"bad@modules", HOST("{\"modules\": {}}"),
	 "FILE:2: host.modules: expected an array, found an object"},
	{"bad@memlock-negative", HOST("{\"memlock\": -1}"),
	 "FILE:2: host.memlock: expected a number of bytes, \"unlimited\" or null"},
	{"bad@memlock-word", HOST("{\"memlock\": \"much\"}"),
	 "FILE:2: host.memlock: expected a number of bytes, \"unlimited\" or null"},
	{"bad@two-drivers-one-name",
	 DRIVER("\"name\": \"d\", \"bus\": \"pci\"},\n{\"name\": \"d\", \"bus\": \"pci\""),
	 "FILE:3: drivers[1]: driver d: two drivers on bus pci have this name"},
};

static void expect_bad(const char *text, size_t length, const char *expected)
{
	struct facts facts = {.device_count = 77};
	char *why = NULL;

	assert_int_equal(machine_file_parse(text, length, "FILE", &facts, &why), -EINVAL);
	assert_string_equal(why, expected);
	assert_int_equal(facts.device_count, 77);
	free(why);
}

static void bad(void **state)
{
	const struct bad_case *row = *state;

	expect_bad(row->text, strlen(row->text), row->why);
}

static void deep_nesting_is_refused(void **state)
{
	size_t depth = 100000;
	char *text = malloc(depth);

	assert_non_null(text);
	memset(text, '[', depth);
	expect_bad(text, depth, "FILE:1: maximum parsing depth reached near '['");
	free(text);
}

static void every_cut_is_refused(void **state)
{
	struct facts facts;
	size_t whole = strlen(full) - strlen("\n");

	for (size_t length = 0; length < whole; length++) {
		char *why = NULL;

		assert_int_equal(machine_file_parse(full, length, "FILE", &facts, &why), -EINVAL);
		assert_ptr_equal(strstr(why, "FILE:"), why);
		free(why);
	}
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(every_key_is_read),
		cmocka_unit_test(host_is_read),
		cmocka_unit_test(host_of_which_nothing_is_known),
		cmocka_unit_test(host_that_is_not_there),
		cmocka_unit_test(memory_without_a_limit),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(read_from_a_file),
		cmocka_unit_test(more_than_the_limit),
		cmocka_unit_test(a_directory_is_no_machine),
		cmocka_unit_test(no_room_to_write),
		cmocka_unit_test(bytes_that_are_no_utf8_are_replaced),
		cmocka_unit_test(list_json_is_as_promised),
		cmocka_unit_test(deep_nesting_is_refused),
		cmocka_unit_test(every_cut_is_refused),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, bad_cases, bad);
	return suite_run(&suite, "machine_file");
}
