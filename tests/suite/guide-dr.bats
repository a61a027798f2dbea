#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# A guide to load balancing by hand, with ipvsadm, ip and sysctl, done with lbctl:
# HTTPS on a VIP, weighted round robin with persistence, two servers behind direct
# routing; then the same by tunnels and by NAT. The rulesets are those among the
# examples. Clients live behind a router of the network, "client".

load ../suite-helper

VIP=192.168.50.100
SERVICE=tcp:$VIP:443
DIRECTOR_RULES=scripts/boot/dr-director.rules
SERVER_RULES=scripts/boot/dr-server.rules

setup() {
    local host
    lab_new "guide$BATS_TEST_NUMBER"
    lab_lan eth0 client=192.168.50.1/24 director=192.168.50.10/24 \
        s1=192.168.50.21/24 s2=192.168.50.22/24
    lab_address client lo 203.0.113.1/32,203.0.113.2/32,203.0.113.3/32,203.0.113.4/32
    for host in director s1 s2; do
        lab_ip "$host" 'route add default via 192.168.50.1'
    done
    lab_sysctl s1 net.ipv4.conf.all.rp_filter=1
    lab_sysctl s2 net.ipv4.conf.all.rp_filter=1
    lab_up
    for host in s1 s2; do
        lab_serve "$host" "$host" tcp :: 443
        state "$host" >"$LAB_DIR/bare-$host"
    done
}

teardown() {
    local job
    for job in $(jobs -p); do
        kill "$job"
    done
    lab_in director ipvsadm -Ln || true
    lab_in s1 ip addr || true
    lab_cleanup
    rm -rf /run/lbctl/vips.*
}

# state HOST: what a VIP can change there, but for devices that are down.
state() {
    lab_in "$1" bash -c 'ip -o link show up; ip -o addr show
        grep . /proc/sys/net/ipv4/conf/{all,lo,eth0}/{rp_filter,arp_ignore,arp_announce}
        ip fou show 2>/dev/null
        true' | sed 's/ valid_lft.*//'
}

servers_are_bare() {
    local host
    for host in s1 s2; do
        ok lab_in "$host" lbctl-vip flush
        state "$host" | diff "$LAB_DIR/bare-$host" -
    done
}

# Four clients make five connections each. Every client stays with its server,
# and each server has two clients.
SOURCE_PORT=20000
is_served() {
    local number sent all=''
    SOURCE_PORT=$((SOURCE_PORT + 100))
    for number in 1 2 3 4; do
        sent=$(lab_send tcp "$VIP" 443 5 --from "203.0.113.$number" \
            --source-ports "$SOURCE_PORT" --timeout 2000 | sort)
        all+=${sent/$'lost 0\n'/}$'\n'
    done
    [ "$(sort <<<"$all")" = $'\ns1 5\ns1 5\ns2 5\ns2 5' ] || {
        echo "clients got: $all"
        return 1
    }
}

# Nobody answers any more.
is_lost() {
    run_program lab_send tcp "$VIP" 443 1 --from 203.0.113.1 \
        --source-ports 40000 --timeout 500
    [ "$status" -eq 1 ]
}

# hears_only_director: of all that the network has said by now, nobody but the
# director has the VIP, or asks in its name.
hears_only_director() {
    local mac
    mac=$(ip -n "$LAB_PREFIX-director" -o link show dev eth0 | sed 's|.*link/ether \([^ ]*\).*|\1|')
    grep -qE "^(have|announce) $VIP $mac" "$LAB_DIR/heard"
    absent "^(have|announce) $VIP |by $VIP " <(grep -v "$mac" "$LAB_DIR/heard")
}

hear() {
    nsenter --net="/run/netns/$LAB_PREFIX-client" -- "$PWD/$O/tests/hear" eth0 \
        >"$LAB_DIR/heard" 3>&- &
    within 10 grep -q ready "$LAB_DIR/heard"
}

# The guide's own commands, on a host beside.
by_hand() {
    lab_host hand
    lab_in hand bash -c 'ipvsadm --flush
        ipvsadm --set 30 5 60
        ipvsadm -A -t 192.168.50.100:443 -s wrr -p 120
        ipvsadm -a -t 192.168.50.100:443 -r 192.168.50.21:443 -g -w 2
        ipvsadm -a -t 192.168.50.100:443 -r 192.168.50.22:443 -g -w 2
        ipvsadm --save -n; ipvsadm -ln; ipvsadm -ln --timeout'
}

@test "direct routing: a line for each command of the guide, saved and restored" {
    hear
    # What one types,
    ok lab_in director lbctl-vip add "$VIP/24" --dev eth0
    ok lab_in director lbctl-svc flush
    ok lab_in director lbctl-svc timeouts 30 5 60
    ok lab_in director lbctl-svc add "$SERVICE" --scheduler wrr --persistent 120
    ok lab_in director lbctl-svc add-server "$SERVICE" 192.168.50.21 192.168.50.22 --weight 2
    # is what the ruleset says,
    ok lab_in director lbctl-restore --dry-run "$DIRECTOR_RULES"
    # and what ipvsadm makes of its commands.
    by_hand >"$LAB_DIR/by-hand"
    lab_in director bash -c 'ipvsadm --save -n; ipvsadm -ln; ipvsadm -ln --timeout' |
        diff "$LAB_DIR/by-hand" -
    lab_in director bash -c 'lbctl-ipvsadm --save -n; lbctl-ipvsadm -ln; lbctl-ipvsadm -ln --timeout' |
        diff "$LAB_DIR/by-hand" -
    for host in s1 s2; do
        ok lab_in "$host" lbctl-restore --quiet "$SERVER_RULES"
    done
    is_served
    ok lab_in director lbctl-svc show
    prints "$SERVICE" 'wrr' '192.168.50.22:443'

    # All is saved, lost, and back.
    for host in director s1 s2; do
        ok lab_in "$host" lbctl-save --output "$LAB_DIR/$host.rules"
    done
    ok lab_in director lbctl-svc flush
    ok lab_in director lbctl-vip flush
    servers_are_bare
    is_lost
    for host in s1 s2 director; do
        ok lab_in "$host" lbctl-restore --quiet "$LAB_DIR/$host.rules"
        ok lab_in "$host" lbctl-restore --dry-run "$LAB_DIR/$host.rules"
    done
    is_served
    ok lab_in s1 lbctl
    prints "$VIP" real-server
    hears_only_director
}

@test "tunnels: the same rulesets with --tunnel at both ends, one after the other" {
    local tunnel host
    hear
    for tunnel in ipip gre 'gue --tunnel-port 6080' 'gre --tunnel-checksum full'; do
        sed "s/--forward dr/--forward tun --tunnel $tunnel/" "$DIRECTOR_RULES" >"$LAB_DIR/director"
        sed "s/--real-server/& --tunnel $tunnel/" "$SERVER_RULES" >"$LAB_DIR/server"
        for host in s1 s2; do
            ok lab_in "$host" lbctl-restore --quiet "$LAB_DIR/server"
        done
        ok lab_in director lbctl-restore --quiet "$LAB_DIR/director"
        is_served
    done
    ok lab_in s1 lbctl-save
    prints "vip add $VIP --real-server --tunnel gre --tunnel-checksum full"
    servers_are_bare
    hears_only_director
}

@test "NAT: the servers know nothing of the VIP, and answer by the director" {
    local host
    # The network's router is not the way back, and nobody is told that it is.
    for host in s1 s2; do
        lab_in "$host" ip route replace default via 192.168.50.10
    done
    lab_in director sysctl -qw net.ipv4.ip_forward=1 \
        net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0
    sed 's/--forward dr/--forward nat/' "$DIRECTOR_RULES" >"$LAB_DIR/director"
    ok lab_in director lbctl-restore --quiet "$LAB_DIR/director"
    is_served
    servers_are_bare
}
