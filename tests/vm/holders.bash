# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# For cases about whoever holds a group, and about dmaown while it is at something, which source it after
# scenarios.bash: programs that run in the background, say that they are there and end when they are told.
hold_group=(bash -c 'exec "$0" "$@" > here < go' "$build/tests/vm/hold_group")
as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)

# What drivers and overrides were when the case began.
as_begun() {
	local device
	for device in "$devices"/*; do
		echo "${device##*/} $(driver_of "${device##*/}") $(sed 's/(null)//' "$device/driver_override")"
	done
}
begun_with=$(as_begun)

# After a scenario that went wrong, whatever dmaown makes of it, all is as at first.
tidy() {
	local device driver override
	timeout 60 "$dmaown" -q recover
	timeout 60 "$dmaown" -q release --all
	find "$runtime" ! -name '*.lock' ! -type d -delete
	while read -r device driver override; do
		[ "$(driver_of "$device")" = "$driver" ] || put "$device" "$driver" "$override"
		echo "$override" > "$devices/$device/driver_override"
	done <<< "$begun_with"
} > tidied 2>&1

# A holder says through one FIFO who it is, and ends when a line comes through the other.
channels() {
	rm -f here go
	mkfifo -m 666 here go
	exec 8<> here 9<> go
}

# hear VARIABLE: the process id of the holder that says it is here.
hear() { read -r -t 30 "$1" <&8 || wrong "no holder: $(cat said_later)"; }
let_go() { echo >&9; }

# begin COMMAND…: in the background; its process id is left in `begun`.
begin() {
	"$@" > said_later 2>&1 &
	begun=$!
}

# ends STATUS…: what was begun, within half a minute, with one of these.
ends() {
	local got
	until_true has_ended $begun || return
	wait $begun
	got=$?
	case " $* " in *" $got "*) ;; *) wrong "exit status $got instead of $*: $(cat said_later)" ;; esac
}

# answers "STATUS…" SECONDS COMMAND…: it ends with one of them, in that time.
answers() {
	local statuses=$1 most=$2 begin=$SECONDS got
	shift 2
	timeout -s KILL $((most + 30)) "$@" > said 2>&1
	got=$?
	case " $statuses " in *" $got "*) ;; *) wrong "exit status $got instead of $statuses: $*: $(cat said)" ;; esac
	[ $((SECONDS - begin)) -le "$most" ] || wrong "took $((SECONDS - begin)) seconds: $*"
}

# says_not WORDS…: none of them is in what the last command said.
says_not() {
	local words
	for words in "$@"; do
		! grep -qF -- "$words" said || wrong "\"$words\" is in: $(cat said)"
	done
}

# stopped_before PATTERN COMMAND…: begins it, and returns when it is about to do that (stop_at.c has the words); who is
# stopped is left in `held`.
stopped_before() {
	rm -f held_now
	begin "$build/tests/vm/stop_at" "$1" "$PWD/held_now" "${@:2}"
	until_true [ -s held_now ] || wrong "never did: $1: $(cat said_later)"
	read -r held tracer < held_now || held=
}

# What is stopped goes on, if it is still there.
go_on() { [ -z "${held:-}" ] || kill -USR1 "$tracer" 2> /dev/null; }

# put DEVICE DRIVER [OVERRIDE]: as an administrator does who knows nothing of dmaown.
put() {
	echo "${3:-}" > "$devices/$1/driver_override"
	[ ! -e "$devices/$1/driver" ] || echo "$1" > "$devices/$1/driver/unbind"
	[ "$2" = none ] || echo "$1" > "/sys/bus/pci/drivers/$2/bind"
}

remove() { echo 1 > "$devices/$1/remove"; }

rescan() {
	echo 1 > /sys/bus/pci/rescan
	until_true [ -e "$devices/$1" ]
}
