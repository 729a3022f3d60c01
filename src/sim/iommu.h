/* SPDX-License-Identifier: MIT */
/*
 * A software IOMMU in the manner of VT-d: what stands between devices that do DMA and a memory.
 *
 * A *unit* knows *requesters* (the PCI functions behind it) and for each, and for each of its
 * PASIDs, the *domain* that its DMA goes through. A translated domain has a 4-level page table for
 * 48-bit I/O addresses (IOVAs) with pages of 4 KiB, 2 MiB and 1 GiB. The tables are real: 64-bit
 * entries in frames of the simulated memory, which the unit walks, so what a device can reach is
 * what the tables say, with one exception, the TLB. It keeps translations that were used until they
 * are invalidated, and when that happens is the difference between the kinds of domain:
 *
 *	kind       DMA is               a translation ends
 *	DMA        translated           when unmap returns
 *	DMA_FQ     translated           when its flush queue runs: IOMMU_QUEUE_SIZE unmaps have come
 *	                                together, iommu_flush(), a map over what waits in the queue,
 *	                                or a device leaving the domain. Until then DMA through a
 *	                                translation that the TLB still holds goes through.
 *	UNMANAGED  translated           when unmap returns (a user's own map)
 *	IDENTITY   passed through       -
 *	BLOCKED    refused              -
 *
 * Invariants: every entry of the TLB was once in the tables of its domain; one that is no longer
 * there lies in a range of that domain's flush queue. A frame that held a table is freed only when
 * no walk can find it. Every page of a mapping has one size, permission and memory address: there
 * are no overlapping mappings.
 *
 * Locks: one mutex in the unit guards it with its domains, tables, TLB and fault log; every
 * function here takes it. Under it the memory's lock is taken, none else. All functions may be
 * called from several threads at once, but for an object that is being destroyed.
 *
 * Ownership: a domain belongs to the one who created it, who destroys it before the unit.
 *
 * Units, requesters and attaching are in iommu.c; domains and mappings in iommu_domain.c; DMA and
 * faults in iommu_dma.c; iommu_reach() in iommu_reach.c.
 */
#ifndef DMAOWN_SIM_IOMMU_H
#define DMAOWN_SIM_IOMMU_H

#include "memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct iommu_unit;
struct iommu_domain;

enum iommu_kind {
	IOMMU_DMA,
	IOMMU_DMA_FQ,
	IOMMU_IDENTITY,
	IOMMU_BLOCKED,
	IOMMU_UNMANAGED,
};

/* Permissions of a mapping, and directions of a DMA: IOMMU_READ is the device reading memory. */
#define IOMMU_READ 1u
#define IOMMU_WRITE 2u

/* A requester: PCI segment and, in the low half, bus, device and function. */
#define IOMMU_REQUESTER(segment, bus, slot, function)                                              \
	((uint32_t)(segment) << 16 | (uint32_t)(bus) << 8 | (uint32_t)(slot) << 3 |                \
	 (uint32_t)(function))

/* The DMA of a requester that carries no PASID. PASIDs themselves have 20 bits. */
#define IOMMU_NO_PASID UINT32_MAX

#define IOMMU_PAGE_SIZE UINT64_C(4096)
#define IOMMU_WIDTH 48
#define IOMMU_QUEUE_SIZE 256 /* unmaps that an IOMMU_DMA_FQ domain lets wait */
#define IOMMU_FAULTS 64      /* faults that the log holds */

enum iommu_fault_reason {
	IOMMU_FAULT_NO_CONTEXT,    /* the requester, or its PASID, is in no domain */
	IOMMU_FAULT_BLOCKED,       /* its domain is IOMMU_BLOCKED */
	IOMMU_FAULT_NOT_PRESENT,   /* nothing is mapped there */
	IOMMU_FAULT_NO_WRITE,      /* mapped without IOMMU_WRITE */
	IOMMU_FAULT_NO_READ,       /* mapped without IOMMU_READ */
	IOMMU_FAULT_ADDRESS_WIDTH, /* the IOVA has more than IOMMU_WIDTH bits */
};

/* The reason in a few words, for people. Static. */
const char *iommu_fault_text(enum iommu_fault_reason reason);

struct iommu_fault {
	uint32_t requester, pasid;
	uint64_t iova; /* of the page */
	bool write;
	enum iommu_fault_reason reason;
};

/*
 * Creates a unit without requesters in front of `memory`, which outlives it. -ENOMEM. Undone by
 * iommu_destroy().
 */
int iommu_create(const struct sim_alloc *alloc, struct memory *memory, struct iommu_unit **out);

/* Frees the unit and forgets its requesters. -EBUSY: a domain is left; nothing was changed. */
int iommu_destroy(struct iommu_unit *unit);

/*
 * Makes a requester known, in no domain: its DMA faults with NO_CONTEXT. -EEXIST: it is; -ENOMEM.
 * Undone by iommu_requester_remove(), which also takes it and its PASIDs out of their domains;
 * -ENODEV: no such requester.
 */
int iommu_requester_add(struct iommu_unit *unit, uint32_t requester);
int iommu_requester_remove(struct iommu_unit *unit, uint32_t requester);

/*
 * Creates an empty domain of the unit, of any kind. -EINVAL: no such kind; -ENOMEM. Undone by
 * iommu_domain_destroy().
 */
int iommu_domain_create(struct iommu_unit *unit, enum iommu_kind kind, struct iommu_domain **out);

/* Frees the domain, its tables and what the TLB holds of it; what is still mapped is unmapped.
 * -EBUSY: a requester or PASID is in it; nothing was changed. NULL is harmless. */
int iommu_domain_destroy(struct iommu_domain *domain);

/* The kind as it is now. */
enum iommu_kind iommu_domain_kind(struct iommu_domain *domain);

/* Turns an IOMMU_DMA domain into an IOMMU_DMA_FQ one, in use or not, mappings kept; one that is
 * IOMMU_DMA_FQ stays so. -EINVAL: another kind; -ENOMEM. There is no way back. */
int iommu_domain_defer(struct iommu_domain *domain);

/*
 * Puts the requester's DMA into the domain, whatever it was in before, or with NULL into none. The
 * translations of the domain that it leaves are invalidated, its flush queue is run first. PASIDs
 * are left as they are. -ENODEV: no such requester; -EINVAL: a domain of another unit. Allocates
 * nothing: with a known requester and a domain of this unit it cannot fail.
 */
int iommu_attach(struct iommu_unit *unit, uint32_t requester, struct iommu_domain *domain);

/* As iommu_attach() for the DMA that carries the PASID. -ENODEV, -EINVAL as there; -EINVAL also:
 * PASID of more than 20 bits; -ENOMEM: never for a PASID that is attached, nor with NULL. */
int iommu_attach_pasid(struct iommu_unit *unit, uint32_t requester, uint32_t pasid,
		       struct iommu_domain *domain);

/*
 * Maps IOVAs to physical addresses (which need not be memory) with the largest pages that the
 * alignment of both and the size allow. `permissions` is IOMMU_READ, IOMMU_WRITE or both. -EINVAL:
 * iova, phys or size is no multiple of IOMMU_PAGE_SIZE, size is 0, iova + size goes beyond
 * IOMMU_WIDTH bits or phys + size beyond 52, no or unknown permissions, or the domain is not a
 * translated one; -EEXIST: a page of the range is mapped; -ENOMEM. After a failure the tables are
 * as before. Undone by iommu_unmap().
 */
int iommu_map(struct iommu_domain *domain, uint64_t iova, uint64_t phys, uint64_t size,
	      unsigned int permissions);

/*
 * Unmaps whatever is mapped in the range, which may have holes and span several mappings, and
 * stores in *unmapped, if that is not NULL, how many bytes were. When the TLB forgets them depends
 * on the domain's kind (above). A range that begins or ends within a large page is refused, as VFIO
 * type1v2 refuses to cut a mapping: large pages are never split. -EINVAL: alignment, size, range or
 * kind as in iommu_map(), or it would cut a page; -ENOENT: nothing is mapped there. After a failure
 * nothing was changed. Allocates nothing.
 */
int iommu_unmap(struct iommu_domain *domain, uint64_t iova, uint64_t size, uint64_t *unmapped);

/* Runs the domain's flush queue: what was unmapped is now out of reach. Harmless on other kinds. */
void iommu_flush(struct iommu_domain *domain);

/* Where the tables send the IOVA; IDENTITY: to itself. The TLB is not asked. -ENOENT: nowhere. */
int iommu_iova_to_phys(struct iommu_domain *domain, uint64_t iova, uint64_t *phys);

/*
 * The requester reads from (IOMMU_READ) or writes to (IOMMU_WRITE) memory at `iova`, as a device
 * does: page by page in ascending order. -EFAULT: a page faulted, which the log says; the pages
 * before it were transferred, that one and those after it were not. -EIO: the translation led
 * beyond the memory (a master abort: no fault is logged), or -ENOMEM: the simulation had no memory
 * for a frame's first write; both stop as a fault does. -EINVAL: no such direction. Length 0 does
 * nothing.
 */
int iommu_dma(struct iommu_unit *unit, uint32_t requester, uint64_t iova, void *bytes,
	      size_t length, unsigned int direction);

/* As iommu_dma(), carrying a PASID; IOMMU_NO_PASID: none. */
int iommu_dma_pasid(struct iommu_unit *unit, uint32_t requester, uint32_t pasid, uint64_t iova,
		    void *bytes, size_t length, unsigned int direction);

/*
 * Takes the oldest fault from the log. False: it is empty, *fault untouched. A fault that comes
 * while the log is full is lost, and sets the overflow flag, which iommu_faults_lost() tells and
 * clears.
 */
bool iommu_fault_next(struct iommu_unit *unit, struct iommu_fault *fault);
bool iommu_faults_lost(struct iommu_unit *unit);

/* IOVAs that a requester can reach at this moment. */
struct iommu_range {
	uint32_t pasid;
	uint64_t iova, phys, size;
	unsigned int permissions;
	bool stale; /* the tables no longer say so, but the TLB does */
};

/*
 * Calls `found` for everything that the requester can reach now: its own domain, then each of its
 * PASIDs in ascending order; for each the tables' ranges by ascending IOVA, neighbours with
 * contiguous addresses and the same permissions being one range, then stale TLB entries in no
 * order. An IDENTITY domain reaches the whole memory. `found` runs under the unit's lock and must
 * not call back into it. -ENODEV: no such requester.
 */
int iommu_reach(struct iommu_unit *unit, uint32_t requester,
		void (*found)(void *ctx, const struct iommu_range *range), void *ctx);

/* What the unit did since it was created, for tests and benchmarks. */
struct iommu_counts {
	uint64_t hits, misses; /* of the TLB */
	uint64_t flushes;      /* flush queues run that were not empty */
};

void iommu_counts(struct iommu_unit *unit, struct iommu_counts *counts);

#endif
