/* SPDX-License-Identifier: MIT */
/* Modules of the running kernel: whose a driver is, the lists that depmod(8) wrote, and loading. */
#ifndef DMAOWN_LINUX_MODULES_H
#define DMAOWN_LINUX_MODULES_H

#include "machine.h"
#include "reading.h"

#include <stddef.h>

/* Stores the module that a driver is in or, if it is built in, what its module would be called.
 * What reading its link gives: not known. */
int driver_module(const struct reading *reading, const struct driver_facts *driver, char *module,
		  size_t size);

/* Stores the path below the root of such a file. What reading the kernel's release gives. */
int module_file_path(int root, const char *name, char *path, size_t size);

/* Opens a file that depmod(8) or the build of the running kernel wrote, for reading; else -errno.
 */
int open_module_file(int root, const char *name);

/* Contract of the operation of machine.h. */
int host_load_driver(struct machine *machine, const char *driver);

#endif
