/* SPDX-License-Identifier: MIT */
/*
 * pci.ids. Whatever the bytes, in whatever order: a lookup ends, reads no further than they go, and
 * what it finds is a part of one line.
 */
#include "pci_ids.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_up(struct pci_ids *ids, const char *vendor, const char *device)
{
	char *name = NULL;

	if (pci_ids_name(ids, -1, vendor, device, &name) != 0 || (name && strchr(name, '\n')))
		abort();
	free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Bytes of their own, so that a step beyond them is seen. */
	char *text = malloc(size ? size : 1);
	struct pci_ids ids = {.opened = true, .text = {text, text + size}};

	if (!text)
		abort();
	memcpy(text, data, size);
	look_up(&ids, "8086", "100e");
	look_up(&ids, "8086", "0000");
	look_up(&ids, "0000", "ffff");
	look_up(&ids, "ffff", "0001");
	free(text);
	return 0;
}
