/* SPDX-License-Identifier: MIT */
/* What a machine file says is read, and what is written is read again. */
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

static void expect_pci_facts(const struct facts *facts)
{
	const struct device_facts *nic = facts_device(facts, "0000:02:01.0");
	const struct device_facts *port = facts_device(facts, "0000:00:1c.1");

	assert_int_equal(nic->pci->type, PCIE_NONE);
	assert_true(nic->pci->multifunction);
	assert_string_equal(nic->pci->physical_function, "0000:02:00.0");
	assert_int_equal(port->pci->type, PCIE_ROOT_PORT);
	assert_true(port->pci->bridge && port->pci->has_acs);
	assert_int_equal(port->pci->config, CONFIG_HIDDEN);
	assert_int_equal(port->pci->config_errno, EIO);
	assert_int_equal(nic->pci->config, CONFIG_READ);
	assert_int_equal(facts_device(facts, "0000:05:00.0")->pci->config, CONFIG_SILENT);
	assert_int_equal(port->pci->subordinate, 255);
	assert_int_equal(port->pci->acs_capability, 0x5f);
	assert_int_equal(port->pci->acs_control, 0x1d);
	assert_true(port->pci->acs_wide);
	assert_int_equal(port->pci->slot, 0x1c);
	assert_int_equal(facts_device(facts, "0000:02:02.0")->pci->type, 3);
}

static void expect_groups_and_drivers(const struct facts *facts)
{
	assert_int_equal(facts_group(facts, 8)->owner.kind, OWNER_USER);
	assert_int_equal(facts_group(facts, 8)->owner.pid, 77);
	assert_int_equal(facts_group(facts, 8)->owner.uid, 0);
	assert_int_equal(facts_group(facts, 8)->count, 3);
	assert_int_equal(facts_group(facts, 8)->direct_regions, KNOWN_YES);
	assert_int_equal(facts_group(facts, 0)->owner.kind, OWNER_KERNEL);
	assert_int_equal(facts_group(facts, 0)->count, -1);
	assert_true(facts_driver(facts, "pci", "vfio-pci")->user);
	assert_int_equal(facts_driver(facts, "platform", "odd")->managed_dma, KNOWN_NOT);
	assert_string_equal(facts_driver(facts, "pci", "e1000")->ids[1], "class:0200*");
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
	port = facts_device(&facts, "0000:00:1c.1");
	assert_int_equal(port->group, -1);
	assert_int_equal(facts_device(&facts, "0000:05:00.0")->group, GROUP_BY_RULES);
	assert_false(facts_device(&facts, "a-uart")->uses_known);
	expect_pci_facts(&facts);
	expect_groups_and_drivers(&facts);
	facts_release(&facts);
}

static void write_to_memory(const struct facts *facts, char **text, size_t *length)
{
	FILE *out = open_memstream(text, length);

	assert_non_null(out);
	assert_int_equal(machine_file_write(facts, out), 0);
	fclose(out);
}

static void expect_modules(const struct host_facts *host)
{
	assert_int_equal(host_facts_module(host, "vfio_pci")->loaded, KNOWN_NO);
	assert_int_equal(host_facts_module(host, "vfio_pci")->installed, KNOWN_YES);
	assert_int_equal(host_facts_module(host, "iommufd")->loaded, KNOWN_NOT);
	assert_null(host_facts_module(host, "vfio"));
}

static void expect_iommus(const struct host_facts *host)
{
	assert_true(host->iommus_known);
	assert_int_equal(host->iommu_count, 2);
	assert_string_equal(host->iommus[0].kind, "intel");
	assert_int_equal(host->iommus[0].remaps_interrupts, KNOWN_YES);
	assert_null(host->iommus[1].kind);
	assert_int_equal(host->iommus[1].remaps_interrupts, KNOWN_NOT);
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
	expect_iommus(host);
	expect_modules(host);
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
		cmocka_unit_test(every_cut_is_refused),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	return suite_run(&suite, "machine_file");
}
