#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Real servers that take packets out of tunnels by lbctl-vip alone: what IPVS
# sends arrives, and what was changed for it goes back. The servers' rp_filter is
# strict, as many distributions set it.

load ../suite-helper

setup() {
    lab_new "tunnels$BATS_TEST_NUMBER"
    lab_balancer around
    lab_sysctl s1 net.ipv4.conf.all.rp_filter=1
    lab_sysctl s2 net.ipv4.conf.all.rp_filter=1
    lab_up
    state >"$LAB_DIR/bare"
}

teardown() {
    lab_in s1 ip addr show
    cat /run/lbctl/vips.* 2>/dev/null || true
    lab_cleanup
    rm -rf /run/lbctl/vips.*
}

# vip VERB WORD...: a command on s1 that succeeds and says nothing.
vip() {
    ok lab_in s1 lbctl-vip "$@"
    [ -z "$output" ]
}

# What s1 has that a VIP may change, but for devices that are down, which the
# kernel's modules bring along.
state() {
    lab_in s1 bash -c 'ip -o link show up; ip -o addr show
        grep . /proc/sys/net/ipv4/conf/{all,lo,back}/{rp_filter,arp_ignore,arp_announce}
        ip fou show 2>/dev/null
        ip -o link show | grep -o "lbctl-[a-z0-9]*"
        true' | sed 's/ valid_lft.*//; s/ permaddr.*//'
}

nothing_is_left() {
    state | diff "$LAB_DIR/bare" -
    ! ls /run/lbctl/vips.* || false
}

rp_filter() {
    lab_in s1 cat "/proc/sys/net/ipv4/conf/$1/rp_filter"
}

is_up() {
    [[ $(lab_in s1 ip -o link show dev "$1") == *[,\<]UP* ]]
}

is_down() {
    ! is_up "$1"
}

# carries VIP OPTIONS DEVICE SERVER... : real servers with these options get what
# the director sends by tunnels of the same options, and nothing is left.
carries() {
    local vip=$1 options=$2 device=$3 service=tcp:$1:7000 host sent
    shift 3
    [[ $vip == *:*:* ]] && service="tcp:[$vip]:7000"
    read -ra options <<<"$options"
    for host in s1 s2; do
        ok lab_in "$host" lbctl-vip add "$vip" --real-server "${options[@]}"
    done
    is_up "$device"
    # The director's options do not have the family: the addresses tell.
    [[ ${options[*]} != *--tunnel-family* ]] || options=("${options[@]:0:${#options[@]}-2}")
    printf 'svc add %s --scheduler rr\n' "$service" >"$LAB_DIR/rules"
    for host; do
        printf 'svc add-server %s %s --forward tun %s\n' "$service" "$host" "${options[*]}"
    done >>"$LAB_DIR/rules"
    ok lab_in director lbctl-restore "$LAB_DIR/rules"
    # Ports of their own: those of an earlier flow would be taken for it.
    SOURCE_PORT=$((SOURCE_PORT + 100))
    sent=$(lab_send tcp "$vip" 7000 10 --source-ports "$SOURCE_PORT" --timeout 1000 | sort)
    [ "$sent" = $'lost 0\ns1 5\ns2 5' ] || {
        echo "$vip ${options[*]}: $sent"
        lab_in s1 ip -s link show dev "$device"
        return 1
    }
    ok lab_in director lbctl-svc delete "$service"
    for host in s1 s2; do
        ok lab_in "$host" lbctl-vip delete "$vip"
    done
    nothing_is_left
}
SOURCE_PORT=20000

@test "every tunnel that directors can send by comes in, and nothing is left" {
    local first=("${LAB_SERVERS[@]:0:2}") first6=("${LAB_SERVERS6[@]:0:2}") host
    for host in s1 s2; do
        lab_serve "$host" "$host" tcp :: 7000
    done
    carries "$LAB_VIP" '--tunnel ipip' tunl0 "${first[@]}"
    carries "$LAB_VIP6" '--tunnel ipip' ip6tnl0 "${first6[@]}"
    carries "$LAB_VIP" '--tunnel ipip --tunnel-family inet6' lbctl-ip6tnl "${first6[@]}"
    carries "$LAB_VIP6" '--tunnel ipip --tunnel-family inet' sit0 "${first[@]}"
    carries "$LAB_VIP" '--tunnel gre' gre0 "${first[@]}"
    carries "$LAB_VIP6" '--tunnel gre' ip6gre0 "${first6[@]}"
    carries "$LAB_VIP" '--tunnel gre --tunnel-checksum full' lbctl-gre "${first[@]}"
    carries "$LAB_VIP6" '--tunnel gre --tunnel-checksum full' lbctl-ip6gre "${first6[@]}"
    carries "$LAB_VIP" '--tunnel gue --tunnel-port 6080' tunl0 "${first[@]}"
    carries "$LAB_VIP6" '--tunnel gue --tunnel-port 6080' ip6tnl0 "${first6[@]}"
    carries "$LAB_VIP6" '--tunnel gue --tunnel-port 6081 --tunnel-family inet' sit0 "${first[@]}"
    carries "$LAB_VIP" '--tunnel gue --tunnel-port 6081 --tunnel-family inet6' lbctl-ip6tnl "${first6[@]}"
}

@test "VIPs share devices and ports, and the last one puts them back, in any order" {
    local order number
    lab_in s1 modprobe ipip
    cat >"$LAB_DIR/saved" <<'END'
# lbctl ruleset: see lbctl-ruleset(5)
vip flush
vip add 192.0.2.1 --real-server --tunnel ipip
vip add 192.0.2.2 --real-server --tunnel gue --tunnel-port 6080
vip add 192.0.2.3 --real-server --tunnel gue --tunnel-port 6081
# end of ruleset
END
    answers 1 lab_in s1 lbctl-restore --dry-run "$LAB_DIR/saved"
    nothing_is_left
    for order in '1 2 3' '3 1 2' '2 3 1'; do
        ok lab_in s1 lbctl-restore --quiet "$LAB_DIR/saved"
        is_up tunl0
        [ "$(rp_filter tunl0) $(rp_filter all)" = '2 1' ]
        [ "$(lab_in s1 ip fou show | sort)" = 'port 6080 gue
port 6081 gue' ]
        for number in $order; do
            is_up tunl0
            vip delete "192.0.2.$number"
            [ "$number" = 1 ] || absent "608$((number - 2))" <(lab_in s1 ip fou show)
        done
        is_down tunl0
        [ "$(rp_filter tunl0)" = 0 ]
        nothing_is_left
    done
    ok lab_in s1 lbctl-restore --quiet "$LAB_DIR/saved"
    ok lab_in s1 lbctl-vip
    prints 'VIP        HELD         TUNNEL    DEV    STATE' \
        '192.0.2.3  real-server  gue:6081  tunl0  up '
    ok lab_in s1 lbctl-vip show --json
    json_is '.vips[1] | "\(.vip) \(.tunnel) \(.tunnel_port) \(.tunnel_family)"' '192.0.2.2 gue 6080 null'
    printf '%s\n' "$output" >"$LAB_DIR/saved.json"
    ok lab_in s1 lbctl-save --only vip
    diff "$LAB_DIR/saved" - <<<"$output"
    ok lab_in s1 lbctl-restore --dry-run "$LAB_DIR/saved.json"
    # What is no longer needed goes with a change, too.
    vip replace 192.0.2.3 --real-server --tunnel gue --tunnel-port 6080
    [ "$(lab_in s1 ip fou show)" = 'port 6080 gue' ]
    vip replace 192.0.2.3 --real-server --tunnel gre --tunnel-checksum full
    vip replace 192.0.2.2 --real-server
    vip delete 192.0.2.1
    is_down tunl0
    [ -z "$(lab_in s1 ip fou show)" ]
    vip replace 192.0.2.3 --real-server --tunnel gre
    [ "$(lab_in s1 ip -o link show up | grep -c gre)" = 1 ]
    vip flush
    nothing_is_left
    # The kernel alone knows what is ours.
    vip add 192.0.2.1 --real-server --tunnel ipip
    rm /run/lbctl/vips.*
    ok lab_in s1 lbctl-save --only vip
    prints 'vip add 192.0.2.1 --real-server --tunnel ipip'
    vip flush
}

@test "what others made or have up stays, and what cannot be is refused" {
    lab_in s1 modprobe -a ipip ip_gre fou
    lab_in s1 ip link set tunl0 up
    lab_in s1 ip fou add port 6080 gue
    lab_in s1 ip fou add port 6081 ipproto 4
    lab_in s1 ip link set gre0 up
    lab_serve s1 program udp 10.10.20.11 6082
    state >"$LAB_DIR/bare"
    vip add 192.0.2.1 --real-server --tunnel gue --tunnel-port 6080
    [ "$(rp_filter tunl0)" = 2 ]
    vip delete 192.0.2.1
    [ "$(rp_filter tunl0)" = 0 ]
    nothing_is_left

    fails 3 lab_in s1 lbctl-vip add 192.0.2.1 --real-server --tunnel gue --tunnel-port 6081
    complains '192.0.2.1: the UDP port 6081 takes something else than gue' 'hint: ip fou show'
    fails 3 lab_in s1 lbctl-vip add 192.0.2.1 --real-server --tunnel gue --tunnel-port 6082
    complains 'a program has the UDP port 6082' 'hint: ss -ulnp sport = 6082'
    fails 3 lab_in s1 lbctl-vip add 192.0.2.1 --real-server --tunnel gre --tunnel-checksum full
    complains 'gre0 takes all packets of gre, and drops those with checksum full' \
        'hint: ip link set gre0 down'
    fails 2 lab_in s1 lbctl-vip add 192.0.2.1 --real-server --tunnel ipip --dev back
    complains 'the VIP of such a tunnel is always on tunl0' 'leave out --dev back'
    fails 5 lab_in s1 setpriv --bounding-set=-all --inh-caps=-all \
        lbctl-vip add 192.0.2.1 --real-server --tunnel ipip
    nothing_is_left

    # Both kinds of gre at once nobody can have.
    lab_in s1 ip link set gre0 down
    lab_in s1 ip link set tunl0 down
    state >"$LAB_DIR/bare"
    vip add 192.0.2.1 --real-server --tunnel gre
    fails 3 lab_in s1 lbctl-vip add 192.0.2.2 --real-server --tunnel gre --tunnel-checksum full
    complains 'gre0 takes all packets of gre' 'hint: lbctl-vip show'
    vip flush
    nothing_is_left
    lab_in s1 ip link add other type gre external icsum
    fails 3 lab_in s1 lbctl-vip add 192.0.2.2 --real-server --tunnel gre --tunnel-checksum full
    complains 'another device of kind gre takes all packets already'
    lab_in s1 ip link del other
    nothing_is_left

    # A device that others use by now is theirs.
    vip add 192.0.2.1 --real-server --tunnel ipip
    lab_in s1 ip addr add 203.0.113.9/32 dev tunl0
    vip flush
    is_up tunl0
    lab_in s1 ip addr del 203.0.113.9/32 dev tunl0
    lab_in s1 ip link set tunl0 down
    nothing_is_left
    lab_in s1 ip link set tunl0 name t0
    lab_in s1 ip link add tunl0 type dummy
    fails 3 lab_in s1 lbctl-vip add 192.0.2.1 --real-server --tunnel ipip
    complains '192.0.2.1: tunl0 is not of kind ipip' 'ip -d link show tunl0'
}

@test "kill -9 anywhere converges on the next restore, with tunnels" {
    local number rules
    printf '%s\n' 'vip flush' 'vip add 192.0.2.1 --real-server --tunnel ipip' \
        'vip add 192.0.2.2 --real-server --tunnel gue --tunnel-port 6080' \
        'vip add 2001:db8:9::3 --real-server --tunnel gre --tunnel-checksum full' >"$LAB_DIR/many"
    echo 'vip flush' >"$LAB_DIR/none"
    ok lab_in s1 lbctl-restore --quiet "$LAB_DIR/many"
    state >"$LAB_DIR/wanted"
    ok lab_in s1 lbctl-restore --quiet "$LAB_DIR/none"
    nothing_is_left
    for number in {1..8}; do
        for rules in many none; do
            lab_in s1 timeout -s KILL "0.$(printf %03d $((number * 12)))" \
                lbctl-restore --quiet "$LAB_DIR/$rules" || true
        done
    done
    ok lab_in s1 lbctl-restore --quiet "$LAB_DIR/many"
    # Addresses that the kernel makes for the link change with the device.
    state | grep -v fe80 | sed 's/^[0-9]*: //' | sort >"$LAB_DIR/now"
    grep -v fe80 "$LAB_DIR/wanted" | sed 's/^[0-9]*: //' | sort | diff - "$LAB_DIR/now"
    ok lab_in s1 lbctl-restore --quiet "$LAB_DIR/none"
    nothing_is_left
}
