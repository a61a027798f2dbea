#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# One-armed NAT: servers without a way to the clients answer, since the director
# gives packets with a mark an address of its own.

load ../suite-helper

setup() {
    lab_new "snat$BATS_TEST_NUMBER"
    lab_balancer snat
    DIR=$(mktemp -d)
    SOURCE_PORT=20000
}

teardown() {
    lab_in director nft list ruleset
    lab_in director iptables-legacy -t nat -S
    lab_cleanup
    rm -rf "$DIR" /run/lbctl/vips.*
}

on_director() {
    ok lab_in director "$@"
}

# The services of addresses have the port 7000, that of mark 8 has 7001.
services() {
    local protocol
    {
        for protocol in tcp udp; do
            echo "svc add $protocol:$LAB_VIP:7000 --scheduler rr"
            echo "svc add-server $protocol:$LAB_VIP:7000 ${LAB_SERVERS[*]} --forward nat"
            echo "svc add $protocol:[$LAB_VIP6]:7000 --scheduler rr"
            echo "svc add-server $protocol:[$LAB_VIP6]:7000 ${LAB_SERVERS6[*]} --forward nat"
        done
        echo 'svc add fwmark:8 --scheduler rr'
        echo "svc add-server fwmark:8 ${LAB_SERVERS[*]} --forward nat"
        echo 'svc add fwmark:8/inet6 --scheduler rr'
        echo "svc add-server fwmark:8/inet6 ${LAB_SERVERS6[*]} --forward nat"
    } >"$DIR/services"
    on_director lbctl-restore "$DIR/services"
}

# marks BACKEND [--snat]: rules for all services.
marks() {
    local protocol vip
    {
        echo "mark flush --backend $1"
        for protocol in tcp udp; do
            for vip in "$LAB_VIP" "$LAB_VIP6"; do
                echo "mark add 9 --proto $protocol --dst $vip --dport 7000 ${2:-}"
                echo "mark add 8 --proto $protocol --dst $vip --dport 7001 ${2:-}"
            done
        done
    } >"$DIR/marks"
    on_director lbctl-restore "$DIR/marks"
}

# sends_all COUNT LOST [OPTION...]: to all services, those of a port at once; of
# COUNT so many are lost. No client port is used twice: it would be taken for the
# earlier flow.
sends_all() {
    local protocol vip port
    for port in 7000 7001; do
        for protocol in tcp udp; do
            for vip in "$LAB_VIP" "$LAB_VIP6"; do
                SOURCE_PORT=$((SOURCE_PORT + 100))
                lab_send "$protocol" "$vip" "$port" "$1" \
                    --source-ports "$SOURCE_PORT" "${@:3}" \
                    >"$DIR/sent-$protocol-$vip-$port" 3>&- &
            done
        done
        wait
    done
    [ "$(grep -lx "lost $2" "$DIR"/sent-* | wc -l)" -eq 8 ] || {
        grep . "$DIR"/sent-*
        return 1
    }
}

# tracking VALUE: whether IPVS tracks connections, and what lbctl remembers.
tracking() {
    ok lab_in director sysctl -n net.ipv4.vs.conntrack
    [ "$output" = "$1" ] || {
        echo "net.ipv4.vs.conntrack is $output, not $1"
        return 1
    }
}
remembered() {
    grep -rqx 'setting ipv4/vs/conntrack 0 1' /run/lbctl
}

serves_only_with_it() {
    services
    lab_serve_all tcp 7000:7001
    lab_serve_all udp 7000:7001
    marks "$1"
    tracking 0
    sends_all 1 1 --timeout 300
    marks "$1" --snat
    tracking 1
    # 100 of 100 by address, and as many by mark.
    sends_all 25 0 --timeout 10000
    on_director lbctl-mark flush
    tracking 0
}

@test "nobody is served without --snat, all are with it: by nft" {
    serves_only_with_it nft
}

@test "nobody is served without --snat, all are with it: by iptables" {
    serves_only_with_it iptables
}

@test "servers see the address that is given" {
    local backend
    services
    lab_serve_all tcp 7000:7001
    lab_in director ip -batch - <<END
addr add 10.10.20.9/24 dev back
addr add 2001:db8:2::9/64 dev back nodad
END
    lab_in s1 nft -f - <<'END'
table inet seen {
    chain input {
        type filter hook input priority 0
        tcp flags & (syn | ack) != syn accept
        ip saddr 10.10.20.9 counter accept
        ip6 saddr 2001:db8:2::9 counter accept
        tcp dport 7000-7001 counter
    }
}
END
    for backend in nft iptables; do
        on_director lbctl-restore - <<END
mark flush --backend $backend
mark add 9 --proto tcp --dst $LAB_VIP --dport 7000 --snat=10.10.20.9
mark add 8 --proto tcp --dst $LAB_VIP6 --dport 7001 --snat=2001:db8:2::9
END
        SOURCE_PORT=$((SOURCE_PORT + 100))
        ok lab_send tcp "$LAB_VIP" 7000 9 --source-ports "$SOURCE_PORT"
        ok lab_send tcp "$LAB_VIP6" 7001 9 --source-ports "$SOURCE_PORT"
    done
    ok lab_in s1 nft list table inet seen
    # Perhaps one was sent again.
    [[ $output =~ 10.10.20.9\ counter\ packets\ [6-9] ]]
    [[ $output =~ 2001:db8:2::9\ counter\ packets\ [6-9] ]]
    prints '7000-7001 counter packets 0 '
}

@test "the hooks input and output do it, too" {
    services
    lab_serve_all tcp 7000
    on_director lbctl-mark add 9 --proto tcp --dst "$LAB_VIP" --dport 7000 \
        --hook input --snat
    ok lab_send tcp "$LAB_VIP" 7000 6
    # A program of the director asks from the VIP, which servers do not reach.
    answers 1 lab_in director "$LAB_TRAFFIC" send tcp "$LAB_VIP" 7000 1 \
        --timeout 300
    on_director lbctl-mark add 9 --proto tcp --dst "$LAB_VIP" --dport 7000 \
        --hook output --snat
    on_director "$LAB_TRAFFIC" send tcp "$LAB_VIP" 7000 6 --source-ports 30000
}

@test "what is not marked keeps its source" {
    local host
    for host in s1 s2 s3; do
        lab_ip "$host" 'route add 172.31.36.0/24 via 10.10.20.1'
    done
    lab_up
    services
    lab_serve_all tcp 7000:7002
    lab_in s1 nft -f - <<'END'
table inet seen {
    chain input {
        type filter hook input priority 0
        ip saddr 172.31.36.1 tcp flags & (syn | ack) == syn counter
    }
}
END
    lab_in client ip route add 10.10.20.0/24 via "$LAB_VIP"
    on_director lbctl-mark add 8 --proto tcp --dst "$LAB_VIP" --dport 7001 --snat
    ok lab_send tcp "$LAB_VIP" 7000 6
    ok lab_send tcp "${LAB_SERVERS[0]}" 7002 2
    ok lab_in s1 nft list table inet seen
    [[ $output =~ counter\ packets\ [4-7] ]]
}

@test "the setting is set, remembered and taken back" {
    local rule=(--proto tcp --dst "$LAB_VIP" --dport 7000)
    answers 1 lab_in director lbctl-mark add 9 "${rule[@]}" --snat --dry-run
    tracking 0
    on_director lbctl-mark add 9 "${rule[@]}" --snat
    on_director lbctl-mark add 8 --proto udp --dport 53 --snat
    tracking 1
    remembered
    # It stays as long as a rule needs it, wherever that is.
    on_director lbctl-mark delete 8 --proto udp --dport 53
    on_director lbctl-mark convert iptables
    tracking 1
    on_director lbctl-mark replace 9 "${rule[@]}"
    tracking 0
    run ! remembered
    # What somebody else has set stays, too.
    on_director sysctl -qw net.ipv4.vs.conntrack=1
    on_director lbctl-mark replace 9 "${rule[@]}" --snat
    run ! remembered
    on_director lbctl-mark flush
    tracking 1
    # A rule that is there, and a setting that is gone.
    on_director lbctl-mark add 9 "${rule[@]}" --snat
    on_director sysctl -qw net.ipv4.vs.conntrack=0
    answers 0 lab_in director lbctl-restore - \
        <<<"mark add 8 --proto udp --dport 53"
    tracking 1
    on_director sysctl -qw net.ipv4.vs.conntrack=0
    answers 0 lab_in director lbctl-restore /dev/null
    answers 0 lab_in director lbctl-restore - \
        <<<"mark replace 8 --proto udp --dport 53"
    complains 'in spite of --snat: sysctl -w net.ipv4.vs.conntrack=1'
}

@test "a restore brings all back, and a failure takes all back" {
    services
    lab_serve_all tcp 7000
    on_director lbctl-mark add 9 --proto tcp --dst "$LAB_VIP" --dport 7000 --snat
    on_director lbctl-save
    printf '%s\n' "$output" >"$DIR/all"
    on_director lbctl-restore - <<<$'svc flush\nmark flush'
    tracking 0
    on_director lbctl-restore "$DIR/all"
    tracking 1
    ok lab_send tcp "$LAB_VIP" 7000 6
    on_director lbctl-mark flush
    # The sync daemon's interface is not there: the rules go, and the setting.
    fails 2 lab_in director lbctl-restore - <<END
mark add 9 --proto tcp --dst $LAB_VIP --dport 7000 --snat
sync start master --dev nosuch
END
    tracking 0
    ok lab_in director lbctl-mark show --json
    json_is '.marks | length' 0
}
