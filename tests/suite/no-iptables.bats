#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
# lab: without ip_tables
#
# A kernel that has IPVS and nf_tables, but no legacy tables.

load ../suite-helper

# The kernel loads what is asked for, but for ip_tables. Its helper runs outside of
# this suite's mounts, hence from the folder of results.
setup() {
    [ ! -e /proc/net/ip_tables_names ]
    MODPROBE=$(</proc/sys/kernel/modprobe)
    cat >"$LAB_OUT/modprobe" <<-END
	#!/bin/sh
	case " \$*" in *' ip_tables'* | *' ip6_tables'* | *' ip'*table_*) exit 1 ;; esac
	exec $MODPROBE "\$@"
	END
    chmod +x "$LAB_OUT/modprobe"
    echo "$LAB_OUT/modprobe" >/proc/sys/kernel/modprobe
}

teardown() {
    echo "$MODPROBE" >/proc/sys/kernel/modprobe
    rm "$LAB_OUT/modprobe"
}

@test "a media server's ports are balanced as they are elsewhere" {
    # It warns that ports should be reserved.
    scripts/demo --inside >"$BATS_TEST_TMPDIR/told" 2>&1
    grep -q '^Every datagram arrived' "$BATS_TEST_TMPDIR/told"
    [ ! -e /proc/net/ip_tables_names ]
}

@test "rules are in nf_tables, and iptables is missed only where it is named" {
    lab_alone
    ok alone lbctl-mark add 1 --proto udp --dport 7
    ok alone lbctl-mark show --json
    json_is .mark_backend nft
    fails 6 alone lbctl-mark add 2 --backend iptables --proto udp --dport 8
    complains 'ip_tables'
    lab_not_alone
    [ ! -e /proc/net/ip_tables_names ]
}
