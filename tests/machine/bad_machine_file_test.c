/* SPDX-License-Identifier: MIT */
/* What is no machine file is refused, with its line and what is wrong there. */
#include "machine_file.h"
#include "rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct bad_case {
	const char *name, *text, *why;
};

#define DEVICE(keys) "{\"dmaown-machine\": 1,\n\"groups\": [{\"id\": 8,\n\"devices\": [" keys "]}]}"
#define PCI(keys) DEVICE("{\"address\": \"0000:02:01.0\", \"bus\": \"pci\",\n \"pci\": {" keys "}}")
#define GROUP(keys) "{\"dmaown-machine\": 1,\n\"groups\": [\n{" keys "}]}"
#define UNGROUPED(devices)                                                                         \
	"{\"dmaown-machine\": 1, \"groups\": [],\n\"ungrouped\": [\n" devices "]}"
#define DRIVER(keys) "{\"dmaown-machine\": 1, \"groups\": [],\n\"drivers\": [{" keys "}]}"
#define HOST(inner) "{\"dmaown-machine\": 1, \"groups\": [],\n\"host\": " inner "}"

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

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(deep_nesting_is_refused),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, bad_cases, bad);
	return suite_run(&suite, "bad_machine_file");
}
