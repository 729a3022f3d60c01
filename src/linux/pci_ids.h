/* SPDX-License-Identifier: MIT */
/*
 * Names of PCI devices and classes, from the file pci.ids.
 *
 * The file lists vendors in ascending order and each vendor's devices likewise, so that a name is
 * found by bisection in the mapped file, touching a few pages of it. libpci reads all of its 1.3 MB
 * into a table before the first answer, which takes longer than the rest of `dmaown list`.
 */
#ifndef DMAOWN_LINUX_PCI_IDS_H
#define DMAOWN_LINUX_PCI_IDS_H

#include <stdbool.h>
#include <stddef.h>

/* Some whole lines of the file. */
struct pci_ids_span {
	const char *begin, *end;
};

/* A vendor that was asked for; the devices are empty if the file doesn't know it. */
struct pci_ids_vendor {
	char id[5];
	struct pci_ids_span devices;
};

/* A device that was asked for; the entry is empty if the file doesn't know it. */
struct pci_ids_device {
	char vendor[5], device[5];
	struct pci_ids_span entry;
};

enum { PCI_IDS_VENDORS = 16, PCI_IDS_DEVICES = 64 };

/* All zero to begin with: the file is opened at the first question. */
struct pci_ids {
	bool opened;
	struct pci_ids_span text; /* empty: there is no such file, and nothing has a name */
	struct pci_ids_vendor vendors[PCI_IDS_VENDORS]; /* the last ones; a machine has few */
	size_t vendor_count;                            /* so many were asked for in all */
	struct pci_ids_device devices[PCI_IDS_DEVICES]; /* each at the place that its ids give */
};

/* Stores the name in a string that the caller frees, or NULL if there is none. Ids are four
 * lower-case hex digits. -ENOMEM. */
int pci_ids_name(struct pci_ids *ids, int root, const char *vendor, const char *device, char **out);

void pci_ids_release(struct pci_ids *ids);

#endif
