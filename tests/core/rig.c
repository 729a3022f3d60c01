/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "rig.h"

#include "errname.h"
#include "invariants.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int rig_fault(struct fault *fault)
{
	fault->calls++;
	if (fault->at == 0 || fault->calls < fault->at || fault->calls - fault->at >= fault->times)
		return 0;
	return fault->err;
}

/* ---- the trace ---- */

static void append(char *text, size_t size, const char *format, va_list arguments)
{
	size_t length = strlen(text);

	if (length > 0 && length < size - 1)
		text[length++] = ' ';
	vsnprintf(text + length, size - length, format, arguments);
}

void rig_say(struct rig *rig, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	append(rig->trace, sizeof(rig->trace), format, arguments);
	va_end(arguments);
}

static int say_result(struct rig *rig, const char *word, int err)
{
	if (err)
		rig_say(rig, "%s=%s", word, errno_name(err));
	else
		rig_say(rig, "%s", word);
	return err;
}

/* A word with the count of the device's group, whose mutex is free. */
static void say_count(struct dmaown_device *device, const char *word)
{
	struct rig *rig = rig_device_of(device)->rig;
	struct dmaown_group *group = dmaown_device_group(device);
	struct dmaown_group_state state;

	if (!group) {
		rig_say(rig, "%s", word);
		return;
	}
	dmaown_group_read(group, &state);
	rig_say(rig, "%s:%u", word, state.count);
}

/* ---- memory and locks ---- */

/* Stands before each block, so that its free can be compared with its allocation. */
union block {
	size_t size;
	max_align_t align;
};

static void *rig_allocate(void *context, size_t size)
{
	struct rig *rig = context;
	union block *block;

	if (rig_fault(&rig->memory))
		return NULL;
	block = malloc(sizeof(*block) + size);
	assert_non_null(block);
	block->size = size;
	/* What the core forgets to write must not be 0 by luck. */
	memset(block + 1, 0xa5, size);
	rig->blocks++;
	return block + 1;
}

static void rig_free(void *context, void *memory, size_t size)
{
	struct rig *rig = context;
	union block *block = (union block *)memory - 1;

	assert_int_equal(size, block->size);
	rig->blocks--;
	free(block);
}

enum lock_state { LOCK_FREE = 0x10cf, LOCK_HELD = 0x10ce };

static enum lock_state *state_of(struct dmaown_lock *lock)
{
	return (enum lock_state *)(void *)lock->storage.bytes;
}

static int rig_init_lock(void *context, struct dmaown_lock *lock)
{
	struct rig *rig = context;
	int err = rig_fault(&rig->memory);

	if (err)
		return err;
	*state_of(lock) = LOCK_FREE;
	rig->locks++;
	return 0;
}

static void rig_destroy_lock(void *context, struct dmaown_lock *lock)
{
	struct rig *rig = context;

	assert_int_equal(*state_of(lock), LOCK_FREE);
	*state_of(lock) = 0;
	rig->locks--;
}

static void rig_lock(void *context, struct dmaown_lock *lock)
{
	assert_int_equal(*state_of(lock), LOCK_FREE);
	*state_of(lock) = LOCK_HELD;
}

static void rig_unlock(void *context, struct dmaown_lock *lock)
{
	assert_int_equal(*state_of(lock), LOCK_HELD);
	*state_of(lock) = LOCK_FREE;
}

static void rig_reschedule(void *context)
{
	struct rig *rig = context;

	if (rig->on_reschedule)
		rig->on_reschedule(rig);
}

static const char *const warning_words[] = {
	[DMAOWN_WARN_UNUSE_UNBALANCED] = "UNUSE_UNBALANCED",
	[DMAOWN_WARN_UNUSE_PASID] = "UNUSE_PASID",
	[DMAOWN_WARN_RELEASE_UNCLAIMED] = "RELEASE_UNCLAIMED",
	[DMAOWN_WARN_RELEASE_FOREIGN] = "RELEASE_FOREIGN",
	[DMAOWN_WARN_LEFT_CLAIMED] = "LEFT_CLAIMED",
	[DMAOWN_WARN_LEFT_USED] = "LEFT_USED",
	[DMAOWN_WARN_LEFT_BLOCKED] = "LEFT_BLOCKED",
	[DMAOWN_WARN_MAPPINGS_LEFT] = "MAPPINGS_LEFT",
	[DMAOWN_WARN_JOIN_FAILED] = "JOIN_FAILED",
	[DMAOWN_WARN_JOIN_BOUND] = "JOIN_BOUND",
};

static void warn_word(struct rig *rig, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	append(rig->warnings, sizeof(rig->warnings), format, arguments);
	va_end(arguments);
}

static void rig_warn(void *context, enum dmaown_warning warning, const char *object)
{
	warn_word(context, "%s:%s", warning_words[warning], object);
}

static struct dmaown_held *rig_held(void *context)
{
	struct rig *rig = context;

	return &rig->held;
}

static void rig_broken_lock_rule(void *context, const char *message)
{
	fail_msg("%s", message);
}

/* ---- the bus ---- */

struct rig_device *rig_device_of(const struct dmaown_device *device)
{
	return dmaown_device_context(device);
}

static struct rig_driver *driver_of(const struct dmaown_driver *driver)
{
	return dmaown_driver_type(driver)->context;
}

static int bus_match(struct dmaown_device *device, const struct dmaown_driver *driver)
{
	struct rig_device *rig_device = rig_device_of(device);
	const char *only = driver_of(driver)->only;
	const char *override = dmaown_device_override(device);
	int err = rig_fault(&rig_device->match);

	if (err)
		return err;
	if (override)
		return strcmp(override, dmaown_driver_type(driver)->name) == 0;
	return !only || strcmp(only, rig_device->name) == 0;
}

static int bus_firmware(struct dmaown_device *device)
{
	struct rig_device *rig_device = rig_device_of(device);
	int err = rig_fault(&rig_device->firmware);

	rig_device->undescribed = rig_device->undescribed && err;
	if (!err && rig_device->firmware_joins)
		err = dmaown_device_join(device);
	return say_result(rig_device->rig, "firmware", err);
}

static void bus_firmware_cleanup(struct dmaown_device *device)
{
	say_count(device, "cleanup");
}

static const char *const step_words[RIG_STEPS] = {
	[DMAOWN_STEP_SUPPLIERS] = "suppliers", [DMAOWN_STEP_OLD_RESOURCES] = "resources",
	[DMAOWN_STEP_PINS] = "pins",           [DMAOWN_STEP_LINKS] = "links",
	[DMAOWN_STEP_POWER] = "power",
};

static int bus_step(struct dmaown_device *device, struct dmaown_driver *driver,
		    enum dmaown_bind_step step)
{
	struct rig *rig = rig_device_of(device)->rig;

	assert_non_null(driver);
	if (rig->on_step)
		rig->on_step(rig, step);
	return say_result(rig, step_words[step], rig_fault(&rig->steps[step]));
}

static void bus_undo_step(struct dmaown_device *device, struct dmaown_driver *driver,
			  enum dmaown_bind_step step)
{
	assert_non_null(driver);
	rig_say(rig_device_of(device)->rig, "undo-%s", step_words[step]);
}

/* "BIND_DRIVER" is "BIND" in a trace. */
static void note_event(struct dmaown_notifier *notifier, enum dmaown_event event,
		       struct dmaown_device *device)
{
	static const char *const words[] = {
		[DMAOWN_ADD_DEVICE] = "ADD",         [DMAOWN_BIND_DRIVER] = "BIND",
		[DMAOWN_BOUND_DRIVER] = "BOUND",     [DMAOWN_UNBIND_DRIVER] = "UNBIND",
		[DMAOWN_UNBOUND_DRIVER] = "UNBOUND", [DMAOWN_DRIVER_NOT_BOUND] = "NOT_BOUND",
		[DMAOWN_DEL_DEVICE] = "DEL",         [DMAOWN_REMOVED_DEVICE] = "REMOVED",
	};
	struct rig_device *rig_device = rig_device_of(device);

	say_count(device, words[event]);
	if (rig_device->rig->on_event)
		rig_device->rig->on_event(rig_device, event);
}

/* ---- drivers ---- */

static struct rig_driver *own_driver(struct dmaown_device *device)
{
	return driver_of(dmaown_device_driver(device));
}

static int driver_probe(struct dmaown_device *device)
{
	struct rig_driver *driver = own_driver(device);
	int err = say_result(driver->rig, "probe", rig_fault(&driver->probe));

	if (!err && driver->in_probe)
		err = driver->in_probe(device);
	return err;
}

static void driver_remove(struct dmaown_device *device)
{
	struct rig_driver *driver = own_driver(device);

	rig_say(driver->rig, "remove");
	if (driver->in_remove)
		driver->in_remove(device);
}

static int driver_add_attributes(struct dmaown_device *device)
{
	struct rig_driver *driver = own_driver(device);

	return say_result(driver->rig, "attributes", rig_fault(&driver->attributes));
}

static void driver_remove_attributes(struct dmaown_device *device)
{
	rig_say(own_driver(device)->rig, "undo-attributes");
}

struct rig_driver *rig_make_driver(struct rig *rig, const char *name, bool managed)
{
	struct rig_driver *driver = &rig->drivers[rig->driver_count++];

	assert_true(rig->driver_count <= RIG_DRIVERS);
	driver->rig = rig;
	driver->type = (struct dmaown_driver_type) {
		.name = name,
		.managed_dma = managed,
		.context = driver,
		.probe = driver_probe,
		.remove = driver_remove,
		.add_attributes = driver_add_attributes,
		.remove_attributes = driver_remove_attributes,
	};
	return driver;
}

void rig_register(struct rig_driver *driver)
{
	expect(driver->rig, 0,
	       dmaown_driver_register(driver->rig->bus, &driver->type, &driver->driver));
}

struct rig_driver *rig_add_driver(struct rig *rig, const char *name, bool managed)
{
	struct rig_driver *driver = rig_make_driver(rig, name, managed);

	rig_register(driver);
	return driver;
}

/* ---- the IOMMU ---- */

/* The group of this name, or a free place for it. */
static struct rig_group *find_group(struct rig *rig, const char *name)
{
	for (unsigned int i = 0; i < rig->group_count; i++)
		if (strcmp(rig->groups[i].name, name) == 0)
			return &rig->groups[i];
	assert_true(rig->group_count < RIG_GROUPS);
	return &rig->groups[rig->group_count];
}

static int iommu_device_group(void *context, struct dmaown_device *device,
			      struct dmaown_group **out)
{
	struct rig *rig = context;
	struct rig_device *rig_device = rig_device_of(device);
	struct rig_group *group;
	int err = rig_fault(&rig->device_group);

	if (err)
		return err;
	if (!rig_device->group || rig_device->undescribed)
		return -ENODEV;
	group = find_group(rig, rig_device->group);
	if (!group->name) {
		err = dmaown_group_create(rig->iommu, rig_device->group, group, &group->group);
		if (err)
			return err;
		group->name = rig_device->group;
		rig->group_count++;
	}
	dmaown_group_get(group->group);
	*out = group->group;
	return 0;
}

static enum dmaown_domain_kind iommu_default_kind(void *context, struct dmaown_device *device)
{
	const struct rig *rig = context;

	return rig->default_kind;
}

static int iommu_direct_region(void *context, struct dmaown_device *device, unsigned int index,
			       struct dmaown_region *region)
{
	struct rig *rig = context;
	const struct rig_device *rig_device = rig_device_of(device);
	int err = rig_fault(&rig->direct_region);

	if (err)
		return err;
	if (index >= 2 || rig_device->regions[index].size == 0)
		return -ENOENT;
	*region = rig_device->regions[index];
	return 0;
}

static int iommu_create_domain(void *context, enum dmaown_domain_kind kind, void **hardware)
{
	struct rig *rig = context;
	struct rig_domain *domain;
	int err = rig_fault(&rig->create_domain);

	if (err)
		return err;
	domain = rig_allocate(rig, sizeof(*domain));
	if (!domain)
		return -ENOMEM;
	*domain = (struct rig_domain) {.rig = rig, .kind = kind};
	rig->domains++;
	*hardware = domain;
	return 0;
}

/* I4, seen from the hardware: nothing may be attached to what goes. */
static void iommu_destroy_domain(void *context, void *hardware)
{
	struct rig *rig = context;

	for (unsigned int i = 0; i < rig->device_count; i++)
		assert_ptr_not_equal(rig->devices[i].attached, hardware);
	rig->domains--;
	rig_free(rig, hardware, sizeof(struct rig_domain));
}

static int iommu_enable_flush_queue(void *context, void *hardware)
{
	struct rig *rig = context;
	struct rig_domain *domain = hardware;
	int err = rig_fault(&rig->flush_queue);

	if (!err)
		domain->kind = DMAOWN_DOMAIN_DMA_FQ;
	return err;
}

static int iommu_attach(void *context, struct dmaown_device *device, void *hardware)
{
	struct rig_device *rig_device = rig_device_of(device);
	int err = rig_fault(&rig_device->attach);

	if (!err)
		rig_device->attached = hardware;
	return err;
}

static void iommu_block(void *context, struct dmaown_device *device)
{
	rig_device_of(device)->attached = NULL;
}

static int iommu_map(void *context, void *hardware, uint64_t iova, uint64_t phys, uint64_t size,
		     unsigned int access)
{
	struct rig *rig = context;
	struct rig_domain *domain = hardware;
	int err = rig_fault(&rig->map);

	if (err)
		return err;
	for (unsigned int i = 0; i < domain->mapped; i++)
		if (iova < domain->mappings[i].iova + domain->mappings[i].size &&
		    domain->mappings[i].iova < iova + size)
			return -EEXIST;
	assert_true(domain->mapped < 4);
	domain->mappings[domain->mapped++] = (struct rig_mapping) {iova, phys, size};
	return 0;
}

static struct rig_mapping *find_mapping(struct rig_domain *domain, uint64_t iova)
{
	for (unsigned int i = 0; i < domain->mapped; i++)
		if (iova - domain->mappings[i].iova < domain->mappings[i].size)
			return &domain->mappings[i];
	return NULL;
}

static int iommu_unmap(void *context, void *hardware, uint64_t iova, uint64_t size)
{
	struct rig_domain *domain = hardware;
	struct rig_mapping *mapping = find_mapping(domain, iova);

	if (!mapping || mapping->iova != iova || mapping->size != size)
		return -ENOENT;
	*mapping = domain->mappings[--domain->mapped];
	return 0;
}

static int iommu_translate(void *context, void *hardware, uint64_t iova, uint64_t *phys)
{
	const struct rig_mapping *mapping = find_mapping(hardware, iova);

	if (!mapping)
		return -ENOENT;
	*phys = mapping->phys + (iova - mapping->iova);
	return 0;
}

static int iommu_attach_pasid(void *context, struct dmaown_device *device, uint32_t pasid,
			      void *hardware)
{
	struct rig *rig = context;
	int err = rig_fault(&rig->attach_pasid);

	if (!err)
		rig_device_of(device)->pasid = pasid;
	return err;
}

static void iommu_detach_pasid(void *context, struct dmaown_device *device, uint32_t pasid)
{
	assert_int_equal(rig_device_of(device)->pasid, pasid);
	rig_device_of(device)->pasid = 0;
}

/* ---- begin and end ---- */

static const struct dmaown_iommu_ops scripted_iommu = {
	.device_group = iommu_device_group,
	.default_kind = iommu_default_kind,
	.direct_region = iommu_direct_region,
	.create_domain = iommu_create_domain,
	.destroy_domain = iommu_destroy_domain,
	.enable_flush_queue = iommu_enable_flush_queue,
	.attach = iommu_attach,
	.block = iommu_block,
	.map = iommu_map,
	.unmap = iommu_unmap,
	.translate = iommu_translate,
	.attach_pasid = iommu_attach_pasid,
	.detach_pasid = iommu_detach_pasid,
};

static const struct dmaown_bus_type scripted_bus = {
	.name = "scripted",
	.has_override = true,
	.match = bus_match,
	.dma_configure = dmaown_dma_configure,
	.dma_cleanup = dmaown_dma_cleanup,
	.firmware_configure = bus_firmware,
	.firmware_cleanup = bus_firmware_cleanup,
	.bind_step = bus_step,
	.undo_bind_step = bus_undo_step,
};

void rig_prepare(struct rig *rig)
{
	*rig = (struct rig) {
		.bus_type = scripted_bus,
		.ops = scripted_iommu,
		.default_kind = DMAOWN_DOMAIN_DMA,
		.notifier.event = note_event,
	};
	rig->env = (struct dmaown_env) {
		.context = rig,
		.allocate = rig_allocate,
		.free = rig_free,
		.init_lock = rig_init_lock,
		.destroy_lock = rig_destroy_lock,
		.lock = rig_lock,
		.unlock = rig_unlock,
		.reschedule = rig_reschedule,
		.warn = rig_warn,
		.held = rig_held,
		.broken_lock_rule = rig_broken_lock_rule,
	};
}

void rig_begin_prepared(struct rig *rig)
{
	assert_int_equal(dmaown_core_create(&rig->env, &rig->core), 0);
	expect(rig, 0, dmaown_bus_create(rig->core, &rig->bus_type, &rig->bus));
	expect(rig, 0, dmaown_iommu_register(rig->core, &rig->ops, rig, &rig->iommu));
	dmaown_bus_add_notifier(rig->bus, &rig->notifier);
}

void rig_begin(struct rig *rig)
{
	rig_prepare(rig);
	rig_begin_prepared(rig);
}

void rig_begin_unchecked(struct rig *rig)
{
	rig_prepare(rig);
	rig->env.held = NULL;
	rig_begin_prepared(rig);
}

void rig_end_warned(struct rig *rig)
{
	rig_check(rig, "the end of the test", AT_LINE);
	dmaown_core_destroy(rig->core);
	assert_int_equal(rig->held.count, 0);
	assert_int_equal(rig->domains, 0);
	assert_int_equal(rig->locks, 0);
	assert_int_equal(rig->blocks, 0);
}

void rig_end(struct rig *rig)
{
	rig_end_warned(rig);
	rig_expect_warnings(rig, "", AT_LINE);
}

struct rig_device *rig_make_device(struct rig *rig, const char *name, const char *group)
{
	struct rig_device *device = &rig->devices[rig->device_count++];
	struct dmaown_device_description description = {.name = name, .context = device};

	assert_true(rig->device_count <= RIG_DEVICES);
	*device = (struct rig_device) {.rig = rig, .name = name, .group = group};
	expect(rig, 0, dmaown_device_create(rig->bus, &description, &device->device));
	return device;
}

struct rig_device *rig_add_device(struct rig *rig, const char *name, const char *group)
{
	struct rig_device *device = rig_make_device(rig, name, group);

	expect(rig, 0, dmaown_device_add(device->device));
	return device;
}

struct dmaown_group *rig_group(struct rig *rig, const char *name)
{
	struct rig_group *group = find_group(rig, name);

	assert_non_null(group->name);
	return group->group;
}

/* ---- what can be seen ---- */

static const char *attached_name(const struct rig_device *device)
{
	return dmaown_domain_kind_name(device->attached ? device->attached->kind
							: DMAOWN_DOMAIN_NONE);
}

static void read_group(struct dmaown_group *group, FILE *text)
{
	struct dmaown_group_state state;

	dmaown_group_read(group, &state);
	fprintf(text, "%s: owner %p, count %u, devices %u, pasids %u, default %s, current %s\n",
		dmaown_group_name(group), (void *)(uintptr_t)state.owner, state.count,
		state.devices, state.pasids, dmaown_domain_kind_name(state.default_kind),
		dmaown_domain_kind_name(state.current_kind));
}

static void read_device(struct rig_device *device, FILE *text)
{
	struct dmaown_driver *driver = dmaown_device_driver(device->device);
	struct dmaown_group *group = dmaown_device_group(device->device);
	const char *override = dmaown_device_override(device->device);

	fprintf(text, "%s: driver %s, override %s, attached %s, pasid %u\n", device->name,
		driver ? dmaown_driver_type(driver)->name : "-", override ? override : "-",
		attached_name(device), device->pasid);
	if (group)
		read_group(group, text);
}

void rig_read_state(struct rig *rig, char text[RIG_STATE])
{
	FILE *file = fmemopen(text, RIG_STATE, "w");

	assert_non_null(file);
	for (unsigned int i = 0; i < rig->device_count; i++) {
		struct rig_device *device = &rig->devices[i];

		if (!device->device)
			continue;
		dmaown_device_lock(device->device);
		read_device(device, file);
		dmaown_device_unlock(device->device);
	}
	fprintf(file, "end\n");
	assert_int_equal(fclose(file), 0);
}

/* ---- expectations ---- */

#define require(holds, file, line, ...)                                                            \
	do {                                                                                       \
		if (!(holds)) {                                                                    \
			print_error(__VA_ARGS__);                                                  \
			_fail((file), (line));                                                     \
		}                                                                                  \
	} while (0)

/* I3 from the hardware's side: what is not blocked shares one domain, of the current kind. */
static void check_hardware(struct rig *rig, const struct rig_group *group, const char *call,
			   const char *file, int line)
{
	const struct rig_domain *common = NULL;
	struct dmaown_group_state state;

	dmaown_group_read(group->group, &state);
	for (unsigned int i = 0; i < rig->device_count; i++) {
		struct rig_device *device = &rig->devices[i];

		if (!device->device || dmaown_device_group(device->device) != group->group ||
		    !device->attached)
			continue;
		require(device->attached->kind == state.current_kind &&
				(!common || device->attached == common),
			file, line, "after %s: I3: the hardware of %s is attached to %s\n", call,
			device->name, attached_name(device));
		common = device->attached;
	}
}

void rig_check(struct rig *rig, const char *call, const char *file, int line)
{
	char why[128] = "";

	require(rig->held.count == 0, file, line, "after %s: %u locks are held\n", call,
		rig->held.count);
	require(core_check_invariants(rig->core, why, sizeof(why)) == 0, file, line,
		"after %s: %s\n", call, why);
	for (unsigned int i = 0; i < rig->group_count; i++)
		check_hardware(rig, &rig->groups[i], call, file, line);
}

void rig_expect(struct rig *rig, int expected, int result, const char *call, const char *file,
		int line)
{
	require(result == expected, file, line, "%s gives %s, not %s\n", call, errno_name(result),
		errno_name(expected));
	rig_check(rig, call, file, line);
}

void rig_expect_trace(struct rig *rig, const char *words, const char *file, int line)
{
	require(strcmp(rig->trace, words) == 0, file, line, "traced:   %s\nexpected: %s\n",
		rig->trace, words);
	rig->trace[0] = '\0';
}

void rig_expect_warnings(struct rig *rig, const char *words, const char *file, int line)
{
	require(strcmp(rig->warnings, words) == 0, file, line, "warned:   %s\nexpected: %s\n",
		rig->warnings, words);
	rig->warnings[0] = '\0';
}

void rig_expect_driver(struct rig_device *device, struct rig_driver *driver, const char *file,
		       int line)
{
	struct dmaown_driver *bound;

	dmaown_device_lock(device->device);
	bound = dmaown_device_driver(device->device);
	dmaown_device_unlock(device->device);
	require(bound == (driver ? driver->driver : NULL), file, line, "%s has driver %s, not %s\n",
		device->name, bound ? dmaown_driver_type(bound)->name : "-",
		driver ? driver->type.name : "-");
}

void rig_expect_group(struct rig *rig, const char *group, const void *owner, unsigned int count,
		      enum dmaown_domain_kind current, const char *file, int line)
{
	struct dmaown_group_state state;

	dmaown_group_read(rig_group(rig, group), &state);
	require(state.owner == owner && state.count == count && state.current_kind == current, file,
		line, "%s has %s owner, count %u, current domain %s; not %u, %s\n", group,
		!state.owner           ? "no"
		: state.owner == owner ? "the expected"
				       : "another",
		state.count, dmaown_domain_kind_name(state.current_kind), count,
		dmaown_domain_kind_name(current));
}

void rig_expect_attached(struct rig_device *device, enum dmaown_domain_kind kind, const char *file,
			 int line)
{
	require((device->attached ? device->attached->kind : DMAOWN_DOMAIN_NONE) == kind, file,
		line, "the hardware of %s is attached to %s, not %s\n", device->name,
		attached_name(device), dmaown_domain_kind_name(kind));
}
