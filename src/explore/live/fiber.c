/* SPDX-License-Identifier: MIT */
#include "fiber.h"

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)

/* Callee-saved: rbx, rbp, r12 to r15. The control words of SSE and x87 are nobody's to change. */
#define SAVED_WORDS 6

__asm__(".text\n"
	".globl fiber_switch\n"
	".hidden fiber_switch\n"
	".type fiber_switch, @function\n"
	"fiber_switch:\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n"
	".size fiber_switch, . - fiber_switch\n");

void *fiber_prepare(void *top, void (*entry)(void))
{
	/* As if `entry` had just been called: its return address, which is none, above it. */
	uintptr_t *stack = (uintptr_t *)top - 2 - SAVED_WORDS;

	memset(stack, 0, (SAVED_WORDS + 2) * sizeof(*stack));
	stack[SAVED_WORDS] = (uintptr_t)entry;
	return stack;
}

#elif defined(__aarch64__)

/* Callee-saved: x19 to x28, the frame pointer and link register, and the low halves of v8 to v15.
 */
#define SAVED_WORDS 20
#define LINK_WORD 11

__asm__(".text\n"
	".globl fiber_switch\n"
	".hidden fiber_switch\n"
	".type fiber_switch, %function\n"
	"fiber_switch:\n"
	"	sub sp, sp, #160\n"
	"	stp x19, x20, [sp, #0]\n"
	"	stp x21, x22, [sp, #16]\n"
	"	stp x23, x24, [sp, #32]\n"
	"	stp x25, x26, [sp, #48]\n"
	"	stp x27, x28, [sp, #64]\n"
	"	stp x29, x30, [sp, #80]\n"
	"	stp d8, d9, [sp, #96]\n"
	"	stp d10, d11, [sp, #112]\n"
	"	stp d12, d13, [sp, #128]\n"
	"	stp d14, d15, [sp, #144]\n"
	"	mov x9, sp\n"
	"	str x9, [x0]\n"
	"	mov sp, x1\n"
	"	ldp x19, x20, [sp, #0]\n"
	"	ldp x21, x22, [sp, #16]\n"
	"	ldp x23, x24, [sp, #32]\n"
	"	ldp x25, x26, [sp, #48]\n"
	"	ldp x27, x28, [sp, #64]\n"
	"	ldp x29, x30, [sp, #80]\n"
	"	ldp d8, d9, [sp, #96]\n"
	"	ldp d10, d11, [sp, #112]\n"
	"	ldp d12, d13, [sp, #128]\n"
	"	ldp d14, d15, [sp, #144]\n"
	"	add sp, sp, #160\n"
	"	ret\n"
	".size fiber_switch, . - fiber_switch\n");

void *fiber_prepare(void *top, void (*entry)(void))
{
	uintptr_t *stack = (uintptr_t *)top - SAVED_WORDS;

	memset(stack, 0, SAVED_WORDS * sizeof(*stack));
	stack[LINK_WORD] = (uintptr_t)entry;
	return stack;
}

#else

#include <ucontext.h>

/* Enough below the first context for what a subject calls; the fiber's stack must have more. */
#define FIRST_STACK (48u << 10)

/* The context lies on the stack that it is of, at the top or where the fiber has left. */
void *fiber_prepare(void *top, void (*entry)(void))
{
	ucontext_t *context = (ucontext_t *)(((uintptr_t)top - sizeof(*context)) & ~(uintptr_t)15);

	memset(context, 0, sizeof(*context));
	getcontext(context);
	context->uc_stack.ss_sp = (char *)context - FIRST_STACK;
	context->uc_stack.ss_size = FIRST_STACK;
	makecontext(context, entry, 0);
	return context;
}

__attribute__((noinline)) void fiber_switch(void **leave, void *enter)
{
	ucontext_t here;

	/* It lies on the stack that is left, and is read while that stays as it is. */
	/* cppcheck-suppress autoVariables */
	*leave = &here;
	swapcontext(&here, enter);
}

#endif
