#!/bin/bash
# SPDX-License-Identifier: MIT
# What is installed is enough: examples/embed.c builds from the installed header and pkg-config file alone
# and runs, with the shared library and with the static one; the header alone compiles as C and as C++; dmaown
# explores, and runs the scenarios that are installed with it. Programs and library are hardened.
#   [FORTIFIED=0] installed.sh SOURCE BUILD
set -euo pipefail
source=$1
build=$2
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

DESTDIR=$root meson install -C "$build" --no-rebuild > /dev/null
pc=$(find "$root" -name dmaown.pc)
[ -n "$pc" ] || { echo 'no dmaown.pc is installed'; exit 1; }
export PKG_CONFIG_PATH=${pc%/*} PKG_CONFIG_SYSROOT_DIR=$root
read -ra cflags <<< "$(pkg-config --cflags dmaown)"
read -ra libs <<< "$(pkg-config --libs dmaown)"
libdir=$(dirname "$(find "$root" -name libdmaown.so | head -n 1)")

# The example's output says who was refused and who was granted the group.
expect() {
	grep -q 'claim the group: one native driver  *Operation not permitted' "$1"
	grep -q 'claim the group: nobody uses it  *ok' "$1"
	grep -q 'bind the second card natively: it is owned  *Device or resource busy' "$1"
}

cc -std=gnu11 -Wall -Wextra -Werror -Wno-unused-parameter "${cflags[@]}" "$source/examples/embed.c" \
	"${libs[@]}" -o "$root/embed-shared"
LD_LIBRARY_PATH=$libdir "$root/embed-shared" > "$root/shared"
expect "$root/shared"
echo 'ok 1 - installed@shared-library'

cc -std=gnu11 "${cflags[@]}" "$source/examples/embed.c" "$libdir/libdmaown.a" -pthread -o "$root/embed-static"
"$root/embed-static" > "$root/static"
cmp "$root/shared" "$root/static"
echo 'ok 2 - installed@static-library'

echo '#include <dmaown/core.h>' > "$root/header.c"
cc -std=c11 -pedantic -Wall -Wextra -Werror -fsyntax-only "${cflags[@]}" "$root/header.c"
echo 'ok 3 - installed@header-alone-in-c'

cp "$root/header.c" "$root/header.cc"
echo 'int main() { return dmaown_event_name(DMAOWN_ADD_DEVICE) ? 0 : 1; }' >> "$root/header.cc"
c++ -std=c++11 -pedantic -Wall -Wextra -Werror "${cflags[@]}" "$root/header.cc" "${libs[@]}" -o "$root/header-cc"
LD_LIBRARY_PATH=$libdir "$root/header-cc"
echo 'ok 4 - installed@header-alone-in-c++'

# Nothing but the public names may be taken up by the shared library.
if nm -D --defined-only "$libdir/libdmaown.so" | awk '{print $3}' | grep -v '^dmaown_'; then
	echo 'the shared library exports the names above'
	exit 1
fi
echo 'ok 5 - installed@only-public-names-exported'

# The explorer is a program of its own, which dmaown finds wherever the tree of what is installed stands.
dmaown=$(find "$root" -path '*/bin/dmaown')
"$dmaown" explore "$source/examples/scenarios/explore/two-drivers-leave-at-once.scn" | grep -q 'no violation'
echo 'ok 6 - installed@explorer'

# All commands that the man pages show of what is installed, and what they show of what comes of it.
share=$(find "$root" -path '*/share/dmaown')
[ -e "$share/machines/testbed.json" ]
cd "$share/scenarios/explore"
"$dmaown" explore two-drivers-leave-at-once.scn |
	grep -qx 'two-drivers-leave-at-once.scn: no violation in any of 82 states'
explored=0
"$dmaown" explore --design list-walk-relaxed two-drivers-leave-at-once.scn > "$root/explored" || explored=$?
[ $explored = 1 ]
grep -q '^two-drivers-leave-at-once.scn: expectation after 16 steps: line 18: in the end ' "$root/explored"
cd "$source"
"$dmaown" run "$share/scenarios/section-3.scn" > "$root/run"
"$dmaown" --machine "$share/machines/testbed.json" list > "$root/list"
grep -q '0000:02:01.0' "$root/list"
for scenario in "$share"/scenarios/*.scn; do
	"$dmaown" -q run "$scenario" > "$root/run" || { cat "$root/run"; echo "installed as $scenario"; exit 1; }
done
echo 'ok 7 - installed@scenarios-and-machines'
grep -q 'Permission is hereby granted' "$(find "$root" -name LICENSE)"
echo 'ok 8 - installed@licence'

"$source/tests/install/hardened.sh" "$dmaown" "$(find "$root" -name dmaown-explore)" \
	"$libdir/libdmaown.so"
echo 'ok 9 - installed@hardened'
echo '1..9'
