/* SPDX-License-Identifier: MIT */
/* What the parts of the rig are for each other: its trace, its surroundings, its hardware. */

#ifndef DMAOWN_TESTS_CORE_RIG_PARTS_H
#define DMAOWN_TESTS_CORE_RIG_PARTS_H

#include "rig.h"

/* Appends one word to a text of `size` bytes. */
void rig_append(char *text, size_t size, const char *format, va_list arguments);
/* Says a word, with its errno if it fails; returns the errno. */
int say_result(struct rig *rig, const char *word, int err);
/* A word with the count of the device's group, whose mutex is free. */
void say_count(struct dmaown_device *device, const char *word);

/* Counted, and refused as the rig is told. */
void *rig_allocate(void *context, size_t size);
void rig_free(void *context, void *memory, size_t size);
/* The surroundings of the core: memory, locks and warnings. */
struct dmaown_env rig_env(struct rig *rig);

extern const struct dmaown_iommu_ops scripted_iommu;
const char *attached_name(const struct rig_device *device);

#endif
