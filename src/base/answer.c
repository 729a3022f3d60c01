/* SPDX-License-Identifier: MIT */
#include "answer.h"

#include <errno.h>
#include <string.h>

bool hidden_by_permission(int err)
{
	return err == -EACCES || err == -EPERM;
}

const char *hidden_words(int err)
{
	switch (err) {
	case 0:
		return "nobody looked";
	case -ETIMEDOUT:
		return "its driver's probe, unbind or resume has not ended";
	case -EHOSTDOWN:
		return "a file system's server does not answer";
	default:
		return strerror(-err);
	}
}
