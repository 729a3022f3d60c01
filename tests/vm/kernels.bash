# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What a case does not ask of the kernel under it: tests/vm/not-here has the list. DMAOWN_KERNEL is which kernel it is.
not_here_list=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/not-here

# here CASE/SCENARIO: succeeds unless it stands in the list, and then says why; that counts neither as passed nor as failed.
here() {
	local because
	because=$(awk -v kernel="${DMAOWN_KERNEL:-}" -v name="$1" \
		'$1 == kernel && $2 == name { sub(/^[^ ]+ +[^ ]+ +/, ""); print; exit }' "$not_here_list")
	[ -n "$because" ] || return 0
	echo "not on this kernel: ${1%/\*}, because $because"
	return 1
}
