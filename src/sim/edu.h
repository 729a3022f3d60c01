/* SPDX-License-Identifier: MIT */
/*
 * A device that does DMA when told: the registers and the behaviour of QEMU's `edu` (1234:11e8),
 * so that one program drives the simulated device and the one of a guest alike. The registers of
 * BAR 0:
 *
 *	0x00 r   identification, 0x010000ed      0x60 w   raise these interrupt bits
 *	0x04 rw  liveness: reads inverted        0x64 w   acknowledge these
 *	0x08 rw  factorial                       0x80 rw  DMA source
 *	0x20 rw  status: 1 computing (r),        0x88 rw  DMA destination
 *	         0x80 interrupt when done        0x90 rw  DMA count in bytes
 *	0x24 r   raised interrupt bits           0x98 rw  DMA command: 1 run, 2 device to memory,
 *	                                                  4 interrupt 0x100 when done
 *
 * On the device's side of a DMA its 4 KiB buffer stands at EDU_BUFFER. Other registers read as all
 * ones and ignore writes, as do accesses of 8 bytes below 0x80; accesses that are not 4 or 8 bytes
 * or not aligned never reach the device: they read as 0.
 *
 * Factorial and DMA take time, and time here is edu_step(): what was begun is done by the next one,
 * and the registers show it as running until then. So a DMA can be in flight while its mapping goes
 * away. Where QEMU's device would overrun its buffer (in some versions: end QEMU), this one
 * refuses: the DMA completes without having moved anything.
 *
 * One mutex inside: all functions may be called from several threads at once. The IOMMU's lock is
 * taken under it.
 */
#ifndef DMAOWN_SIM_EDU_H
#define DMAOWN_SIM_EDU_H

#include "alloc.h"
#include "iommu.h"

#include <stdbool.h>
#include <stdint.h>

#define EDU_ID 0x010000edu
#define EDU_BUFFER UINT64_C(0x40000)
#define EDU_BUFFER_SIZE 4096u
#define EDU_DMA_MASK ((UINT64_C(1) << 28) - 1) /* the device's, unless told otherwise */

enum edu_register {
	EDU_REG_ID = 0x00,
	EDU_REG_LIVENESS = 0x04,
	EDU_REG_FACTORIAL = 0x08,
	EDU_REG_STATUS = 0x20,
	EDU_REG_IRQ_STATUS = 0x24,
	EDU_REG_IRQ_RAISE = 0x60,
	EDU_REG_IRQ_ACK = 0x64,
	EDU_REG_DMA_SOURCE = 0x80,
	EDU_REG_DMA_DESTINATION = 0x88,
	EDU_REG_DMA_COUNT = 0x90,
	EDU_REG_DMA_COMMAND = 0x98,
};

#define EDU_STATUS_COMPUTING 0x01u
#define EDU_STATUS_IRQ 0x80u
#define EDU_IRQ_FACTORIAL 0x001u
#define EDU_IRQ_DMA 0x100u
#define EDU_COMMAND_RUN 1u
#define EDU_COMMAND_TO_MEMORY 2u
#define EDU_COMMAND_IRQ 4u

struct edu;

/*
 * Creates the device as it is after a reset. It does its DMA as `requester` of the unit, which
 * outlives it, and can address what `dma_mask` has bits for. -ENOMEM. Undone by edu_destroy().
 */
int edu_create(const struct sim_alloc *alloc, struct iommu_unit *unit, uint32_t requester,
	       uint64_t dma_mask, struct edu **out);

/* Frees the device; what it was at never happens. NULL is harmless. */
void edu_destroy(struct edu *edu);

/* Registers and buffer as after edu_create(); what it was at never happens. */
void edu_reset(struct edu *edu);

/* Access a register, `size` bytes at `offset` of BAR 0, as the head of this file says. */
uint64_t edu_read(struct edu *edu, uint64_t offset, unsigned int size);
void edu_write(struct edu *edu, uint64_t offset, uint64_t value, unsigned int size);

/*
 * Does what was begun: the DMA, then the factorial. True: there was something to do.
 *
 * A DMA is one transaction for each page that it touches, and each is translated by itself, as in
 * QEMU: what faults arrives as zeros in the buffer or is not written to memory, what does not is
 * transferred all the same. The device does not learn of faults: it completes as if nothing had
 * been, and only the IOMMU's log knows.
 */
bool edu_step(struct edu *edu);

/* Whether the interrupt line is up: some interrupt bit is raised. */
bool edu_interrupt(struct edu *edu);

#endif
