#!/bin/bash
# SPDX-License-Identifier: MIT
# Each of the programs and libraries has what hardening leaves in it: addresses that are nobody's to know (PIE), nothing
# that is written after it was linked at start (RELRO, BIND_NOW), no stack to execute, canaries, copies that are checked,
# and on x86-64 landing places of indirect jumps, and shadow stacks. FORTIFIED=0: it was built without optimization, which
# _FORTIFY_SOURCE needs.
#   [FORTIFIED=0] hardened.sh FILE…
set -euo pipefail
status=0

# must FILE WHAT REGEX TEXT: a line of the text is like that, or WHAT is lacking.
must() { grep -qE "$3" <<< "$4" || { echo "$1: not hardened: $2"; status=1; }; }

# What a compiler's own start files have is no more than ten landing places.
of_x86() {
	[ "$(objdump -d --no-show-raw-insn "$1" | grep -c endbr64)" -gt 10 ] ||
		{ echo "$1: not hardened: indirect jumps (IBT)"; status=1; }
	# The explorer's fibers have stacks of their own, without shadows.
	[ "${1##*/}" = dmaown-explore ] || must "$1" 'shadow stacks' 'x86 feature: .*SHSTK' "$(readelf -nW "$1")"
}

for file in "$@"; do
	segments=$(readelf -lW "$file")
	symbols=$(readelf -sW --dyn-syms "$file")
	must "$file" PIE 'Type: *DYN' "$(readelf -hW "$file")"
	must "$file" RELRO GNU_RELRO "$segments"
	must "$file" BIND_NOW 'BIND_NOW|FLAGS_1.*NOW' "$(readelf -dW "$file")"
	must "$file" 'a stack that is not executed' 'GNU_STACK.* RW ' "$segments"
	must "$file" 'stack protector' '__stack_chk_fail' "$symbols"
	[ "$(uname -m)" != x86_64 ] || of_x86 "$file"
	# The library calls nothing that could be checked.
	[[ ${FORTIFIED:-1} = 0 || $file = *.so* ]] || must "$file" _FORTIFY_SOURCE '__[a-z]+_chk@' "$symbols"
done
exit $status
