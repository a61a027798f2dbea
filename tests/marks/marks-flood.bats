#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# lab: no services
#
# Packets while mark rules in nf_tables change. Kernels differ in what is lost on
# the way, so that this runs on this machine and, by tests/suite, in the lab.

load ../suite-helper

setup() {
    lab_alone
    DIR=$(mktemp -d)
}

teardown() {
    alone nft -a list ruleset
    lab_not_alone
    rm -rf "$DIR"
}

# flooded COMMAND...: each datagram that arrives while it runs has a mark.
flooded() {
    ok alone flood 1003 "$@"
    echo "$output: $*"
    [[ $output == [1-9]*' 0 unmarked' ]]
}

# clients N: rules for that many, each with its mark.
clients() {
    local i
    {
        echo 'mark flush --backend nft'
        for ((i = 1; i <= $1; i++)); do
            echo "mark add $i --proto udp --dst 127.0.0.1 --dport $((1000 + i))"
        done
    } >"$DIR/clients"
    ok alone lbctl-restore "$DIR/clients"
}

@test "a flood meets no packet without its mark" {
    clients 5
    # shellcheck disable=SC2016
    flooded bash -c 'for i in 1 2 3 4 5 6 7 8; do
        lbctl-mark replace $i --proto udp --dst 127.0.0.1 --dport 1003
        lbctl-mark add $i --proto udp --dst 127.0.0.1 --dport 99$i
        lbctl-mark add $i --proto udp --dport 99$i --src 127.0.0.9
        lbctl-mark exclude --proto tcp --dport 99$i; done'
    flooded lbctl-mark convert iptables
    flooded lbctl-mark convert nft
    # Another shape: rules, a map of intervals, and back.
    # shellcheck disable=SC2016
    flooded bash -c 'for i in 1 2 3 4 5 6 7 8; do
        lbctl-mark add 4 --proto udp --dst 127.0.0.1 --dport 2$i:4$i; done
        for i in 1 2 3 4 5 6 7 8; do
        lbctl-mark delete 4 --proto udp --dst 127.0.0.1 --dport 2$i:4$i; done
        lbctl-restore '"$DIR/clients"
}

# ranges COUNT [ADDRESS]: so many ranges, behind addresses from that on.
ranges() {
    local i
    echo 'mark flush --backend nft'
    for ((i = 1; i <= $1; i++)); do
        echo "mark add $i --proto udp --dport $((1000 * i)):$((1000 * i + 5))" \
            ${2:+--dst "$2.$i"}
    done
}

# ranged COUNT [DESTINATION]: marks the flood anew and anew.
ranged() {
    # shellcheck disable=SC2016
    flooded bash -c 'for mark in {21..40}; do
        lbctl-mark replace $mark --proto udp --dport 1000:1005 $1 || exit
        done' ranged "${2:-}"
    [ "$(alone lbctl-mark show --json | jq '.marks | length')" -eq "$1" ]
    # Nothing is left in front.
    ! alone nft list ruleset | grep -q 'chain.*-0 ' || false
}

@test "a flood meets no packet without its mark while ranges get others" {
    ranges 6 >"$DIR/ranges"
    ok alone lbctl-restore "$DIR/ranges"
    ranged 6
    # A map of addresses, with a map of ranges for each.
    ranges 12 127.0.0 >"$DIR/ranges"
    ok alone lbctl-restore "$DIR/ranges"
    ranged 12 --dst=127.0.0.1
}
