/* SPDX-License-Identifier: MIT */
/* Numbers in names: "nvme0", "card1". */
#ifndef DMAOWN_BASE_NUMBER_H
#define DMAOWN_BASE_NUMBER_H

/* Reads a number that is all of what follows `prefix` in `text`; -1: it is something else. */
int number_after(const char *text, const char *prefix);

#endif
