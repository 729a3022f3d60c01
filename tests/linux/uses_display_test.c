/* SPDX-License-Identifier: MIT */
/* Displays and consoles as uses of devices. */
#include "uses_rows.h"

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
};

int main(void)
{
	return uses_run(rows, sizeof(rows) / sizeof(*rows));
}
