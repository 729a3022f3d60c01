/* SPDX-License-Identifier: MIT */
#include "effect.h"

static size_t object_size(const struct point *point)
{
	switch (point->kind) {
	case POINT_LOCK:
	case POINT_TRYLOCK:
	case POINT_UNLOCK:
		return sizeof(struct explored_lock);
	case POINT_SLEEP:
	case POINT_WAKE:
	case POINT_SIGNAL:
	case POINT_BROADCAST:
		return sizeof(struct explored_condition);
	case POINT_LOAD:
	case POINT_STORE:
	case POINT_CHANGE:
		return point->size;
	case POINT_FREE:
		/* What is freed already has no size, and still is what another frees. */
		return point->size ? point->size : 1;
	case POINT_NONE:
	case POINT_ALLOCATE:
	case POINT_RESCHEDULE:
		break;
	}
	return 0;
}

static bool is_taken(const struct point *point)
{
	return ((const struct explored_lock *)point->object)->holder != 0;
}

struct effect effect_of(const struct point *point)
{
	size_t size = object_size(point);
	struct effect effect = {.lock = (uintptr_t)point->lock};

	if (size > 0) {
		effect.begin = (uintptr_t)point->object;
		effect.end = effect.begin + size;
	}
	if (point->kind == POINT_TRYLOCK)
		effect.looks = is_taken(point);
	else
		effect.looks = point->kind == POINT_LOAD;
	effect.takes = point->kind == POINT_LOCK || (point->kind == POINT_TRYLOCK && !effect.looks);
	effect.frees = point->kind == POINT_FREE;
	effect.allocates = effect.frees || point->kind == POINT_ALLOCATE;
	return effect;
}

static bool touches(const struct effect *effect, uintptr_t byte)
{
	return byte && ((effect->begin <= byte && byte < effect->end) || effect->lock == byte);
}

static bool overlap(const struct effect *one, const struct effect *other)
{
	return one->begin < other->end && other->begin < one->end;
}

bool effects_depend(const struct effect *one, const struct effect *other)
{
	if (overlap(one, other))
		return !(one->looks && other->looks);
	return touches(one, other->lock) || touches(other, one->lock) ||
	       (one->allocates && other->allocates);
}

bool effects_misuse(const struct effect *one, const struct effect *other)
{
	return (one->frees || other->frees) && overlap(one, other);
}

bool effect_settles(const struct effect *earlier, const struct effect *later)
{
	if (later->lock || later->frees || (earlier->looks && !later->looks))
		return false;
	if (later->allocates)
		return earlier->allocates;
	return (earlier->begin <= later->begin && later->end <= earlier->end) ||
	       (earlier->lock && earlier->lock == later->begin);
}
