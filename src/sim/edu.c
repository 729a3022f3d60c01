/* SPDX-License-Identifier: MIT */
#include "edu.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

/* What a reset clears. */
struct edu_state {
	uint32_t liveness, factorial, status, irq_status;
	uint64_t source, destination, count, command;
	unsigned char buffer[EDU_BUFFER_SIZE];
};

/* `lock` guards `state`; the rest never changes. */
struct edu {
	const struct sim_alloc *alloc;
	struct iommu_unit *unit;
	uint32_t requester;
	uint64_t dma_mask;
	pthread_mutex_t lock;
	struct edu_state state;
};

int edu_create(const struct sim_alloc *alloc, struct iommu_unit *unit, uint32_t requester,
	       uint64_t dma_mask, struct edu **out)
{
	struct edu *edu = alloc->alloc(alloc->ctx, sizeof(*edu));

	if (!edu)
		return -ENOMEM;
	edu->alloc = alloc;
	edu->unit = unit;
	edu->requester = requester;
	edu->dma_mask = dma_mask;
	pthread_mutex_init(&edu->lock, NULL);
	*out = edu;
	return 0;
}

void edu_destroy(struct edu *edu)
{
	if (!edu)
		return;
	pthread_mutex_destroy(&edu->lock);
	edu->alloc->free(edu->alloc->ctx, edu);
}

void edu_reset(struct edu *edu)
{
	pthread_mutex_lock(&edu->lock);
	edu->state = (struct edu_state) {0};
	pthread_mutex_unlock(&edu->lock);
}

/* Whether the access gets as far as the device; then whether the register there has that size. */
static bool is_access(uint64_t offset, unsigned int size)
{
	return (size == 4 || size == 8) && offset % size == 0;
}

static bool is_register_size(uint64_t offset, unsigned int size)
{
	return offset >= EDU_REG_DMA_SOURCE || size == 4;
}

/* The DMA register at the offset; NULL: another one. */
static uint64_t *dma_register(struct edu_state *state, uint64_t offset)
{
	switch (offset) {
	case EDU_REG_DMA_SOURCE:
		return &state->source;
	case EDU_REG_DMA_DESTINATION:
		return &state->destination;
	case EDU_REG_DMA_COUNT:
		return &state->count;
	case EDU_REG_DMA_COMMAND:
		return &state->command;
	default:
		return NULL;
	}
}

static uint64_t register_read(struct edu_state *state, uint64_t offset)
{
	const uint64_t *dma = dma_register(state, offset);

	if (dma)
		return *dma;
	switch (offset) {
	case EDU_REG_ID:
		return EDU_ID;
	case EDU_REG_LIVENESS:
		return state->liveness;
	case EDU_REG_FACTORIAL:
		return state->factorial;
	case EDU_REG_STATUS:
		return state->status;
	case EDU_REG_IRQ_STATUS:
		return state->irq_status;
	default:
		return UINT64_MAX;
	}
}

uint64_t edu_read(struct edu *edu, uint64_t offset, unsigned int size)
{
	uint64_t value = UINT64_MAX;

	if (!is_access(offset, size))
		return 0;
	if (is_register_size(offset, size)) {
		pthread_mutex_lock(&edu->lock);
		value = register_read(&edu->state, offset);
		pthread_mutex_unlock(&edu->lock);
	}
	return size == 4 ? (uint32_t)value : value;
}

/* While a DMA runs its registers stand still; a command that does not start one is none. */
static void dma_register_write(struct edu_state *state, uint64_t *dma, uint64_t value)
{
	if (state->command & EDU_COMMAND_RUN)
		return;
	if (dma == &state->command && !(value & EDU_COMMAND_RUN))
		return;
	*dma = value;
}

static void register_write(struct edu_state *state, uint64_t offset, uint64_t value)
{
	uint64_t *dma = dma_register(state, offset);
	uint32_t word = (uint32_t)value;

	if (dma) {
		dma_register_write(state, dma, value);
		return;
	}
	switch (offset) {
	case EDU_REG_LIVENESS:
		state->liveness = ~word;
		break;
	case EDU_REG_FACTORIAL:
		if (state->status & EDU_STATUS_COMPUTING)
			break;
		state->factorial = word;
		state->status |= EDU_STATUS_COMPUTING;
		break;
	case EDU_REG_STATUS:
		state->status = (state->status & ~EDU_STATUS_IRQ) | (word & EDU_STATUS_IRQ);
		break;
	case EDU_REG_IRQ_RAISE:
		state->irq_status |= word;
		break;
	case EDU_REG_IRQ_ACK:
		state->irq_status &= ~word;
		break;
	}
}

void edu_write(struct edu *edu, uint64_t offset, uint64_t value, unsigned int size)
{
	if (!is_access(offset, size) || !is_register_size(offset, size))
		return;
	pthread_mutex_lock(&edu->lock);
	register_write(&edu->state, offset, size == 4 ? (uint32_t)value : value);
	pthread_mutex_unlock(&edu->lock);
}

/* Where in the buffer the device's side of the DMA begins; NULL: it does not fit in there. */
static unsigned char *buffer_part(struct edu_state *state, uint64_t address)
{
	if (address < EDU_BUFFER || address - EDU_BUFFER > EDU_BUFFER_SIZE ||
	    state->count > EDU_BUFFER_SIZE - (address - EDU_BUFFER))
		return NULL;
	return state->buffer + (address - EDU_BUFFER);
}

/* One transaction a page. The device can't tell a fault, so neither is an error here. */
static void transfer(struct edu *edu, uint64_t iova, unsigned char *bytes, uint64_t length,
		     unsigned int direction)
{
	while (length > 0) {
		uint64_t left = IOMMU_PAGE_SIZE - iova % IOMMU_PAGE_SIZE;
		uint64_t part = length < left ? length : left;
		int err = iommu_dma(edu->unit, edu->requester, iova, bytes, part, direction);

		if (err && direction == IOMMU_READ)
			memset(bytes, 0, part);
		iova += part;
		bytes += part;
		length -= part;
	}
}

static void dma_run(struct edu *edu)
{
	struct edu_state *state = &edu->state;
	bool to_memory = state->command & EDU_COMMAND_TO_MEMORY;
	uint64_t iova = (to_memory ? state->destination : state->source) & edu->dma_mask;
	unsigned char *bytes = buffer_part(state, to_memory ? state->source : state->destination);

	if (bytes)
		transfer(edu, iova, bytes, state->count, to_memory ? IOMMU_WRITE : IOMMU_READ);
	state->command &= ~(uint64_t)EDU_COMMAND_RUN;
	if (state->command & EDU_COMMAND_IRQ)
		state->irq_status |= EDU_IRQ_DMA;
}

/* Modulo 2^32. Any 34 factors in a row have 2^32 in them, so that this ends soon. */
static uint32_t factorial(uint32_t number)
{
	uint32_t product = 1;

	while (number > 0 && product > 0)
		product *= number--;
	return product;
}

static void factorial_run(struct edu_state *state)
{
	state->factorial = factorial(state->factorial);
	state->status &= ~EDU_STATUS_COMPUTING;
	if (state->status & EDU_STATUS_IRQ)
		state->irq_status |= EDU_IRQ_FACTORIAL;
}

bool edu_step(struct edu *edu)
{
	bool dma, computing;

	pthread_mutex_lock(&edu->lock);
	dma = edu->state.command & EDU_COMMAND_RUN;
	computing = edu->state.status & EDU_STATUS_COMPUTING;
	if (dma)
		dma_run(edu);
	if (computing)
		factorial_run(&edu->state);
	pthread_mutex_unlock(&edu->lock);
	return dma || computing;
}

bool edu_interrupt(struct edu *edu)
{
	bool raised;

	pthread_mutex_lock(&edu->lock);
	raised = edu->state.irq_status != 0;
	pthread_mutex_unlock(&edu->lock);
	return raised;
}
