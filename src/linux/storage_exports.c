/* SPDX-License-Identifier: MIT */
/*
 * Blocks and controllers that are given to others: NVMe and SCSI targets and USB gadgets, which
 * configfs tells of, and exports over RDMA.
 */
#define _GNU_SOURCE
#include "devices_behind.h"
#include "storage.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { CONFIGFS = 0x62656570 }; /* linux/fs/configfs/mount.c has the number to itself */

/* ---- configfs ---- */

/* Whether somebody is there whom configfs tells of. */
static bool is_needed(const struct survey *survey)
{
	static const char *const modules[] = {"sys/module/nvmet", "sys/module/target_core_mod",
					      "sys/module/libcomposite"};

	for (size_t i = 0; i < sizeof(modules) / sizeof(*modules); i++) {
		if (!answer_is_no(sysfs_exists(survey->root, modules[i])))
			return true;
	}
	return false;
}

/* Opens the folder of configfs: what was configured is in effect also where that is not mounted.
 * -ENOENT: there is none, and nobody whom it would tell of. */
static int open_config(struct storage *storage)
{
	const struct survey *survey = storage->survey;
	int fd = sysfs_open(survey->root, "sys/kernel/config", O_PATH | O_DIRECTORY), err;
	struct statfs status = {.f_type = 0};

	if (fd >= 0 && survey->live && fstatfs(fd, &status) != 0) {
		err = -errno;
		close(fd);
		return err;
	}
	if (fd >= 0 && survey->live && status.f_type != CONFIGFS && is_needed(survey)) {
		close(fd);
		fd = mount_nowhere("configfs");
	}
	if (fd < 0)
		return fd;
	storage->config = fd;
	return 0;
}

struct walk {
	struct storage *storage;
	char path[1024];
	const char *rest; /* of the pattern */
	int (*visit)(struct storage *storage, const char *path);
};

static int walk_config(struct walk *walk);

/* Adds a component to the path. */
static int step_into(struct walk *walk, const char *name, size_t size)
{
	size_t length = strlen(walk->path), room = sizeof(walk->path) - length;

	return snprintf(walk->path + length, room, "%s%.*s", length ? "/" : "", (int)size, name) <
			       (int)room
		       ? 0
		       : -ENAMETOOLONG;
}

static int walk_into(void *context, int folder, const char *name)
{
	struct walk *walk = context, deeper = *walk;
	size_t size = strcspn(walk->rest, "/");
	int err;

	if (strncmp(name, walk->rest, size - 1) != 0)
		return 0;
	deeper.rest += size + (walk->rest[size] == '/');
	err = step_into(&deeper, name, strlen(name));
	return err ? err : walk_config(&deeper);
}

static int walk_config(struct walk *walk)
{
	int err = 0;

	while (*walk->rest && !err) {
		size_t size = strcspn(walk->rest, "/");

		if (walk->rest[size - 1] == '*')
			return sysfs_for_each_entry_if_any(walk->storage->config, walk->path,
							   walk_into, walk);
		err = step_into(walk, walk->rest, size);
		walk->rest += size + (walk->rest[size] == '/');
	}
	return err ? err : walk->visit(walk->storage, walk->path);
}

/* Shows every folder that a pattern names, in which a component may end with "*". */
static int for_each_config(struct storage *storage, const char *pattern,
			   int (*visit)(struct storage *storage, const char *path))
{
	struct walk walk = {.storage = storage, .rest = pattern, .visit = visit};
	int err = storage->config < 0 ? open_config(storage) : 0;

	return err ? sysfs_unless_absent(err) : walk_config(&walk);
}

/* Reads an attribute of a folder of configfs, "" if it has none such. */
static int read_config(const struct storage *storage, const char *folder, const char *name,
		       char *out, size_t size)
{
	char path[1100];
	int length;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	length = sysfs_read_path(storage->config, path, out, size);
	if (length < 0)
		*out = '\0';
	return length < 0 ? sysfs_unless_absent(length) : 0;
}

/* Whether an export is switched on; 1 and 0, else -errno. */
static int is_enabled(const struct storage *storage, const char *folder)
{
	char enabled[16];
	int err = read_config(storage, folder, "enable", enabled, sizeof(enabled));

	return err ? err : strcmp(enabled, "1") == 0;
}

static void tell_export(const char *folder, char *words, size_t size)
{
	snprintf(words, size, "exported as %.400s", folder);
}

/* Ties the export to what an attribute of its folder names. */
static int tie_export(struct storage *storage, const char *folder, const char *attribute)
{
	char path[512], words[512];
	int err = read_config(storage, folder, attribute, path, sizeof(path));

	if (err || !*path)
		return err ? hide_ties(storage, err) : 0;
	tell_export(folder, words, sizeof(words));
	return tie_to_path(storage, path, "", words);
}

static int look_at_namespace(struct storage *storage, const char *folder)
{
	int enabled = is_enabled(storage, folder);

	if (enabled < 0)
		return hide_ties(storage, enabled);
	return enabled ? tie_export(storage, folder, "device_path") : 0;
}

static int look_at_gadget(struct storage *storage, const char *folder)
{
	return tie_export(storage, folder, "file");
}

/* ---- SCSI targets ---- */

/* "iBlock device: sda  UDEV PATH: ... Major: 8 Minor: 0  CLAIMED: IBLOCK". */
static bool find_number(const char *info, dev_t *out)
{
	const char *at = strstr(info, "Major: ");
	unsigned int high, low;

	if (!at || sscanf(at, "Major: %u Minor: %u", &high, &low) != 2 || !high)
		return false;
	*out = makedev(high, low);
	return true;
}

/* "TCM FILEIO ID: 0        File: /srv/image  Size: 1048576  Mode: ...". */
static bool find_file(const char *info, char *out, size_t size)
{
	const char *at = strstr(info, "File: ");

	if (!at)
		return false;
	at += strlen("File: ");
	snprintf(out, size, "%.*s", (int)strcspn(at, " \n"), at);
	return *out == '/';
}

/* Whether the store is memory, or a process's, which has open what it needs. */
static bool needs_no_block(const char *folder)
{
	static const char memory[] = "target/core/rd_mcp_", process[] = "target/core/user_";

	return strncmp(folder, memory, strlen(memory)) == 0 ||
	       strncmp(folder, process, strlen(process)) == 0;
}

static int tie_store(struct storage *storage, const char *folder, const char *info)
{
	char below[BLOCK_NAME], path[512], words[512];
	dev_t number;
	int err;

	tell_export(folder, words, sizeof(words));
	if (find_number(info, &number)) {
		err = block_of_number(storage->survey, number, below);
		if (!err && !*below)
			err = -ENOENT;
		return err ? hide_ties(storage, err) : add_tie(storage, below, "", words);
	}
	if (find_file(info, path, sizeof(path)))
		return tie_to_path(storage, path, "", words);
	err = read_config(storage, folder, "udev_path", path, sizeof(path));
	return err || *path != '/' ? hide_ties(storage, err ? err : -ENODATA)
				   : tie_to_path(storage, path, "", words);
}

/* Folders that are no stores have no `info`. */
static int look_at_store(struct storage *storage, const char *folder)
{
	int enabled = is_enabled(storage, folder), err;
	char info[4096];

	if (enabled < 0)
		return hide_ties(storage, enabled);
	if (!enabled || needs_no_block(folder))
		return 0;
	err = read_config(storage, folder, "info", info, sizeof(info));
	return err ? hide_ties(storage, err) : tie_store(storage, folder, info);
}

/* ---- RDMA ---- */

/* A block that is exported over RDMA has a link of its own. */
static int look_at_rdma(void *context, int folder, const char *name)
{
	struct storage *storage = context;
	char link[300], below[BLOCK_NAME];
	int err;

	snprintf(link, sizeof(link), "%.255s/block_dev", name);
	err = sysfs_link_name(folder, link, below, sizeof(below));
	if (err)
		return hide_ties(storage, sysfs_unless_absent(err));
	return add_tie(storage, below, "", "exported by rnbd");
}

/* ---- all of it ---- */

int tie_exports(struct storage *storage)
{
	static const struct {
		const char *pattern;
		int (*visit)(struct storage *storage, const char *folder);
	} kinds[] = {
		{"nvmet/subsystems/*/namespaces/*", look_at_namespace},
		{"target/core/*/*", look_at_store},
		{"usb_gadget/*/functions/*/lun.*", look_at_gadget},
	};
	int err =
		hide_ties(storage, sysfs_for_each_entry_if_any(storage->survey->root,
							       "sys/class/rnbd-server/ctl/devices",
							       look_at_rdma, storage));

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds) && !err; i++)
		err = hide_ties(storage,
				for_each_config(storage, kinds[i].pattern, kinds[i].visit));
	return err;
}

/* ---- exported controllers ---- */

struct passthrough {
	const char *controller, *words;
};

static int add_passthrough(void *context, struct device_facts *device)
{
	const struct passthrough *passthrough = context;

	return add_use(device, "storage", passthrough->controller, "%s", passthrough->words);
}

/* "/dev/nvme0". */
static int look_at_passthrough(struct storage *storage, const char *folder)
{
	const struct survey *survey = storage->survey;
	char path[512], link[600], words[512];
	struct passthrough passthrough = {.words = words};
	int enabled = is_enabled(storage, folder), err;

	if (enabled <= 0)
		return enabled;
	err = read_config(storage, folder, "device_path", path, sizeof(path));
	if (err)
		return err;
	if (!strrchr(path, '/'))
		return -ENODATA;
	passthrough.controller = strrchr(path, '/') + 1;
	tell_export(folder, words, sizeof(words));
	snprintf(link, sizeof(link), "sys/class/nvme/%s", passthrough.controller);
	err = for_each_device_behind(survey, link, add_passthrough, &passthrough);
	return sysfs_is_absent(err) ? -ENODATA : err;
}

int find_exported_controllers(struct storage *storage)
{
	return for_each_config(storage, "nvmet/subsystems/*/passthru", look_at_passthrough);
}
