/* SPDX-License-Identifier: MIT */
/*
 * Names from pci.ids. Its lines, by the number of tabs they begin with:
 *
 *	8086  Intel Corporation			a vendor
 *		100e  82540EM ...		a device of that vendor
 *			8086 001e  ...		a subsystem, which is of no interest here
 *	# ...					a comment
 *	C 02  Network controller		from here on classes, beyond every vendor
 */
#define _GNU_SOURCE
#include "pci_ids.h"
#include "sysfs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A stretch of whole lines. */
struct span {
	const char *begin, *end;
};

static void open_ids(struct pci_ids *ids, int root)
{
	int fd = sysfs_open(root, "usr/share/misc/pci.ids", O_RDONLY);
	struct stat status;
	void *text;

	ids->opened = true;
	if (fd < 0)
		return;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
		text = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		ids->text = text == MAP_FAILED ? NULL : text;
		ids->size = ids->text ? (size_t)status.st_size : 0;
	}
	close(fd);
}

static const char *line_begin(struct span span, const char *at)
{
	const char *newline = memrchr(span.begin, '\n', (size_t)(at - span.begin));

	return newline ? newline + 1 : span.begin;
}

static const char *line_end(struct span span, const char *at)
{
	const char *newline = memchr(at, '\n', (size_t)(span.end - at));

	return newline ? newline + 1 : span.end;
}

/* Whether the line holds an entry of the given depth: so many tabs, then an id or the "C" of the
 * classes. */
static bool is_entry(struct span span, const char *line, size_t depth)
{
	if ((size_t)(span.end - line) < depth + 4)
		return false;
	for (size_t i = 0; i < depth; i++) {
		if (line[i] != '\t')
			return false;
	}
	return isxdigit((unsigned char)line[depth]);
}

/* The order of an id against the entry of a line. Classes come after every vendor. */
static int compare(const char *id, const char *entry)
{
	return *entry == 'C' ? -1 : memcmp(id, entry, 4);
}

/* Finds the entry of that depth and id, and stores the lines from it up to the next entry of its
 * depth. The part of the file that is left always begins and ends at a line. */
static bool find_entry(struct span left, size_t depth, const char *id, struct span *out)
{
	while (left.begin < left.end) {
		const char *middle = left.begin + (left.end - left.begin) / 2;
		const char *line = line_begin(left, middle), *next = line_end(left, middle);
		int order;

		while (line > left.begin && !is_entry(left, line, depth))
			line = line_begin(left, line - 1);
		while (next < left.end && !is_entry(left, next, depth))
			next = line_end(left, next);
		order = is_entry(left, line, depth) ? compare(id, line + depth) : 1;
		if (order == 0) {
			*out = (struct span) {line, next};
			return true;
		}
		if (order < 0)
			left.end = line;
		else
			left.begin = next;
	}
	return false;
}

int pci_ids_name(struct pci_ids *ids, int root, const char *vendor, const char *device, char **out)
{
	struct span entry, name;
	char *copy;

	if (!ids->opened)
		open_ids(ids, root);
	*out = NULL;
	if (!ids->text ||
	    !find_entry((struct span) {ids->text, ids->text + ids->size}, 0, vendor, &entry))
		return 0;
	if (!find_entry((struct span) {line_end(entry, entry.begin), entry.end}, 1, device, &entry))
		return 0;
	name.begin = entry.begin + strlen("\t0000");
	name.end = line_end(entry, entry.begin);
	while (name.begin < name.end && isspace((unsigned char)*name.begin))
		name.begin++;
	while (name.begin < name.end && isspace((unsigned char)name.end[-1]))
		name.end--;
	copy = strndup(name.begin, (size_t)(name.end - name.begin));
	if (!copy)
		return -ENOMEM;
	*out = copy;
	return 0;
}

void pci_ids_release(struct pci_ids *ids)
{
	if (ids->text)
		munmap((void *)(uintptr_t)ids->text, ids->size);
	*ids = (struct pci_ids) {0};
}
