/* SPDX-License-Identifier: MIT */
/*
 * A filter of seccomp, by hand: libseccomp would write it as well, but every claim would load that
 * library, and the kernel's own headers have all that it takes.
 *
 * A process may call the kernel by the numbers of more than one architecture, whatever it was built
 * for: all of them are here, and whoever uses another is killed. Of a request the kernel looks at
 * the low 32 bits alone.
 */
#include "terminal_filter.h"
#include "array.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

/* The numbers of ioctl(2): our own, those of a second table that our architecture has, and those of
 * the architecture with 32 bits. */
#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#define NATIVE_IOCTL 16
#define SECOND_IOCTL 514 /* x32, whose numbers have X32_BIT; some kernels take them without */
#define NUMBER_MASK (~X32_BIT)
#define X32_BIT 0x40000000U
#define COMPAT AUDIT_ARCH_I386
#define COMPAT_IOCTL 54
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define NATIVE AUDIT_ARCH_AARCH64
#define NATIVE_IOCTL 29
#define SECOND_IOCTL 29
#define NUMBER_MASK 0xffffffffU
#define COMPAT AUDIT_ARCH_ARM
#define COMPAT_IOCTL 54
#endif

#ifdef NATIVE

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, value)
#define IF(value, then, other) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, then, other)

/* A jump is by so many lines below the next one. The low half of an argument is its first: all
 * these architectures are little-endian. */
static struct sock_filter lines[] = {
	/*  0 */ LOAD(arch),
	/*  1 */ IF(NATIVE, 0, 5),
	/*  2 */ LOAD(nr),
	/*  3 */ BPF_STMT(BPF_ALU | BPF_AND | BPF_K, NUMBER_MASK),
	/*  4 */ IF(NATIVE_IOCTL, 6, 0),
	/*  5 */ IF(SECOND_IOCTL, 5, 0),
	/*  6 */ ANSWER(SECCOMP_RET_ALLOW),
	/*  7 */ IF(COMPAT, 1, 0),
	/*  8 */ ANSWER(SECCOMP_RET_KILL_PROCESS),
	/*  9 */ LOAD(nr),
	/* 10 */ IF(COMPAT_IOCTL, 0, 3),
	/* 11 */ LOAD(args[1]),
	/* 12 */ IF(TIOCSTI, 2, 0),
	/* 13 */ IF(TIOCLINUX, 1, 0),
	/* 14 */ ANSWER(SECCOMP_RET_ALLOW),
	/* 15 */ ANSWER(SECCOMP_RET_ERRNO | EPERM),
};

int filter_terminal(void)
{
	const struct sock_fprog program = {.len = COUNT(lines), .filter = lines};

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) ? -errno : 0;
}

#else

int filter_terminal(void)
{
	return -EOPNOTSUPP;
}

#endif
