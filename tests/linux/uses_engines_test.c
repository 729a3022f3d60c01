/* SPDX-License-Identifier: MIT */
/* What the kernel itself uses devices for: watchdogs, engines, random numbers, ciphers, sound. */
#include "rows.h"
#include "uses_rows.h"

#define CIPHER(driver, module, count)                                                              \
	"name         : cbc(aes)\ndriver       : " driver "\nmodule       : " module               \
	"\npriority     : 4001\nrefcnt       : " count "\nselftest     : passed\n\n"

static const struct uses_row rows[] = {
	{"watchdog@runs",
	 {{ROOT SATA "/watchdog/watchdog0/state", "active\n"},
	  {"sys/class/watchdog/watchdog0",
	   "->../../devices/pci0000:00/" SATA "/watchdog/watchdog0"}},
	 SATA " watchdog watchdog0: it runs: the machine is reset when nobody feeds it\n"},
	{"watchdog@rests",
	 {{ROOT SATA "/watchdog/watchdog0/state", "inactive\n"},
	  {"sys/class/watchdog/watchdog0",
	   "->../../devices/pci0000:00/" SATA "/watchdog/watchdog0"}},
	 ""},
	{"dma-engine@in-use",
	 {{ROOT NIC "/dma/dma0chan0/in_use", "1\n"},
	  {"sys/class/dma/dma0chan0", "->../../devices/pci0000:00/" NIC "/dma/dma0chan0"},
	  {ROOT NIC "/dma/dma0chan1/in_use", "0\n"},
	  {"sys/class/dma/dma0chan1", "->../../devices/pci0000:00/" NIC "/dma/dma0chan1"}},
	 NIC " dma-engine dma0chan0: the kernel copies with it\n"},
	{"accelerator@has-clients",
	 {{ROOT NIC "/dsa0/wq0.0/clients", "2\n"},
	  {"sys/bus/dsa/devices/wq0.0", "->../../../devices/pci0000:00/" NIC "/dsa0/wq0.0"},
	  {ROOT NIC "/dsa0/clients", "0\n"},
	  {"sys/bus/dsa/devices/dsa0", "->../../../devices/pci0000:00/" NIC "/dsa0"}},
	 NIC " accelerator wq0.0: it has clients\n"},
	{"random@of-a-virtual-machine",
	 {{"sys/class/misc/hw_random/rng_current", "virtio_rng.0\n"},
	  {ROOT SATA "/virtio4/status", "x"},
	  {"sys/bus/virtio/drivers/virtio_rng/bind", "x"},
	  {"sys/bus/virtio/drivers/virtio_rng/virtio4",
	   "->../../../../devices/pci0000:00/" SATA "/virtio4"}},
	 SATA " random virtio_rng.0: the kernel's random numbers\n"},
	{"random@by-the-device's-name",
	 {{"sys/class/misc/hw_random/rng_current", "2d000000.serial\n"}},
	 "2d000000.serial random 2d000000.serial: the kernel's random numbers\n"},
	{"random@none", {{"sys/class/misc/hw_random/rng_current", "none\n"}}, ""},
	{"crypto@in-use",
	 {{"proc/crypto", CIPHER("qat_aes_cbc", "intel_qat", "3") CIPHER("x", "intel_qat", "1")
				  CIPHER("cbc-aes-aesni", "kernel", "9")},
	  {"sys/module/intel_qat/holders/qat_c62x", "->../../qat_c62x"},
	  {"sys/module/qat_c62x/drivers/pci:c6xx", "->../../../bus/pci/drivers/c6xx"},
	  {"sys/bus/pci/drivers/c6xx/" NIC, "->../../../../devices/pci0000:00/" NIC}},
	 NIC " crypto qat_aes_cbc: the kernel enciphers with it\n"},
	{"crypto@idle",
	 {{"proc/crypto", CIPHER("qat_aes_cbc", "intel_qat", "1")},
	  {"sys/module/intel_qat/holders/qat_c62x", "->../../qat_c62x"},
	  {"sys/module/qat_c62x/drivers/pci:c6xx", "->../../../bus/pci/drivers/c6xx"},
	  {"sys/bus/pci/drivers/c6xx/" NIC, "->../../../../devices/pci0000:00/" NIC}},
	 ""},
	{"crypto@lines-that-are-none",
	 {{"proc/crypto", "\nrefcnt : 9\nmodule       : ../..\nrefcnt       : 7\ndriver :\n: \n"}},
	 ""},
	{"sound@plays",
	 {{"proc/asound/card0/pcm0p/sub0/status", "state: RUNNING\nowner_pid   : 7\n"},
	  {"proc/asound/card0/pcm0c/sub0/status", "closed\n"},
	  {"proc/asound/cards", "x"},
	  {ROOT SOUND "/sound/card0/number", "0\n"},
	  {"sys/class/sound/card0", "->../../devices/pci0000:00/" SOUND "/sound/card0"}},
	 SOUND " sound card0: it plays or records\n"},
};

int main(void)
{
	return uses_run(rows, COUNT(rows));
}
