/* SPDX-License-Identifier: MIT */
/* Looking for a command's file as execvp(3) does, before it is executed. */
#ifndef DMAOWN_DMAOWN_FIND_COMMAND_H
#define DMAOWN_DMAOWN_FIND_COMMAND_H

/*
 * Whether the command can be executed with the rights that we have, by the PATH of our environment:
 * 0; -ENOENT: there is none; -EACCES: what there is can't be executed; else what hid it.
 */
int find_command_file(const char *name);

/* Says what is wrong with a command that can't be executed, `remark` behind it; the exit code for
 * it. */
int complain_command(int err, const char *name, const char *remark);

#endif
