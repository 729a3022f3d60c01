// SPDX-License-Identifier: MIT
/*
 * A PCI driver for the tests that does what drivers should not: its probe, remove or runtime resume
 * hangs, its probe defers or fails, or its managed DMA memory outlives its remove and is written
 * to.
 *
 * It has no ids, so that loading it changes nothing: devices come to it by driver_override (any),
 * or by new_id. What it does is told by its parameters, which may be written at any time; whoever
 * waits goes on when the parameter that it waits for is N.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>

static bool hang_probe, hang_remove, hang_release, hang_resume;
module_param(hang_probe, bool, 0644);
MODULE_PARM_DESC(hang_probe, "a probe waits before it does anything");
module_param(hang_remove, bool, 0644);
MODULE_PARM_DESC(hang_remove, "a remove waits");
module_param(hang_release, bool, 0644);
MODULE_PARM_DESC(hang_release,
		 "managed resources are freed late, and an edu's DMA memory is written to before");
module_param(hang_resume, bool, 0644);
MODULE_PARM_DESC(hang_resume, "a runtime resume waits");

static int error;
module_param(error, int, 0644);
MODULE_PARM_DESC(error, "what a probe answers, negative: -517 defers");

static bool fail_attributes;
module_param(fail_attributes, bool, 0644);
MODULE_PARM_DESC(fail_attributes,
		 "the bind fails after the probe, when attributes are added (EEXIST)");

static bool idle;
module_param(idle, bool, 0644);
MODULE_PARM_DESC(idle, "a bound device may be suspended at run time");

static int probes, removes, waiting;
module_param(probes, int, 0444);
MODULE_PARM_DESC(probes, "how many probes have begun");
module_param(removes, int, 0444);
MODULE_PARM_DESC(removes, "how many removes have begun");
module_param(waiting, int, 0444);
MODULE_PARM_DESC(waiting, "how many probes, removes, releases and resumes wait");

static ulong buffer;
module_param(buffer, ulong, 0444);
MODULE_PARM_DESC(buffer, "the I/O address of an edu's DMA memory; 0: there is none");

static int arrived = -1;
module_param(arrived, int, 0444);
MODULE_PARM_DESC(arrived,
		 "whether the DMA of the last release reached that memory; -1: there was none");

/* Registers and memory of an edu, as QEMU documents it. */
enum {
	EDU_SOURCE = 0x80,
	EDU_DESTINATION = 0x88,
	EDU_COUNT = 0x90,
	EDU_COMMAND = 0x98,
	EDU_BUFFER = 0x40000
};
enum { EDU_RUN = 1, EDU_TO_MEMORY = 2 };
enum { COPIED = 64, NOT_ZERO = 0x5a };

struct edu {
	void __iomem *registers;
	u8 *memory;
	dma_addr_t address;
};

static DEFINE_MUTEX(counting);

static void count(int *what, int change)
{
	mutex_lock(&counting);
	*what += change;
	mutex_unlock(&counting);
}

static void wait_while(const bool *hang)
{
	if (!READ_ONCE(*hang))
		return;
	count(&waiting, 1);
	while (READ_ONCE(*hang))
		msleep(10);
	count(&waiting, -1);
}

/* The edu's own buffer is all zero: memory that a copy reaches is, too. */
static bool copy_reaches_memory(struct edu *edu)
{
	memset(edu->memory, NOT_ZERO, COPIED);
	writel(EDU_BUFFER, edu->registers + EDU_SOURCE);
	writel((u32)edu->address, edu->registers + EDU_DESTINATION);
	writel(COPIED, edu->registers + EDU_COUNT);
	writel(EDU_RUN | EDU_TO_MEMORY, edu->registers + EDU_COMMAND);
	for (int i = 0; i < 100 && (readl(edu->registers + EDU_COMMAND) & EDU_RUN); i++)
		msleep(10);
	return *edu->memory != NOT_ZERO;
}

/* Comes after the remove, as all that is managed, and before the memory is freed. */
static void release_late(void *context)
{
	struct edu *edu = context;

	if (!READ_ONCE(hang_release))
		return;
	wait_while(&hang_release);
	arrived = copy_reaches_memory(edu);
}

static void forget_buffer(void *context)
{
	buffer = 0;
}

static int set_up_edu(struct pci_dev *pci)
{
	struct edu *edu = devm_kzalloc(&pci->dev, sizeof(*edu), GFP_KERNEL);
	int err = edu ? pcim_enable_device(pci) : -ENOMEM;

	if (err)
		return err;
	pci_set_master(pci);
	err = dma_set_mask_and_coherent(&pci->dev, DMA_BIT_MASK(28));
	if (err)
		return err;
	edu->registers = pcim_iomap(pci, 0, 0);
	if (!edu->registers)
		return -ENOMEM;
	err = devm_add_action(&pci->dev, forget_buffer, NULL);
	if (err)
		return err;
	edu->memory = dmam_alloc_coherent(&pci->dev, PAGE_SIZE, &edu->address, GFP_KERNEL);
	if (!edu->memory)
		return -ENOMEM;
	buffer = edu->address;
	return devm_add_action(&pci->dev, release_late, edu);
}

static bool is_edu(const struct pci_dev *pci)
{
	return pci->vendor == 0x1234 && pci->device == 0x11e8;
}

static int probe(struct pci_dev *pci, const struct pci_device_id *id)
{
	int err = 0;

	count(&probes, 1);
	wait_while(&hang_probe);
	if (error)
		return error;
	if (is_edu(pci))
		err = set_up_edu(pci);
	if (!err && idle)
		pm_runtime_put(&pci->dev);
	return err;
}

static void remove(struct pci_dev *pci)
{
	count(&removes, 1);
	wait_while(&hang_remove);
	if (idle)
		pm_runtime_get_sync(&pci->dev);
}

static int resume(struct device *device)
{
	wait_while(&hang_resume);
	return 0;
}

static int suspend(struct device *device)
{
	return 0;
}

static DEFINE_RUNTIME_DEV_PM_OPS(power, suspend, resume, NULL);

/* Every PCI device has an attribute of that name already. */
static ssize_t vendor_show(struct device *device, struct device_attribute *attribute, char *out)
{
	return 0;
}
static DEVICE_ATTR_RO(vendor);

static umode_t visible(struct kobject *object, struct attribute *attribute, int place)
{
	return fail_attributes ? attribute->mode : 0;
}

static struct attribute *attributes[] = {&dev_attr_vendor.attr, NULL};
static const struct attribute_group group = {.attrs = attributes, .is_visible = visible};
static const struct attribute_group *groups[] = {&group, NULL};

static const struct pci_device_id ids[] = {{}};

static struct pci_driver unruly = {
	.name = "unruly",
	.id_table = ids,
	.probe = probe,
	.remove = remove,
	.driver.pm = pm_ptr(&power),
	.dev_groups = groups,
};
module_pci_driver(unruly);
MODULE_DESCRIPTION("A driver for tests that does what drivers should not");
MODULE_LICENSE("Dual MIT/GPL");
