/* SPDX-License-Identifier: MIT */
#include "utf8.h"

static bool is_character(uint32_t point, size_t length)
{
	static const uint32_t least[] = {[2] = 0x80, [3] = 0x800, [4] = 0x10000};

	return point >= least[length] && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
}

size_t utf8_decode(const char *bytes, size_t count, uint32_t *point)
{
	const unsigned char *byte = (const unsigned char *)bytes;
	size_t length;
	uint32_t found;

	if (count == 0)
		return 0;
	if (*byte < 0x80) {
		*point = *byte;
		return 1;
	}
	length = *byte >= 0xf0 ? 4 : *byte >= 0xe0 ? 3 : 2;
	if (*byte < 0xc2 || *byte > 0xf4 || length > count)
		return 0;
	found = *byte & (0x7fU >> length);
	for (size_t i = 1; i < length; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
		found = found << 6 | (byte[i] & 0x3f);
	}
	if (!is_character(found, length))
		return 0;
	*point = found;
	return length;
}

bool utf8_is_whole(const char *bytes, size_t count)
{
	size_t taken = 1;
	uint32_t point;

	for (; count > 0 && taken > 0; bytes += taken, count -= taken)
		taken = utf8_decode(bytes, count, &point);
	return taken > 0;
}
