#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Sync daemons: every option, and state that really travels.

load ../suite-helper

setup() {
    lab_alone
    alone ip -batch - <<'END'
link add front type dummy
addr add 10.0.0.1/24 dev front
addr add 2001:db8::1/64 dev front nodad
link set front up
END
}

teardown() {
    lab_cleanup
    lab_not_alone
}

sync_() {
    ok alone lbctl-sync "$@"
    [ -z "$output" ] || {
        show_run
        return 1
    }
}

refused() {
    fails 3 alone lbctl-sync "$@"
    [ -z "$output" ]
}

# daemons_are: ipvsadm's list is what stdin says.
daemons_are() {
    local expected actual
    IFS= read -rd '' expected || true
    actual=$(alone ipvsadm -L --daemon)
    [ "$actual" = "${expected%$'\n'}" ] || {
        printf '%s\n' 'expected daemons:' "$expected" 'daemons:' "$actual"
        return 1
    }
}

@test "daemons start with every option, are shown, and stop" {
    ok alone lbctl-sync
    [ -z "$output" ]
    sync_ start master --dev front
    sync_ start backup --dev front --id 255
    daemons_are <<'END'
master sync daemon (mcast=front, syncid=0, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)
backup sync daemon (mcast=front, syncid=255, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)
END
    ok alone lbctl-sync show
    [ "$(tr -s ' ' <<<"$output")" = 'ROLE INTERFACE ID GROUP PORT TTL MAX-LENGTH
master front 0 224.0.0.81 8848 1 1472
backup front 255 224.0.0.81 8848 1 1472' ]

    refused start master --dev front --id 3
    complains 'lbctl-sync: master: ' 'hint: lbctl-sync show'
    sync_ stop master
    refused stop master
    complains 'lbctl-sync: master: '
    sync_ stop backup
    daemons_are </dev/null

    sync_ start master --dev front --id 0x10 --group 224.0.1.9 --port 9999 \
        --ttl 255 --max-length 600
    sync_ start backup --dev front --group ff02::9 --port 1 --ttl 7 --id 16
    ok alone lbctl-sync show --json
    json_is .version 2
    json_is '.daemons[] | "\(.role) \(.dev) \(.id) \(.group) \(.port) \(.ttl) \(.max_length)"' \
        'master front 16 224.0.1.9 9999 255 600
backup front 16 ff02::9 1 7 1452'
    daemons_are <<'END'
master sync daemon (mcast=front, syncid=16, maxlen=600, group=224.0.1.9, port=9999, ttl=255)
backup sync daemon (mcast=front, syncid=16, maxlen=1452, group=ff02::9, port=1, ttl=7)
END
    ok alone lbctl-sync stop master --json
    json_is '.changes[] | "\(.action) \(.object)"' 'delete sync'
    ok alone lbctl-sync --quiet stop backup
    daemons_are </dev/null
}

@test "dry runs and mistakes start and stop nothing" {
    sync_ start backup --dev front --id 4
    answers 1 alone lbctl-sync start master --dev front --id 3 --dry-run
    prints '+ sync start master --dev front --id 3'
    answers 1 alone lbctl-sync stop backup --dry-run
    prints '- sync stop backup'
    fails 3 alone lbctl-sync --dry-run stop master
    fails 3 alone lbctl-sync --dry-run start backup --dev front

    # mistake TEXT WORD...
    mistake() {
        fails 2 alone lbctl-sync "${@:2}"
        complains "$1"
        [ -z "$output" ]
        complains $'\n'
    }
    mistake interface start master
    mistake nonesuch start master --dev nonesuch
    mistake "'mater'" start mater --dev front
    mistake "'masters'" stop masters
    mistake "'256'" start master --dev front --id 256
    mistake "'-1'" start master --dev front --id=-1
    mistake "'65508'" start master --dev front --max-length 65508
    mistake 10.0.0.1 start master --dev front --group 10.0.0.1
    mistake multicast start master --dev front --group 10.0.0.1
    mistake 65536 start master --dev front --port 65536
    mistake "'0'" start master --dev front --ttl 0
    mistake "'256'" start master --dev front --ttl 256
    mistake 'longer than 15' start master --dev sixteen-letters-x
    mistake twice start master --dev front --dev front
    mistake "unexpected argument 'backup'" start master backup --dev front
    mistake 'missing argument' start --dev front
    mistake 'missing argument' stop
    mistake "did you mean 'start'" stat master
    mistake "did you mean '--dev'" start master --dve front
    mistake "unexpected argument 'master'" show master
    daemons_are <<<'backup sync daemon (mcast=front, syncid=4, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)'
}

@test "a backup director learns the connections of the master" {
    # The master, the backup and a client on one network.
    lab_new sync
    lab_lan front client=172.31.36.1/24 lb1=172.31.36.2/24 \
        lb2=172.31.36.3/24 s1=172.31.36.11/24
    lab_ip lb1 'addr add 172.31.36.102/32 dev front'
    lab_ip s1 'addr add 172.31.36.102/32 dev lo'
    lab_sysctl s1 'net.ipv4.conf.*.arp_ignore=1' 'net.ipv4.conf.*.arp_announce=2'
    lab_sysctl lb1 net.ipv4.ip_forward=1
    lab_up
    local host
    for host in lb1 lb2; do
        ok lab_in "$host" lbctl-svc add tcp:172.31.36.102:7000
        ok lab_in "$host" lbctl-svc add-server tcp:172.31.36.102:7000 172.31.36.11
    done
    ok lab_in lb1 lbctl-sync start master --dev front --id 9
    ok lab_in lb2 lbctl-sync start backup --dev front --id 9
    lab_serve s1 s1 tcp 172.31.36.102 7000
    lab_connect tcp 172.31.36.102 7000
    learned() {
        ok lab_in lb2 lbctl-svc connections --state ESTABLISHED
        [[ $output == *172.31.36.1:*172.31.36.11:7000* ]]
    }
    within 20 learned
    ok lab_in lb1 lbctl-sync stop master
    ok lab_in lb2 lbctl-sync stop backup
}
