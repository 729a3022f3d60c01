# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The devices of several topologies in one machine, sourced by tests/vm/run: each part keeps its wiring, in slots of the
# root bus of its own. Names and numbers that must be unique in a machine become so: those of the k-th part get the
# prefix `pk-`, and 16 more each time for the numbers of slots and chassis.
first_slot=2
last_slot=28

# placed NUMBER SHIFT WORD: an argument of QEMU's as it stands in part NUMBER, whose root slots are SHIFT higher.
placed() {
	local number=$1 shift=$2 word=$3 on_root= field placed=
	case $word in *,bus=*) ;; *,addr=*) on_root=,bus=pcie.0 ;; esac
	for field in ${word//,/ }; do
		case $field in
		bus=ide.* | bus=pcie.*) ;;
		id=* | bus=* | drive=* | fsdev=* | chardev=* | netdev=* | subsys=* | serial=* | nqn=* | mount_tag=*)
			field=${field%%=*}=p$number-${field#*=}
			;;
		slot=* | chassis=* | chassis_nr=*) field=${field%%=*}=$((${field#*=} + 16 * number)) ;;
		addr=*) [ -z "$on_root" ] || field=$(placed_slot "$shift" "${field#addr=}") ;;
		esac
		placed=$placed,$field
	done
	echo "${placed#,}$on_root"
}

# placed_slot SHIFT SLOT[.FUNCTION], in hexadecimal digits as QEMU takes them.
placed_slot() {
	local slot=$((16#${2%%.*} + $1)) function=
	case $2 in *.*) function=.${2#*.} ;; esac
	printf 'addr=%x%s\n' $slot "$function"
}

# The last root slot that is taken in the arguments.
last_taken() {
	local word last=$first_slot slot
	for word in "$@"; do
		case $word in
		*,addr=*,bus=pcie.0)
			slot=${word##*,addr=}
			slot=$((16#${slot%%[.,]*}))
			[ $slot -le $last ] || last=$slot
			;;
		esac
	done
	echo $last
}

# union NAME…: sets DEVICES and MODULES. Numbers of buses are not those of the parts, so WAIT_FOR is every card.
union() {
	local number=0 shift=0 devices= name word top=$job
	for name in "$@"; do
		number=$((number + 1))
		job=$top/p$number
		mkdir "$job"
		. "$here/topologies/$name"
		for word in $DEVICES; do devices="$devices $(placed $number $shift "$word")"; done
		shift=$(($(last_taken $devices) + 1 - first_slot))
	done
	job=$top
	[ $((shift + first_slot - 1)) -le $last_slot ] || die "$*: too many devices for one root bus"
	DEVICES=$devices
	WAIT_FOR=cards
}
