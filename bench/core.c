/* SPDX-License-Identifier: MIT */
/*
 * What the mechanism costs: ratios against a bare pthread mutex, from one run.
 *
 * Each figure is the median of many short rounds; in a round the measured loop and its yardstick
 * run one after the other, so that both see the same machine, and their time is the thread's own
 * CPU time, which another program on the machine does not lengthen. Built without lock checks
 * (buildtype=release).
 */
#include <dmaown/core.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 301
#define LOOPS 5000
#define THREAD_ROUNDS 15
#define THREAD_LOOPS 400000

/* ---- an IOMMU that does nothing ---- */

static int device_group(void *context, struct dmaown_device *device, struct dmaown_group **group)
{
	*group = dmaown_device_context(device);
	dmaown_group_get(*group);
	return 0;
}

static int create_domain(void *context, enum dmaown_domain_kind kind, void **hardware)
{
	*hardware = context;
	return 0;
}

static void destroy_domain(void *context, void *hardware)
{
}

static int attach(void *context, struct dmaown_device *device, void *hardware)
{
	return 0;
}

static void block(void *context, struct dmaown_device *device)
{
}

static const struct dmaown_iommu_ops iommu_ops = {
	device_group, NULL, NULL, create_domain, destroy_domain, NULL, attach,
	block,        NULL, NULL, NULL,          NULL,           NULL};

/* ---- what is measured on ---- */

struct bench {
	struct dmaown_core *core;
	struct dmaown_bus *bus;
	struct dmaown_iommu *iommu;
	struct dmaown_driver *native, *managed;
	size_t bytes; /* allocated and not freed */
};

static void *counting_allocate(void *context, size_t size)
{
	struct bench *bench = context;

	bench->bytes += size;
	return malloc(size);
}

static void counting_free(void *context, void *memory, size_t size)
{
	struct bench *bench = context;

	bench->bytes -= size;
	free(memory);
}

static void must(int err)
{
	if (err == 0)
		return;
	fprintf(stderr, "bench/core: %s\n", strerror(-err));
	exit(EXIT_FAILURE);
}

static int match_all(struct dmaown_device *device, const struct dmaown_driver *driver)
{
	return 1;
}

static const struct dmaown_bus_type bus_type = {.name = "bench",
						.match = match_all,
						.dma_configure = dmaown_dma_configure,
						.dma_cleanup = dmaown_dma_cleanup};
static const struct dmaown_driver_type native_type = {.name = "native"};
static const struct dmaown_driver_type managed_type = {.name = "managed", .managed_dma = true};

static void bench_open(struct bench *bench)
{
	struct dmaown_env env;

	*bench = (struct bench) {0};
	dmaown_pthread_env(&env);
	env.context = bench;
	env.allocate = counting_allocate;
	env.free = counting_free;
	must(dmaown_core_create(&env, &bench->core));
	must(dmaown_bus_create(bench->core, &bus_type, &bench->bus));
	dmaown_bus_set_autoprobe(bench->bus, false);
	must(dmaown_iommu_register(bench->core, &iommu_ops, bench, &bench->iommu));
	must(dmaown_driver_register(bench->bus, &native_type, &bench->native));
	must(dmaown_driver_register(bench->bus, &managed_type, &bench->managed));
}

static struct dmaown_group *add_group(struct bench *bench)
{
	struct dmaown_group *group;

	must(dmaown_group_create(bench->iommu, "g", NULL, &group));
	return group;
}

static struct dmaown_device *add_device(struct bench *bench, struct dmaown_group *group)
{
	const struct dmaown_device_description description = {.name = "", .context = group};
	struct dmaown_device *device;

	must(dmaown_device_create(bench->bus, &description, &device));
	must(dmaown_device_add(device));
	return device;
}

/* Nanoseconds of CLOCK_THREAD_CPUTIME_ID or CLOCK_MONOTONIC. */
static double now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), by_value);
	return values[count / 2];
}

/* ---- the loops, each in nanoseconds of CPU time for one turn ---- */

static double cpu_time(void)
{
	return now(CLOCK_THREAD_CPUTIME_ID);
}

static double mutex_loop(void *argument, int loops)
{
	pthread_mutex_t *mutex = argument;
	double begin = cpu_time();

	for (int i = 0; i < loops; i++) {
		pthread_mutex_lock(mutex);
		__asm__ volatile("" ::: "memory");
		pthread_mutex_unlock(mutex);
	}
	return (cpu_time() - begin) / loops;
}

/*
 * The driver is bound once, which sets the flag; its use is then taken and given up again and
 * again.
 */
static double use_loop(void *argument, int loops)
{
	struct dmaown_device *device = argument;
	double begin, end;

	dmaown_device_lock(device);
	dmaown_dma_cleanup(device);
	begin = cpu_time();
	for (int i = 0; i < loops; i++) {
		must(dmaown_dma_configure(device));
		dmaown_dma_cleanup(device);
	}
	end = cpu_time();
	must(dmaown_dma_configure(device));
	dmaown_device_unlock(device);
	return (end - begin) / loops;
}

static double claim_loop(void *argument, int loops)
{
	struct dmaown_group *group = argument;
	double begin = cpu_time();

	for (int i = 0; i < loops; i++) {
		must(dmaown_group_claim(group, group));
		must(dmaown_group_release(group, group));
	}
	return (cpu_time() - begin) / loops;
}

struct binding {
	struct dmaown_device *device;
	struct dmaown_driver *driver;
};

static double bind_loop(void *argument, int loops)
{
	const struct binding *binding = argument;
	double begin = cpu_time();

	for (int i = 0; i < loops; i++) {
		must(dmaown_device_bind(binding->device, binding->driver));
		must(dmaown_device_unbind(binding->device));
	}
	return (cpu_time() - begin) / loops;
}

static double ratio(double (*loop)(void *argument, int loops), void *argument)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	double ratios[ROUNDS];

	for (size_t i = 0; i < ROUNDS; i++) {
		double yardstick = mutex_loop(&mutex, LOOPS);

		ratios[i] = loop(argument, LOOPS) / yardstick;
	}
	return median(ratios, ROUNDS);
}

/* `pairs` is how many locks the operation must take and drop, whatever else it does. */
static void print_ratio(const char *what, double found, int pairs)
{
	printf("%-32s %6.2f mutex pairs, %5.2f for each of the %d that it must take\n", what, found,
	       found / pairs, pairs);
}

static void measure_ratios(void)
{
	struct bench bench;
	struct dmaown_device *bound, *alone;
	struct dmaown_group *group;
	struct binding binding;

	bench_open(&bench);
	bound = add_device(&bench, add_group(&bench));
	must(dmaown_device_bind(bound, bench.native));
	group = add_group(&bench);
	add_device(&bench, group);
	alone = add_device(&bench, add_group(&bench));
	binding = (struct binding) {alone, bench.native};
	print_ratio("use + unuse", ratio(use_loop, bound), 2);
	print_ratio("claim + release", ratio(claim_loop, group), 2);
	/* Twice each: the device's, the driver's list's, the group's. */
	print_ratio("bind + unbind", ratio(bind_loop, &binding), 6);
	dmaown_core_destroy(bench.core);
}

/* ---- two threads ---- */

struct runner {
	pthread_t thread;
	double (*loop)(void *argument, int loops);
	void *argument;
	double turn; /* in CPU time */
};

static void *run(void *argument)
{
	struct runner *runner = argument;

	runner->turn = runner->loop(runner->argument, THREAD_LOOPS);
	return NULL;
}

/* Turns per nanosecond: by the clock, and by what each thread would do with a CPU of its own. */
struct throughput {
	double by_clock, by_cpu;
};

static struct throughput run_threads(struct runner *runners, size_t count)
{
	struct throughput found = {0};
	double begin = now(CLOCK_MONOTONIC);

	for (size_t i = 0; i < count; i++)
		must(-pthread_create(&runners[i].thread, NULL, run, &runners[i]));
	for (size_t i = 0; i < count; i++) {
		pthread_join(runners[i].thread, NULL);
		found.by_cpu += 1 / runners[i].turn;
	}
	found.by_clock = (double)count * THREAD_LOOPS / (now(CLOCK_MONOTONIC) - begin);
	return found;
}

/* How much more two do than the first of them alone. */
static void compare_threads(const char *what, struct runner *runners)
{
	double by_clock[THREAD_ROUNDS], by_cpu[THREAD_ROUNDS];

	for (size_t i = 0; i < THREAD_ROUNDS; i++) {
		struct throughput one = run_threads(runners, 1), two = run_threads(runners, 2);

		by_clock[i] = two.by_clock / one.by_clock;
		by_cpu[i] = two.by_cpu / one.by_cpu;
	}
	printf("%-32s %6.2f times one thread by the clock, %.2f by CPU time\n", what,
	       median(by_clock, THREAD_ROUNDS), median(by_cpu, THREAD_ROUNDS));
}

/* Two bare mutexes show what the machine itself has left for a second thread. */
static void measure_threads(void)
{
	static struct {
		_Alignas(64) pthread_mutex_t mutex;
	} own[2] = {{PTHREAD_MUTEX_INITIALIZER}, {PTHREAD_MUTEX_INITIALIZER}};
	struct runner uses[2], bare[2];
	struct bench bench;

	bench_open(&bench);
	for (size_t i = 0; i < 2; i++) {
		struct dmaown_device *device = add_device(&bench, add_group(&bench));

		must(dmaown_device_bind(device, bench.native));
		uses[i] = (struct runner) {.loop = use_loop, .argument = device};
		bare[i] = (struct runner) {.loop = mutex_loop, .argument = &own[i].mutex};
	}
	compare_threads("two threads, two groups", uses);
	compare_threads("two threads, two bare mutexes", bare);
	dmaown_core_destroy(bench.core);
}

/* ---- many devices ---- */

static void measure_size(size_t devices)
{
	struct bench bench;
	struct dmaown_group *group = NULL;
	size_t groups = (devices + 9) / 10, before;
	double begin;

	bench_open(&bench);
	before = bench.bytes;
	begin = cpu_time();
	for (size_t i = 0; i < devices; i++) {
		if (i % 10 == 0)
			group = add_group(&bench);
		add_device(&bench, group);
	}
	printf("%8zu devices, %6zu groups  %6.0f ns each to build, %zu bytes with a tenth of a "
	       "group\n",
	       devices, groups, (cpu_time() - begin) / (double)devices,
	       (bench.bytes - before) / devices);
	dmaown_core_destroy(bench.core);
}

static void measure_one(void)
{
	struct bench bench;
	struct dmaown_group *group;
	size_t before;

	bench_open(&bench);
	group = add_group(&bench);
	add_device(&bench, group);
	before = bench.bytes;
	add_device(&bench, group);
	printf("a device without its name        %6zu bytes\n", bench.bytes - before - 1);
	dmaown_core_destroy(bench.core);
}

/*
 * While a process has one thread, the C library takes a mutex without an atomic step. A thread that
 * sleeps makes the yardstick that of a process with threads, which has use for locks.
 */
static void *sleep_until_unlocked(void *argument)
{
	pthread_mutex_lock(argument);
	pthread_mutex_unlock(argument);
	return NULL;
}

int main(void)
{
	pthread_mutex_t end = PTHREAD_MUTEX_INITIALIZER;
	pthread_t sleeper;

	pthread_mutex_lock(&end);
	must(-pthread_create(&sleeper, NULL, sleep_until_unlocked, &end));
	measure_ratios();
	measure_threads();
	measure_one();
	for (size_t devices = 1000; devices <= 1000000; devices *= 10)
		measure_size(devices);
	pthread_mutex_unlock(&end);
	pthread_join(sleeper, NULL);
	return EXIT_SUCCESS;
}
