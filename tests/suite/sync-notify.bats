#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
# lab: no services
#
# Sync daemons as keepalived's notify wants them.

load ../suite-helper

setup() {
    lab_alone
    alone ip link add eth0 type dummy
    alone ip addr add 192.0.2.1/24 dev eth0
    alone ip link set eth0 up multicast on
}

teardown() {
    alone lbctl-sync flush || true
    lab_not_alone
    rm -f /run/lbctl/notify.*
}

# notify NAME STATE OPTION...: a call that succeeds and says nothing.
notify() {
    ok alone lbctl-sync notify INSTANCE "$1" "$2" 100 "${@:3}"
    [ -z "$output" ]
}

# daemons_are TEXT: the roles and ids of those that run.
daemons_are() {
    local now
    now=$(alone lbctl-sync show --json | jq -r '.daemons | map("\(.role) \(.id // 0)") | join(", ")')
    [ "$now" = "$1" ] || {
        echo "expected '$1', is '$now'"
        return 1
    }
}

@test "one instance has one daemon, of its role" {
    notify VI_1 MASTER --dev eth0 --id 1
    daemons_are 'master 1'
    notify VI_1 MASTER --dev eth0 --id 1
    daemons_are 'master 1'
    # What runs says the interface.
    notify VI_1 BACKUP --id 1
    daemons_are 'backup 1'
    notify VI_1 FAULT --id 1
    daemons_are 'backup 1'
    notify VI_1 MASTER --id 1
    daemons_are 'master 1'
    notify VI_1 STOP --id 1
    daemons_are ''
    notify VI_1 STOP --id 1
    notify VI_1 BACKUP --dev eth0
    daemons_are 'backup 0'
    notify VI_1 DELETED
    daemons_are ''
}

@test "a daemon keeps what a call does not say" {
    ok alone lbctl-sync start backup --dev eth0 --id 1 --group 224.0.0.82 --ttl 3
    notify VI_1 MASTER --id 1
    ok alone lbctl-sync show --json
    json_is '.daemons[0] | "\(.role) \(.group) \(.ttl)"' 'master 224.0.0.82 3'
    notify VI_1 MASTER --id 1 --ttl 2
    ok alone lbctl-sync show --json
    json_is '.daemons[0] | "\(.role) \(.group) \(.ttl)"' 'master 224.0.0.82 2'
}

@test "two instances have both daemons, until both are stopped" {
    local ids=(--dev eth0 --id VI_1=1 --id VI_2=2)
    notify VI_1 MASTER "${ids[@]}"
    daemons_are 'master 1, backup 2'
    notify VI_2 BACKUP "${ids[@]}"
    notify VI_2 MASTER "${ids[@]}"
    notify VI_1 FAULT "${ids[@]}"
    daemons_are 'master 1, backup 2'
    notify VI_1 STOP "${ids[@]}"
    daemons_are 'master 1, backup 2'
    notify VI_2 STOP "${ids[@]}"
    daemons_are ''
    notify VI_2 BACKUP "${ids[@]}"
    daemons_are 'master 1, backup 2'
}

@test "of calls at the same time the one that began last counts" {
    for _ in 1 2 3 4 5; do
        exec 4>/run/lbctl/lock
        flock 4
        alone lbctl-sync notify INSTANCE VI_1 MASTER 100 --dev eth0 --id 1 3>&- 4>&- &
        sleep 0.2
        alone lbctl-sync notify INSTANCE VI_1 BACKUP 100 --dev eth0 --id 1 3>&- 4>&- &
        sleep 0.2
        exec 4>&-
        wait
        daemons_are 'backup 1'
    done
}

@test "calls that are wrong change nothing" {
    fails 2 alone lbctl-sync notify INSTANCE VI_1 MASTERS 100 --dev eth0
    complains MASTERS 'MASTER, BACKUP, FAULT, STOP, DELETED'
    fails 2 alone lbctl-sync notify VI_1 MASTER 100 --dev eth0
    fails 2 alone lbctl-sync notify NODE VI_1 MASTER --dev eth0
    fails 2 alone lbctl-sync notify INSTANCE VI_1 MASTER
    complains 'the interface is missing'
    fails 2 alone lbctl-sync notify INSTANCE VI_1 MASTER --dev eth0 --id 256
    fails 2 alone lbctl-sync notify INSTANCE VI_1 MASTER --dev eth0 --id VI_2=1
    complains 'no --id is of this instance'
    fails 2 alone lbctl-sync notify INSTANCE VI_1 MASTER --dev eth0 --id 1 --id 2
    fails 2 alone lbctl-sync notify INSTANCE VI_1 MASTER --dev eth0 \
        --id VI_1=1 --id VI_2=2 --id VI_3=3
    daemons_are ''
    ok alone lbctl-sync notify GROUP VG_1 MASTER 0 --dev eth0
    daemons_are ''
    answers 1 alone lbctl-sync notify INSTANCE VI_1 MASTER --dev eth0 --dry-run
    prints '+ sync start master --dev eth0'
    daemons_are ''
    ! ls /run/lbctl/notify.* || false
}
