/* SPDX-License-Identifier: MIT */
#include "child_report.h"
#include "complain.h"
#include "find_command.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

_Noreturn void end_with(int socket, size_t step, int err)
{
	const struct report report = {.step = step, .err = err};

	send(socket, &report, sizeof(report), MSG_NOSIGNAL);
	_exit(EXIT_OWN_FAILURE);
}

static int complain_report(const struct child *child, const struct report *report,
			   const char *remark)
{
	const struct user *user = child->becoming.user;
	const char *words = report->step == STEP_TERMINAL ? "it can't have a terminal of its own"
							  : become_words(report->step);

	if (!user)
		return complain(EXIT_OWN_FAILURE, child->arguments[0], "%s: %s%s", words,
				strerror(-report->err), remark);
	return complain(EXIT_OWN_FAILURE, child->arguments[0], "can't be run as %s: %s: %s%s",
			user->name, words, strerror(-report->err), remark);
}

int explain_report(const struct child *child, const struct report *report, const char *remark)
{
	if (report->step == STEP_COMMAND)
		return complain_command(report->err, child->arguments[0], remark);
	return complain_report(child, report, remark);
}
