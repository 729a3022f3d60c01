/* SPDX-License-Identifier: MIT */
/* Looks for a command's file as execvp(3) does, before it is executed. */
#ifndef DMAOWN_DMAOWN_FIND_COMMAND_H
#define DMAOWN_DMAOWN_FIND_COMMAND_H

/*
 * Whether we can execute the command with our rights and the PATH of our environment: 0; -ENOENT:
 * there is no such file; -EACCES: there is one, and it can't be executed; else the errno that hid
 * it.
 */
int find_command_file(const char *name);

/*
 * Prints why a command can't be executed, with `remark` at the end, and returns the exit code for
 * it.
 */
int complain_command(int err, const char *name, const char *remark);

#endif
