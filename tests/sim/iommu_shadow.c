/* SPDX-License-Identifier: MIT */
#include "iommu_shadow.h"
#include "array.h"

#include "counted_alloc.h"
#include "iommu.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define K4 UINT64_C(0x1000)
#define M2 UINT64_C(0x200000)
#define G1 UINT64_C(0x40000000)
#define TOP (UINT64_C(1) << IOMMU_WIDTH)
#define REQUESTER IOMMU_REQUESTER(0, 3, 0, 0)
#define PAGES 4096 /* the model has room for */
/* A page of the model, or several that make one range. */
struct extent {
	uint64_t iova, phys, size;
	unsigned int permissions;
};

struct extents {
	struct extent at[PAGES];
	size_t count;
};

struct shadow {
	const uint8_t *bytes;
	size_t left;
	struct counted_alloc counted;
	struct memory *memory;
	struct iommu_unit *unit;
	struct iommu_domain *domain, *blocked;
	bool deferred;
	struct extents pages;  /* mapped, by iova */
	struct extents stale;  /* unmapped and perhaps still remembered */
	struct extents queued; /* the unmaps that wait; phys means nothing */
	const char *broken;    /* the first thing that did not hold */
};

static void must(struct shadow *shadow, bool holds, const char *what)
{
	if (!holds && !shadow->broken)
		shadow->broken = what;
}

/* The next byte of the input, 0 after its end. */
static unsigned int next(struct shadow *shadow)
{
	if (shadow->left == 0)
		return 0;
	shadow->left--;
	return *shadow->bytes++;
}

/* Places where tables of each level begin and end, and both ends of the width. */
static uint64_t next_iova(struct shadow *shadow)
{
	static const uint64_t bases[] = {0, G1 - 2 * M2, 512 * G1 - G1 - 2 * M2, TOP - 2 * G1};
	unsigned int where = next(shadow), steps = next(shadow);
	uint64_t step = where & 0x80 ? M2 : where & 0x40 ? G1 : K4;

	return bases[where % COUNT(bases)] + steps % 16 * step;
}

static uint64_t next_size(struct shadow *shadow)
{
	static const uint64_t sizes[] = {K4, K4, M2, G1, M2 + 3 * K4, G1 + M2, 7 * K4, 0};
	unsigned int byte = next(shadow);

	return sizes[byte % COUNT(sizes)] * (1 + byte / COUNT(sizes) % 4);
}

/* Half of the time a page that is mapped, if any is: there most can go wrong. */
static struct extent next_page(struct shadow *shadow)
{
	unsigned int byte = next(shadow);

	if (byte % 2 && shadow->pages.count > 0)
		return shadow->pages.at[byte / 2 % shadow->pages.count];
	return (struct extent) {.iova = next_iova(shadow), .size = next_size(shadow)};
}

static bool overlap(const struct extent *extent, uint64_t iova, uint64_t size)
{
	return extent->iova < iova + size && iova < extent->iova + extent->size;
}

static const struct extent *find(const struct extents *extents, uint64_t iova, uint64_t size)
{
	for (size_t i = 0; i < extents->count; i++)
		if (overlap(&extents->at[i], iova, size))
			return &extents->at[i];
	return NULL;
}

static void insert(struct extents *extents, struct extent extent)
{
	size_t place = extents->count++;

	for (; place > 0 && extents->at[place - 1].iova > extent.iova; place--)
		extents->at[place] = extents->at[place - 1];
	extents->at[place] = extent;
}

static void erase(struct extents *extents, size_t place)
{
	extents->count--;
	memmove(&extents->at[place], &extents->at[place + 1],
		(extents->count - place) * sizeof(extents->at[0]));
}

static bool valid(uint64_t iova, uint64_t size)
{
	return size > 0 && iova % K4 == 0 && size % K4 == 0 && iova < TOP && size <= TOP - iova;
}

static void model_flush(struct shadow *shadow)
{
	shadow->queued.count = 0;
	shadow->stale.count = 0;
}

/* The page with which a mapping begins: the largest that fits. */
static uint64_t page_size(uint64_t iova, uint64_t phys, uint64_t size)
{
	static const uint64_t sizes[] = {G1, M2};

	for (size_t i = 0; i < COUNT(sizes); i++)
		if ((iova | phys) % sizes[i] == 0 && size >= sizes[i])
			return sizes[i];
	return K4;
}

static size_t pages_of(uint64_t iova, uint64_t phys, uint64_t size)
{
	size_t count = 0;

	for (uint64_t at = 0; at < size; at += page_size(iova + at, phys + at, size - at))
		count++;
	return count;
}

static void model_map(struct shadow *shadow, struct extent whole)
{
	while (whole.size > 0) {
		uint64_t size = page_size(whole.iova, whole.phys, whole.size);

		insert(&shadow->pages,
		       (struct extent) {whole.iova, whole.phys, size, whole.permissions});
		whole.iova += size;
		whole.phys += size;
		whole.size -= size;
	}
}

static void do_map(struct shadow *shadow, long fail_after)
{
	struct extent whole = {.iova = next_iova(shadow), .size = next_size(shadow)};
	unsigned int byte = next(shadow);
	int expected = 0, err;

	/* Sometimes as aligned as the IOVA, so that large pages fit, and sometimes not. */
	whole.phys = byte & 4 ? whole.iova % (4 * G1) : byte / 8 * K4;
	whole.permissions = byte % 4;
	if (!valid(whole.iova, whole.size) || whole.permissions == 0)
		expected = -EINVAL;
	else if (find(&shadow->pages, whole.iova, whole.size))
		expected = -EEXIST;
	else if (pages_of(whole.iova, whole.phys, whole.size) > PAGES - shadow->pages.count)
		return;
	else if (find(&shadow->queued, whole.iova, whole.size))
		model_flush(shadow);

	shadow->counted.fail_after = fail_after;
	err = iommu_map(shadow->domain, whole.iova, whole.phys, whole.size, whole.permissions);
	shadow->counted.fail_after = -1;
	if (fail_after >= 0 && !expected && err == -ENOMEM)
		return;
	must(shadow, err == expected, "map gives the model's errno");
	if (!expected)
		model_map(shadow, whole);
}

/* Takes the pages in the range out of the model; returns their bytes. */
static uint64_t model_unmap(struct shadow *shadow, uint64_t iova, uint64_t size)
{
	uint64_t bytes = 0;

	for (size_t i = shadow->pages.count; i-- > 0;) {
		struct extent page = shadow->pages.at[i];

		if (!overlap(&page, iova, size))
			continue;
		bytes += page.size;
		erase(&shadow->pages, i);
		if (shadow->deferred && shadow->stale.count < PAGES)
			insert(&shadow->stale, page);
	}
	if (bytes > 0 && shadow->deferred) {
		insert(&shadow->queued, (struct extent) {.iova = iova, .size = size});
		if (shadow->queued.count == IOMMU_QUEUE_SIZE)
			model_flush(shadow);
	}
	return bytes;
}

static bool cuts(const struct shadow *shadow, uint64_t iova, uint64_t size)
{
	for (size_t i = 0; i < shadow->pages.count; i++) {
		const struct extent *page = &shadow->pages.at[i];

		if (overlap(page, iova, size) &&
		    (page->iova < iova || page->iova + page->size > iova + size))
			return true;
	}
	return false;
}

static void do_unmap(struct shadow *shadow)
{
	struct extent range = next_page(shadow);
	uint64_t iova = range.iova, size = range.size, unmapped = 0, bytes = 0;
	int expected = 0, err;

	if (!valid(iova, size) || cuts(shadow, iova, size))
		expected = -EINVAL;
	else if (!find(&shadow->pages, iova, size))
		expected = -ENOENT;
	else
		bytes = model_unmap(shadow, iova, size);
	/* A release can't fail for lack of memory. */
	shadow->counted.fail_after = 0;
	err = iommu_unmap(shadow->domain, iova, size, &unmapped);
	shadow->counted.fail_after = -1;
	must(shadow, err == expected, "unmap gives the model's errno");
	must(shadow, unmapped == bytes, "unmap tells the model's bytes");
}

/* Whether the model lets the device do this now, and where in memory it would be. */
static bool allowed(const struct extents *extents, uint64_t iova, unsigned int direction,
		    uint64_t *phys)
{
	const struct extent *page = find(extents, iova, 1);

	if (!page || !(page->permissions & direction))
		return false;
	*phys = page->phys + (iova - page->iova);
	return true;
}

static void do_dma(struct shadow *shadow)
{
	uint64_t iova = next_page(shadow).iova + next(shadow) * 8, phys = 0, word, in_memory;
	unsigned int direction = next(shadow) % 2 ? IOMMU_WRITE : IOMMU_READ;
	bool mapped = allowed(&shadow->pages, iova, direction, &phys);
	int err;

	word = iova ^ shadow->left;
	err = iommu_dma(shadow->unit, REQUESTER, iova, &word, sizeof(word), direction);
	must(shadow, err == 0 || err == -EFAULT, "a DMA is done or faults");
	must(shadow, err == 0 || !mapped, "DMA through a mapping does not fault");
	if (err)
		return;
	/* With several stale pages of one address there is no telling which one it was. */
	if (!mapped) {
		must(shadow, find(&shadow->stale, iova, 1), "DMA through no mapping faults");
		return;
	}
	must(shadow, memory_read(shadow->memory, phys, &in_memory, sizeof(in_memory)) == 0,
	     "mappings lead to memory");
	must(shadow, word == in_memory, "DMA reads and writes what the mapping says");
}

static void do_leave_and_return(struct shadow *shadow)
{
	uint64_t word;

	must(shadow, iommu_attach(shadow->unit, REQUESTER, shadow->blocked) == 0, "attach works");
	must(shadow,
	     iommu_dma(shadow->unit, REQUESTER, 0, &word, sizeof(word), IOMMU_READ) == -EFAULT,
	     "a blocked device reaches nothing");
	must(shadow, iommu_attach(shadow->unit, REQUESTER, shadow->domain) == 0, "attach works");
	model_flush(shadow);
}

/* Seldom, as there is no way back. */
static void do_defer(struct shadow *shadow)
{
	if (next(shadow) % 32)
		return;
	must(shadow, iommu_domain_defer(shadow->domain) == 0, "defer works");
	shadow->deferred = true;
}

/* Compares as it goes: `next` is the model's page that the next range must begin with. */
struct comparison {
	struct shadow *shadow;
	size_t next;
};

static void compare_stale(struct shadow *shadow, const struct iommu_range *range)
{
	for (size_t i = 0; i < shadow->stale.count; i++) {
		const struct extent *page = &shadow->stale.at[i];

		if (page->iova == range->iova && page->phys == range->phys &&
		    page->size == range->size && page->permissions == range->permissions)
			return;
	}
	must(shadow, false, "what is stale waits in the queue");
}

static void compare(void *ctx, const struct iommu_range *range)
{
	struct comparison *comparison = ctx;
	const struct extents *pages = &comparison->shadow->pages;
	uint64_t at = 0;

	if (range->stale) {
		compare_stale(comparison->shadow, range);
		return;
	}
	for (; at < range->size && comparison->next < pages->count; comparison->next++) {
		const struct extent *page = &pages->at[comparison->next];

		if (page->iova != range->iova + at || page->phys != range->phys + at ||
		    page->permissions != range->permissions)
			break;
		at += page->size;
	}
	must(comparison->shadow, at == range->size, "within reach is only what is mapped");
}

static void check(struct shadow *shadow)
{
	struct comparison comparison = {.shadow = shadow};

	must(shadow, iommu_reach(shadow->unit, REQUESTER, compare, &comparison) == 0,
	     "reach knows the requester");
	must(shadow, comparison.next == shadow->pages.count, "all that is mapped is within reach");
}

static void operate(struct shadow *shadow)
{
	switch (next(shadow) % 16) {
	case 0:
		do_leave_and_return(shadow);
		break;
	case 1:
		iommu_flush(shadow->domain);
		model_flush(shadow);
		break;
	case 2:
		do_defer(shadow);
		break;
	case 3:
		do_map(shadow, next(shadow) % 8);
		break;
	case 4:
	case 5:
	case 6:
	case 7:
		do_dma(shadow);
		break;
	case 8:
	case 9:
	case 10:
	case 11:
		do_unmap(shadow);
		break;
	default:
		do_map(shadow, -1);
	}
}

static bool begin(struct shadow *shadow)
{
	const struct sim_alloc *alloc = &shadow->counted.alloc;

	counted_alloc_init(&shadow->counted);
	return memory_create(alloc, 64 * G1, &shadow->memory) == 0 &&
	       iommu_create(alloc, shadow->memory, &shadow->unit) == 0 &&
	       iommu_requester_add(shadow->unit, REQUESTER) == 0 &&
	       iommu_domain_create(shadow->unit, IOMMU_DMA, &shadow->domain) == 0 &&
	       iommu_domain_create(shadow->unit, IOMMU_BLOCKED, &shadow->blocked) == 0 &&
	       iommu_attach(shadow->unit, REQUESTER, shadow->domain) == 0;
}

static void end(struct shadow *shadow)
{
	if (shadow->pages.count > 0)
		must(shadow, iommu_unmap(shadow->domain, 0, TOP, NULL) == 0, "all is unmapped");
	iommu_flush(shadow->domain);
	must(shadow, memory_frames(shadow->memory) == 1, "an empty domain is its root table");
	must(shadow, iommu_requester_remove(shadow->unit, REQUESTER) == 0, "requesters go");
	must(shadow, iommu_domain_destroy(shadow->domain) == 0, "domains go");
	must(shadow, iommu_domain_destroy(shadow->blocked) == 0, "domains go");
	must(shadow, iommu_destroy(shadow->unit) == 0, "units go");
	must(shadow, memory_frames(shadow->memory) == 0, "no frame is left");
	memory_destroy(shadow->memory);
	must(shadow, shadow->counted.live == 0, "nothing is left allocated");
}

const char *iommu_shadow_run(const uint8_t *bytes, size_t length, size_t *operation)
{
	struct shadow *shadow = calloc(1, sizeof(*shadow));
	const char *broken = "the host has no memory";
	size_t done = 0;

	if (!shadow)
		return broken;
	shadow->bytes = bytes;
	shadow->left = length;
	if (begin(shadow)) {
		for (; shadow->left > 0 && !shadow->broken; done++) {
			operate(shadow);
			check(shadow);
		}
		end(shadow);
		broken = shadow->broken;
	}
	free(shadow);
	if (operation)
		*operation = done;
	return broken;
}
