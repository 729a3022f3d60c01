/* SPDX-License-Identifier: MIT */
/* Displays, framebuffers, consoles and keyboards as uses of devices. */
#include "rows.h"
#include "uses_rows.h"

#define IOMEM(child)                                                                               \
	{                                                                                          \
		"proc/iomem", "40000000-afffffff : PCI Bus 0000:00\n"                              \
			      "  7800000000-780fffffff : " NIC "\n"                                \
			      "    7800000000-7800001fff : ixgbe\n"                                \
			      "  7900000000-790fffffff : " GPU "\n" child                          \
			      "fec00000-fec003ff : IOAPIC 0\n"                                     \
	}
#define CONSOLE_DRIVER(number, driver)                                                             \
	{"sys/class/vtconsole/" number "/name", driver "\n"},                                      \
	{                                                                                          \
		"sys/class/vtconsole/" number "/bind", "1\n"                                       \
	}
#define EFI_UNBIND "echo efi-framebuffer.0 > /sys/bus/platform/drivers/efi-framebuffer/unbind"
#define HVC                                                                                        \
	{"sys/devices/virtual/tty/hvc0/dev", "229:0\n"},                                           \
		{"sys/dev/char/229:0", "->../../devices/virtual/tty/hvc0"},                        \
		{"sys/class/tty/hvc0", "->../../devices/virtual/tty/hvc0"},                        \
		{ROOT SATA "/virtio3/status", "x"},                                                \
		{"sys/bus/virtio/devices/virtio3",                                                 \
		 "->../../../devices/pci0000:00/" SATA "/virtio3"},                                \
	{                                                                                          \
		"sys/bus/virtio/drivers/virtio_console/virtio3",                                   \
			"->../../../../devices/pci0000:00/" SATA "/virtio3"                        \
	}
#define KEYBOARD(path, handlers)                                                                   \
	"I: Bus=0003 Vendor=046d Product=c31c Version=0110\nN: Name=\"A \033 keyboard\"\n"         \
	"P: Phys=usb-0000\nS: Sysfs=" path "\nU: Uniq=\nH: Handlers=" handlers "\nB: PROP=0\n\n"

static const struct uses_row rows[] = {
	{"idle@display-that-is-off",
	 {{ROOT GPU "/drm/card0/card0-DP-1/status", "connected\n"},
	  {ROOT GPU "/drm/card0/card0-DP-1/enabled", "disabled\n"},
	  {"sys/class/drm/card0-DP-1", "->../../devices/pci0000:00/" GPU "/drm/card0/card0-DP-1"}},
	 ""},
	{"idle@connector-without-a-display",
	 {{ROOT GPU "/drm/card0/card0-DP-1/status", "disconnected\n"},
	  {ROOT GPU "/drm/card0/card0-DP-1/enabled", "enabled\n"},
	  {"sys/class/drm/card0-DP-1", "->../../devices/pci0000:00/" GPU "/drm/card0/card0-DP-1"}},
	 ""},
	{"display@gpu-shows-a-picture-its-sound-is-idle",
	 {{ROOT GPU "/drm/card0/card0-DP-1/status", "connected\n"},
	  {ROOT GPU "/drm/card0/card0-DP-1/enabled", "enabled\n"},
	  {"sys/class/drm/card0-DP-1", "->../../devices/pci0000:00/" GPU "/drm/card0/card0-DP-1"}},
	 GPU " display card0-DP-1: a display shows a picture\n"},
	{"display@console-on-a-framebuffer",
	 {{"sys/class/vtconsole/vtcon1/name", "(M) frame buffer device\n"},
	  {"sys/class/vtconsole/vtcon1/bind", "1\n"},
	  {ROOT GPU "/graphics/fb0/name", "x"},
	  {"sys/class/graphics/fb0", "->../../devices/pci0000:00/" GPU "/graphics/fb0"}},
	 GPU " display fb0, vital: the console is on it\n"},
	{"display@framebuffer-without-a-console",
	 {{"sys/class/vtconsole/vtcon1/name", "(M) frame buffer device\n"},
	  {"sys/class/vtconsole/vtcon1/bind", "0\n"},
	  {ROOT GPU "/graphics/fb0/name", "x"},
	  {"sys/class/graphics/fb0", "->../../devices/pci0000:00/" GPU "/graphics/fb0"}},
	 ""},
	{"console@on-amba",
	 {{"proc/consoles", "ttyAMA0              -W- (EC p a)  204:64\n"
			    "tty0                 -WU (E  p  )    4:1\n"},
	  {"sys/devices/platform/2d000000.serial/tty/ttyAMA0/dev", "204:64\n"},
	  {"sys/dev/char/204:64", "->../../devices/platform/2d000000.serial/tty/ttyAMA0"}},
	 "2d000000.serial console ttyAMA0, vital: the kernel's messages go there\n"},
	{"console@that-is-not-enabled",
	 {{"proc/consoles", "ttyAMA0              -W- ( C p a)  204:64\n"},
	  {"sys/devices/platform/2d000000.serial/tty/ttyAMA0/dev", "204:64\n"},
	  {"sys/dev/char/204:64", "->../../devices/platform/2d000000.serial/tty/ttyAMA0"}},
	 ""},
	{"framebuffer@of-the-firmware-with-the-console",
	 {CONSOLE_DRIVER("vtcon1", "(M) frame buffer device"),
	  {"sys/devices/platform/efi-framebuffer.0/graphics/fb0/name", "EFI VGA\n"},
	  {"sys/class/graphics/fb0", "->../../devices/platform/efi-framebuffer.0/graphics/fb0"},
	  IOMEM("    7900000000-79007fffff : efifb\n")},
	 GPU
	 " display efi-framebuffer.0, vital: the console is on it, the firmware's framebuffer\n"},
	{"framebuffer@of-the-firmware-without-a-console",
	 {IOMEM("    7900000000-79007fffff : efifb\n")},
	 GPU " display efi-framebuffer.0: the firmware's framebuffer holds its memory: " EFI_UNBIND
	     "\n"},
	{"framebuffer@where-addresses-are-hidden",
	 {{"proc/iomem", "00000000-00000000 : PCI Bus 0000:00\n  00000000-00000000 : " GPU "\n"
			 "    00000000-00000000 : BOOTFB\n      00000000-00000000 : simpledrm\n"},
	  {"sys/bus/platform/drivers/simple-framebuffer/simple-framebuffer.4/uevent", "x"}},
	 GPU " display simple-framebuffer.4: the firmware's framebuffer holds its memory: echo "
	     "simple-framebuffer.4 > /sys/bus/platform/drivers/simple-framebuffer/unbind\n"},
	{"framebuffer@in-no-bar-is-the-first-card's",
	 {{"proc/iomem", "00100000-3ffd7fff : System RAM\n"},
	  {"sys/bus/platform/drivers/efi-framebuffer/efi-framebuffer.0/uevent", "x"},
	  {ROOT NIC "/boot_vga", "0\n"},
	  {ROOT GPU "/boot_vga", "1\n"}},
	 GPU " display efi-framebuffer.0: the firmware's framebuffer holds its memory: " EFI_UNBIND
	     "\n"},
	{"framebuffer@after-the-bar-is-not-in-it",
	 {IOMEM("  7a00000000-7a007fffff : efifb\n")},
	 ""},
	{"framebuffer@memory-of-a-driver", {IOMEM("    7900000000-79007fffff : efi\n")}, ""},
	{"framebuffer@lines-that-are-none",
	 {{"proc/iomem", "\n : \n" GPU "\n  : " GPU "\n : efifb\n   :efifb\n"}},
	 ""},

	{"text@with-the-console",
	 {CONSOLE_DRIVER("vtcon0", "(S) VGA+"),
	  {"proc/consoles", "tty0                 -WU (EC p  )    4:1\n"},
	  {ROOT GPU "/boot_vga", "1\n"}},
	 GPU " display vga, vital: the console is on it\n"},
	{"text@messages-go-elsewhere",
	 {CONSOLE_DRIVER("vtcon0", "(S) VGA+"), {ROOT GPU "/boot_vga", "1\n"}},
	 GPU " display vga: it shows the terminals' text\n"},
	{"text@dummy",
	 {CONSOLE_DRIVER("vtcon0", "(S) dummy device"), {ROOT GPU "/boot_vga", "1\n"}},
	 ""},

	{"console@of-a-virtual-machine",
	 {HVC, {"proc/consoles", "hvc0                 -W- (EC p  )  229:0\n"}},
	 SATA " console hvc0, vital: the kernel's messages go there\n"},
	{"console@that-sysfs-lists",
	 {{ROOT USB "/tty/ttyS4/dev", "4:68\n"},
	  {"sys/class/tty/ttyS4", "->../../devices/pci0000:00/" USB "/tty/ttyS4"},
	  {"sys/class/tty/console/active", "tty0 ttyS4\n"}},
	 USB " console ttyS4, vital: the kernel's messages go there\n"},
	{"console@that-the-command-line-names",
	 {{ROOT USB "/tty/ttyS4/dev", "4:68\n"},
	  {"sys/class/tty/ttyS4", "->../../devices/pci0000:00/" USB "/tty/ttyS4"},
	  {"sys/class/tty/console/active", "ttyS4\n"},
	  {"proc/cmdline", "quiet console=tty0 console=ttyS4,115200n8 console=ttyS4 console=\n"}},
	 USB " console ttyS4, vital: the kernel's messages go there\n"},
	{"console@names-that-are-none",
	 {{"proc/cmdline", "console=../../.. console=, =console= console\n"},
	  {"sys/class/tty/console/active", "\n"}},
	 ""},
	{"console@somebody-logs-in",
	 {HVC, {"proc/200/comm", "agetty\n"}, {"proc/200/fd/0", "->/dev/hvc0"}},
	 SATA " node /dev/hvc0: open in agetty (process 200)\n"},

	{"keyboard@behind-usb",
	 {{ROOT USB "/usb1/1-1/1-1:1.0/input/input5/name", "x"},
	  {"proc/bus/input/devices",
	   KEYBOARD("/devices/pci0000:00/" USB "/usb1/1-1/1-1:1.0/input/input5",
		    "sysrq kbd event3 leds ")}},
	 USB " input input5: a keyboard of this machine (A \033 keyboard)\n"},
	{"keyboard@a-mouse-is-none",
	 {{ROOT USB "/usb1/1-1/1-1:1.0/input/input5/name", "x"},
	  {"proc/bus/input/devices",
	   KEYBOARD("/devices/pci0000:00/" USB "/usb1/1-1/1-1:1.0/input/input5",
		    "mouse0 event3 xkbd kbd0")}},
	 ""},
	{"keyboard@lines-that-are-none",
	 {{"proc/bus/input/devices", "H: Handlers=kbd\nN: Name=\"\nS: Sysfs=\nI:\nH: Handlers=kbd\n"
				     "S: Sysfs=/../..\nH: Handlers=kbd\n"}},
	 ""},
};

int main(void)
{
	return uses_run(rows, COUNT(rows));
}
