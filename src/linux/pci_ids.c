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
		if (text != MAP_FAILED)
			ids->text = (struct pci_ids_span) {text, (char *)text + status.st_size};
	}
	close(fd);
}

static const char *line_begin(struct pci_ids_span span, const char *at)
{
	const char *newline = memrchr(span.begin, '\n', (size_t)(at - span.begin));

	return newline ? newline + 1 : span.begin;
}

static const char *line_end(struct pci_ids_span span, const char *at)
{
	const char *newline = memchr(at, '\n', (size_t)(span.end - at));

	return newline ? newline + 1 : span.end;
}

/* Whether the line holds an entry of the given depth: so many tabs, then an id or the "C" of the
 * classes. */
static bool is_entry(struct pci_ids_span span, const char *line, size_t depth)
{
	if ((size_t)(span.end - line) < depth + 4)
		return false;
	for (size_t i = 0; i < depth; i++) {
		if (line[i] != '\t')
			return false;
	}
	return line[depth] != '\t' && isxdigit((unsigned char)line[depth]);
}

/* The last entry of that depth that begins before `at`'s line ends; NULL: none does. */
static const char *last_entry(struct pci_ids_span span, const char *at, size_t depth)
{
	const char *line = line_begin(span, at);

	while (!is_entry(span, line, depth)) {
		if (line == span.begin)
			return NULL;
		line = line_begin(span, line - 1);
	}
	return line;
}

/* The first entry of that depth from a line on, or the end. */
static const char *next_entry(struct pci_ids_span span, const char *line, size_t depth)
{
	while (line < span.end && !is_entry(span, line, depth))
		line = line_end(span, line);
	return line;
}

/* The order of an id against the entry of a line. Classes come after every vendor. */
static int compare(const char *id, const char *entry)
{
	return *entry == 'C' ? -1 : memcmp(id, entry, 4);
}

/*
 * Finds the entry of that depth and id, and stores the lines from it up to the next entry of its
 * depth. What is left of the file begins at a line, which may be in the middle of an entry that is
 * too low, and ends at an entry. A large vendor has thousands of lines: they are not counted twice.
 */
static bool find_entry(struct pci_ids_span left, size_t depth, const char *id,
		       struct pci_ids_span *out)
{
	while (left.begin < left.end) {
		const char *middle = left.begin + (left.end - left.begin) / 2;
		const char *entry = last_entry(left, middle, depth);
		int order = entry ? compare(id, entry + depth) : 1;

		if (order < 0) {
			left.end = entry;
		} else if (order > 0) {
			left.begin = line_end(left, middle);
		} else {
			*out = (struct pci_ids_span) {
				entry, next_entry(left, line_end(left, entry), depth)};
			return true;
		}
	}
	return false;
}

/* The lines of a vendor's devices, which are looked for once. */
static struct pci_ids_span devices_of(struct pci_ids *ids, const char *vendor)
{
	struct pci_ids_vendor *place = &ids->vendors[ids->vendor_count % PCI_IDS_VENDORS];
	struct pci_ids_span entry;

	for (size_t i = 0; i < PCI_IDS_VENDORS; i++) {
		if (strcmp(ids->vendors[i].id, vendor) == 0)
			return ids->vendors[i].devices;
	}
	ids->vendor_count++;
	*place = (struct pci_ids_vendor) {0};
	strncat(place->id, vendor, sizeof(place->id) - 1);
	if (find_entry(ids->text, 0, vendor, &entry))
		place->devices = (struct pci_ids_span) {line_end(entry, entry.begin), entry.end};
	return place->devices;
}

static size_t place_of(const char *vendor, const char *device)
{
	size_t hash = 0;

	for (size_t i = 0; i < 4 && vendor[i] && device[i]; i++)
		hash = 31 * (31 * hash + (unsigned char)vendor[i]) + (unsigned char)device[i];
	return hash % PCI_IDS_DEVICES;
}

/* The device's entry: of most kinds that a machine has, it has several. */
static struct pci_ids_span entry_of(struct pci_ids *ids, const char *vendor, const char *device)
{
	struct pci_ids_device *place = &ids->devices[place_of(vendor, device)];

	if (strcmp(place->vendor, vendor) == 0 && strcmp(place->device, device) == 0)
		return place->entry;
	*place = (struct pci_ids_device) {0};
	strncat(place->vendor, vendor, sizeof(place->vendor) - 1);
	strncat(place->device, device, sizeof(place->device) - 1);
	find_entry(devices_of(ids, vendor), 1, device, &place->entry);
	return place->entry;
}

/* Stores what follows the id in the entry's line. */
static int copy_name(struct pci_ids_span entry, char **out)
{
	const char *begin = entry.begin + strlen("\t0000"), *end = line_end(entry, entry.begin);
	char *copy;

	while (begin < end && isspace((unsigned char)*begin))
		begin++;
	while (begin < end && isspace((unsigned char)end[-1]))
		end--;
	copy = strndup(begin, (size_t)(end - begin));
	if (!copy)
		return -ENOMEM;
	*out = copy;
	return 0;
}

int pci_ids_name(struct pci_ids *ids, int root, const char *vendor, const char *device, char **out)
{
	struct pci_ids_span entry;

	if (!ids->opened)
		open_ids(ids, root);
	*out = NULL;
	entry = entry_of(ids, vendor, device);
	return entry.begin ? copy_name(entry, out) : 0;
}

void pci_ids_release(struct pci_ids *ids)
{
	if (ids->text.begin)
		munmap((void *)(uintptr_t)ids->text.begin,
		       (size_t)(ids->text.end - ids->text.begin));
	*ids = (struct pci_ids) {0};
}
