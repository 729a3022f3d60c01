/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "blocks.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

int block_attribute(const struct survey *survey, const char *block, const char *attribute,
		    char *out, size_t size)
{
	char path[512];
	int length;

	snprintf(path, sizeof(path), "sys/class/block/%s/%s", block, attribute);
	length = sysfs_read_path(survey->root, path, out, size);
	if (length < 0)
		*out = '\0';
	return length < 0 ? sysfs_unless_absent(length) : 0;
}

int block_number(const struct survey *survey, const char *block, dev_t *out)
{
	unsigned int high = 0, low = 0;
	char text[32], end;
	int err = block_attribute(survey, block, "dev", text, sizeof(text));

	if (err)
		return err;
	if (*text && sscanf(text, "%u:%u%c", &high, &low, &end) != 2)
		return -EBADMSG;
	*out = makedev(high, low);
	return 0;
}

int block_of_number(const struct survey *survey, dev_t number, char *out)
{
	int folder = sysfs_open(survey->root, "sys/dev/block", O_PATH | O_DIRECTORY), err;
	char name[32];

	*out = '\0';
	if (folder < 0)
		return sysfs_unless_absent(folder);
	snprintf(name, sizeof(name), "%u:%u", major(number), minor(number));
	err = sysfs_link_name(folder, name, out, BLOCK_NAME);
	close(folder);
	return sysfs_unless_absent(err);
}

/* ---- paths ---- */

static bool is_in_dev(const char *path)
{
	return strncmp(path, "/dev/", strlen("/dev/")) == 0;
}

struct mapped {
	const struct survey *survey;
	const char *name;
	char *out;
};

static int look_at_mapped(void *context, int folder, const char *block)
{
	const struct mapped *mapped = context;
	char name[256];
	int err;

	if (strncmp(block, "dm-", 3) != 0 || strlen(block) >= BLOCK_NAME)
		return 0;
	err = block_attribute(mapped->survey, block, "dm/name", name, sizeof(name));
	if (err || strcmp(name, mapped->name) != 0)
		return err;
	strcpy(mapped->out, block);
	return 1;
}

/* Stores the block of that name; "/" in a name stands as "!" in sysfs. */
static int named_block(const struct survey *survey, const char *name, char *out)
{
	char path[128], block[BLOCK_NAME];
	struct answer there;

	if (!*name || *name == '.' || strlen(name) >= sizeof(block))
		return 0;
	strcpy(block, name);
	for (char *at = block; (at = strchr(at, '/'));)
		*at = '!';
	snprintf(path, sizeof(path), "sys/class/block/%s", block);
	there = sysfs_exists(survey->root, path);
	if (answer_is_yes(there))
		strcpy(out, block);
	return there.hidden_by;
}

struct answer dev_is_ours(const struct survey *survey)
{
	int fd = sysfs_open(survey->root, "dev", O_PATH | O_DIRECTORY), err;
	struct statfs status;

	if (fd < 0)
		return sysfs_is_absent(fd) ? answer_of(false) : answer_hidden(fd);
	err = fstatfs(fd, &status) ? -errno : 0;
	close(fd);
	if (err)
		return answer_hidden(err);
	return answer_of(status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC);
}

/* Opens what lies outside /dev, but only where nobody else is asked. -EREMOTE: he would be. */
static int open_local(const struct survey *survey, const char *path)
{
	const struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
	const struct mounts *mounts;
	const struct mount *mount;
	int err = survey_mounts(survey, &mounts);
	long fd;

	if (err)
		return err;
	mount = mount_of_path(mounts, 0, path, NULL);
	if (!mount || !mount_is_local(mount))
		return -EREMOTE;
	fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	return fd < 0 ? -errno : (int)fd;
}

static int open_in_dev(const struct survey *survey, const char *path)
{
	struct answer ours = dev_is_ours(survey);

	if (answer_is_yes(ours))
		return sysfs_open(survey->root, path + 1, O_PATH);
	return answer_is_no(ours) ? -ENOENT : ours.hidden_by;
}

/* Stores which block a node has the number of, however it is called. What lies on a server or a
 * process's file system is taken for a file: nodes are not kept there. */
static int block_of_node(const struct survey *survey, const char *path, char *out)
{
	struct stat status;
	int fd = is_in_dev(path) ? open_in_dev(survey, path) : open_local(survey, path), err;

	if (fd < 0)
		return fd == -EREMOTE ? 0 : fd;
	err = fstat(fd, &status) ? -errno : 0;
	close(fd);
	if (err || !S_ISBLK(status.st_mode))
		return err;
	return block_of_number(survey, status.st_rdev, out);
}

/* In a recorded /dev a link has a name (by-id/...) and names a block. */
static int block_of_link(const struct survey *survey, const char *path, char *out)
{
	char name[BLOCK_NAME], folder[512];
	int fd, err;

	if (!is_in_dev(path))
		return 0;
	strcpy(folder, path + 1);
	*strrchr(folder, '/') = '\0';
	fd = sysfs_open(survey->root, folder, O_PATH | O_DIRECTORY);
	if (fd < 0)
		return sysfs_is_absent(fd) ? -ENOENT : fd;
	err = sysfs_link_name(fd, strrchr(path, '/') + 1, name, sizeof(name));
	close(fd);
	return err ? err : named_block(survey, name, out);
}

static void without_deletion(char *path)
{
	static const char deleted[] = " (deleted)";
	size_t length = strlen(path), end = strlen(deleted);

	if (length > end && strcmp(path + length - end, deleted) == 0)
		path[length - end] = '\0';
}

static int block_of_mapper(const struct survey *survey, const char *path, char *out)
{
	static const char mapper[] = "/dev/mapper/";
	struct mapped mapped = {.survey = survey, .name = path + strlen(mapper), .out = out};
	int err;

	if (strncmp(path, mapper, strlen(mapper)) != 0)
		return 0;
	err = sysfs_for_each_entry_if_any(survey->root, "sys/class/block", look_at_mapped, &mapped);
	return err < 0 ? err : 0;
}

int block_of_path(const struct survey *survey, const char *path, char *out)
{
	char plain[512];
	int err = 0;

	*out = '\0';
	if (*path != '/' || strlen(path) >= sizeof(plain))
		return *path == '/' ? -ENAMETOOLONG : -ENOENT;
	strcpy(plain, path);
	without_deletion(plain);
	if (is_in_dev(plain))
		err = named_block(survey, plain + strlen("/dev/"), out);
	if (!err && !*out)
		err = block_of_mapper(survey, plain, out);
	if (err || *out)
		return err;
	return survey->live ? block_of_node(survey, plain, out) : block_of_link(survey, plain, out);
}

void describe_block(const struct survey *survey, const char *block, char *out, size_t size)
{
	char mapped[128];

	if (block_attribute(survey, block, "dm/name", mapped, sizeof(mapped)) == 0 && *mapped)
		snprintf(out, size, "%s (%s)", block, mapped);
	else
		snprintf(out, size, "%s", block);
}
