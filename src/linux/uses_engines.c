/* SPDX-License-Identifier: MIT */
/* What the kernel itself uses devices for, by their own words: watchdogs that run, engines and
 * accelerators with clients, the source of random numbers, ciphers, sound. */
#define _GNU_SOURCE
#include "number.h"
#include "proc_files.h"
#include "sysfs.h"
#include "uses.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- those with an attribute that says so ---- */

/* In each entry of a folder: in use if the attribute is `value`, or with NULL a number above 0. */
struct engine_kind {
	const char *folder, *attribute, *value, *kind, *reason;
};

static const struct engine_kind kinds[] = {
	{"sys/class/watchdog", "state", "active", "watchdog",
	 "it runs: the machine is reset when nobody feeds it"},
	{"sys/class/dma", "in_use", NULL, "dma-engine", "the kernel copies with it"},
	{"sys/bus/dsa/devices", "clients", NULL, "accelerator", "it has clients"},
};

struct engines {
	const struct survey *survey;
	const struct engine_kind *kind;
};

static int look_at_engine(void *context, int folder, const char *name)
{
	const struct engines *engines = context;
	const struct engine_kind *kind = engines->kind;
	struct device_facts *device = NULL;
	char path[320], attribute[352], text[32] = "";
	int err, length;

	snprintf(path, sizeof(path), "%s/%.255s", kind->folder, name);
	snprintf(attribute, sizeof(attribute), "%s/%s", path, kind->attribute);
	length = sysfs_read_path(engines->survey->root, attribute, text, sizeof(text));
	if (length >= 0
		    ? (kind->value ? strcmp(text, kind->value) != 0 : strtol(text, NULL, 10) <= 0)
		    : sysfs_is_absent(length))
		return 0;
	err = device_behind(engines->survey, path, &device);
	if (err || !device)
		return note_unknown(engines->survey, NULL, name, sysfs_unless_absent(err));
	if (length < 0)
		return note_unknown(engines->survey, device, name, length);
	return add_use(device, kind->kind, name, "%s", kind->reason);
}

/* ---- devices of a driver ---- */

struct drivers {
	const struct survey *survey;
	char folder[384];
	const char *kind, *name, *reason;
};

/* Entries that are links to devices lead to one; the driver's own files lead to none. */
static int look_at_bound(void *context, int folder, const char *name)
{
	const struct drivers *drivers = context;
	struct device_facts *device = NULL;
	char path[700];
	int err;

	snprintf(path, sizeof(path), "%s/%.255s", drivers->folder, name);
	err = device_behind(drivers->survey, path, &device);
	if (err || !device)
		return note_unknown(drivers->survey, NULL, drivers->name, sysfs_unless_absent(err));
	return add_use(device, drivers->kind, drivers->name, "%s", drivers->reason);
}

static int add_to_bound(struct drivers *drivers)
{
	return sysfs_for_each_entry_if_any(drivers->survey->root, drivers->folder, look_at_bound,
					   drivers);
}

/* ---- random numbers ---- */

/* Which device a source's name means: that of such a name, or of a driver. */
static int find_random_uses(const struct survey *survey)
{
	static const struct {
		const char *prefix, *folder;
	} sources[] = {
		{"virtio_rng", "sys/bus/virtio/drivers/virtio_rng"},
		{"ccp-", "sys/bus/pci/drivers/ccp"},
		{"tpm-rng-", "sys/class/tpm"},
	};
	struct drivers drivers = {
		.survey = survey, .kind = "random", .reason = "the kernel's random numbers"};
	struct device_facts *device;
	char name[96];
	int err = sysfs_read_path(survey->root, "sys/class/misc/hw_random/rng_current", name,
				  sizeof(name));

	if (err < 0)
		return sysfs_unless_absent(err);
	drivers.name = name;
	device = survey_device(survey, name);
	if (device)
		return add_use(device, drivers.kind, name, "%s", drivers.reason);
	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++) {
		if (strncmp(name, sources[i].prefix, strlen(sources[i].prefix)) != 0)
			continue;
		snprintf(drivers.folder, sizeof(drivers.folder), "%s", sources[i].folder);
		return add_to_bound(&drivers);
	}
	return 0;
}

/* ---- ciphers ---- */

/* One entry of /proc/crypto; the count comes after what it counts. */
struct cipher {
	const struct survey *survey;
	char driver[64], module[64];
};

static int look_at_module_driver(void *context, int folder, const char *name)
{
	struct drivers *drivers = context, one = *drivers;

	snprintf(one.folder, sizeof(one.folder), "%.120s/%.255s", drivers->folder, name);
	return add_to_bound(&one);
}

static int look_at_module(const struct cipher *cipher, const char *module)
{
	struct drivers drivers = {.survey = cipher->survey,
				  .kind = "crypto",
				  .name = cipher->driver,
				  .reason = "the kernel enciphers with it"};

	snprintf(drivers.folder, sizeof(drivers.folder), "sys/module/%.64s/drivers", module);
	return sysfs_for_each_entry_if_any(cipher->survey->root, drivers.folder,
					   look_at_module_driver, &drivers);
}

static int look_at_holder(void *context, int folder, const char *name)
{
	return look_at_module(context, name);
}

/* The ciphers of a family of devices are often in one module, and their drivers in its users'. */
static int look_at_cipher(const struct cipher *cipher)
{
	char path[96];
	int err;

	if (!sysfs_is_entry(cipher->module))
		return 0;
	err = look_at_module(cipher, cipher->module);
	snprintf(path, sizeof(path), "sys/module/%.64s/holders", cipher->module);
	return err ? err
		   : sysfs_for_each_entry_if_any(cipher->survey->root, path, look_at_holder,
						 (void *)(uintptr_t)cipher);
}

/* "driver       : qat_aes_cbc", "refcnt       : 1": one of each is the cipher's own. */
static int look_at_cipher_line(void *context, char *line)
{
	struct cipher *cipher = context;
	const char *value = strstr(line, ": ");

	if (!*line)
		*cipher->driver = *cipher->module = '\0';
	if (!value)
		return 0;
	value += 2;
	if (strncmp(line, "driver ", 7) == 0)
		snprintf(cipher->driver, sizeof(cipher->driver), "%.63s", value);
	else if (strncmp(line, "module ", 7) == 0)
		snprintf(cipher->module, sizeof(cipher->module), "%.63s", value);
	else if (strncmp(line, "refcnt ", 7) == 0 && strtol(value, NULL, 10) > 1 &&
		 strcmp(cipher->module, "kernel") != 0)
		return look_at_cipher(cipher);
	return 0;
}

/* ---- sound ---- */

struct sound {
	const struct survey *survey;
	const char *card;
	char path[600];
};

static int look_at_sound_state(void *context, char *line)
{
	return strcmp(line, "state: RUNNING") == 0;
}

/* card0/pcm0p/sub0/status: "closed", or lines of which one is the state. */
static int look_at_sound(void *context, int folder, const char *name)
{
	const struct sound *above = context;
	struct sound sound = *above;
	struct device_facts *device = NULL;
	bool card = !above->card, stream = strncmp(name, "sub", 3) == 0;
	char path[300];
	int found;

	if (!stream && (card ? number_after(name, "card") < 0 : strncmp(name, "pcm", 3) != 0))
		return 0;
	if (card)
		sound.card = name;
	snprintf(sound.path, sizeof(sound.path), "%.300s/%.200s", above->path, name);
	if (!stream)
		return sysfs_for_each_entry_if_any(sound.survey->root, sound.path, look_at_sound,
						   &sound);
	strcat(sound.path, "/status");
	found = sysfs_for_each_line_if_any(sound.survey->root, sound.path, look_at_sound_state,
					   NULL);
	if (found <= 0)
		return found;
	snprintf(path, sizeof(path), "sys/class/sound/%.255s", sound.card);
	found = device_behind(sound.survey, path, &device);
	if (found || !device)
		return sysfs_unless_absent(found);
	return add_use(device, "sound", sound.card, "it plays or records");
}

/* ---- all of it ---- */

int find_engine_uses(const struct survey *survey)
{
	struct engines engines = {.survey = survey};
	struct cipher cipher = {.survey = survey};
	struct sound sound = {.survey = survey, .path = "proc/asound"};
	int err = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds) && !err; i++) {
		engines.kind = &kinds[i];
		err = sysfs_for_each_entry_if_any(survey->root, kinds[i].folder, look_at_engine,
						  &engines);
	}
	if (!err)
		err = find_random_uses(survey);
	if (!err)
		err = proc_for_each_line(survey->root, "proc/crypto", look_at_cipher_line, &cipher);
	return err ? err
		   : sysfs_for_each_entry_if_any(survey->root, sound.path, look_at_sound, &sound);
}
