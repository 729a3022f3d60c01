/* SPDX-License-Identifier: MIT */
#include "iommu.h"

#include "list.h"
#include "pagetable.h"
#include "tlb.h"

#include <errno.h>
#include <pthread.h>

#define BUCKETS 256u
#define PASID_BITS 20u
#define PHYS_BITS 52u

/* Which domain the DMA of a requester, or of one of its PASIDs, goes through. */
struct context {
	struct list entry; /* in requester->pasids, by PASID; unused in requester->own */
	uint32_t pasid;
	struct iommu_domain *domain; /* NULL: none, its DMA faults */
};

struct requester {
	struct list entry; /* in a bucket of the unit */
	uint32_t id;
	struct context own;
	struct list pasids; /* struct context, owned */
};

struct range {
	uint64_t first, last;
};

/* Unmapped ranges whose translations may still be in the TLB. */
struct flush_queue {
	unsigned int length;
	struct range ranges[IOMMU_QUEUE_SIZE];
};

/* Guarded by the unit's lock; unit and id never change. */
struct iommu_domain {
	struct iommu_unit *unit;
	uint64_t id; /* not 0, never used again: the tag in the TLB */
	enum iommu_kind kind;
	unsigned int contexts;     /* how many point here */
	struct pagetable table;    /* of the translated kinds */
	struct flush_queue *queue; /* of IOMMU_DMA_FQ, owned */
};

/* `lock` guards all that is below it, and the domains; what is above never changes. */
struct iommu_unit {
	const struct sim_alloc *alloc;
	struct memory *memory;
	pthread_mutex_t lock;
	uint64_t last_domain_id;
	unsigned int domains; /* how many there are */
	uint64_t flushes;
	struct list requesters[BUCKETS]; /* struct requester by requester % BUCKETS, owned */
	struct tlb tlb;
	struct iommu_fault faults[IOMMU_FAULTS]; /* a ring */
	unsigned int oldest_fault, fault_count;
	bool faults_lost;
};

const char *iommu_fault_text(enum iommu_fault_reason reason)
{
	static const char *const texts[] = {
		[IOMMU_FAULT_NO_CONTEXT] = "requester has no domain",
		[IOMMU_FAULT_BLOCKED] = "domain is blocked",
		[IOMMU_FAULT_NOT_PRESENT] = "not mapped",
		[IOMMU_FAULT_NO_WRITE] = "mapped without write permission",
		[IOMMU_FAULT_NO_READ] = "mapped without read permission",
		[IOMMU_FAULT_ADDRESS_WIDTH] = "address too wide",
	};

	return texts[reason];
}

static bool is_translated(const struct iommu_domain *domain)
{
	return domain->kind != IOMMU_IDENTITY && domain->kind != IOMMU_BLOCKED;
}

int iommu_create(const struct sim_alloc *alloc, struct memory *memory, struct iommu_unit **out)
{
	struct iommu_unit *unit = alloc->alloc(alloc->ctx, sizeof(*unit));

	if (!unit)
		return -ENOMEM;
	unit->alloc = alloc;
	unit->memory = memory;
	pthread_mutex_init(&unit->lock, NULL);
	for (unsigned int i = 0; i < BUCKETS; i++)
		list_init(&unit->requesters[i]);
	*out = unit;
	return 0;
}

static void requester_free(struct iommu_unit *unit, struct requester *requester)
{
	struct context *context, *next;

	list_for_each_entry_safe (context, next, &requester->pasids, entry)
		unit->alloc->free(unit->alloc->ctx, context);
	list_del(&requester->entry);
	unit->alloc->free(unit->alloc->ctx, requester);
}

int iommu_destroy(struct iommu_unit *unit)
{
	const struct sim_alloc *alloc = unit->alloc;
	struct requester *requester, *next;
	bool busy;

	pthread_mutex_lock(&unit->lock);
	busy = unit->domains > 0;
	pthread_mutex_unlock(&unit->lock);
	if (busy)
		return -EBUSY;
	for (unsigned int i = 0; i < BUCKETS; i++)
		list_for_each_entry_safe (requester, next, &unit->requesters[i], entry)
			requester_free(unit, requester);
	pthread_mutex_destroy(&unit->lock);
	alloc->free(alloc->ctx, unit);
	return 0;
}

static struct requester *requester_find(struct iommu_unit *unit, uint32_t id)
{
	struct requester *requester;

	list_for_each_entry (requester, &unit->requesters[id % BUCKETS], entry)
		if (requester->id == id)
			return requester;
	return NULL;
}

/* The context of the requester's PASID; *next, if given, is where a new one would stand before. */
static struct context *context_find(struct requester *requester, uint32_t pasid, struct list **next)
{
	struct context *context;

	if (pasid == IOMMU_NO_PASID)
		return &requester->own;
	list_for_each_entry (context, &requester->pasids, entry)
		if (context->pasid >= pasid)
			break;
	if (next)
		*next = &context->entry;
	return &context->entry != &requester->pasids && context->pasid == pasid ? context : NULL;
}

int iommu_requester_add(struct iommu_unit *unit, uint32_t id)
{
	const struct sim_alloc *alloc = unit->alloc;
	struct requester *requester = alloc->alloc(alloc->ctx, sizeof(*requester));
	bool known;

	if (!requester)
		return -ENOMEM;
	requester->id = id;
	requester->own.pasid = IOMMU_NO_PASID;
	list_init(&requester->pasids);
	pthread_mutex_lock(&unit->lock);
	known = requester_find(unit, id);
	if (!known)
		list_add_tail(&requester->entry, &unit->requesters[id % BUCKETS]);
	pthread_mutex_unlock(&unit->lock);
	if (known)
		alloc->free(alloc->ctx, requester);
	return known ? -EEXIST : 0;
}

/* Only after the invalidation may the tables that became empty go. */
static void queue_run(struct iommu_domain *domain)
{
	struct flush_queue *queue = domain->queue;

	if (!queue || queue->length == 0)
		return;
	tlb_drop_domain(&domain->unit->tlb, domain->id);
	for (unsigned int i = 0; i < queue->length; i++)
		pagetable_prune(&domain->table, queue->ranges[i].first, queue->ranges[i].last);
	queue->length = 0;
	domain->unit->flushes++;
}

static void context_switch(struct context *context, struct iommu_domain *domain)
{
	struct iommu_domain *left = context->domain;

	if (left == domain)
		return;
	context->domain = domain;
	if (domain)
		domain->contexts++;
	if (left) {
		left->contexts--;
		queue_run(left);
		tlb_drop_domain(&left->unit->tlb, left->id);
	}
}

int iommu_requester_remove(struct iommu_unit *unit, uint32_t id)
{
	struct requester *requester;
	struct context *context;

	pthread_mutex_lock(&unit->lock);
	requester = requester_find(unit, id);
	if (requester) {
		context_switch(&requester->own, NULL);
		list_for_each_entry (context, &requester->pasids, entry)
			context_switch(context, NULL);
		requester_free(unit, requester);
	}
	pthread_mutex_unlock(&unit->lock);
	return requester ? 0 : -ENODEV;
}

/* Gives a new domain what its kind needs. */
static int domain_equip(struct iommu_domain *domain)
{
	const struct sim_alloc *alloc = domain->unit->alloc;
	int err = 0;

	if (is_translated(domain))
		err = pagetable_init(&domain->table, domain->unit->memory);
	if (err || domain->kind != IOMMU_DMA_FQ)
		return err;
	domain->queue = alloc->alloc(alloc->ctx, sizeof(*domain->queue));
	if (!domain->queue) {
		pagetable_finish(&domain->table);
		return -ENOMEM;
	}
	return 0;
}

int iommu_domain_create(struct iommu_unit *unit, enum iommu_kind kind, struct iommu_domain **out)
{
	const struct sim_alloc *alloc = unit->alloc;
	struct iommu_domain *domain;
	int err;

	if ((unsigned int)kind > IOMMU_UNMANAGED)
		return -EINVAL;
	domain = alloc->alloc(alloc->ctx, sizeof(*domain));
	if (!domain)
		return -ENOMEM;
	domain->unit = unit;
	domain->kind = kind;
	err = domain_equip(domain);
	if (err) {
		alloc->free(alloc->ctx, domain);
		return err;
	}
	pthread_mutex_lock(&unit->lock);
	domain->id = ++unit->last_domain_id;
	unit->domains++;
	pthread_mutex_unlock(&unit->lock);
	*out = domain;
	return 0;
}

int iommu_domain_destroy(struct iommu_domain *domain)
{
	struct iommu_unit *unit;
	bool busy;

	if (!domain)
		return 0;
	unit = domain->unit;
	pthread_mutex_lock(&unit->lock);
	busy = domain->contexts > 0;
	if (!busy) {
		tlb_drop_domain(&unit->tlb, domain->id);
		unit->domains--;
	}
	pthread_mutex_unlock(&unit->lock);
	if (busy)
		return -EBUSY;
	if (is_translated(domain))
		pagetable_finish(&domain->table);
	unit->alloc->free(unit->alloc->ctx, domain->queue);
	unit->alloc->free(unit->alloc->ctx, domain);
	return 0;
}

enum iommu_kind iommu_domain_kind(struct iommu_domain *domain)
{
	enum iommu_kind kind;

	pthread_mutex_lock(&domain->unit->lock);
	kind = domain->kind;
	pthread_mutex_unlock(&domain->unit->lock);
	return kind;
}

int iommu_domain_defer(struct iommu_domain *domain)
{
	const struct sim_alloc *alloc = domain->unit->alloc;
	struct flush_queue *queue = alloc->alloc(alloc->ctx, sizeof(*queue));
	int err = 0;

	if (!queue)
		return -ENOMEM;
	pthread_mutex_lock(&domain->unit->lock);
	if (domain->kind == IOMMU_DMA) {
		domain->kind = IOMMU_DMA_FQ;
		domain->queue = queue;
		queue = NULL;
	} else if (domain->kind != IOMMU_DMA_FQ) {
		err = -EINVAL;
	}
	pthread_mutex_unlock(&domain->unit->lock);
	alloc->free(alloc->ctx, queue);
	return err;
}

int iommu_attach(struct iommu_unit *unit, uint32_t id, struct iommu_domain *domain)
{
	struct requester *requester;

	if (domain && domain->unit != unit)
		return -EINVAL;
	pthread_mutex_lock(&unit->lock);
	requester = requester_find(unit, id);
	if (requester)
		context_switch(&requester->own, domain);
	pthread_mutex_unlock(&unit->lock);
	return requester ? 0 : -ENODEV;
}

static int pasid_switch(struct iommu_unit *unit, uint32_t id, uint32_t pasid,
			struct iommu_domain *domain)
{
	const struct sim_alloc *alloc = unit->alloc;
	struct requester *requester = requester_find(unit, id);
	struct context *context;
	struct list *next;

	if (!requester)
		return -ENODEV;
	context = context_find(requester, pasid, &next);
	if (!context && !domain)
		return 0;
	if (!context) {
		context = alloc->alloc(alloc->ctx, sizeof(*context));
		if (!context)
			return -ENOMEM;
		context->pasid = pasid;
		list_add_tail(&context->entry, next);
	}
	context_switch(context, domain);
	if (!domain) {
		list_del(&context->entry);
		alloc->free(alloc->ctx, context);
	}
	return 0;
}

int iommu_attach_pasid(struct iommu_unit *unit, uint32_t id, uint32_t pasid,
		       struct iommu_domain *domain)
{
	int err;

	if ((domain && domain->unit != unit) || pasid >> PASID_BITS)
		return -EINVAL;
	pthread_mutex_lock(&unit->lock);
	err = pasid_switch(unit, id, pasid, domain);
	pthread_mutex_unlock(&unit->lock);
	return err;
}

/* Turns iova and size into a range, when they are aligned, not empty and fit into `bits`. */
static bool range_make(uint64_t iova, uint64_t size, unsigned int bits, struct range *range)
{
	uint64_t limit = UINT64_C(1) << bits;

	if (size == 0 || (iova | size) % IOMMU_PAGE_SIZE || iova >= limit || size > limit - iova)
		return false;
	*range = (struct range) {iova, iova + size - 1};
	return true;
}

static bool queue_touches(const struct flush_queue *queue, const struct range *range)
{
	for (unsigned int i = 0; queue && i < queue->length; i++)
		if (queue->ranges[i].first <= range->last && queue->ranges[i].last >= range->first)
			return true;
	return false;
}

static int domain_map(struct iommu_domain *domain, const struct range *range, uint64_t phys,
		      unsigned int permissions)
{
	if (!is_translated(domain))
		return -EINVAL;
	if (pagetable_mapped(&domain->table, range->first, range->last))
		return -EEXIST;
	/* A translation of what was there before must not survive beside the new one. */
	if (queue_touches(domain->queue, range))
		queue_run(domain);
	return pagetable_map(&domain->table, range->first, range->last, phys, permissions);
}

int iommu_map(struct iommu_domain *domain, uint64_t iova, uint64_t phys, uint64_t size,
	      unsigned int permissions)
{
	struct range range, target;
	int err;

	if (!range_make(iova, size, IOMMU_WIDTH, &range) ||
	    !range_make(phys, size, PHYS_BITS, &target) || permissions == 0 ||
	    permissions & ~(IOMMU_READ | IOMMU_WRITE))
		return -EINVAL;
	pthread_mutex_lock(&domain->unit->lock);
	err = domain_map(domain, &range, phys, permissions);
	pthread_mutex_unlock(&domain->unit->lock);
	return err;
}

/* Ends the reach of what was just taken out of the tables, or notes that it is to end. */
static void domain_invalidate(struct iommu_domain *domain, const struct range *range)
{
	struct flush_queue *queue = domain->queue;

	if (!queue) {
		tlb_drop_range(&domain->unit->tlb, domain->id, range->first, range->last);
		pagetable_prune(&domain->table, range->first, range->last);
		return;
	}
	queue->ranges[queue->length++] = *range;
	if (queue->length == IOMMU_QUEUE_SIZE)
		queue_run(domain);
}

static int domain_unmap(struct iommu_domain *domain, const struct range *range, uint64_t *bytes)
{
	if (!is_translated(domain) || pagetable_cuts(&domain->table, range->first, range->last))
		return -EINVAL;
	*bytes = pagetable_clear(&domain->table, range->first, range->last);
	if (*bytes == 0)
		return -ENOENT;
	domain_invalidate(domain, range);
	return 0;
}

int iommu_unmap(struct iommu_domain *domain, uint64_t iova, uint64_t size, uint64_t *unmapped)
{
	struct range range;
	uint64_t bytes;
	int err;

	if (!range_make(iova, size, IOMMU_WIDTH, &range))
		return -EINVAL;
	pthread_mutex_lock(&domain->unit->lock);
	err = domain_unmap(domain, &range, &bytes);
	pthread_mutex_unlock(&domain->unit->lock);
	if (!err && unmapped)
		*unmapped = bytes;
	return err;
}

void iommu_flush(struct iommu_domain *domain)
{
	pthread_mutex_lock(&domain->unit->lock);
	queue_run(domain);
	pthread_mutex_unlock(&domain->unit->lock);
}

/* Where a byte in the page is. */
static uint64_t page_phys(const struct page *page, uint64_t iova)
{
	return page->phys + (iova - page->iova);
}

int iommu_iova_to_phys(struct iommu_domain *domain, uint64_t iova, uint64_t *phys)
{
	struct page page;
	bool found = false;

	if (iova >> IOMMU_WIDTH)
		return -ENOENT;
	pthread_mutex_lock(&domain->unit->lock);
	if (domain->kind == IOMMU_IDENTITY) {
		page = (struct page) {.iova = iova, .phys = iova};
		found = true;
	} else if (is_translated(domain)) {
		found = pagetable_walk(&domain->table, iova, &page);
	}
	pthread_mutex_unlock(&domain->unit->lock);
	if (!found)
		return -ENOENT;
	*phys = page_phys(&page, iova);
	return 0;
}

/* The translation that the hardware uses: the remembered one, else the tables'. False: none. */
static bool look_up(struct iommu_domain *domain, uint64_t iova, struct page *page)
{
	struct tlb *tlb = &domain->unit->tlb;
	const struct page *remembered = tlb_find(tlb, domain->id, iova);

	if (remembered) {
		*page = *remembered;
		return true;
	}
	if (!pagetable_walk(&domain->table, iova, page))
		return false;
	tlb_insert(tlb, domain->id, page);
	return true;
}

/* Stores where the access to `iova` goes; -EFAULT with the reason: nowhere. */
static int translate(struct iommu_domain *domain, uint64_t iova, unsigned int direction,
		     uint64_t *phys, enum iommu_fault_reason *reason)
{
	/* What identity is: one page that is all of memory. */
	struct page page = {.permissions = IOMMU_READ | IOMMU_WRITE};

	if (!domain) {
		*reason = IOMMU_FAULT_NO_CONTEXT;
	} else if (domain->kind == IOMMU_BLOCKED) {
		*reason = IOMMU_FAULT_BLOCKED;
	} else if (iova >> IOMMU_WIDTH) {
		*reason = IOMMU_FAULT_ADDRESS_WIDTH;
	} else if (domain->kind != IOMMU_IDENTITY && !look_up(domain, iova, &page)) {
		*reason = IOMMU_FAULT_NOT_PRESENT;
	} else if (!(page.permissions & direction)) {
		*reason = direction == IOMMU_WRITE ? IOMMU_FAULT_NO_WRITE : IOMMU_FAULT_NO_READ;
	} else {
		*phys = page_phys(&page, iova);
		return 0;
	}
	return -EFAULT;
}

static void fault_log(struct iommu_unit *unit, const struct iommu_fault *fault)
{
	if (unit->fault_count == IOMMU_FAULTS) {
		unit->faults_lost = true;
		return;
	}
	unit->faults[(unit->oldest_fault + unit->fault_count++) % IOMMU_FAULTS] = *fault;
}

/* A requester's access to a memory address, within one page. */
static int transfer(struct iommu_unit *unit, uint64_t phys, void *bytes, size_t length,
		    unsigned int direction)
{
	int err = direction == IOMMU_WRITE ? memory_write(unit->memory, phys, bytes, length)
					   : memory_read(unit->memory, phys, bytes, length);

	return err == -EFAULT ? -EIO : err;
}

static struct iommu_domain *domain_of(struct iommu_unit *unit, uint32_t id, uint32_t pasid)
{
	struct requester *requester = requester_find(unit, id);
	struct context *context = requester ? context_find(requester, pasid, NULL) : NULL;

	return context ? context->domain : NULL;
}

/* How much of `length` bytes from the iova on lies in its page. */
static size_t page_part(uint64_t iova, size_t length)
{
	size_t left = IOMMU_PAGE_SIZE - iova % IOMMU_PAGE_SIZE;

	return length < left ? length : left;
}

int iommu_dma_pasid(struct iommu_unit *unit, uint32_t id, uint32_t pasid, uint64_t iova,
		    void *bytes, size_t length, unsigned int direction)
{
	struct iommu_fault fault = {id, pasid, .write = direction == IOMMU_WRITE};
	struct iommu_domain *domain;
	char *at = bytes;
	int err = 0;

	if (direction != IOMMU_READ && direction != IOMMU_WRITE)
		return -EINVAL;
	pthread_mutex_lock(&unit->lock);
	domain = domain_of(unit, id, pasid);
	while (!err && length > 0) {
		size_t part = page_part(iova, length);
		uint64_t phys;

		err = translate(domain, iova, direction, &phys, &fault.reason);
		if (err) {
			fault.iova = iova - iova % IOMMU_PAGE_SIZE;
			fault_log(unit, &fault);
		} else {
			err = transfer(unit, phys, at, part, direction);
		}
		at += part;
		iova += part;
		length -= part;
	}
	pthread_mutex_unlock(&unit->lock);
	return err;
}

int iommu_dma(struct iommu_unit *unit, uint32_t id, uint64_t iova, void *bytes, size_t length,
	      unsigned int direction)
{
	return iommu_dma_pasid(unit, id, IOMMU_NO_PASID, iova, bytes, length, direction);
}

bool iommu_fault_next(struct iommu_unit *unit, struct iommu_fault *fault)
{
	bool found;

	pthread_mutex_lock(&unit->lock);
	found = unit->fault_count > 0;
	if (found) {
		*fault = unit->faults[unit->oldest_fault];
		unit->oldest_fault = (unit->oldest_fault + 1) % IOMMU_FAULTS;
		unit->fault_count--;
	}
	pthread_mutex_unlock(&unit->lock);
	return found;
}

bool iommu_faults_lost(struct iommu_unit *unit)
{
	bool lost;

	pthread_mutex_lock(&unit->lock);
	lost = unit->faults_lost;
	unit->faults_lost = false;
	pthread_mutex_unlock(&unit->lock);
	return lost;
}

/* Joins the pages of one domain to ranges on their way to the caller of iommu_reach(). */
struct reach {
	void (*found)(void *ctx, const struct iommu_range *range);
	void *ctx;
	struct iommu_range open; /* size 0: none */
};

static void reach_close(struct reach *reach)
{
	if (reach->open.size > 0)
		reach->found(reach->ctx, &reach->open);
	reach->open.size = 0;
}

static void reach_page(void *ctx, const struct page *page)
{
	struct reach *reach = ctx;
	struct iommu_range *open = &reach->open;
	uint64_t size = UINT64_C(1) << page->shift;

	if (open->size > 0 && open->iova + open->size == page->iova &&
	    open->phys + open->size == page->phys && open->permissions == page->permissions) {
		open->size += size;
		return;
	}
	reach_close(reach);
	open->iova = page->iova;
	open->phys = page->phys;
	open->size = size;
	open->permissions = page->permissions;
}

/* What the TLB remembers of the domain and the tables no longer say. */
static void reach_stale(struct reach *reach, struct iommu_domain *domain)
{
	struct tlb *tlb = &domain->unit->tlb;

	reach->open.stale = true;
	for (unsigned int i = 0; i < TLB_SETS * TLB_WAYS; i++) {
		const struct tlb_entry *entry = &tlb->entries[i / TLB_WAYS][i % TLB_WAYS];
		struct page page;

		if (entry->domain != domain->id ||
		    pagetable_walk(&domain->table, entry->page.iova, &page))
			continue;
		reach_page(reach, &entry->page);
		reach_close(reach);
	}
}

static void reach_context(struct iommu_unit *unit, const struct context *context,
			  struct reach *reach)
{
	struct iommu_domain *domain = context->domain;

	reach->open = (struct iommu_range) {.pasid = context->pasid};
	if (!domain || domain->kind == IOMMU_BLOCKED)
		return;
	if (domain->kind == IOMMU_IDENTITY) {
		reach->open.size = memory_size(unit->memory);
		reach->open.permissions = IOMMU_READ | IOMMU_WRITE;
		reach_close(reach);
		return;
	}
	pagetable_each(&domain->table, reach_page, reach);
	reach_close(reach);
	reach_stale(reach, domain);
}

int iommu_reach(struct iommu_unit *unit, uint32_t id,
		void (*found)(void *ctx, const struct iommu_range *range), void *ctx)
{
	struct reach reach = {.found = found, .ctx = ctx};
	struct requester *requester;
	struct context *context;

	pthread_mutex_lock(&unit->lock);
	requester = requester_find(unit, id);
	if (requester) {
		reach_context(unit, &requester->own, &reach);
		list_for_each_entry (context, &requester->pasids, entry)
			reach_context(unit, context, &reach);
	}
	pthread_mutex_unlock(&unit->lock);
	return requester ? 0 : -ENODEV;
}

void iommu_counts(struct iommu_unit *unit, struct iommu_counts *counts)
{
	pthread_mutex_lock(&unit->lock);
	*counts = (struct iommu_counts) {
		.hits = unit->tlb.hits,
		.misses = unit->tlb.misses,
		.flushes = unit->flushes,
	};
	pthread_mutex_unlock(&unit->lock);
}
