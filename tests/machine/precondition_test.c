/* SPDX-License-Identifier: MIT */
/*
 * What callers in this tree must not do (precondition.h): debug builds end the program there,
 * others go on. Each row is done by a child, which ends itself.
 */
#include "facts.h"
#include "machine.h"
#include "rows.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct row {
	const char *name;
	void (*act)(struct facts *facts);
	bool allowed;
};

static void change(enum change_kind first, enum change_kind second)
{
	static const struct machine_ops ops = {0};
	struct machine machine = {.ops = &ops};
	struct change changes[] = {
		{.kind = first, .device = "A", .driver = "frob"},
		{.kind = second, .device = "B", .driver = "frob"},
	};

	machine_change_all(&machine, changes, 2, 0);
}

static void overrides_alone(struct facts *facts)
{
	change(CHANGE_OVERRIDE, CHANGE_OVERRIDE);
}

static void bind_beside_unbind(struct facts *facts)
{
	change(CHANGE_BIND, CHANGE_UNBIND);
}

static void override_beside_bind(struct facts *facts)
{
	change(CHANGE_OVERRIDE, CHANGE_BIND);
}

static void bind_beside_override(struct facts *facts)
{
	change(CHANGE_BIND, CHANGE_OVERRIDE);
}

static void second_host(struct facts *facts)
{
	facts_add_host(facts);
	facts_add_host(facts);
}

static void second_pci_facts(struct facts *facts)
{
	struct device_facts *device;

	facts_add_device(facts, &device);
	facts_set_string(&device->address, "0000:02:01.0");
	device_facts_add_pci(device);
	device_facts_add_pci(device);
}

static const struct row rows[] = {
	{"change@overrides-alone", overrides_alone, true},
	{"change@bind-beside-an-unbind", bind_beside_unbind, true},
	{"change@override-beside-a-bind", override_beside_bind, false},
	{"change@bind-beside-an-override", bind_beside_override, false},
	{"facts@second-host", second_host, false},
	{"facts@second-pci-facts", second_pci_facts, false},
};

static void end_as_it_comes(const struct row *row)
{
	const struct rlimit no_core = {0};
	struct facts facts = {0};

	setrlimit(RLIMIT_CORE, &no_core);
	signal(SIGABRT, SIG_DFL);
	close(STDERR_FILENO);
	row->act(&facts);
	_exit(0);
}

static bool is_checked(void)
{
#ifdef DMAOWN_CHECK_PRECONDITIONS
	return true;
#else
	return false;
#endif
}

static void precondition_is_checked(void **state)
{
	const struct row *row = *state;
	pid_t child = fork();
	int status = 0;

	if (child == 0)
		end_as_it_comes(row);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (row->allowed || !is_checked())
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	else
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, rows, precondition_is_checked);
	return suite_run(&suite, "precondition");
}
