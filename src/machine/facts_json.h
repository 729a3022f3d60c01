/* SPDX-License-Identifier: MIT */
/*
 * Facts as JSON: the words that `list --json`, `show --json` and machine files share.
 *
 * The document, with every key; those marked (derived) follow from others and are not read back:
 *
 *   {"dmaown-machine": 1,
 *    "machine": "live",                                        where it is from (not read back)
 *    "groups": [{
 *      "id": 8, "type": "DMA-FQ" | null,
 *      "viable": false,                                                               (derived)
 *      "owner": null | {"kind": "kernel"}
 *             | {"kind": "user", "name": null | "vm1", "pid": null | 1, "uid": null | 0}
 *             | {"kind": "unknown", "errno": null | "EACCES"},
 *      "noiommu": null | false, "direct_regions": null | false,
 *      "count": null | 0, "domain": null | "DMA-FQ",
 *      "devices": [{
 *        "address": "0000:02:01.0", "bus": "pci", "parent": null | "0000:01:00.0",
 *        "vendor": "8086", "device": "100e", "subsystem_vendor": null, "subsystem_device": null,
 *        "class": "020000", "modalias": null, "name": null,
 *        "driver": null | "e1000", "driver_override": null, "busy": false,
 *        "managed_dma": null | false | true,                                          (derived)
 *        "pci": null | {"type": null | "root-port" | 3, "multifunction": false,
 *                       "bridge": null | {"secondary": 2, "subordinate": 2},
 *                       "acs": null | {"capability": "001f", "control": "001d",
 *                                      "wide": false},
 *                       "config_hidden": false, "config_errno": null | "EIO",
 *                       "config_silent": false, "physical_function": null | "0000:01:00.0"},
 *        "in_use": null | [{"kind": "network", "name": "eth0", "reason": "up", "vital": false,
 *                             "remedy": null | "ip link set eth0 down"}],
 *        "unknown": [{"about": "open descriptors", "errno": null | "EACCES"}]}]}],
 *    "ungrouped": [devices that are in no group],
 *    "devices": [devices whose group follows from the wiring],           (written if there are any)
 *    "drivers": [{"name": "e1000", "bus": "pci", "managed_dma": false | true | null,
 *                 "user": false, "ids": ["8086:100e"]}],
 *    "host": {                                                             (written if it is known)
 *      "release": null | "6.12.1", "architecture": null | "x86_64",
 *      "cpu_vendor": null | "GenuineIntel", "virtual": null | false, "xen_first": null | false,
 *      "arguments": null | ["intel_iommu=on"],
 *      "iommu_table": null | "DMAR" | "IVRS" | "IORT" | "VIOT" | "none",
 *      "iommus": null | [{"name": "dmar0", "kind": null | "intel" | "amd" | "smmu" | "virtio",
 *                         "remaps_interrupts": null | true}],
 *      "interrupt_remapping": null | true,
 *      "modules": null | [{"name": "vfio_pci", "loaded": null | false,
 *                          "installed": null | true}],
 *      "unsafe_interrupts": null | false, "noiommu": null | false, "vfio_node": null | true,
 *      "vfio_node_open": null | true, "sys_read_only": null | false, "privileged": null | true,
 *      "memlock": null | "unlimited" | 8388608, "sees_all": null | true,
 *      "blind_spots": [{"about": "processes of other users", "errno": null | "EACCES"}],
 *      "unknown": [{"about": "iommus", "errno": null | "EACCES"}]}}
 *
 * Reading: "dmaown-machine", "groups", a group's "id" and "devices", a device's and a driver's name
 * and "bus", a use's "kind", and the "name" of an IOMMU and a module must be there; any other key
 * that is not is null, false or empty.
 * Keys that begin with "x-" are comments. Any other key is refused, not ignored: a misspelt one
 * would quietly make another machine.
 *
 * Writing: bytes that are no UTF-8 (a mount point may be any bytes) are written as U+FFFD, each;
 * control characters as JSON has them. They are read back, but not in a name that must be there.
 */
#ifndef DMAOWN_MACHINE_FACTS_JSON_H
#define DMAOWN_MACHINE_FACTS_JSON_H

#include "device_json.h"
#include "facts.h"
#include "group_json.h"
#include "json_place.h"
#include "json_writing.h"

/* "machine", "groups" and "ungrouped": what `list --json` prints. A new reference, or NULL: out of
 * memory. */
json_t *list_to_json(const struct facts *facts);

/* The whole document; the same. */
json_t *facts_to_json(const struct facts *facts);

/*
 * Reads a whole document, which `source` is the text of, into *out; its `machine` is the source's
 * name. The invariants of facts.h are verified. -EINVAL: it is not such a document, and *why, which
 * the caller frees, says where and what was expected; -ENOMEM. *out is untouched on failure.
 */
int facts_from_json(const json_t *root, const struct json_source *source, struct facts *out,
		    char **why);

#endif
