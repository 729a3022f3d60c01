/* SPDX-License-Identifier: MIT */
/* Nodes and registers that processes have open or mapped, as uses of devices. */
#include "rows.h"
#include "uses_rows.h"

#define UUID "a1b2c3d4-0000-4000-8000-0123456789ab"
#define FIRST "0000:41:00.0"
#define SECOND "0000:42:00.0"

/* A GPU on NVIDIA's driver. */
#define NVIDIA(address, number)                                                                    \
	{ROOT address "/uevent", "DRIVER=nvidia\n"},                                               \
		{"sys/bus/pci/devices/" address, "->../../../devices/pci0000:00/" address},        \
	{                                                                                          \
		"proc/driver/nvidia/gpus/" address "/information",                                 \
			"Model: \t\t NVIDIA\nDevice Minor: \t " number "\n"                        \
	}

/* A node of the topology that AMD's computing has. */
#define KFD(node, gpu, location, domain)                                                           \
	{"sys/class/kfd/kfd/topology/nodes/" node "/gpu_id", gpu "\n"},                            \
	{                                                                                          \
		"sys/class/kfd/kfd/topology/nodes/" node "/properties",                            \
			"cpu_cores_count 0\nlocation_id " location "\ndomain " domain "\n"         \
	}

static const struct uses_row rows[] = {
	{"node@resource-mapped",
	 {{ROOT NIC "/resource0", "x"},
	  {"proc/77/comm", "testpmd\n"},
	  {"proc/77/fd/3", "->/" ROOT NIC "/resource0"},
	  {"proc/77/fd/4", "->/" ROOT NIC "/resource0"}},
	 NIC " node /" ROOT NIC "/resource0: open in testpmd (process 77)\n"},
	{"node@resource-still-mapped",
	 {{ROOT NIC "/resource0", "x"},
	  {"proc/77/comm", "testpmd\n"},
	  {"proc/77/maps", "00400000-00401000 r-xp 00000000 08:01 12   /usr/bin/testpmd\n"
			   "7f0a0000-7f0a1000 rw-s 00000000 00:16 9    /" ROOT NIC "/resource0\n"
			   "7f0b0000-7f0b1000 rw-s 00001000 00:16 9    /" ROOT NIC "/resource0\n"
			   "7f0c0000-7f0c1000 rw-p 00000000 00:00 0    [heap]\n"}},
	 NIC " node /" ROOT NIC "/resource0: mapped in testpmd (process 77)\n"},
	{"node@other-mapping-is-none",
	 {{ROOT NIC "/config", "x"},
	  {"proc/77/maps",
	   "7f0a0000-7f0a1000 r--p 0 00:16 9 /" ROOT NIC "/config\n/sys/devices/\n"}},
	 ""},
	{"node@other-attributes-are-none",
	 {{ROOT NIC "/config", "x"}, {"proc/77/fd/3", "->/" ROOT NIC "/config"}},
	 ""},

	{"node@held-twice",
	 {{"sys/class/drm/renderD128", "->../../devices/pci0000:00/" GPU "/drm/renderD128"},
	  {"proc/77/comm", "glxgears\n"},
	  {"proc/77/fd/3", "->/dev/dri/renderD128"},
	  {"proc/78/fd/3", "->/dev/dri/renderD128"},
	  {"proc/78/fd/4", "->/dev/dri/renderD128"}},
	 GPU " node /dev/dri/renderD128: open in glxgears (process 77), and 1 more\n"},
	{"node@in-a-thread",
	 {{"sys/class/drm/renderD128", "->../../devices/pci0000:00/" GPU "/drm/renderD128"},
	  {"proc/77/comm", "glxgears\n"},
	  {"proc/77/task/79/fd/3", "->/dev/dri/renderD128"}},
	 GPU " node /dev/dri/renderD128: open in glxgears (process 77)\n"},
	{"node@in-another-root",
	 {{"sys/class/accel/accel0", "->../../devices/pci0000:00/" GPU "/accel/accel0"},
	  {"proc/77/fd/3", "->/srv/guest/dev/accel/accel0"}},
	 GPU " node /srv/guest/dev/accel/accel0: open in ? (process 77)\n"},
	{"node@accelerator-that-tells-its-address",
	 {{"sys/devices/virtual/habanalabs/hl0/pci_addr", GPU "\n"},
	  {"sys/class/habanalabs/hl0", "->../../devices/virtual/habanalabs/hl0"},
	  {"proc/77/fd/3", "->/dev/hl0"}},
	 GPU " node /dev/hl0: open in ? (process 77)\n"},
	{"node@of-a-disk-with-several-paths",
	 {{"sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1/dev", "259:0\n"},
	  {"sys/class/block/nvme0n1",
	   "->../../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1"},
	  {ROOT NVME "/nvme/nvme0/nvme0c0n1/size", "8\n"},
	  {"sys/class/block/nvme0c0n1", "->../../devices/pci0000:00/" NVME "/nvme/nvme0/nvme0c0n1"},
	  {"proc/77/fd/3", "->/dev/nvme0n1"}},
	 NVME " node /dev/nvme0n1: open in ? (process 77)\n"},
	{"node@generic-one-of-several-paths",
	 {{"sys/devices/virtual/nvme-subsystem/nvme-subsys0/ng0n1/dev", "244:0\n"},
	  {"sys/class/nvme-generic/ng0n1",
	   "->../../devices/virtual/nvme-subsystem/nvme-subsys0/ng0n1"},
	  {ROOT NVME "/nvme/nvme0/transport", "pcie\n"},
	  {"sys/class/nvme-subsystem/nvme-subsys0",
	   "->../../devices/virtual/nvme-subsystem/nvme-subsys0"},
	  {"sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0",
	   "->../../../pci0000:00/" NVME "/nvme/nvme0"},
	  {"proc/77/fd/3", "->/dev/ng0n1"}},
	 NVME " node /dev/ng0n1: open in ? (process 77)\n"},
	{"node@names-that-are-none",
	 {{"sys/class/drm/renderD128", "->../../devices/pci0000:00/" GPU "/drm/renderD128"},
	  {"proc/77/fd/3", "->/"},
	  {"proc/77/fd/4", "->/dev/"},
	  {"proc/77/fd/5", "->socket:[7]"},
	  {"proc/77/fd/6", "->/dev/renderD128x"},
	  {"proc/77/fd/7", "->/dev/../renderD12"},
	  {"proc/77/fd/8", "->/vfio/"},
	  {"proc/77/fd/9", "->/dev/nvidia-"}},
	 ""},

	{"mdev@made-and-not-held",
	 {{ROOT GPU "/" UUID "/iommu_group", "->../../../../kernel/iommu_groups/25"},
	  {"sys/bus/mdev/devices/" UUID, "->../../../devices/pci0000:00/" GPU "/" UUID}},
	 GPU " mediated-device " UUID ": is made of it\n"},
	{"mdev@held",
	 {{ROOT GPU "/" UUID "/iommu_group", "->../../../../kernel/iommu_groups/25"},
	  {"sys/bus/mdev/devices/" UUID, "->../../../devices/pci0000:00/" GPU "/" UUID},
	  {"proc/55/comm", "qemu-system-x86\n"},
	  {"proc/55/fd/9", "->/dev/vfio/25"}},
	 GPU " mediated-device " UUID ": is made of it\n" GPU
	     " node /dev/vfio/25: open in qemu-system-x86 (process 55)\n"},
	{"mdev@held-by-its-own-node",
	 {{ROOT GPU "/" UUID "/iommu_group", "->../../../../kernel/iommu_groups/25"},
	  {"sys/bus/mdev/devices/" UUID, "->../../../devices/pci0000:00/" GPU "/" UUID},
	  {"sys/class/vfio-dev/vfio7",
	   "->../../devices/pci0000:00/" GPU "/" UUID "/vfio-dev/vfio7"},
	  {"proc/55/fd/9", "->/dev/vfio/devices/vfio7"}},
	 GPU " mediated-device " UUID ": is made of it\n" GPU
	     " node /dev/vfio/devices/vfio7: open in ? (process 55)\n"},
	{"mdev@another-group-is-held",
	 {{ROOT GPU "/" UUID "/iommu_group", "->../../../../kernel/iommu_groups/25"},
	  {"sys/bus/mdev/devices/" UUID, "->../../../devices/pci0000:00/" GPU "/" UUID},
	  {"proc/55/fd/9", "->/dev/vfio/26"}},
	 GPU " mediated-device " UUID ": is made of it\n"},

	{"nvidia@held",
	 {NVIDIA(FIRST, "0"),
	  NVIDIA(SECOND, "1"),
	  {"proc/901/comm", "nvidia-persiste\n"},
	  {"proc/901/fd/4", "->/dev/nvidiactl"},
	  {"proc/901/fd/5", "->/dev/nvidia1"}},
	 SECOND " node /dev/nvidia1: open in nvidia-persiste (process 901)\n"},
	{"nvidia@held-in-common",
	 {NVIDIA(FIRST, "0"), NVIDIA(SECOND, "1"), {"proc/901/fd/5", "->/dev/nvidia-uvm"}},
	 FIRST " node /dev/nvidia-uvm: open in ? (process 901)\n" SECOND
	       " node /dev/nvidia-uvm: open in ? (process 901)\n"},
	{"nvidia@own-after-common",
	 {NVIDIA(FIRST, "0"),
	  NVIDIA(SECOND, "1"),
	  {"proc/901/fd/5", "->/dev/nvidia0"},
	  {"proc/901/fd/6", "->/dev/nvidia-modeset"},
	  {"proc/902/fd/6", "->/dev/nvidia-modeset"}},
	 FIRST " node /dev/nvidia0: open in ? (process 901)\n" FIRST
	       " node /dev/nvidia-modeset: open in ? (process 902)\n" SECOND
	       " node /dev/nvidia-modeset: open in ? (process 902)\n"},
	{"nvidia@one-that-is-not-told-of",
	 {NVIDIA(FIRST, "0"), {"proc/901/fd/5", "->/dev/nvidia3"}},
	 FIRST " node /dev/nvidia3: open in ? (process 901)\n"},
	{"nvidia@part-of-one",
	 {NVIDIA(FIRST, "0"),
	  NVIDIA(SECOND, "1"),
	  {"proc/driver/nvidia/capabilities/gpu0/mig/gi1/access", "DeviceFileMinor: 3\n"},
	  {"proc/driver/nvidia/capabilities/gpu1/mig/gi2/ci0/access",
	   "DeviceFileMinor: 13\nDeviceFileMode: 292\n"},
	  {"proc/901/fd/5", "->/dev/nvidia-caps/nvidia-cap13"}},
	 SECOND " node /dev/nvidia-caps/nvidia-cap13: open in ? (process 901)\n"},

	{"kfd@of-each-process-its-own",
	 {KFD("1", "0", "0", "0"),
	  KFD("2", "4711", "256", "0"),
	  KFD("3", "4712", "512", "0"),
	  {"sys/class/kfd/kfd/proc/60/vram_4712", "0\n"},
	  {"proc/60/comm", "rocm\n"},
	  {"proc/60/fd/9", "->/dev/kfd"}},
	 NIC " node /dev/kfd: open in rocm (process 60)\n"},
	{"kfd@all-if-the-kernel-does-not-tell",
	 {KFD("2", "4711", "256", "0"),
	  KFD("3", "4712", "512", "0"),
	  {"sys/class/kfd/kfd/proc/61/vram_4712", "0\n"},
	  {"proc/60/fd/9", "->/dev/kfd"}},
	 GPU " node /dev/kfd: open in ? (process 60)\n" NIC
	     " node /dev/kfd: open in ? (process 60)\n"},
	{"kfd@of-another-segment",
	 {KFD("2", "4711", "256", "1"), {"proc/60/fd/9", "->/dev/kfd"}},
	 ""},
};

int main(void)
{
	return uses_run(rows, COUNT(rows));
}
