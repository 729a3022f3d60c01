/* SPDX-License-Identifier: MIT */
#include "memory.h"
#include "rows.h"

#include "counted_alloc.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define FRAME ((uint64_t)MEMORY_FRAME_SIZE)

struct fixture {
	struct counted_alloc counted;
	struct memory *memory; /* of 16 frames */
};

static int set_up(void **state)
{
	static struct fixture fixture;

	counted_alloc_init(&fixture.counted);
	*state = &fixture;
	return memory_create(&fixture.counted.alloc, 16 * FRAME, &fixture.memory);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	memory_destroy(fixture->memory);
	return fixture->counted.live == 0 ? 0 : -1;
}

static bool reads_as(struct memory *memory, uint64_t address, size_t length, char expected)
{
	char bytes[3 * MEMORY_FRAME_SIZE];

	assert_true(length <= sizeof(bytes));
	assert_int_equal(memory_read(memory, address, bytes, length), 0);
	for (size_t i = 0; i < length; i++)
		if (bytes[i] != expected)
			return false;
	return true;
}

static const struct create_case {
	const char *name;
	uint64_t size;
	int err;
} create_cases[] = {
	{"create@size-zero-einval", 0, -EINVAL},
	{"create@size-not-frames-einval", 4097, -EINVAL},
	{"create@too-large-einval", MEMORY_MAX_SIZE + 4096, -EINVAL},
	{"create@one-frame", 4096, 0},
	{"create@512-frames", 512 * 4096, 0},
	{"create@513-frames", 513 * 4096, 0},
	{"create@largest", MEMORY_MAX_SIZE, 0},
};

/* A memory that can be made can be used up to its last byte. */
static void create(void **state)
{
	const struct create_case *row = *state;
	struct memory *memory = NULL;
	char byte = 'x';

	assert_int_equal(memory_create(&sim_alloc_libc, row->size, &memory), row->err);
	if (row->err) {
		assert_null(memory);
		return;
	}
	assert_int_equal(memory_size(memory), row->size);
	assert_int_equal(memory_write(memory, row->size - 1, &byte, 1), 0);
	assert_true(reads_as(memory, row->size - 1, 1, 'x'));
	assert_true(reads_as(memory, row->size - 2, 1, 0));
	memory_destroy(memory);
}

static const struct range_case {
	const char *name;
	uint64_t address;
	size_t length;
	int err;
} range_cases[] = {
	{"access@nothing-at-the-end", 16 * 4096, 0, 0},
	{"access@last-frame", 15 * 4096, 4096, 0},
	{"access@everything", 0, 16 * 4096, 0},
	{"access@crosses-the-end-efault", 16 * 4096 - 1, 2, -EFAULT},
	{"access@begins-beyond-efault", 16 * 4096 + 1, 0, -EFAULT},
	{"access@wraps-efault", UINT64_MAX, 2, -EFAULT},
	{"access@length-wraps-efault", 4096, SIZE_MAX, -EFAULT},
};

static void ranges(void **state)
{
	const struct range_case *row = *state;
	static char bytes[16 * MEMORY_FRAME_SIZE];
	struct memory *memory;

	assert_int_equal(memory_create(&sim_alloc_libc, 16 * FRAME, &memory), 0);
	assert_int_equal(memory_read(memory, row->address, bytes, row->length), row->err);
	assert_int_equal(memory_write(memory, row->address, bytes, row->length), row->err);
	memory_destroy(memory);
}

static void access_crosses_frames(void **state)
{
	struct fixture *fixture = *state;
	char written[MEMORY_FRAME_SIZE + 20];

	memset(written, 'a', sizeof(written));
	assert_int_equal(memory_write(fixture->memory, FRAME - 10, written, sizeof(written)), 0);
	assert_true(reads_as(fixture->memory, 0, FRAME - 10, 0));
	assert_true(reads_as(fixture->memory, FRAME - 10, sizeof(written), 'a'));
	assert_true(reads_as(fixture->memory, 2 * FRAME + 10, FRAME, 0));
}

static void untouched_reads_zero_and_takes_nothing(void **state)
{
	struct fixture *fixture = *state;
	long before = fixture->counted.live;

	assert_true(reads_as(fixture->memory, 5 * FRAME, FRAME, 0));
	assert_int_equal(fixture->counted.live, before);
}

static void write_enomem_keeps_frames_before(void **state)
{
	struct fixture *fixture = *state;
	char written[2 * MEMORY_FRAME_SIZE];

	memset(written, 'b', sizeof(written));
	fixture->counted.fail_after = 1;
	assert_int_equal(memory_write(fixture->memory, 0, written, sizeof(written)), -ENOMEM);
	assert_true(reads_as(fixture->memory, 0, FRAME, 'b'));
	assert_true(reads_as(fixture->memory, FRAME, FRAME, 0));
}

static void frame_is_zero_when_used_before(void **state)
{
	struct fixture *fixture = *state;
	uint64_t first, again;
	char byte = 'c';

	/* By a stray write before it was given out, and by its last user. */
	assert_int_equal(memory_write(fixture->memory, 15 * FRAME + 7, &byte, 1), 0);
	assert_int_equal(memory_frame_alloc(fixture->memory, &first), 0);
	assert_int_equal(first, 15 * FRAME);
	assert_int_equal(memory_frame_read(fixture->memory, first, 0), 0);
	memory_frame_write(fixture->memory, first, 511, UINT64_MAX);
	assert_int_equal(memory_frames(fixture->memory), 1);
	memory_frame_free(fixture->memory, first);
	assert_int_equal(memory_frames(fixture->memory), 0);
	assert_int_equal(memory_frame_alloc(fixture->memory, &again), 0);
	assert_int_equal(again, first);
	assert_int_equal(memory_frame_read(fixture->memory, again, 511), 0);
}

static void frame_words_are_its_bytes(void **state)
{
	struct fixture *fixture = *state;
	uint64_t frame, word = UINT64_C(0x1122334455667788), read;

	assert_int_equal(memory_frame_alloc(fixture->memory, &frame), 0);
	memory_frame_write(fixture->memory, frame, 3, word);
	assert_int_equal(memory_read(fixture->memory, frame + 24, &read, sizeof(read)), 0);
	assert_int_equal(read, word);
}

static void frames_run_out(void **state)
{
	struct fixture *fixture = *state;
	uint64_t region, frame, untouched = 1;

	assert_int_equal(memory_region_alloc(fixture->memory, 2 * FRAME, FRAME, &region), 0);
	for (int i = 0; i < 14; i++)
		assert_int_equal(memory_frame_alloc(fixture->memory, &frame), 0);
	assert_int_equal(frame, 2 * FRAME);
	assert_int_equal(memory_frame_alloc(fixture->memory, &untouched), -ENOMEM);
	assert_int_equal(untouched, 1);
	memory_frame_free(fixture->memory, frame);
	assert_int_equal(memory_frame_alloc(fixture->memory, &frame), 0);
}

static void frame_enomem(void **state)
{
	struct fixture *fixture = *state;
	uint64_t frame;

	fixture->counted.fail_after = 0;
	assert_int_equal(memory_frame_alloc(fixture->memory, &frame), -ENOMEM);
	fixture->counted.fail_after = -1;
	assert_int_equal(memory_frame_alloc(fixture->memory, &frame), 0);
	assert_int_equal(frame, 15 * FRAME);
}

static void region_fills_the_first_gap(void **state)
{
	struct fixture *fixture = *state;
	uint64_t a, b, c, d;

	assert_int_equal(memory_region_alloc(fixture->memory, 2 * FRAME, FRAME, &a), 0);
	assert_int_equal(memory_region_alloc(fixture->memory, FRAME, FRAME, &b), 0);
	assert_int_equal(memory_region_alloc(fixture->memory, FRAME, 8 * FRAME, &c), 0);
	assert_int_equal(a, 0);
	assert_int_equal(b, 2 * FRAME);
	assert_int_equal(c, 8 * FRAME);
	memory_region_free(fixture->memory, a);
	assert_int_equal(memory_region_alloc(fixture->memory, 3 * FRAME, FRAME, &d), 0);
	assert_int_equal(d, 3 * FRAME);
	assert_int_equal(memory_region_alloc(fixture->memory, FRAME, FRAME, &a), 0);
	assert_int_equal(a, 0);
}

static void region_is_zero_when_used_before(void **state)
{
	struct fixture *fixture = *state;
	uint64_t region;
	char byte = 'd';

	assert_int_equal(memory_write(fixture->memory, FRAME, &byte, 1), 0);
	assert_int_equal(memory_region_alloc(fixture->memory, 2 * FRAME, FRAME, &region), 0);
	assert_true(reads_as(fixture->memory, region, 2 * FRAME, 0));
	assert_int_equal(memory_write(fixture->memory, region, &byte, 1), 0);
	memory_region_free(fixture->memory, region);
	assert_true(reads_as(fixture->memory, region, 2 * FRAME, 0));
}

/* Over nodes of several levels, some of which were never made; the neighbours stay. */
static void large_region_is_freed_as_a_whole(void **state)
{
	const uint64_t span = UINT64_C(1) << 21, inside[] = {span, 3 * span + 77, 600 * span};
	uint64_t before, region, behind;
	struct memory *memory;

	assert_int_equal(memory_create(&sim_alloc_libc, 1024 * span, &memory), 0);
	assert_int_equal(memory_region_alloc(memory, FRAME, FRAME, &before), 0);
	assert_int_equal(memory_region_alloc(memory, 700 * span, FRAME, &region), 0);
	assert_int_equal(memory_region_alloc(memory, FRAME, FRAME, &behind), 0);
	assert_int_equal(memory_write(memory, before, "b", 1), 0);
	assert_int_equal(memory_write(memory, behind, "b", 1), 0);
	for (size_t i = 0; i < COUNT(inside); i++)
		assert_int_equal(memory_write(memory, region + inside[i], "i", 1), 0);
	memory_region_free(memory, region);
	for (size_t i = 0; i < COUNT(inside); i++)
		assert_true(reads_as(memory, region + inside[i], 1, 0));
	assert_true(reads_as(memory, before, 1, 'b'));
	assert_true(reads_as(memory, behind, 1, 'b'));
	memory_destroy(memory);
}

static void region_leaves_room_for_frames(void **state)
{
	struct fixture *fixture = *state;
	uint64_t frame, region;

	assert_int_equal(memory_frame_alloc(fixture->memory, &frame), 0);
	assert_int_equal(memory_region_alloc(fixture->memory, 16 * FRAME, FRAME, &region), -ENOMEM);
	assert_int_equal(memory_region_alloc(fixture->memory, 15 * FRAME, FRAME, &region), 0);
	assert_int_equal(memory_region_alloc(fixture->memory, FRAME, 16 * FRAME, &region), -ENOMEM);
}

static void region_enomem(void **state)
{
	struct fixture *fixture = *state;
	uint64_t region;

	fixture->counted.fail_after = 0;
	assert_int_equal(memory_region_alloc(fixture->memory, FRAME, FRAME, &region), -ENOMEM);
}

static const struct region_case {
	const char *name;
	uint64_t size, align;
} region_cases[] = {
	{"region_alloc@nothing-einval", 0, 4096},
	{"region_alloc@size-not-frames-einval", 100, 4096},
	{"region_alloc@align-zero-einval", 4096, 0},
	{"region_alloc@align-small-einval", 4096, 2048},
	{"region_alloc@align-no-power-einval", 4096, 3 * 4096},
	{"region_alloc@align-huge-einval", 4096, UINT64_C(1) << 63},
};

static void region_refused(void **state)
{
	const struct region_case *row = *state;
	struct memory *memory;
	uint64_t region = 1;

	assert_int_equal(memory_create(&sim_alloc_libc, 16 * FRAME, &memory), 0);
	assert_int_equal(memory_region_alloc(memory, row->size, row->align, &region), -EINVAL);
	assert_int_equal(region, 1);
	memory_destroy(memory);
}

static void create_enomem(void **state)
{
	struct counted_alloc counted;
	struct memory *memory = NULL;

	for (long after = 0; after < 2; after++) {
		counted_alloc_init(&counted);
		counted.fail_after = after;
		assert_int_equal(memory_create(&counted.alloc, FRAME, &memory), -ENOMEM);
		assert_null(memory);
		assert_int_equal(counted.live, 0);
	}
	memory_destroy(NULL);
}

#define ON_FIXTURE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(create_enomem),
		cmocka_unit_test(large_region_is_freed_as_a_whole),
		ON_FIXTURE(access_crosses_frames),
		ON_FIXTURE(untouched_reads_zero_and_takes_nothing),
		ON_FIXTURE(write_enomem_keeps_frames_before),
		ON_FIXTURE(frame_is_zero_when_used_before),
		ON_FIXTURE(frame_words_are_its_bytes),
		ON_FIXTURE(frames_run_out),
		ON_FIXTURE(frame_enomem),
		ON_FIXTURE(region_fills_the_first_gap),
		ON_FIXTURE(region_is_zero_when_used_before),
		ON_FIXTURE(region_leaves_room_for_frames),
		ON_FIXTURE(region_enomem),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, create_cases, create);
	ADD_ROWS(&suite, range_cases, ranges);
	ADD_ROWS(&suite, region_cases, region_refused);
	return suite_run(&suite, "memory");
}
