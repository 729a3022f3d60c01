/* SPDX-License-Identifier: MIT */
#include "errname.h"
#include "rig_parts.h"

#include <stdio.h>
#include <string.h>

int rig_fault(struct fault *fault)
{
	fault->calls++;
	if (fault->at == 0 || fault->calls < fault->at || fault->calls - fault->at >= fault->times)
		return 0;
	return fault->err;
}

struct rig_device *rig_device_of(const struct dmaown_device *device)
{
	return dmaown_device_context(device);
}

/* ---- the trace ---- */

void rig_append(char *text, size_t size, const char *format, va_list arguments)
{
	size_t length = strlen(text);

	if (length > 0 && length < size - 1)
		text[length++] = ' ';
	vsnprintf(text + length, size - length, format, arguments);
}

void rig_say(struct rig *rig, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	rig_append(rig->trace, sizeof(rig->trace), format, arguments);
	va_end(arguments);
}

int say_result(struct rig *rig, const char *word, int err)
{
	if (err)
		rig_say(rig, "%s=%s", word, errno_name(err));
	else
		rig_say(rig, "%s", word);
	return err;
}

void say_count(struct dmaown_device *device, const char *word)
{
	struct rig *rig = rig_device_of(device)->rig;
	struct dmaown_group *group = dmaown_device_group(device);
	struct dmaown_group_state state;

	if (!group) {
		rig_say(rig, "%s", word);
		return;
	}
	dmaown_group_read(group, &state);
	rig_say(rig, "%s:%u", word, state.count);
}
