#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
# lab: alone
#
# A clock that is set while checks run. It is everybody's, so that nothing else
# may run meanwhile: see tests/lab/run.

load ../suite-helper

setup() {
    PATIENCE=$(scaled 2)
    modprobe ip_vs
    lab_alone
    alone ip addr add 10.1.0.1/32 dev lo
    alone traffic serve s tcp 10.1.0.1 80 --report "$BATS_TEST_TMPDIR/s1"
    ok alone lbctl-svc add tcp:10.1.0.1:81
    ok alone lbctl-svc add-server tcp:10.1.0.1:81 10.1.0.1:80 --forward nat
}

teardown() {
    traffic stop "$BATS_TEST_TMPDIR/s1" >/dev/null || true
    lab_not_alone
}

check() {
    alone lbctl-check tcp:10.1.0.1:81 --tcp 80 --timeout "$PATIENCE" --fall 1 --rise 1
}

@test "setting the clock by years changes no verdict and no age" {
    local now status=0
    now=$(date +%s)
    ok check
    for year in 1999 2037; do
        date -s "$year-01-01 12:00:00" >/dev/null
        ok check
        ok alone lbctl-check show
        prints '10.1.0.1:80  up '
        # In seconds, not years.
        [[ $output =~ up\ +[0-9]+s\ +[0-9]+s ]]
        ok alone lbctl-check show --json
        json_is "(.checks[0].servers[0].since - $(date +%s)) | fabs < 60" true
    done
    # While one is under way.
    traffic stop "$BATS_TEST_TMPDIR/s1" >/dev/null
    alone ip addr del 10.1.0.1/32 dev lo
    alone ip link add silent type dummy
    alone ip link set silent up arp off
    alone ip route add 10.1.0.1/32 dev silent
    check 3>&- &
    sleep 0.5
    date -s "@$now" >/dev/null
    wait $! || status=$?
    [ "$status" -eq 1 ]
    answers 1 alone lbctl-check show
    prints "no answer within $PATIENCE s"
}
