#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# A director that loses its own way to the servers takes nobody out, and goes on
# when it has it back. Its clients send all the time.

load ../suite-helper

setup() {
    lab_new "uplink$BATS_TEST_NUMBER"
    lab_balancer nat
    FLOWS=$LAB_DIR/flows
}

teardown() {
    lab_cleanup
}

on_director() {
    ok lab_in director "$@"
}

# balance ADDRESS SERVER...: a service of them.
balance() {
    SERVICE=tcp:$1
    on_director lbctl-svc add "$SERVICE" --scheduler rr
    on_director lbctl-svc add-server "$SERVICE" "${@:2}" --forward nat --weight 4
}

# check: one run that the servers are down or up after.
check() {
    lab_in director lbctl-check run "$SERVICE" --name web --tcp server --fall 1 \
        --rise 1 --timeout "$(scaled 1)" "$@"
}

# stays WHY: nobody is taken out, and that is said.
stays() {
    answers 1 check
    complains '3 of 3 servers cannot be reached from here, and stay as they are' "$1"
    weights_are '4 4 4'
    run_program lab_in director lbctl-check show --json
    json_is '[.checks[].servers[].last_verdict] | unique | join(" ")' unknown
    json_is '[.checks[].servers[].state] | unique | join(" ")' up
    json_is "[.checks[].servers[].message | contains(\"$1\")] | all" true
}

# goes_on: the way is back, for who has been there all the time, and for others.
goes_on() {
    are_answered() {
        run_program traffic look "$FLOWS"
        [ "$(awk '$1 == "silent" { print $2 }' <<<"$output")" -eq 0 ] || return
        answers 0 check
    }
    within 30 are_answered
    weights_are '4 4 4'
    ok lab_send tcp "$LAB_VIP" 50000 12
}

@test "a director without its link, cable, switch or route drains nobody" {
    lab_serve_all tcp 50000
    balance "$LAB_VIP:50000" "${LAB_SERVERS[@]}"
    answers 0 check
    lab_in client traffic flow tcp "$LAB_VIP" 50000 6 --report "$FLOWS"

    lab_in director ip link set back down
    stays "this host's link back is down"
    lab_in director ip link set back up
    goes_on

    lab_in back ip link set director down
    stays "this host's link back is down"
    lab_in back ip link set director up
    goes_on

    # There is a carrier, but nobody hears.
    lab_in back ip link set director nomaster
    stays 'nobody answers this host on its link back'
    lab_in back ip link set director master switch
    goes_on

    lab_in director ip route del 10.10.20.0/24 dev back
    stays 'this host has no route to it'
    lab_in director ip route add 10.10.20.0/24 dev back src 10.10.20.1
    goes_on

    # A program that cannot reach them is no better off.
    lab_in director ip link set back down
    answers 1 lab_in director lbctl-check run "$SERVICE" --name program \
        --exec /bin/false --fall 1
    complains 'cannot be reached from here'
    weights_are '4 4 4'
    lab_in director ip link set back up
    goes_on
    run_program traffic stop "$FLOWS"
    prints 'silent 0' 'moved 0' 'lost 0'
}

@test "IPv6 has a way of its own" {
    lab_serve_all tcp 50000
    balance "[$LAB_VIP6]:50000" "${LAB_SERVERS6[@]}"
    answers 0 check
    lab_in back ip link set director nomaster
    stays 'nobody answers this host on its link back'
    lab_in back ip link set director master switch
    within 20 check
}

@test "servers that are dead are taken out, while the link is not" {
    lab_plug back other 10.10.20.99/24
    lab_serve_all tcp 50000
    lab_serve other other tcp 10.10.20.99 50000
    balance "$LAB_VIP:50000" "${LAB_SERVERS[@]}"
    answers 0 check
    lab_in s1 ip link set back down
    answers 1 check
    weights_are '0 4 4'
    # All of them, but another host of the link answers.
    ok lab_in director traffic send tcp 10.10.20.99 50000 1
    lab_in s2 ip link set back down
    lab_in s3 ip link set back down
    answers 1 check
    weights_are '0 0 0'
    lab_in director lbctl-check show --json |
        jq -e 'all(.checks[].servers[]; .state == "down")'
}

@test "a gateway that is gone takes nobody along" {
    lab_in director ip route add 10.99.0.0/24 via 10.10.20.99
    balance "$LAB_VIP:50000" 10.99.0.1 10.99.0.2 "${LAB_SERVERS[0]}"
    lab_serve_all tcp 50000
    answers 1 check
    complains '2 of 3 servers cannot be reached' \
        "this host's gateway 10.10.20.99 does not answer on back"
    weights_are '4 4 4'
    # Whoever refuses has answered.
    lab_received
    answers 1 check
    weights_are '0 4 4'
}
