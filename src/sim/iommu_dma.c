/* SPDX-License-Identifier: MIT */
/* What the software IOMMU does with the DMA of a device: translates it, or logs a fault. */
#include "iommu_parts.h"

#include <errno.h>

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
	struct requester *requester = iommu_requester_find(unit, id);
	struct context *context = requester ? iommu_context_find(requester, pasid, NULL) : NULL;

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
