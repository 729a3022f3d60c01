/* SPDX-License-Identifier: MIT */
#include "answer.h"

#include <errno.h>

bool hidden_by_permission(int err)
{
	return err == -EACCES || err == -EPERM;
}
