/* SPDX-License-Identifier: MIT */
#include "edu.h"
#include "rows.h"

#include "counted_alloc.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#define K4 UINT64_C(0x1000)

/* A device whose IOVAs 0 to 8 KiB are memory from 1 MiB on, and 12 to 16 KiB that from 2 MiB on. */
struct fixture {
	struct counted_alloc counted;
	struct memory *memory;
	struct iommu_unit *unit;
	struct iommu_domain *domain;
	struct edu *edu;
};

#define REQUESTER IOMMU_REQUESTER(0, 2, 2, 0)
#define FIRST (UINT64_C(1) << 20)
#define SECOND (UINT64_C(2) << 20)

static void open_fixture(struct fixture *fixture)
{
	const struct sim_alloc *alloc = &fixture->counted.alloc;

	counted_alloc_init(&fixture->counted);
	assert_int_equal(memory_create(alloc, UINT64_C(64) << 20, &fixture->memory), 0);
	assert_int_equal(iommu_create(alloc, fixture->memory, &fixture->unit), 0);
	assert_int_equal(iommu_requester_add(fixture->unit, REQUESTER), 0);
	assert_int_equal(iommu_domain_create(fixture->unit, IOMMU_DMA, &fixture->domain), 0);
	assert_int_equal(iommu_attach(fixture->unit, REQUESTER, fixture->domain), 0);
	assert_int_equal(iommu_map(fixture->domain, 0, FIRST, 2 * K4, IOMMU_READ | IOMMU_WRITE), 0);
	assert_int_equal(iommu_map(fixture->domain, 3 * K4, SECOND, K4, IOMMU_READ | IOMMU_WRITE),
			 0);
	assert_int_equal(edu_create(alloc, fixture->unit, REQUESTER, EDU_DMA_MASK, &fixture->edu),
			 0);
}

static void close_fixture(struct fixture *fixture)
{
	edu_destroy(fixture->edu);
	assert_int_equal(iommu_requester_remove(fixture->unit, REQUESTER), 0);
	assert_int_equal(iommu_domain_destroy(fixture->domain), 0);
	assert_int_equal(iommu_destroy(fixture->unit), 0);
	memory_destroy(fixture->memory);
	assert_int_equal(fixture->counted.live, 0);
}

static int set_up(void **state)
{
	static struct fixture fixture;

	open_fixture(&fixture);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	close_fixture(*state);
	return 0;
}

/* Begins a DMA between `iova` and `offset` of the buffer. */
static void begin(struct fixture *fixture, uint64_t iova, uint64_t offset, uint64_t count,
		  unsigned int command)
{
	bool to_memory = command & EDU_COMMAND_TO_MEMORY;

	edu_write(fixture->edu, EDU_REG_DMA_SOURCE, to_memory ? EDU_BUFFER + offset : iova, 8);
	edu_write(fixture->edu, EDU_REG_DMA_DESTINATION, to_memory ? iova : EDU_BUFFER + offset, 8);
	edu_write(fixture->edu, EDU_REG_DMA_COUNT, count, 8);
	edu_write(fixture->edu, EDU_REG_DMA_COMMAND, command | EDU_COMMAND_RUN, 8);
}

static void run(struct fixture *fixture, uint64_t iova, uint64_t offset, uint64_t count,
		unsigned int command)
{
	begin(fixture, iova, offset, count, command);
	assert_true(edu_step(fixture->edu));
}

static void fill(struct fixture *fixture, uint64_t phys, char byte, size_t length)
{
	char bytes[2 * 4096];

	assert_true(length <= sizeof(bytes));
	memset(bytes, byte, length);
	assert_int_equal(memory_write(fixture->memory, phys, bytes, length), 0);
}

static void assert_bytes(struct fixture *fixture, uint64_t phys, char byte, size_t length)
{
	char bytes[2 * 4096];

	assert_true(length <= sizeof(bytes));
	assert_int_equal(memory_read(fixture->memory, phys, bytes, length), 0);
	for (size_t i = 0; i < length; i++)
		assert_int_equal(bytes[i], byte);
}

static const struct access_case {
	const char *name;
	uint64_t offset;
	unsigned int size;
	uint64_t expected;
} access_cases[] = {
	{"read@id", 0x00, 4, 0x010000ed},
	{"read@id-8-bytes-all-ones", 0x00, 8, UINT64_MAX},
	{"read@1-byte-zero", 0x00, 1, 0},
	{"read@2-bytes-zero", 0x00, 2, 0},
	{"read@unaligned-zero", 0x02, 4, 0},
	{"read@8-bytes-unaligned-zero", 0x84, 8, 0},
	{"read@unknown-all-ones", 0x0c, 4, UINT32_MAX},
	{"read@write-only-all-ones", 0x60, 4, UINT32_MAX},
	{"read@high-half-of-dma-all-ones", 0x84, 4, UINT32_MAX},
	{"read@unknown-8-bytes-all-ones", 0xa0, 8, UINT64_MAX},
	{"read@buffer-is-no-register", 0x40000, 8, UINT64_MAX},
	{"read@dma-4-bytes", 0x80, 4, 0x89abcdef},
	{"read@dma-8-bytes", 0x80, 8, UINT64_C(0x0123456789abcdef)},
	{"read@status-idle", 0x20, 4, 0},
};

static void access(void **state)
{
	const struct access_case *row = *state;
	struct fixture fixture;

	open_fixture(&fixture);
	edu_write(fixture.edu, EDU_REG_DMA_SOURCE, UINT64_C(0x0123456789abcdef), 8);
	assert_int_equal(edu_read(fixture.edu, row->offset, row->size), row->expected);
	close_fixture(&fixture);
}

static const struct write_case {
	const char *name;
	uint64_t offset, value;
	unsigned int size;
	uint64_t read_from, expected; /* 4 bytes below 0x80, else 8 */
} write_cases[] = {
	{"write@liveness-inverts", 0x04, 0x0000ffff, 4, 0x04, 0xffff0000},
	{"write@liveness-8-bytes-ignored", 0x04, 1, 8, 0x04, 0},
	{"write@liveness-2-bytes-ignored", 0x04, 1, 2, 0x04, 0},
	{"write@id-ignored", 0x00, 1, 4, 0x00, 0x010000ed},
	{"write@status-only-interrupt-bit", 0x20, 0xffffffff, 4, 0x20, 0x80},
	{"write@irq-status-ignored", 0x24, 1, 4, 0x24, 0},
	{"write@irq-raise", 0x60, 0x12, 4, 0x24, 0x12},
	{"write@dma-4-bytes-clears-high-half", 0x88, UINT64_MAX, 4, 0x88, UINT32_MAX},
	{"write@high-half-of-dma-ignored", 0x8c, 1, 4, 0x88, 0},
	{"write@command-without-run-ignored", 0x98, 2, 8, 0x98, 0},
	{"write@command-runs", 0x98, 3, 8, 0x98, 3},
};

static void write(void **state)
{
	const struct write_case *row = *state;
	struct fixture fixture;

	open_fixture(&fixture);
	edu_write(fixture.edu, row->offset, row->value, row->size);
	assert_int_equal(edu_read(fixture.edu, row->read_from, row->read_from < 0x80 ? 4 : 8),
			 row->expected);
	close_fixture(&fixture);
}

static void interrupts_stay_until_acknowledged(void **state)
{
	struct fixture *fixture = *state;

	edu_write(fixture->edu, EDU_REG_IRQ_RAISE, 3, 4);
	assert_true(edu_interrupt(fixture->edu));
	edu_write(fixture->edu, EDU_REG_IRQ_ACK, 1, 4);
	assert_true(edu_interrupt(fixture->edu));
	edu_write(fixture->edu, EDU_REG_IRQ_ACK, 2, 4);
	assert_false(edu_interrupt(fixture->edu));
}

static const struct factorial_case {
	const char *name;
	uint32_t number, expected;
} factorial_cases[] = {
	{"factorial@0", 0, 1},
	{"factorial@1", 1, 1},
	{"factorial@12", 12, 479001600},
	{"factorial@13-wraps", 13, 1932053504},
	{"factorial@largest", UINT32_MAX, 0},
};

static void factorials(void **state)
{
	const struct factorial_case *row = *state;
	struct fixture fixture;

	open_fixture(&fixture);
	edu_write(fixture.edu, EDU_REG_STATUS, EDU_STATUS_IRQ, 4);
	edu_write(fixture.edu, EDU_REG_FACTORIAL, row->number, 4);
	/* It is at it: another number is not taken. */
	edu_write(fixture.edu, EDU_REG_FACTORIAL, 5, 4);
	assert_int_equal(edu_read(fixture.edu, EDU_REG_STATUS, 4),
			 EDU_STATUS_IRQ | EDU_STATUS_COMPUTING);
	assert_true(edu_step(fixture.edu));
	assert_false(edu_step(fixture.edu));
	assert_int_equal(edu_read(fixture.edu, EDU_REG_FACTORIAL, 4), row->expected);
	assert_int_equal(edu_read(fixture.edu, EDU_REG_STATUS, 4), EDU_STATUS_IRQ);
	assert_int_equal(edu_read(fixture.edu, EDU_REG_IRQ_STATUS, 4), EDU_IRQ_FACTORIAL);
	close_fixture(&fixture);
}

static void factorial_without_interrupt(void **state)
{
	struct fixture *fixture = *state;

	edu_write(fixture->edu, EDU_REG_FACTORIAL, 3, 4);
	assert_true(edu_step(fixture->edu));
	assert_false(edu_interrupt(fixture->edu));
}

static void dma_there_and_back(void **state)
{
	struct fixture *fixture = *state;

	fill(fixture, FIRST, 'a', K4);
	run(fixture, 0, 0, K4, 0);
	run(fixture, 3 * K4, 0, K4, EDU_COMMAND_TO_MEMORY);
	assert_bytes(fixture, SECOND, 'a', K4);
}

static void dma_part_of_the_buffer(void **state)
{
	struct fixture *fixture = *state;

	fill(fixture, FIRST, 'a', 10);
	run(fixture, 0, 100, 10, 0);
	run(fixture, 3 * K4, 99, 12, EDU_COMMAND_TO_MEMORY);
	assert_bytes(fixture, SECOND, 0, 1);
	assert_bytes(fixture, SECOND + 1, 'a', 10);
	assert_bytes(fixture, SECOND + 11, 0, 1);
}

/* Registers stand still while it runs, and nothing moves before the step. */
static void dma_takes_time(void **state)
{
	struct fixture *fixture = *state;

	fill(fixture, FIRST, 'a', K4);
	begin(fixture, 0, 0, K4, EDU_COMMAND_IRQ);
	edu_write(fixture->edu, EDU_REG_DMA_SOURCE, 99, 8);
	edu_write(fixture->edu, EDU_REG_DMA_COMMAND, EDU_COMMAND_RUN, 8);
	assert_int_equal(edu_read(fixture->edu, EDU_REG_DMA_SOURCE, 8), 0);
	assert_int_equal(edu_read(fixture->edu, EDU_REG_DMA_COMMAND, 8),
			 EDU_COMMAND_RUN | EDU_COMMAND_IRQ);
	assert_false(edu_interrupt(fixture->edu));
	fill(fixture, FIRST, 'b', K4);
	assert_true(edu_step(fixture->edu));
	assert_int_equal(edu_read(fixture->edu, EDU_REG_DMA_COMMAND, 8), EDU_COMMAND_IRQ);
	assert_int_equal(edu_read(fixture->edu, EDU_REG_IRQ_STATUS, 4), EDU_IRQ_DMA);
	assert_false(edu_step(fixture->edu));
	run(fixture, 3 * K4, 0, K4, EDU_COMMAND_TO_MEMORY);
	assert_bytes(fixture, SECOND, 'b', K4);
}

/* What was in flight when its mapping went away faults. */
static void dma_in_flight_while_unmapped(void **state)
{
	struct fixture *fixture = *state;
	struct iommu_fault fault;

	run(fixture, 3 * K4, 0, K4, 0);
	begin(fixture, 3 * K4, 0, K4, EDU_COMMAND_TO_MEMORY);
	fill(fixture, SECOND, 'k', K4);
	assert_int_equal(iommu_unmap(fixture->domain, 3 * K4, K4, NULL), 0);
	assert_true(edu_step(fixture->edu));
	assert_bytes(fixture, SECOND, 'k', K4);
	assert_true(iommu_fault_next(fixture->unit, &fault));
	assert_int_equal(fault.requester, REQUESTER);
	assert_int_equal(fault.iova, 3 * K4);
	assert_true(fault.write);
}

/* The half that faults is zeros, the other one is transferred, whichever comes first. */
static void dma_read_faults_in_part(void **state)
{
	struct fixture *fixture = *state;

	fill(fixture, FIRST, 'z', K4);
	run(fixture, 0, 0, K4, 0);
	fill(fixture, SECOND, 'a', K4);
	run(fixture, 3 * K4 - 2048, 0, K4, 0);
	run(fixture, 0, 0, K4, EDU_COMMAND_TO_MEMORY);
	assert_bytes(fixture, FIRST, 0, 2048);
	assert_bytes(fixture, FIRST + 2048, 'a', 2048);
}

static void dma_write_faults_in_part(void **state)
{
	struct fixture *fixture = *state;

	fill(fixture, FIRST, 'a', K4);
	run(fixture, 0, 0, K4, 0);
	run(fixture, 4 * K4 - 2048, 0, K4, EDU_COMMAND_TO_MEMORY | EDU_COMMAND_IRQ);
	assert_bytes(fixture, SECOND, 0, 2048);
	assert_bytes(fixture, SECOND + 2048, 'a', 2048);
	assert_bytes(fixture, SECOND + K4, 0, K4);
	assert_true(edu_interrupt(fixture->edu));
}

static void dma_mask_clamps(void **state)
{
	struct fixture *fixture = *state;

	fill(fixture, FIRST, 'a', 8);
	run(fixture, UINT64_C(0xabc0000000), 0, 8, 0);
	run(fixture, 3 * K4, 0, 8, EDU_COMMAND_TO_MEMORY);
	assert_bytes(fixture, SECOND, 'a', 8);
}

static const struct overrun_case {
	const char *name;
	uint64_t offset, count;
} overrun_cases[] = {
	{"dma@one-byte-too-long", 0, 4097},        {"dma@ends-beyond-the-buffer", 4090, 7},
	{"dma@begins-beyond-the-buffer", 4097, 0}, {"dma@begins-before-the-buffer", UINT64_MAX, 1},
	{"dma@count-wraps", 1, UINT64_MAX},
};

/* Refused in both directions: it completes and nothing has moved. */
static void overruns(void **state)
{
	const struct overrun_case *row = *state;
	struct fixture fixture;
	struct iommu_fault fault;

	open_fixture(&fixture);
	fill(&fixture, FIRST, 'a', K4);
	run(&fixture, 0, row->offset, row->count, 0);
	run(&fixture, 3 * K4, 0, K4, EDU_COMMAND_TO_MEMORY);
	assert_bytes(&fixture, SECOND, 0, K4);
	run(&fixture, 0, row->offset, row->count, EDU_COMMAND_TO_MEMORY);
	assert_bytes(&fixture, FIRST, 'a', K4);
	assert_false(iommu_fault_next(fixture.unit, &fault));
	close_fixture(&fixture);
}

static void reset_forgets_everything(void **state)
{
	struct fixture *fixture = *state;

	fill(fixture, FIRST, 'a', K4);
	run(fixture, 0, 0, K4, EDU_COMMAND_IRQ);
	begin(fixture, 3 * K4, 0, K4, EDU_COMMAND_TO_MEMORY);
	edu_reset(fixture->edu);
	assert_false(edu_step(fixture->edu));
	assert_false(edu_interrupt(fixture->edu));
	assert_int_equal(edu_read(fixture->edu, EDU_REG_DMA_COUNT, 8), 0);
	assert_bytes(fixture, SECOND, 0, K4);
	run(fixture, 0, 0, K4, EDU_COMMAND_TO_MEMORY);
	assert_bytes(fixture, FIRST, 0, K4);
}

static void create_enomem(void **state)
{
	struct fixture *fixture = *state;
	struct edu *edu = NULL;

	fixture->counted.fail_after = 0;
	assert_int_equal(
		edu_create(&fixture->counted.alloc, fixture->unit, REQUESTER, EDU_DMA_MASK, &edu),
		-ENOMEM);
	assert_null(edu);
	edu_destroy(edu);
	fixture->counted.fail_after = -1;
}

#define ON_FIXTURE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest single[] = {
		ON_FIXTURE(interrupts_stay_until_acknowledged),
		ON_FIXTURE(factorial_without_interrupt),
		ON_FIXTURE(dma_there_and_back),
		ON_FIXTURE(dma_part_of_the_buffer),
		ON_FIXTURE(dma_takes_time),
		ON_FIXTURE(dma_in_flight_while_unmapped),
		ON_FIXTURE(dma_read_faults_in_part),
		ON_FIXTURE(dma_write_faults_in_part),
		ON_FIXTURE(dma_mask_clamps),
		ON_FIXTURE(reset_forgets_everything),
		ON_FIXTURE(create_enomem),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, access_cases, access);
	ADD_ROWS(&suite, write_cases, write);
	ADD_ROWS(&suite, factorial_cases, factorials);
	ADD_ROWS(&suite, overrun_cases, overruns);
	return suite_run(&suite, "edu");
}
