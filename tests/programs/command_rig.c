/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "command_rig.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct tree tree;
static char devices_before[65536];

static void make_machine(void)
{
	static const uint8_t config[256];
	const struct tree_device devices[] = {
		{.address = "0000:00:1f.0", .group = -1},
		{.address = "0000:02:01.0", .driver = "e1000", .group = 8},
		{.address = "0000:03:00.0", .driver = "e1000", .override = "\n", .group = 9},
		{.address = "0000:04:00.0", .driver = "vfio-pci", .group = 10},
	};

	tree_make(&tree);
	chmod(tree.path, 0755);
	for (size_t i = 0; i < COUNT(devices); i++) {
		struct tree_device device = devices[i];

		device.config = config;
		device.config_size = sizeof(config);
		tree_device(&tree, &device);
	}
	tree_text(&tree, "sys/devices/pci0000:00/0000:02:01.0/sriov_numvfs", "2\n");
	tree_text(&tree, "sys/devices/pci0000:00/0000:02:01.0/net/eth0/flags", "0x1003\n");
	tree_link(&tree, "sys/class/net/eth0", "../../devices/pci0000:00/0000:02:01.0/net/eth0");
	for (int group = 8; group <= 10; group++)
		tree_group(&tree, group, "DMA\n", "");
	tree_link(&tree, "proc/77/fd/3", "/dev/vfio/10");
	tree_text(&tree, "proc/77/comm", "testpmd\n");
	tree_text(&tree, "proc/sys/kernel/random/boot_id", "this-boot\n");
	tree_text(&tree, "run/keep", "");
	tree_text(&tree, "not-a-program", "");
	tree_text(&tree, "not-a-folder", "as before");
}

int run(const char *text)
{
	char *command;
	int status;

	assert_true(asprintf(&command,
			     "cd '%s' && { "
			     "dmaown() { $prefix ./dmaown.copy \"$@\"; }; "
			     "as_nobody() { prefix=$nobody; \"$@\"; }; %s; } "
			     ">out 2>err </dev/null",
			     tree.path, text) > 0);
	status = system(command);
	free(command);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

void expect_text(const char *file, const char *expected)
{
	char text[65536];

	tree_read(&tree, file, text, sizeof(text));
	assert_string_equal(text, expected ? expected : "");
}

int empty_folder(void **state)
{
	return run("chmod 755 run; rm -rf run/dmaown && mkdir run/dmaown && mkdir -m 700 " FOLDER);
}

void record_text(const char *path, const char *text)
{
	char *whole;

	tree_text(&tree, path, text);
	assert_true(asprintf(&whole, "%s/%s", tree.path, path) > 0);
	assert_int_equal(chmod(whole, 0600), 0);
	free(whole);
}

/* All that a handover could change of the devices. */
static void read_devices(char *text, size_t size)
{
	assert_int_equal(run("find sys -type f | sort | while read -r file; do echo \"$file\"; "
			     "cat \"$file\"; done | tr -d '\\0'"),
			 0);
	tree_read(&tree, "out", text, size);
}

void expect_devices_untouched(void)
{
	char devices[sizeof(devices_before)];

	read_devices(devices, sizeof(devices));
	assert_string_equal(devices, devices_before);
}

json_t *read_json(void)
{
	char *path;
	json_t *json;

	assert_true(asprintf(&path, "%s/out", tree.path) > 0);
	json = json_load_file(path, 0, NULL);
	free(path);
	assert_non_null(json);
	return json;
}

void expect_json(const char *expected)
{
	json_t *wanted = json_loads(expected, 0, NULL), *json = read_json();

	assert_non_null(wanted);
	if (!json_equal(wanted, json)) {
		char text[65536];

		tree_read(&tree, "out", text, sizeof(text));
		fail_msg("not %s but:\n%s", expected, text);
	}
	json_decref(wanted);
	json_decref(json);
}

/* A user who can't get at the program where it is built gets at a copy. */
static int copy_program(const char *program)
{
	char command[4096];

	snprintf(command, sizeof(command), "cp '%s' '%s/dmaown.copy'", program, tree.path);
	return system(command);
}

int run_commands(struct suite *suite, const char *name, const char *program)
{
	int failed;

	setenv("nobody", getuid() == 0 ? "setpriv --reuid 65534 --clear-groups" : "", 1);
	unsetenv("DMAOWN_RUNTIME_DIR");
	make_machine();
	failed = copy_program(program);
	if (!failed) {
		read_devices(devices_before, sizeof(devices_before));
		failed = suite_run(suite, name);
	}
	tree_remove(&tree);
	return failed;
}
