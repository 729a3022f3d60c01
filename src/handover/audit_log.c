/* SPDX-License-Identifier: MIT */
/*
 * A word of the audit for the system's log.
 *
 * Written to its socket by hand: syslog(3) waits for a daemon that does not read, for ever, and
 * keeps its socket for the next caller, which is a CMD's business then.
 */
#define _GNU_SOURCE
#include "audit.h"
#include "errname.h"
#include "printable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { AUTHPRIV = 10 << 3, WARNING = 4, NOTICE = 5 };

static void print_groups(const struct audit_event *event, FILE *out)
{
	for (size_t i = 0; event->record && i < event->record->group_count; i++)
		fprintf(out, " group:%d", event->record->groups[i].id);
	for (size_t i = 0; !event->record && event->request && i < event->request->group_count; i++)
		fprintf(out, " group:%d", event->request->groups[i]);
}

static void print_event(const struct audit_event *event, FILE *out)
{
	const char *owner = event->record    ? event->record->owner
			    : event->request ? event->request->owner
					     : NULL;

	fprintf(out, "%s %s", audit_what_name(event->what), audit_result_name(event->result));
	if (event->error)
		fprintf(out, " (%s)", errno_name(event->error));
	fprintf(out, ", owner %s, uid %d:", owner ? owner : "not known", (int)getuid());
	print_groups(event, out);
	if (event->reason)
		fprintf(out, ": %s", event->reason);
	fputs(event->command ? ":" : "", out);
	for (size_t i = 0; event->command && event->command[i]; i++)
		fprintf(out, " %s", event->command[i]);
}

/* As syslog(3) writes it. */
static size_t begin_line(const struct audit_event *event, char *line, size_t size)
{
	time_t now = time(NULL);
	char date[32];
	struct tm parts;

	strftime(date, sizeof(date), "%b %e %T", localtime_r(&now, &parts));
	return (size_t)snprintf(line, size, "<%d>%s dmaown[%d]: ",
				AUTHPRIV + (event->result == AUDIT_DONE ? NOTICE : WARNING), date,
				(int)getpid());
}

static void send_line(const char *path, const char *line, size_t length)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return;
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	sendto(fd, line, length, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&address,
	       sizeof(address));
	close(fd);
}

void audit_tell_log(const char *path, const struct audit_event *event)
{
	char line[AUDIT_LOG + 1], *text = NULL;
	size_t size, length = begin_line(event, line, sizeof(line));
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return;
	print_event(event, stream);
	if (fclose(stream) == 0) {
		length += printable_copy(text, size, line + length, sizeof(line) - length);
		send_line(path, line, length);
	}
	free(text);
}
