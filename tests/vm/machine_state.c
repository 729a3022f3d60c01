/* SPDX-License-Identifier: MIT */
/*
 * Prints what a claim may change on the machine under us, a line for each thing, sorted, so that
 * two states can be compared as text: every PCI device's driver and override, the nodes below
 * /dev/vfio with owner, mode and access list, and the names of the files that dmaown keeps below
 * DMAOWN_RUNTIME_DIR, but for locks and the audit, which stay.
 *
 * A program, because a sweep runs it twice for each step: on an emulated processor a shell script
 * that prints the same takes four times as long.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define DEVICES "/sys/bus/pci/devices"

static int not_a_dot(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* Calls `print` with the path of each entry, in order. A folder that isn't there is empty. */
static void for_each_entry(const char *folder, void (*print)(const char *path))
{
	struct dirent **entries;
	int count = scandir(folder, &entries, not_a_dot, alphasort);

	if (count < 0 && errno != ENOENT)
		err(1, "%s", folder);
	for (int i = 0; i < count; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		print(path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static const char *last_part(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* The first line of a file; "-" if it is not there. */
static void read_line(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, out, size - 1);

	if (fd >= 0)
		close(fd);
	if (length < 0)
		length = snprintf(out, size, "-");
	out[length] = '\0';
	out[strcspn(out, "\n")] = '\0';
}

static void print_device(const char *device)
{
	char path[PATH_MAX + 32], driver[PATH_MAX], override[256];
	ssize_t length;

	snprintf(path, sizeof(path), "%s/driver", device);
	length = readlink(path, driver, sizeof(driver) - 1);
	driver[length < 0 ? 0 : length] = '\0';
	snprintf(path, sizeof(path), "%s/driver_override", device);
	read_line(path, override, sizeof(override));
	printf("%s driver %s override %s\n", last_part(device),
	       length < 0 ? "-" : last_part(driver), override);
}

/* In hexadecimal, as the kernel has it; and the end of the line. */
static void print_access_list(const char *path)
{
	unsigned char list[1024];
	ssize_t size = getxattr(path, "system.posix_acl_access", list, sizeof(list));

	for (ssize_t i = 0; i < size; i++)
		printf("%s%02x", i ? "" : " list ", list[i]);
	printf("%s\n", size < 0 && errno != ENODATA && errno != ENOENT ? " list ?" : "");
}

/* A node may go while we look: then it isn't there. */
static void print_node(const char *path)
{
	struct stat status;

	if (lstat(path, &status) != 0)
		return;
	printf("%s %u:%u %o", path, status.st_uid, status.st_gid, status.st_mode & 07777);
	print_access_list(path);
	if (S_ISDIR(status.st_mode))
		for_each_entry(path, print_node);
}

/* Locks are never removed, and the audit of it is to stay. */
static bool stays(const char *path)
{
	const char *name = strrchr(path, '/') + 1, *end = strrchr(name, '.');

	return (end && strcmp(end, ".lock") == 0) || strcmp(name, "audit") == 0 ||
	       strcmp(name, "audit.1") == 0;
}

static void print_kept(const char *path)
{
	struct stat status;

	if (stays(path))
		return;
	if (lstat(path, &status) == 0 && S_ISDIR(status.st_mode))
		for_each_entry(path, print_kept);
	else
		printf("%s\n", path);
}

int main(void)
{
	const char *kept = getenv("DMAOWN_RUNTIME_DIR");

	for_each_entry(DEVICES, print_device);
	for_each_entry("/dev/vfio", print_node);
	for_each_entry(kept && *kept ? kept : "/run/dmaown", print_kept);
	return 0;
}
