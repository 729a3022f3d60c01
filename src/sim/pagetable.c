/* SPDX-License-Identifier: MIT */
/*
 * Every operation on a range descends the same way: for_each_part() cuts the range into the parts
 * that the entries of one table cover, and tables below are visited with their part. Changes to the
 * number of non-empty entries travel back up through an out-parameter.
 */
#include "pagetable.h"

#include <errno.h>

#define ROOT_LEVEL 4u
#define LARGEST_PAGE_LEVEL 3u
#define LEVEL_BITS 9u
#define PAGE_BITS 12u

#define ENTRY_PRESENT UINT64_C(3)
#define ENTRY_LARGE (UINT64_C(1) << 7)
#define ENTRY_ADDRESS UINT64_C(0x000ffffffffff000)
#define ENTRY_COUNT_SHIFT 52u
#define ENTRY_COUNT_ONE (UINT64_C(1) << ENTRY_COUNT_SHIFT)

/* The part of a range that entry `index` of a table covers. */
struct part {
	unsigned int index;
	uint64_t first, last;
};

static unsigned int level_shift(unsigned int level)
{
	return PAGE_BITS + LEVEL_BITS * (level - 1);
}

static uint64_t level_span(unsigned int level)
{
	return UINT64_C(1) << level_shift(level);
}

static unsigned int index_of(unsigned int level, uint64_t iova)
{
	return (unsigned int)(iova >> level_shift(level)) & ((1u << LEVEL_BITS) - 1);
}

static struct part part_at(unsigned int level, uint64_t first, uint64_t last)
{
	uint64_t end = first | (level_span(level) - 1);

	return (struct part) {index_of(level, first), first, end < last ? end : last};
}

#define for_each_part(part, level, range_first, range_last)                                        \
	for (struct part part = part_at(level, range_first, range_last); part.first <= range_last; \
	     part = part_at(level, part.last + 1, range_last))

static bool is_page(uint64_t entry, unsigned int level)
{
	return level == 1 || (entry & ENTRY_LARGE);
}

static unsigned int entry_count(uint64_t entry)
{
	return (unsigned int)(entry >> ENTRY_COUNT_SHIFT) & 0x3ff;
}

static uint64_t entry_read(const struct pagetable *table, uint64_t frame, unsigned int index)
{
	return memory_frame_read(table->memory, frame, index);
}

static void entry_write(const struct pagetable *table, uint64_t frame, unsigned int index,
			uint64_t entry)
{
	memory_frame_write(table->memory, frame, index, entry);
}

int pagetable_init(struct pagetable *table, struct memory *memory)
{
	*table = (struct pagetable) {.memory = memory};
	return memory_frame_alloc(memory, &table->root);
}

void pagetable_finish(struct pagetable *table)
{
	pagetable_clear(table, 0, PAGETABLE_LAST);
	pagetable_prune(table, 0, PAGETABLE_LAST);
	memory_frame_free(table->memory, table->root);
}

static bool mapped_below(const struct pagetable *table, unsigned int level, uint64_t frame,
			 uint64_t first, uint64_t last)
{
	for_each_part(part, level, first, last)
	{
		uint64_t entry = entry_read(table, frame, part.index);

		if (!(entry & ENTRY_PRESENT))
			continue;
		if (is_page(entry, level) ||
		    mapped_below(table, level - 1, entry & ENTRY_ADDRESS, part.first, part.last))
			return true;
	}
	return false;
}

bool pagetable_mapped(const struct pagetable *table, uint64_t first, uint64_t last)
{
	return mapped_below(table, ROOT_LEVEL, table->root, first, last);
}

bool pagetable_cuts(const struct pagetable *table, uint64_t first, uint64_t last)
{
	struct page page;

	if (pagetable_walk(table, first, &page) && page.iova < first)
		return true;
	return pagetable_walk(table, last, &page) &&
	       page.iova + (UINT64_C(1) << page.shift) - 1 > last;
}

/* Whether one page on this level can map the part, whose memory is at part.first + offset. */
static bool page_fits(unsigned int level, const struct part *part, uint64_t offset)
{
	uint64_t span = level_span(level);

	return level <= LARGEST_PAGE_LEVEL && part->last - part->first == span - 1 &&
	       (part->first + offset) % span == 0;
}

/* `offset` leads from an iova to its memory, modulo 2^64. Adds to *added, also on failure. */
static int map_below(struct pagetable *table, unsigned int level, uint64_t frame, uint64_t first,
		     uint64_t last, uint64_t offset, unsigned int permissions, unsigned int *added)
{
	for_each_part(part, level, first, last)
	{
		uint64_t entry = entry_read(table, frame, part.index), child;
		unsigned int child_added = 0;
		int err;

		if (!entry && page_fits(level, &part, offset)) {
			entry = (part.first + offset) | permissions;
			entry_write(table, frame, part.index,
				    level > 1 ? entry | ENTRY_LARGE : entry);
			++*added;
			continue;
		}
		if (!entry) {
			err = memory_frame_alloc(table->memory, &child);
			if (err)
				return err;
			entry = child | ENTRY_PRESENT;
			++*added;
		}
		err = map_below(table, level - 1, entry & ENTRY_ADDRESS, part.first, part.last,
				offset, permissions, &child_added);
		entry_write(table, frame, part.index, entry + child_added * ENTRY_COUNT_ONE);
		if (err)
			return err;
	}
	return 0;
}

int pagetable_map(struct pagetable *table, uint64_t first, uint64_t last, uint64_t phys,
		  unsigned int permissions)
{
	unsigned int added = 0;
	int err = map_below(table, ROOT_LEVEL, table->root, first, last, phys - first, permissions,
			    &added);

	if (err) {
		pagetable_clear(table, first, last);
		pagetable_prune(table, first, last);
	}
	return err;
}

static uint64_t clear_below(struct pagetable *table, unsigned int level, uint64_t frame,
			    uint64_t first, uint64_t last, unsigned int *cleared)
{
	uint64_t bytes = 0;

	for_each_part(part, level, first, last)
	{
		uint64_t entry = entry_read(table, frame, part.index);
		unsigned int child_cleared = 0;

		if (!entry)
			continue;
		if (is_page(entry, level)) {
			entry_write(table, frame, part.index, 0);
			bytes += level_span(level);
			++*cleared;
			continue;
		}
		bytes += clear_below(table, level - 1, entry & ENTRY_ADDRESS, part.first, part.last,
				     &child_cleared);
		if (child_cleared)
			entry_write(table, frame, part.index,
				    entry - child_cleared * ENTRY_COUNT_ONE);
	}
	return bytes;
}

uint64_t pagetable_clear(struct pagetable *table, uint64_t first, uint64_t last)
{
	unsigned int cleared = 0;

	return clear_below(table, ROOT_LEVEL, table->root, first, last, &cleared);
}

static void prune_below(struct pagetable *table, unsigned int level, uint64_t frame, uint64_t first,
			uint64_t last, unsigned int *pruned)
{
	for_each_part(part, level, first, last)
	{
		uint64_t entry = entry_read(table, frame, part.index);
		unsigned int child_pruned = 0;

		if (!entry || is_page(entry, level))
			continue;
		if (level > 2)
			prune_below(table, level - 1, entry & ENTRY_ADDRESS, part.first, part.last,
				    &child_pruned);
		entry -= child_pruned * ENTRY_COUNT_ONE;
		if (entry_count(entry) > 0) {
			entry_write(table, frame, part.index, entry);
			continue;
		}
		entry_write(table, frame, part.index, 0);
		memory_frame_free(table->memory, entry & ENTRY_ADDRESS);
		++*pruned;
	}
}

void pagetable_prune(struct pagetable *table, uint64_t first, uint64_t last)
{
	unsigned int pruned = 0;

	prune_below(table, ROOT_LEVEL, table->root, first, last, &pruned);
}

bool pagetable_walk(const struct pagetable *table, uint64_t iova, struct page *page)
{
	uint64_t frame = table->root;

	for (unsigned int level = ROOT_LEVEL; level > 0; level--) {
		uint64_t entry = entry_read(table, frame, index_of(level, iova));

		if (!(entry & ENTRY_PRESENT))
			return false;
		frame = entry & ENTRY_ADDRESS;
		if (!is_page(entry, level))
			continue;
		*page = (struct page) {
			.iova = iova & ~(level_span(level) - 1),
			.phys = frame,
			.shift = level_shift(level),
			.permissions = (unsigned int)(entry & ENTRY_PRESENT),
		};
		return true;
	}
	return false;
}

static void each_below(const struct pagetable *table, unsigned int level, uint64_t frame,
		       uint64_t base, void (*found)(void *ctx, const struct page *page), void *ctx)
{
	for_each_part(part, level, base, base + level_span(level + 1) - 1)
	{
		uint64_t entry = entry_read(table, frame, part.index);
		struct page page = {
			.iova = part.first,
			.phys = entry & ENTRY_ADDRESS,
			.shift = level_shift(level),
			.permissions = (unsigned int)(entry & ENTRY_PRESENT),
		};

		if (!entry)
			continue;
		if (is_page(entry, level))
			found(ctx, &page);
		else
			each_below(table, level - 1, page.phys, part.first, found, ctx);
	}
}

void pagetable_each(const struct pagetable *table,
		    void (*found)(void *ctx, const struct page *page), void *ctx)
{
	each_below(table, ROOT_LEVEL, table->root, 0, found, ctx);
}
