# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# For cases that claim groups, which source it: scenarios, each of which leaves the machine as it found it.
# A scenario is a function; whatever is wrong in it is told with `wrong`, and it goes on.
build=${DMAOWN_BUILD:-$(dirname "${BASH_SOURCE[0]}")/../../build}
build=$(readlink -f "$build")
dmaown=$build/programs/dmaown/dmaown
devices=/sys/bus/pci/devices
runtime=/run/dmaown
failed=0
. "$(dirname "${BASH_SOURCE[0]}")/kernels.bash"

state() { "$build/tests/vm/machine_state" > "$1"; }

# A network interface gets another number each time that a driver is bound: this tells of changes that were undone.
interfaces() { grep . $devices/*/net/*/ifindex > "$1"; }

wrong() { echo "$*" >> wrong; }

# same FILE FILE WORDS
same() { cmp -s "$1" "$2" || wrong "$3: $(diff "$1" "$2")"; }

group_of() { basename "$(readlink "$devices/$1/iommu_group")"; }
driver_of() { basename "$(readlink "$devices/$1/driver" || echo none)"; }
has_driver() { [ "$(driver_of "$1")" = "$2" ]; }
is_on() { [ "$(driver_of "$1")" = "$2" ] || wrong "$1 is on $(driver_of "$1") instead of $2"; }

# Whether the process has closed all that it had open.
has_ended() { [ ! -e "/proc/$1" ] || grep -q '^State:.[ZX]' "/proc/$1/status" 2> /dev/null; }

# expect STATUS COMMAND…: it ends with that; what it says is left in the file `said`.
expect() {
	local status=$1 got
	shift
	"$@" > said 2>&1
	got=$?
	[ $got = "$status" ] || wrong "exit status $got instead of $status: $*: $(cat said)"
}

# says WORDS…: each of them is in what the last command said.
says() {
	local words
	for words in "$@"; do
		grep -qF -- "$words" said || wrong "\"$words\" is not in: $(cat said)"
	done
}

# until_true COMMAND…: within half a minute.
until_true() {
	local deadline=$((SECONDS + 30))
	until "$@"; do
		[ $SECONDS -le $deadline ] || { wrong "not within 30 seconds: $*"; return 1; }
		read -r -t 0.02 <> nothing
	done
	return 0 # not what the pause gave
}

# What a scenario that went wrong has left would only confuse the next.
tidy() {
	timeout 60 "$dmaown" -q recover
	timeout 60 "$dmaown" -q release --all
} > tidied 2>&1

# scenario NAME COMMAND…: afterwards the machine's state is what it was.
scenario() {
	local name=$1
	here "$(basename "$0")/$name" || return 0
	shift
	: > wrong
	state before
	"$@"
	state after
	same before after 'state before and after'
	if [ -s wrong ]; then
		failed=1
		echo "not ok $name"
		sed 's/^/    /' wrong
		tidy
	else
		echo "ok $name"
	fi
}

# refusal NAME COMMAND…: a scenario in which nothing was changed even for a moment.
refusal() {
	interfaces interfaces_before
	scenario "$1" untouched "${@:2}"
}

untouched() {
	"$@"
	interfaces interfaces_after
	same interfaces_before interfaces_after 'a driver was unbound meanwhile'
}

[ -p nothing ] || mkfifo nothing
