/* SPDX-License-Identifier: MIT */
/*
 * Frames hang in a radix tree by their number, 9 bits a level, as deep as the size needs. Nodes are
 * added on a frame's first write and stay until the memory is destroyed; frames also go when the
 * region around them does.
 */
#include "memory.h"

#include "list.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#define LEVEL_BITS 9u
#define FANOUT (1u << LEVEL_BITS)
#define FRAME_BITS 12u
#define FRAME_WORDS (MEMORY_FRAME_SIZE / sizeof(uint64_t))

struct frame {
	uint64_t words[FRAME_WORDS];
	uint64_t address;
	struct frame *next_free; /* while it is in memory->free_frames */
};

/* Points at nodes, or at frames on level 1. */
struct node {
	void *slots[FANOUT];
};

struct region {
	struct list entry; /* in memory->regions */
	uint64_t address, size;
};

/* `lock` guards all but alloc, size and depth, which never change. */
struct memory {
	const struct sim_alloc *alloc;
	uint64_t size;
	unsigned int depth;
	pthread_mutex_t lock;
	struct node *root;         /* never NULL */
	uint64_t frames_from;      /* frames are given out from here up to the end */
	struct frame *free_frames; /* were given out and came back */
	size_t frames_out;         /* are given out */
	struct list regions;       /* struct region, by address; all below frames_from */
};

/* How many levels number all frames of a memory. */
static unsigned int depth_for(uint64_t size)
{
	uint64_t last_frame = (size - 1) >> FRAME_BITS;
	unsigned int depth = 1;

	while (last_frame >>= LEVEL_BITS)
		depth++;
	return depth;
}

/* How many address bits lie below one slot of a node on `level`. */
static unsigned int level_shift(unsigned int level)
{
	return FRAME_BITS + LEVEL_BITS * (level - 1);
}

static void **slot_of(struct node *node, unsigned int level, uint64_t address)
{
	return &node->slots[address >> level_shift(level) & (FANOUT - 1)];
}

/* The frame around the address, or NULL when it was never written. */
static struct frame *frame_find(const struct memory *memory, uint64_t address)
{
	void *at = memory->root;

	for (unsigned int level = memory->depth; at && level > 0; level--)
		at = *slot_of(at, level, address);
	return at;
}

/* As frame_find(), but makes it. NULL: no memory. */
static struct frame *frame_make(struct memory *memory, uint64_t address)
{
	const struct sim_alloc *alloc = memory->alloc;
	struct node *node = memory->root;
	struct frame *frame;
	void **slot;

	for (unsigned int level = memory->depth; level > 1; level--) {
		slot = slot_of(node, level, address);
		if (!*slot)
			*slot = alloc->alloc(alloc->ctx, sizeof(*node));
		if (!*slot)
			return NULL;
		node = *slot;
	}
	slot = slot_of(node, 1, address);
	if (!*slot) {
		frame = alloc->alloc(alloc->ctx, sizeof(*frame));
		if (!frame)
			return NULL;
		frame->address = address & ~(uint64_t)(MEMORY_FRAME_SIZE - 1);
		*slot = frame;
	}
	return *slot;
}

/* Frees the frames from `first` to `last` below the node, so that they read as zero. */
static void frames_drop(struct memory *memory, struct node *node, unsigned int level,
			uint64_t first, uint64_t last)
{
	uint64_t span = UINT64_C(1) << level_shift(level);

	for (;;) {
		void **slot = slot_of(node, level, first);
		uint64_t end = first | (span - 1);

		if (end > last)
			end = last;
		if (*slot && level > 1) {
			frames_drop(memory, *slot, level - 1, first, end);
		} else if (*slot) {
			memory->alloc->free(memory->alloc->ctx, *slot);
			*slot = NULL;
		}
		if (end == last)
			return;
		first = end + 1;
	}
}

static void node_free(const struct sim_alloc *alloc, struct node *node, unsigned int level)
{
	for (unsigned int i = 0; i < FANOUT; i++) {
		if (level > 1 && node->slots[i])
			node_free(alloc, node->slots[i], level - 1);
		else
			alloc->free(alloc->ctx, node->slots[i]);
	}
	alloc->free(alloc->ctx, node);
}

int memory_create(const struct sim_alloc *alloc, uint64_t size, struct memory **out)
{
	struct memory *memory;

	if (size == 0 || size % MEMORY_FRAME_SIZE || size > MEMORY_MAX_SIZE)
		return -EINVAL;
	memory = alloc->alloc(alloc->ctx, sizeof(*memory));
	if (!memory)
		return -ENOMEM;
	memory->root = alloc->alloc(alloc->ctx, sizeof(*memory->root));
	if (!memory->root) {
		alloc->free(alloc->ctx, memory);
		return -ENOMEM;
	}
	memory->alloc = alloc;
	memory->size = size;
	memory->depth = depth_for(size);
	memory->frames_from = size;
	list_init(&memory->regions);
	pthread_mutex_init(&memory->lock, NULL);
	*out = memory;
	return 0;
}

void memory_destroy(struct memory *memory)
{
	const struct sim_alloc *alloc;
	struct region *region, *next;

	if (!memory)
		return;
	alloc = memory->alloc;
	list_for_each_entry_safe (region, next, &memory->regions, entry)
		alloc->free(alloc->ctx, region);
	node_free(alloc, memory->root, memory->depth);
	pthread_mutex_destroy(&memory->lock);
	alloc->free(alloc->ctx, memory);
}

uint64_t memory_size(const struct memory *memory)
{
	return memory->size;
}

static bool in_range(const struct memory *memory, uint64_t address, size_t length)
{
	return address <= memory->size && length <= memory->size - address;
}

/* How much of `length` bytes from the address on lies in its frame. */
static size_t frame_part(uint64_t address, size_t length)
{
	size_t left = MEMORY_FRAME_SIZE - address % MEMORY_FRAME_SIZE;

	return length < left ? length : left;
}

static char *frame_bytes(struct frame *frame, uint64_t address)
{
	return (char *)frame->words + address % MEMORY_FRAME_SIZE;
}

int memory_read(struct memory *memory, uint64_t address, void *bytes, size_t length)
{
	char *to = bytes;

	if (!in_range(memory, address, length))
		return -EFAULT;
	pthread_mutex_lock(&memory->lock);
	while (length > 0) {
		struct frame *frame = frame_find(memory, address);
		size_t part = frame_part(address, length);

		if (frame)
			memcpy(to, frame_bytes(frame, address), part);
		else
			memset(to, 0, part);
		to += part;
		address += part;
		length -= part;
	}
	pthread_mutex_unlock(&memory->lock);
	return 0;
}

int memory_write(struct memory *memory, uint64_t address, const void *bytes, size_t length)
{
	const char *from = bytes;
	int err = 0;

	if (!in_range(memory, address, length))
		return -EFAULT;
	pthread_mutex_lock(&memory->lock);
	while (length > 0) {
		struct frame *frame = frame_make(memory, address);
		size_t part = frame_part(address, length);

		if (!frame) {
			err = -ENOMEM;
			break;
		}
		memcpy(frame_bytes(frame, address), from, part);
		from += part;
		address += part;
		length -= part;
	}
	pthread_mutex_unlock(&memory->lock);
	return err;
}

/* Where the highest region ends. */
static uint64_t regions_end(const struct memory *memory)
{
	const struct region *last;

	if (list_empty(&memory->regions))
		return 0;
	last = list_entry(memory->regions.prev, struct region, entry);
	return last->address + last->size;
}

/* A frame that is not given out: one that came back, else the next one downwards. */
static struct frame *frame_take(struct memory *memory)
{
	struct frame *frame = memory->free_frames;

	if (frame) {
		memory->free_frames = frame->next_free;
		return frame;
	}
	if (memory->frames_from - regions_end(memory) < MEMORY_FRAME_SIZE)
		return NULL;
	frame = frame_make(memory, memory->frames_from - MEMORY_FRAME_SIZE);
	if (frame)
		memory->frames_from -= MEMORY_FRAME_SIZE;
	return frame;
}

int memory_frame_alloc(struct memory *memory, uint64_t *address)
{
	struct frame *frame;

	pthread_mutex_lock(&memory->lock);
	frame = frame_take(memory);
	if (frame) {
		memset(frame->words, 0, sizeof(frame->words));
		memory->frames_out++;
		*address = frame->address;
	}
	pthread_mutex_unlock(&memory->lock);
	return frame ? 0 : -ENOMEM;
}

void memory_frame_free(struct memory *memory, uint64_t address)
{
	struct frame *frame;

	pthread_mutex_lock(&memory->lock);
	frame = frame_find(memory, address);
	frame->next_free = memory->free_frames;
	memory->free_frames = frame;
	memory->frames_out--;
	pthread_mutex_unlock(&memory->lock);
}

uint64_t memory_frame_read(struct memory *memory, uint64_t address, unsigned int index)
{
	uint64_t value;

	pthread_mutex_lock(&memory->lock);
	value = frame_find(memory, address)->words[index];
	pthread_mutex_unlock(&memory->lock);
	return value;
}

void memory_frame_write(struct memory *memory, uint64_t address, unsigned int index, uint64_t value)
{
	pthread_mutex_lock(&memory->lock);
	frame_find(memory, address)->words[index] = value;
	pthread_mutex_unlock(&memory->lock);
}

/* Puts the region in the first gap that holds it. */
static int region_place(struct memory *memory, struct region *region, uint64_t align)
{
	uint64_t at = 0, gap_end;
	struct region *next;

	list_for_each_entry (next, &memory->regions, entry) {
		if (at <= next->address && region->size <= next->address - at)
			break;
		at = (next->address + next->size + align - 1) & ~(align - 1);
	}
	gap_end = &next->entry == &memory->regions ? memory->frames_from : next->address;
	if (at > gap_end || region->size > gap_end - at)
		return -ENOMEM;
	region->address = at;
	list_add_tail(&region->entry, &next->entry);
	return 0;
}

int memory_region_alloc(struct memory *memory, uint64_t size, uint64_t align, uint64_t *address)
{
	const struct sim_alloc *alloc = memory->alloc;
	struct region *region;
	int err;

	if (size == 0 || size % MEMORY_FRAME_SIZE || align % MEMORY_FRAME_SIZE || align == 0 ||
	    (align & (align - 1)) || align > MEMORY_MAX_SIZE)
		return -EINVAL;
	region = alloc->alloc(alloc->ctx, sizeof(*region));
	if (!region)
		return -ENOMEM;
	region->size = size;
	pthread_mutex_lock(&memory->lock);
	err = region_place(memory, region, align);
	if (!err) {
		/* A stray DMA may have written there while it was nobody's. */
		frames_drop(memory, memory->root, memory->depth, region->address,
			    region->address + size - 1);
		*address = region->address;
	}
	pthread_mutex_unlock(&memory->lock);
	if (err)
		alloc->free(alloc->ctx, region);
	return err;
}

void memory_region_free(struct memory *memory, uint64_t address)
{
	struct region *region;

	pthread_mutex_lock(&memory->lock);
	list_for_each_entry (region, &memory->regions, entry)
		if (region->address == address)
			break;
	list_del(&region->entry);
	frames_drop(memory, memory->root, memory->depth, address, address + region->size - 1);
	pthread_mutex_unlock(&memory->lock);
	memory->alloc->free(memory->alloc->ctx, region);
}

size_t memory_frames(struct memory *memory)
{
	size_t frames;

	pthread_mutex_lock(&memory->lock);
	frames = memory->frames_out;
	pthread_mutex_unlock(&memory->lock);
	return frames;
}
