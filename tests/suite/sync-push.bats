#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Another director that has just started gets all connections, and clients go on
# when it takes their VIP.

load ../suite-helper

setup() {
    lab_new "push$BATS_TEST_NUMBER"
}

teardown() {
    lab_cleanup
}

on_director() {
    ok lab_in director "$@"
}

# directors nat|dr|tun: a balancer whose director has a peer, beside it in the
# servers' network and behind a cable of its own for the client.
directors() {
    local lan=back
    lab_balancer "$1"
    [[ $1 != dr ]] || lan=front
    lab_link sync director 10.9.9.1/24 peer 10.9.9.2/24
    lab_link second client 172.31.37.1/24,2001:db8:7::1/64 \
        peer 172.31.37.2/24,2001:db8:7::2/64
    LAB_WANTED+="link add $lan netns $LAB_PREFIX-peer type veth "
    LAB_WANTED+="peer name peer netns $LAB_PREFIX-$lan"$'\n'
    lab_ip "$lan" 'link set peer master switch up'
    lab_ip peer "link set $lan up"
    if [[ $lan == back ]]; then
        lab_address peer back 10.10.20.4/24,2001:db8:2::4/64
    else
        lab_address peer front 172.31.36.4/24,2001:db8:1::4/64
    fi
    lab_sysctl peer net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
    lab_up
    for i in 0 1 2; do
        lab_serve "s$((i + 1))" "s$((i + 1))" tcp "${LAB_ANSWER[i]}" 7000:7003
        lab_serve "s$((i + 1))" "s$((i + 1))" tcp "${LAB_ANSWER6[i]}" 7000:7003
        lab_serve "s$((i + 1))" "s$((i + 1))" udp "${LAB_ANSWER[i]}" 7000
        lab_serve "s$((i + 1))" "s$((i + 1))" sctp "${LAB_ANSWER[i]}" 7000
    done
}

# ruleset nat|dr|tun: services of each protocol, by address and by mark, with and
# without persistence.
ruleset() {
    local service
    echo "mark add 7 --proto tcp --dst $LAB_VIP --dport 7002"
    echo "mark add 7 --proto tcp --dst $LAB_VIP6 --dport 7002"
    for service in "tcp:$LAB_VIP:7000 --scheduler rr" "udp:$LAB_VIP:7000 --scheduler rr" \
        "sctp:$LAB_VIP:7000 --scheduler rr" "tcp:$LAB_VIP:7001 --persistent 100" \
        'fwmark:7 --persistent 100'; do
        echo "svc add $service"
        printf "svc add-server ${service%% *} %s --forward $1\n" "${LAB_SERVERS[@]}"
    done
    for service in "tcp:[$LAB_VIP6]:7000 --scheduler rr" \
        "tcp:[$LAB_VIP6]:7001 --persistent 100" 'fwmark:7/inet6 --persistent 100'; do
        echo "svc add $service"
        printf "svc add-server ${service%% *} %s --forward $1\n" "${LAB_SERVERS6[@]}"
    done
}

# entries HOST: its connections and templates, without the time that is left.
entries() {
    lab_in "$1" lbctl-svc connections --json |
        jq -r '.connections[] | del(.expires_seconds) | tojson' | sort
}

# counts HOST: the active and inactive connections of its servers.
counts() {
    lab_in "$1" lbctl-svc show --json | jq -c '.services[] | [.service, (.servers[] |
        .server, .active_connections, .inactive_connections)]'
}

same_entries() {
    entries peer | diff "$LAB_DIR/entries" -
}

# Servers that answer by the peer know it by its address.
by_peer() {
    lab_ip client "route replace $LAB_VIP/32 via 172.31.37.2" \
        "route replace $LAB_VIP6/128 via 2001:db8:7::2"
    lab_ip peer "addr add $LAB_VIP/32 dev second" "addr add $LAB_VIP6/128 dev second nodad" \
        "route replace $LAB_CLIENT/32 via 172.31.37.1" \
        "route replace $LAB_CLIENT6/128 via 2001:db8:7::1"
    if [[ $1 == nat ]]; then
        for host in s1 s2 s3; do
            lab_ip "$host" 'route replace default via 10.10.20.4' \
                'route replace default via 2001:db8:2::4'
        done
    fi
    lab_up
}

# The client has two ways; it keeps to one address.
connect() {
    lab_connect "$@" --from "$LAB_CLIENT"
}

# pushed nat|dr|tun: clients connect, the peer starts, it is told, and takes over.
pushed() {
    directors "$1"
    ruleset "$1" >"$LAB_DIR/rules"
    on_director lbctl-restore "$LAB_DIR/rules"
    for port in 7000 7001 7002; do
        connect tcp "$LAB_VIP" "$port"
        lab_connect tcp "$LAB_VIP6" "$port" --from "$LAB_CLIENT6"
    done
    connect tcp "$LAB_VIP" 7000
    connect udp "$LAB_VIP" 7000
    connect sctp "$LAB_VIP" 7000

    ok lab_in peer lbctl-restore "$LAB_DIR/rules"
    ok lab_in peer lbctl-sync start backup --dev sync --id 3
    on_director lbctl-sync start master --dev sync --id 3
    [ -z "$(entries peer)" ]
    entries director >"$LAB_DIR/entries"
    # Nine connections, and four templates.
    [ "$(wc -l <"$LAB_DIR/entries")" = 13 ]
    on_director lbctl-sync push --json
    json_is '.push | "\(.connections) \(.messages) \(.left_out | add)"' '13 1 0'
    within 10 same_entries
    # They belong to servers there as here, but for their marks.
    counts director >"$LAB_DIR/counts"
    counts peer | diff "$LAB_DIR/counts" -
    # Told again, it has nothing new.
    on_director lbctl-sync push
    prints 'sent: connections 13, messages 1'
    within 10 same_entries
    counts peer | diff "$LAB_DIR/counts" -

    by_peer "$1"
    lab_ask_again
    [ "$(lab_in peer lbctl-svc connections --state ESTABLISHED | grep -c ESTABLISHED)" = 0 ]
}

@test "NAT: another director gets all connections, and serves them" {
    pushed nat
}

@test "direct routing: another director gets all connections, and serves them" {
    pushed dr
}

@test "tunnels: another director gets all connections, and serves them" {
    pushed tun
}

@test "what another director must not hear is left out, and said" {
    lab_balancer nat
    local web=tcp:$LAB_VIP:7000
    lab_link sync director 10.9.9.1/24 peer 10.9.9.2/24
    lab_address director front 172.31.36.103/24
    lab_up
    for i in 0 1; do
        lab_serve "s$((i + 1))" "s$((i + 1))" tcp "${LAB_SERVERS[i]}" 7000,21
    done
    # Nobody is there to be told.
    on_director lbctl-sync push --dev sync
    prints 'sent: connections 0, messages 0'
    fails 2 lab_in director lbctl-sync push --dev nic7
    complains nic7 'no such interface'
    fails 2 lab_in director lbctl-sync push --rate 0 --dev sync
    fails 2 lab_in director lbctl-sync push --id 256 --dev sync
    fails 2 lab_in director lbctl-sync push --service web --dev sync
    fails 2 lab_in director lbctl-sync push now --dev sync
    answers 0 lab_in director lbctl-sync push
    complains 'no master daemon runs here'
    on_director lbctl-sync push --quiet
    [ -z "$output" ]

    {
        printf 'svc add %s --scheduler rr\n' "$web" "tcp:172.31.36.103:7000" \
            "tcp:$LAB_VIP:21" "tcp:$LAB_VIP:9"
        printf "svc add-server $web %s --forward nat\n" "${LAB_SERVERS[@]:0:2}"
        printf "svc add-server %s ${LAB_SERVERS[0]} --forward nat\n" \
            "tcp:172.31.36.103:7000" "tcp:$LAB_VIP:21"
        echo "svc add-server tcp:$LAB_VIP:9 10.10.20.99 --forward nat"
    } >"$LAB_DIR/rules"
    on_director lbctl-restore "$LAB_DIR/rules"
    lab_connect tcp "$LAB_VIP" 7000
    lab_connect tcp "$LAB_VIP" 7000
    lab_connect tcp 172.31.36.103 7000
    lab_connect tcp "$LAB_VIP" 21
    # Its server does not exist.
    lab_in client "$LAB_TRAFFIC" send tcp "$LAB_VIP" 9 1 --timeout 100 || true
    ok lab_in peer lbctl-restore "$LAB_DIR/rules"
    ok lab_in peer lbctl-sync start backup --dev sync --id 0
    on_director lbctl-sync start master --dev sync --id 3

    # It would be sent.
    on_director lbctl-sync push --dry-run --json
    json_is '.push | "\(.connections) \(.left_out | tojson)"' \
        '3 {"half_open":1,"elsewhere":0,"unknown":0,"hidden":1}'
    # Only one service's.
    on_director lbctl-sync push --service tcp:172.31.36.103:7000
    prints 'sent: connections 1, messages 1'
    lacks 'left out'
    within 10 has_entries 1
    # A VIP that has gone elsewhere, and a server that is gone.
    lab_in director ip addr del 172.31.36.103/24 dev front
    on_director lbctl-svc delete-server "$web" "${LAB_SERVERS[1]}" --quiet
    on_director lbctl-sync push --json
    json_is '.push | "\(.connections) \(.left_out | tojson)"' \
        '1 {"half_open":1,"elsewhere":1,"unknown":1,"hidden":1}'
    within 10 has_entries 2
    # The other id is another pair's.
    ok lab_in peer lbctl-sync flush
    ok lab_in peer lbctl-sync start backup --dev sync --id 4
    on_director lbctl-sync push
    on_director lbctl-sync push --id 4 --service "$web"
    lab_in director ip link set sync down
    fails 2 lab_in director lbctl-sync push
    complains 'sync: the interface is down'
}

has_entries() {
    [ "$(entries peer | wc -l)" = "$1" ]
}

@test "templates of a persistence engine come over with their data" {
    local call
    lab_balancer nat
    lab_link sync director 10.9.9.1/24 peer 10.9.9.2/24
    lab_up
    modprobe ip_vs_pe_sip
    {
        echo "svc add udp:$LAB_VIP:5060 --scheduler rr --persistent 60 --pe sip"
        printf "svc add-server udp:$LAB_VIP:5060 %s --forward nat\n" "${LAB_SERVERS[@]}"
    } >"$LAB_DIR/rules"
    on_director lbctl-restore "$LAB_DIR/rules"
    ok lab_in peer lbctl-restore "$LAB_DIR/rules"
    # The longest that the kernel takes is 255.
    printf -v call '%0243d@example.org' 7
    call=${call: -255}
    # shellcheck disable=SC2016
    for id in 7c5f@example "$call"; do
        lab_in client bash -c 'printf "%s\r\n" "INVITE sip:b@example SIP/2.0" \
            "Via: SIP/2.0/UDP 172.31.36.1" "Call-ID: $1" "Content-Length: 0" "" |
            cat >/dev/udp/$2/5060' bash "$id" "$LAB_VIP"
    done
    ok lab_in peer lbctl-sync start backup --dev sync --id 3
    on_director lbctl-sync start master --dev sync --id 3
    entries director >"$LAB_DIR/entries"
    [ "$(jq -r 'select(.pe == "sip").pe_data' "$LAB_DIR/entries" | sort)" = \
        "$(printf '%s\n' 7c5f@example "$call" | sort)" ]
    on_director lbctl-sync push --json
    json_is '.push.left_out | add' 0
    within 10 same_entries
}
