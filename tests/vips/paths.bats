#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Whether it is this host's fault that nobody answers. Needs no IPVS. This host is
# "alone"; eth1 leads to a switch with two hosts, .11 and .12 of 10.9.0.0/24 and of
# fd00::/64; eth2 leads to a router.

load ../suite-helper

setup() {
    local host
    lab_alone
    NETWORK=network-$BASHPID-$RANDOM
    ip netns add "$NETWORK"
    ip -n "$NETWORK" link add switch type bridge forward_delay 0
    ip -n "$NETWORK" link set switch up
    link eth1
    link eth2
    ip -n "$NETWORK" link set eth1 master switch
    for host in 11 12; do
        ip netns add "$NETWORK-$host"
        ip -n "$NETWORK" link add "h$host" type veth peer name back netns "$NETWORK-$host"
        ip -n "$NETWORK" link set "h$host" master switch up
        ip -n "$NETWORK-$host" addr add "10.9.0.$host/24" dev back
        ip -n "$NETWORK-$host" addr add "fd00::$host/64" dev back nodad
        ip -n "$NETWORK-$host" link set back up
    done
    alone ip addr add 10.9.0.1/24 dev eth1
    alone ip addr add fd00::1/64 dev eth1 nodad
    alone ip addr add 10.8.0.1/24 dev eth2
    ip -n "$NETWORK" addr add 10.8.0.2/24 dev eth2
    within 10 all_fine
}

teardown() {
    alone ip addr
    alone ip route
    alone ip neigh
    ip netns del "$NETWORK-11"
    ip netns del "$NETWORK-12"
    ip netns del "$NETWORK"
    lab_not_alone
}

# link NAME: a cable into the network.
link() {
    ip -n "$ALONE" link add "$1" type veth peer name "$1" netns "$NETWORK"
    ip -n "$ALONE" link set "$1" up
    ip -n "$NETWORK" link set "$1" up
}

all_fine() {
    [ "$(alone ways 10.9.0.11 10.9.0.12 fd00::11 fd00::12 10.8.0.2 | grep -c fine)" -eq 5 ]
}

# knows ADDRESS: the kernel has it as a neighbour.
knows() {
    alone ip neigh show to "$1" | grep -q lladdr
}

# way ADDRESS... = RESULT...: a result for each, "fine" or "down:eth1".
way() {
    local addresses=() said
    until [ "$1" = = ]; do
        addresses+=("$1")
        shift
    done
    shift
    said=$(alone ways "${addresses[@]}" | cut -d ' ' -f 2- | tr ' ' : | xargs)
    [ "$said" = "$*" ] || {
        echo "expected $*, is $said"
        return 1
    }
}

@test "a host that is dead alone, or beside one that answers, is dead" {
    all_fine
    way 10.9.0.11 127.0.0.1 10.9.0.1 = fine fine fine
    way 10.9.0.13 = fine
    way 10.9.0.11 10.9.0.13 = fine fine
    # Another whom the kernel knows there answers.
    alone bash -c 'echo >/dev/udp/10.9.0.11/9; echo >/dev/udp/fd00::12/9'
    within 10 knows 10.9.0.11
    within 10 knows fd00::12
    way 10.9.0.13 10.9.0.14 = fine fine
    way fd00::13 fd00::14 = fine fine
    # Known to answer.
    way 10.9.0.13 10.9.0.14 +10.9.0.12 = fine fine fine
}

@test "nobody answers: the link is silent" {
    ip -n "$NETWORK" link set h11 down
    ip -n "$NETWORK" link set h12 down
    way 10.9.0.11 10.9.0.12 = silent:eth1 silent:eth1
    way fd00::11 fd00::12 = silent:eth1 silent:eth1
    # One alone can be dead.
    alone ip neigh flush all
    way 10.9.0.11 = fine
    # Hosts with fixed entries need not answer.
    alone ip neigh replace 10.9.0.11 lladdr 02:00:00:00:00:11 dev eth1
    alone ip neigh replace 10.9.0.12 lladdr 02:00:00:00:00:12 dev eth1
    way 10.9.0.11 10.9.0.12 = fine fine
    # Where a probe has just got an answer, the link is well.
    alone ip neigh flush all nud permanent
    way 10.9.0.11 10.9.0.12 +10.9.0.13 = fine fine fine
}

@test "no carrier, a link that is down, no route" {
    ip -n "$NETWORK" link set eth1 down
    way 10.9.0.11 fd00::11 = down:eth1 down:eth1
    ip -n "$NETWORK" link set eth1 up
    within 10 all_fine
    alone ip link set eth1 down
    way 10.9.0.11 = down:eth1
    # Its route is gone, and a default route would be taken.
    alone ip route add default via 10.8.0.2
    way 10.9.0.11 10.9.0.12 = down:eth1 down:eth1
    way 10.77.0.1 = fine
    alone ip link set eth1 up
    alone ip route del default
    way 10.77.0.1 = unreachable
    # A route that says no is the operator's word.
    alone ip route add unreachable 10.30.0.0/16
    way 10.30.0.1 = fine
}

@test "a network with one who answers by another way is not lost with its link" {
    alone ip route add 10.0.0.0/8 via 10.8.0.2
    alone ip link set eth1 down
    way 10.9.0.11 10.9.0.12 = down:eth1 down:eth1
    way 10.9.0.11 +10.9.0.12 = fine fine
    # Another network behind that router was never here.
    way 10.20.0.11 10.9.0.12 = fine down:eth1
}

@test "a gateway that is silent is between, one that answers is not" {
    alone ip route add 10.20.0.0/16 via 10.9.0.254
    alone ip route add 10.21.0.0/16 via 10.9.0.11
    way 10.20.0.1 10.20.0.2 = silent:eth1:by:10.9.0.254 silent:eth1:by:10.9.0.254
    way 10.21.0.1 10.21.0.2 = fine fine
    way 10.20.0.1 10.21.0.1 10.9.0.11 = silent:eth1:by:10.9.0.254 fine fine
    # Somebody behind it answers.
    way 10.20.0.1 +10.20.0.2 = fine fine
}
