# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# For cases that need the tests' kernel module (module/unruly.c), which source it after scenarios.bash: a driver that
# does what drivers should not. tests/vm/run builds it for cases in which DMAOWN_MODULE is named.
parameters=/sys/module/unruly/parameters

tell() { echo "$2" > "$parameters/$1"; }
told() { cat "$parameters/$1"; }
waits() { until_true [ "$(told waiting)" = "$1" ] || wrong "$(told waiting) wait instead of $1"; }

unbind() { [ ! -e "$devices/$1/driver" ] || echo "$1" > "$devices/$1/driver/unbind"; }
override() { echo "$2" > "$devices/$1/driver_override"; }
bind() { echo "$1" > "/sys/bus/pci/drivers/$2/bind"; }

# give DEVICE DRIVER: by its override.
give() {
	unbind "$1"
	override "$1" "$2"
	bind "$1" "$2"
}

# give_back DEVICE [DRIVER]: without an override, to its own driver if it had one.
give_back() {
	unbind "$1"
	override "$1" ''
	[ -z "${2:-}" ] || bind "$1" "$2"
}

# Whatever went wrong, nothing is left hanging; a subshell that is told to end before it has become another program
# runs this too.
unload() {
	local hang
	[ "$BASHPID" = $$ ] || return
	for hang in $parameters/hang_*; do echo 0 > "$hang"; done
	rmmod unruly
}

if ! [ -d $parameters ] && ! insmod "$DMAOWN_MODULE"; then
	echo 'the module cannot be loaded'
	exit 1
fi
trap unload EXIT
