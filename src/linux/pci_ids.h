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

/* All zero to begin with: the file is opened at the first question. */
struct pci_ids {
	bool opened;
	const char *text; /* NULL: there is no such file, and nothing has a name */
	size_t size;
};

/* Stores the name in a string that the caller frees, or NULL if there is none. Ids are four
 * lower-case hex digits. -ENOMEM. */
int pci_ids_name(struct pci_ids *ids, int root, const char *vendor, const char *device, char **out);

void pci_ids_release(struct pci_ids *ids);

#endif
