/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "uses.h"
#include "host.h"
#include "proc_files.h"
#include "sight.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

/* Every survey is made, whatever became of the ones before: all reasons are told. */
static const struct {
	int (*find)(const struct survey *survey);
	const char *about;
} surveys[] = {
	{find_network_uses, "network interfaces"},
	{find_storage_uses, "disks"},
	{find_display_uses, "displays"},
	{find_console_uses, "consoles"},
	{find_keyboard_uses, "keyboards"},
	{find_engine_uses, "what the kernel uses it for"},
	{find_function_uses, "virtual functions"},
	{find_mediated_uses, "mediated devices"},
	{find_node_uses, "open descriptors"},
};

static void expect_uses(struct device_facts *device)
{
	device_facts_forget_uses(device);
	device->uses_known = true;
}

static int note_blind_spot(void *context, const char *about, int err)
{
	return note_unknown(context, NULL, about, err);
}

/* Runs one survey, with what it needs. */
static int survey_host(struct machine *machine, struct facts *facts,
		       int (*look)(const struct survey *survey))
{
	struct answer running = root_is_running(host_of(machine)->root);
	struct mounts mounts = {0};
	bool mounts_read = false;
	char root_path[PATH_MAX] = "";
	int unnamed = survey_name_root(host_of(machine)->root, root_path, sizeof(root_path));
	struct device_index index;
	const struct survey survey = {.root = host_of(machine)->root,
				      .root_path = strcmp(root_path, "/") == 0 ? "" : root_path,
				      .crew = &host_of(machine)->crew,
				      .live = answer_is_yes(running),
				      .facts = facts,
				      .devices = &index,
				      .mounts = &mounts,
				      .mounts_read = &mounts_read};
	int err = device_index_init(&index, facts);

	if (err)
		return err;
	err = note_unknown(&survey, NULL, "whether this is the running system", running.hidden_by);
	if (!err)
		err = note_unknown(&survey, NULL, "where the root is", unnamed);
	if (!err)
		err = look(&survey);
	mounts_release(&mounts);
	device_index_release(&index);
	return err;
}

int host_find_users(struct machine *machine, struct facts *facts)
{
	return survey_host(machine, facts, find_users);
}

static int find_all(const struct survey *survey)
{
	int err = 0;

	if (survey->live)
		err = for_each_blind_spot(survey->root, note_blind_spot, (void *)(uintptr_t)survey);
	for (size_t i = 0; i < sizeof(surveys) / sizeof(*surveys) && !err; i++) {
		int failed = surveys[i].find(survey);

		err = note_unknown(survey, NULL, surveys[i].about, failed);
	}
	return err;
}

int host_find_uses(struct machine *machine, struct facts *facts)
{
	for (size_t i = 0; i < facts->device_count; i++)
		expect_uses(&facts->devices[i]);
	return survey_host(machine, facts, find_all);
}
