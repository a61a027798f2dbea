#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# VIPs: on a director, on a real server, by a route, and what the hosts beside
# hear of them. Needs no IPVS. This host is "alone"; "near" is one beside it:
# d0 leads to d1, 198.51.100.2 and 2001:db8::2.

load ../suite-helper

setup() {
    lab_alone
    DIR=$(mktemp -d)
    NEAR=near-$BASHPID-$RANDOM
    ip netns add "$NEAR"
    ip -n "$ALONE" link add d0 type veth peer name d1 netns "$NEAR"
    ip -n "$ALONE" addr add 198.51.100.1/24 dev d0
    ip -n "$ALONE" addr add 2001:db8::1/64 dev d0 nodad
    ip -n "$ALONE" link set d0 up
    ip -n "$NEAR" addr add 198.51.100.2/24 dev d1
    ip -n "$NEAR" addr add 2001:db8::2/64 dev d1 nodad
    ip -n "$NEAR" link set lo up
    ip -n "$NEAR" link set d1 up
    alone traffic serve alone tcp :: 7 --report "$DIR/served" 3>&-
    addresses >"$DIR/bare"
    settings >"$DIR/settings"
}

teardown() {
    local job
    alone ip addr show
    cat /run/lbctl/vips.* 2>/dev/null || true
    for job in $(jobs -p); do
        kill "$job"
    done
    traffic stop "$DIR/served" || true
    ip netns del "$NEAR"
    lab_not_alone
    rm -rf "$DIR" /run/lbctl/vips.*
}

near() {
    nsenter --net="/run/netns/$NEAR" -- "$@"
}

# What this host has: addresses, local routes and rules of lbctl.
addresses() {
    alone ip -o addr show scope global
    alone ip -o addr show dev lo
    alone ip route show table local proto 76
    alone ip -6 route show table local proto 76
    alone ip rule
    alone ip -6 rule
    alone ip route show table 7676 2>/dev/null || true
}

settings() {
    alone sysctl -a --pattern 'net.ipv4.conf.*(arp_ignore|arp_announce|promote_secondaries)' 2>/dev/null
}

# vip VERB WORD...: a command that succeeds and says nothing.
vip() {
    ok alone lbctl-vip "$@"
    [ -z "$output" ]
}

# nothing_is_left: all is as it was before the test.
nothing_is_left() {
    addresses | diff "$DIR/bare" -
    settings | diff "$DIR/settings" -
    ! ls /run/lbctl/vips.* || false
}

# hears: begins to note what the host beside hears of addresses.
hears() {
    nsenter --net="/run/netns/$NEAR" -- hear d1 >"$DIR/heard" 3>&- &
    within 10 grep -q ready "$DIR/heard"
}

# heard COUNT REGEX: that is how many lines it has noted by now.
heard() {
    [ "$(grep -cE "$2" "$DIR/heard")" -eq "$1" ] || {
        echo "expected $1 of $2:"
        cat "$DIR/heard"
        return 1
    }
}

mac() {
    ip -n "$1" -o link show dev "$2" | sed 's|.*link/ether \([^ ]*\).*|\1|'
}

# reaches ADDRESS: this host answers the one beside there.
reaches() {
    near traffic send tcp "$1" 7 1 --timeout 1000 >/dev/null
}

# answers_arp ADDRESS: some host answers the one beside who has the address.
answers_arp() {
    near ip neigh flush all
    reaches "$1" || true
    near ip neigh show to "$1" | grep -q lladdr
}

# ---- A director --------------------------------------------------------------

@test "a director's VIP is added, shown, saved, restored, changed and deleted" {
    vip add 192.0.2.10/24 --dev d0 --label d0:vip
    vip add 2001:db8:1::10 --dev d0 --announce 1
    alone ip -o addr show dev d0 | grep -q 'inet 192.0.2.10/24 scope global d0:vip'
    alone ip -o addr show dev d0 | grep -q 'inet6 2001:db8:1::10/128 scope global nodad'
    ok alone lbctl-vip
    [ "$output" = 'VIP             HELD      TUNNEL  DEV  STATE  LABEL   MARK  ANNOUNCE  ADDED-BY
192.0.2.10/24   director  -       d0   up     d0:vip  -            3  lbctl
2001:db8:1::10  director  -       d0   up     -       -            1  lbctl' ] || {
        show_run
        return 1
    }
    ok alone lbctl-vip show --json
    json_is '.vips | map(.vip, .dev, .label, .announce | tostring) | join(" ")' \
        '192.0.2.10/24 d0 d0:vip null 2001:db8:1::10 d0 null 1'
    ok alone lbctl-save --only vip
    printf '%s\n' "$output" >"$DIR/saved"
    diff - "$DIR/saved" <<'END'
# lbctl ruleset: see lbctl-ruleset(5)
vip flush
vip add 192.0.2.10/24 --dev d0 --label d0:vip
vip add 2001:db8:1::10 --dev d0 --announce 1
# end of ruleset
END
    ok alone lbctl-vip show --json
    printf '%s\n' "$output" >"$DIR/saved.json"
    addresses >"$DIR/two"
    ok alone lbctl-restore --dry-run "$DIR/saved"
    vip flush
    nothing_is_left
    ok alone lbctl-restore --quiet "$DIR/saved.json"
    addresses | diff "$DIR/two" -
    answers 1 alone lbctl-vip replace 192.0.2.10/32 --dev d0 --dry-run
    prints '~ vip replace 192.0.2.10 --dev d0'
    vip replace 192.0.2.10/32 --dev d0
    alone ip -o addr show dev d0 | grep -q 'inet 192.0.2.10/32 scope global d0[^:]'
    fails 3 alone lbctl-vip add 192.0.2.10 --dev d0
    complains 'the VIP exists already'
    vip delete 192.0.2.10
    fails 3 alone lbctl-vip delete 192.0.2.10
    complains 'no such VIP' 'lbctl-vip show'
    vip delete 2001:db8:1::10/128
    nothing_is_left
    ok alone lbctl-vip --json add 192.0.2.10 --real-server
    json_is '.changes[0] | "\(.action) \(.object) \(.line)"' \
        'add vip vip add 192.0.2.10 --real-server'
    ok alone lbctl-vip --json flush
    json_is '.changes[0] | "\(.action) \(.object)"' 'delete vip'
    nothing_is_left
}

@test "a VIP is withdrawn for its reasons, and comes back with the last" {
    vip add 192.0.2.10/24 --dev d0 --label d0:vip
    vip add 192.0.2.20 --real-server
    addresses >"$DIR/both"
    fails 2 alone lbctl-vip withdraw
    fails 3 alone lbctl-vip withdraw 192.0.2.10 192.0.2.99
    complains '192.0.2.99: no such VIP' 'lbctl-vip show'
    fails 2 alone lbctl-vip withdraw 192.0.2.10 --reason a,b
    fails 2 alone lbctl-vip return 192.0.2.10 --all --reason a
    addresses | diff "$DIR/both" -
    answers 1 alone lbctl-vip withdraw 192.0.2.10 192.0.2.20 --dry-run
    prints '~ vip withdraw 192.0.2.10/24 --reason admin' \
        '~ vip withdraw 192.0.2.20 --reason admin'
    vip withdraw 192.0.2.10 192.0.2.20
    ! addresses | grep -e 192.0.2.10 -e 192.0.2.20
    vip withdraw 192.0.2.10
    ok alone lbctl-vip --json withdraw 192.0.2.10 --reason upgrade
    json_is '.changes[0].line' 'vip withdraw 192.0.2.10/24 --reason admin,upgrade'
    ok alone lbctl-vip show
    prints withdrawn admin,upgrade
    vip return 192.0.2.10
    vip return 192.0.2.10 --reason nobody
    ! addresses | grep 192.0.2.10
    hears
    vip return 192.0.2.10 --reason upgrade
    heard 3 '^announce 192.0.2.10 '
    vip withdraw 192.0.2.10 --reason a
    vip return 192.0.2.10 192.0.2.20 --all
    addresses | diff "$DIR/both" -
    alone ip addr add 192.0.2.30/24 dev d0
    ok alone lbctl-vip add --quiet 192.0.2.30/24 --dev d0
    fails 2 alone lbctl-vip withdraw 192.0.2.30
    complains 'd0 had this address before lbctl'
}

@test "the hosts beside are asked once, and told three times" {
    hears
    vip add 198.51.100.10 --dev d0
    vip add 2001:db8::10 --dev d0 --announce 2
    vip add 198.51.100.11 --dev d0 --announce 0 --no-probe
    heard 1 '^ask 198.51.100.10 by 0.0.0.0'
    heard 3 '^announce 198.51.100.10 '"$(mac "$ALONE" d0)"
    heard 1 '^ask 2001:db8::10 by ::'
    heard 2 '^announce 2001:db8::10 '"$(mac "$ALONE" d0)"
    heard 0 198.51.100.11
    # Announced by default are those that are announced at all.
    vip announce
    heard 6 '^announce 198.51.100.10 '
    heard 4 '^announce 2001:db8::10 '
    heard 0 198.51.100.11
    vip announce 198.51.100.11
    heard 3 '^announce 198.51.100.11 '
    fails 3 alone lbctl-vip announce 198.51.100.12
    complains '198.51.100.12: no such VIP' 'hint: lbctl-vip show'
    # Who remembers another host believes it.
    near ip neigh add 198.51.100.10 lladdr 02:00:00:00:00:99 dev d1 nud reachable
    near ip neigh add 2001:db8::10 lladdr 02:00:00:00:00:99 dev d1 nud reachable
    vip announce
    near ip neigh show to 198.51.100.10 | grep -q "$(mac "$ALONE" d0)"
    near ip neigh show to 2001:db8::10 | grep -q "$(mac "$ALONE" d0)"
}

@test "an address that another host has is left alone" {
    local other address
    other=$(mac "$NEAR" d1)
    for address in 198.51.100.2 2001:db8::2; do
        fails 3 alone lbctl-vip add "$address" --dev d0
        complains "$address: $other answers for this address on d0" \
            "hint: lbctl-vip add $address --dev d0 --no-probe"
        nothing_is_left
    done
    # Of a ruleset the rest is done.
    cat >"$DIR/rules" <<'END'
vip flush
vip add 198.51.100.2 --dev d0
vip add 198.51.100.20 --dev d0
vip add 198.51.100.21 --real-server
END
    fails 4 alone lbctl-restore "$DIR/rules"
    complains "$other answers" 'stands: vip add 198.51.100.20 --dev d0'
    alone ip -o addr show dev d0 | grep -q 'inet 198.51.100.20/32'
    alone ip -o addr show dev lo | grep -q 'inet 198.51.100.21/32'
    absent 198.51.100.2/32 <(alone ip -o addr show)
    fails 3 alone lbctl-restore "$DIR/rules"
    sed -i '/100.2 /s/$/ --no-probe/' "$DIR/rules"
    ok alone lbctl-restore "$DIR/rules"
    ok alone lbctl-restore --dry-run "$DIR/rules"
    vip flush
    nothing_is_left
}

@test "what others have added stays theirs" {
    alone ip addr add 192.0.2.10/24 dev d0
    addresses >"$DIR/theirs"
    answers 0 alone lbctl-vip add 192.0.2.10/24 --dev d0
    complains '192.0.2.10/24: d0 had this address already'
    ok alone lbctl-vip
    prints others
    # A restore has nothing to do, and knows it is theirs.
    ok alone lbctl-save --only vip
    printf '%s\n' "$output" >"$DIR/saved"
    ok alone lbctl-restore --dry-run "$DIR/saved"
    vip delete 192.0.2.10
    addresses | diff "$DIR/theirs" -
    fails 3 alone lbctl-vip delete 192.0.2.10
    complains 'lbctl has not added this address' 'hint: ip addr del 192.0.2.10/24 dev d0'
    local way
    for way in '--dev lo' --real-server; do
        # shellcheck disable=SC2086
        fails 3 alone lbctl-vip add 192.0.2.10 $way
        complains 'd0 has this address, and not by lbctl'
    done
    vip flush
    addresses | diff "$DIR/theirs" -
    alone ip addr del 192.0.2.10/24 dev d0
    nothing_is_left
}

@test "with an address the kernel takes away no others of its network" {
    alone ip addr add 203.0.113.9/24 dev d0
    local number
    for number in 1 2 3; do
        vip add "192.0.2.$number/24" --dev d0
        vip add "203.0.113.$number/24" --dev d0
    done
    vip delete 192.0.2.1
    vip delete 203.0.113.2
    alone ip -o addr show dev d0 >"$DIR/left"
    local address
    for address in 192.0.2.2 192.0.2.3 203.0.113.1 203.0.113.3 203.0.113.9; do
        grep -q "inet $address/24" "$DIR/left"
    done
    vip flush
    alone ip addr del 203.0.113.9/24 dev d0
    nothing_is_left
}

@test "what cannot be is refused, and nothing is changed" {
    fails 2 alone lbctl-vip add 192.0.2.10 --dev nothere
    complains "192.0.2.10: no such interface: 'nothere'" 'ip link show'
    fails 2 alone lbctl-vip add 192.0.2.10/33 --dev d0
    fails 2 alone lbctl-vip add 192.0.2.10
    complains 'the interface is missing'
    fails 3 alone lbctl-vip add 192.0.2.10 --real-server --dev d0
    complains '192.0.2.10: d0 answers ARP for its addresses' 'leave out --dev d0'
    alone sysctl -qw net.ipv6.conf.d0.disable_ipv6=1
    fails 6 alone lbctl-vip add 2001:db8::10 --dev d0
    complains 'd0 has IPv6 switched off' 'sysctl -w net.ipv6.conf.d0.disable_ipv6=0'
    alone sysctl -qw net.ipv6.conf.d0.disable_ipv6=0
    alone ip addr add 2001:db8::1/64 dev d0 nodad
    # One that fails takes back those before it.
    cat >"$DIR/rules" <<'END'
vip add 192.0.2.1 --dev d0
vip add 192.0.2.2 --real-server
vip add 10.0.0.0/8 --local-route
vip add 10.0.0.1 --local-route --mark 1
vip add 192.0.2.9 --dev nothere
END
    fails 2 alone lbctl-restore "$DIR/rules"
    complains 192.0.2.9
    nothing_is_left
    local verb
    for verb in 'add 192.0.2.10 --dev d0 --no-probe' 'add 192.0.2.10 --real-server'; do
        # shellcheck disable=SC2086
        fails 5 alone setpriv --bounding-set=-all --inh-caps=-all lbctl-vip $verb
        complains CAP_NET_ADMIN
        nothing_is_left
    done
    # Without CAP_NET_RAW nobody can be asked.
    fails 5 alone setpriv --bounding-set=-net_raw --inh-caps=-all \
        lbctl-vip add 192.0.2.10 --dev d0
    complains CAP_NET_RAW 'hint: --no-probe --announce 0'
    nothing_is_left
    ok alone setpriv --bounding-set=-net_raw --inh-caps=-all \
        lbctl-vip add 192.0.2.10 --dev d0 --no-probe --announce 0
}

@test "an interface that is down gets its VIP, with a warning" {
    alone ip link set d0 down
    answers 0 alone lbctl-vip add 192.0.2.10 --dev d0
    complains '192.0.2.10: d0 is down' 'lbctl-vip announce'
    ok alone lbctl-vip
    prints down
    alone ip link set d0 up
    hears
    vip announce
    heard 3 '^announce 192.0.2.10 '
    # The kernel can do it by itself.
    alone ip link set d0 down
    answers 0 alone lbctl-vip add 2001:db8::10 --dev d0
    alone sysctl -qw net.ipv4.conf.d0.arp_notify=1 net.ipv6.conf.d0.ndisc_notify=1
    hears
    alone ip link set d0 up
    within 10 grep -q '^announce 192.0.2.10 ' "$DIR/heard"
    within 10 grep -q '^announce 2001:db8::10 ' "$DIR/heard"
}

# ---- A real server -----------------------------------------------------------

# serves_silently ADDRESS: the host beside, which knows where the VIP is, gets
# its answers; asked by ARP nobody has it, and nobody is asked in its name.
serves_silently() {
    local heard_before
    near ip route replace "$1/32" via 198.51.100.1
    alone ip neigh flush all
    reaches "$1"
    heard_before=$(grep -c "by $1 " "$DIR/heard") || true
    [ "$heard_before" -eq 0 ]
    near ip route del "$1/32" via 198.51.100.1
    near ip route replace "$1/32" dev d1
    if answers_arp "$1"; then
        echo "there is an answer for $1"
        return 1
    fi
    near ip route del "$1/32" dev d1
}

@test "a real server set up by one line serves, and is silent" {
    hears
    vip add 192.0.2.10 --real-server
    serves_silently 192.0.2.10
    heard 0 '^(have|announce) 192.0.2.10'
    # Even if a connection begins with it.
    alone ip neigh flush all
    alone traffic send tcp 198.51.100.2 7 1 --from 192.0.2.10 --timeout 500 || true
    heard 0 ' by 192.0.2.10 '
    [ "$(alone sysctl -n net.ipv4.conf.all.arp_ignore net.ipv4.conf.all.arp_announce)" = '1
2' ]
    vip delete 192.0.2.10
    nothing_is_left
}

@test "a real server of IPv6 is silent without any setting" {
    hears
    vip add 2001:db8:1::10 --real-server
    settings | diff "$DIR/settings" -
    near ip route add 2001:db8:1::10/128 via 2001:db8::1
    reaches 2001:db8:1::10
    near ip route del 2001:db8:1::10/128 via 2001:db8::1
    near ip route add 2001:db8:1::10/128 dev d1
    ! reaches 2001:db8:1::10 || false
    heard 0 '^(have|announce) 2001:db8:1::10'
    vip flush
    nothing_is_left
}

@test "what a real server had set already is respected" {
    local value
    hears
    for value in 0 1 2; do
        alone sysctl -qw "net.ipv4.conf.all.rp_filter=$value" "net.ipv4.conf.d0.rp_filter=$value"
        vip add 192.0.2.10 --real-server
        serves_silently 192.0.2.10
        vip flush
    done
    for value in 1 2 3 8; do
        alone sysctl -qw "net.ipv4.conf.d0.arp_ignore=$value"
        settings >"$DIR/settings"
        vip add 192.0.2.10 --real-server
        # Nobody is answered with 8, not even for other addresses.
        [ "$value" -eq 8 ] || serves_silently 192.0.2.10
        vip flush
        nothing_is_left
    done
    # With these the kernel answers for all, whatever "all" says.
    for value in 4 7; do
        alone sysctl -qw "net.ipv4.conf.d0.arp_ignore=$value"
        fails 3 alone lbctl-vip add 192.0.2.10 --real-server
        complains "net.ipv4.conf.d0.arp_ignore is $value" \
            'hint: sysctl -w net.ipv4.conf.d0.arp_ignore=1'
    done
    alone sysctl -qw net.ipv4.conf.d0.arp_ignore=0 net.ipv4.conf.all.arp_announce=3
    fails 3 alone lbctl-vip add 192.0.2.10 --real-server
    complains 'net.ipv4.conf.all.arp_announce is 3'
    alone sysctl -qw net.ipv4.conf.all.arp_announce=0 net.ipv4.conf.all.arp_ignore=2
    settings >"$DIR/settings"
    vip add 192.0.2.10 --real-server
    [ "$(alone sysctl -n net.ipv4.conf.all.arp_ignore)" = 2 ]
    vip flush
    nothing_is_left
}

@test "two interfaces in one segment are both silent" {
    near ip link add bridge type bridge
    near ip link set bridge up
    near ip link set d1 master bridge
    near ip addr del 198.51.100.2/24 dev d1
    near ip addr add 198.51.100.2/24 dev bridge
    ip -n "$ALONE" link add e0 type veth peer name e1 netns "$NEAR"
    alone ip addr add 198.51.100.3/24 dev e0
    alone ip link set e0 up
    near ip link set e1 up
    near ip link set e1 master bridge
    vip add 192.0.2.10 --real-server
    near ip route add 192.0.2.10/32 dev bridge
    ! answers_arp 192.0.2.10 || false
    near ip route replace 192.0.2.10/32 via 198.51.100.1
    reaches 192.0.2.10
}

@test "settings go back with the last VIP that needs them, in any order" {
    local order number
    for order in '1 2 3' '3 1 2' '2 3 1'; do
        for number in 1 2; do
            vip add "192.0.2.$number" --real-server
        done
        vip add 2001:db8:1::3 --real-server
        for number in $order; do
            settings >"$DIR/now"
            case $number in
            3) vip delete 2001:db8:1::3 ;;
            *) vip delete "192.0.2.$number" ;;
            esac
            if alone ip -o addr show dev lo | grep -q 192.0.2; then
                settings | diff "$DIR/now" -
            else
                settings | diff "$DIR/settings" -
            fi
        done
        nothing_is_left
    done
    # What somebody has set since is his.
    vip add 192.0.2.1 --real-server
    alone sysctl -qw net.ipv4.conf.all.arp_ignore=2
    vip flush
    [ "$(alone sysctl -n net.ipv4.conf.all.arp_ignore net.ipv4.conf.all.arp_announce)" = '2
0' ]
    # After a boot nothing is known, and nothing is invented.
    alone sysctl -qw net.ipv4.conf.all.arp_ignore=0
    vip add 192.0.2.1 --real-server
    rm /run/lbctl/vips.*
    alone ip addr del 192.0.2.1/32 dev lo
    vip flush
    vip add 192.0.2.1 --real-server
    vip flush
    [ "$(alone sysctl -n net.ipv4.conf.all.arp_ignore net.ipv4.conf.all.arp_announce)" = '1
2' ]
}

@test "a kernel without tunnels is named, with the module that it lacks" {
    local tunnel module
    if alone ip link add tunl0 type ipip; then
        skip 'this kernel has tunnels'
    fi
    while read -r tunnel module; do
        # shellcheck disable=SC2086
        fails 6 alone lbctl-vip add 192.0.2.10 --real-server --tunnel $tunnel
        complains '192.0.2.10: the kernel has no' "hint: modprobe $module"
        nothing_is_left
    done <<'END'
ipip ipip
gre ip_gre
END
    fails 6 alone lbctl-vip add 192.0.2.10 --real-server --tunnel gue --tunnel-port 6080
    complains '192.0.2.10: the kernel has no fou' 'hint: modprobe fou'
    nothing_is_left
    # What stands stays.
    vip add 192.0.2.10 --real-server
    addresses >"$DIR/one"
    fails 6 alone lbctl-vip replace 192.0.2.10 --real-server --tunnel ipip
    addresses | diff "$DIR/one" -
    vip delete 192.0.2.10
    nothing_is_left
}

# ---- Routes ------------------------------------------------------------------

# is_local ADDRESS [mark MARK]: this host takes such packets as its own.
is_local() {
    alone ip route get "$1" from 198.51.100.2 iif d0 "${@:2}" 2>/dev/null | grep -q ^local
}

@test "a whole network is held by one route, and by a mark" {
    vip add 192.0.2.0/24 --local-route
    vip add 2001:db8:1::/48 --local-route
    near ip route add 192.0.2.0/24 via 198.51.100.1
    near ip route add 2001:db8:1::/48 via 2001:db8::1
    reaches 192.0.2.77
    reaches 2001:db8:1::77
    vip add 203.0.113.10 --local-route --mark 7
    vip add 203.0.113.10 --local-route --mark 8
    # Rules have one place, and those of others keep theirs.
    alone ip rule add to 203.0.113.12 fwmark 7 lookup 100
    vip add 203.0.113.11 --local-route --mark 8
    [ "$(alone ip rule | grep -c '^7676:.*to 203.0.113.1[01] fwmark 0x[78] lookup 7676 proto 76')" = 3 ]
    vip delete 203.0.113.11 --mark 8
    alone ip rule | grep -q '^7675:.*to 203.0.113.12 fwmark 0x7 lookup 100'
    alone ip rule del to 203.0.113.12
    # Where it goes, the kernel tells; to a socket without IPVS it would not.
    is_local 203.0.113.10 mark 7
    is_local 203.0.113.10 mark 8
    ! is_local 203.0.113.10 || false
    ! is_local 203.0.113.10 mark 9 || false
    ! is_local 203.0.113.11 mark 7 || false
    ok alone lbctl-save --only vip
    printf '%s\n' "$output" >"$DIR/saved"
    grep -q 'vip add 203.0.113.10 --local-route --mark 7' "$DIR/saved"
    addresses >"$DIR/all"
    vip delete 203.0.113.10 --mark 7
    ! is_local 203.0.113.10 mark 7 || false
    is_local 203.0.113.10 mark 8
    vip flush
    nothing_is_left
    ok alone lbctl-restore "$DIR/saved"
    addresses | diff "$DIR/all" -
    ok alone lbctl-restore --dry-run "$DIR/saved"
    vip flush
    nothing_is_left
}

# ---- Changes -----------------------------------------------------------------

@test "a restore does not touch what stays" {
    cat >"$DIR/rules" <<'END'
vip flush
vip add 192.0.2.1 --dev d0 --no-probe --announce 0
vip add 192.0.2.2 --real-server
vip add 10.0.0.0/8 --local-route
END
    ok alone lbctl-restore "$DIR/rules"
    alone ip -o monitor address route >"$DIR/monitor" 3>&- &
    within 10 alone bash -c 'ip addr add 127.0.0.2/32 dev lo && sleep 0.1 &&
        ip addr del 127.0.0.2/32 dev lo; test -s '"$DIR/monitor"
    echo 'vip add 192.0.2.3 --dev d0 --no-probe --announce 0' >>"$DIR/rules"
    ok alone lbctl-restore "$DIR/rules"
    sed -i '/192.0.2.2/d' "$DIR/rules"
    ok alone lbctl-restore "$DIR/rules"
    within 10 grep -q 'Deleted.*192.0.2.2' "$DIR/monitor"
    grep -q 192.0.2.3 "$DIR/monitor"
    absent '192.0.2.1[/ ]|10.0.0.0' "$DIR/monitor"
}

@test "kill -9 anywhere converges on the next restore" {
    local i
    {
        echo 'vip flush'
        for i in {1..40}; do
            echo "vip add 192.0.2.$i --dev d0 --no-probe --announce 0"
            echo "vip add 203.0.113.$i --real-server"
            echo "vip add 10.$i.0.0/16 --local-route"
            echo "vip add 10.$i.0.1 --local-route --mark $i"
        done
    } >"$DIR/many"
    echo 'vip flush' >"$DIR/none"
    ok alone lbctl-restore --quiet "$DIR/many"
    addresses | sort >"$DIR/wanted"
    vip flush
    nothing_is_left
    local rules number
    for number in {1..30}; do
        for rules in many none; do
            alone timeout -s KILL "0.0$((10 + number))" lbctl-restore --quiet "$DIR/$rules" || true
        done
    done
    ok alone lbctl-restore --quiet "$DIR/many"
    addresses | sort | diff "$DIR/wanted" -
    ok alone lbctl-restore --quiet "$DIR/none"
    nothing_is_left
}

@test "a setting that cannot be put back keeps its VIP" {
    vip add 192.0.2.10 --real-server
    vip add 192.0.2.11 --dev d0
    addresses >"$DIR/two"
    # shellcheck disable=SC2016 # the shell inside expands it
    fails 3 alone unshare -m bash -c 'mount --bind /proc/sys /proc/sys &&
        mount -o remount,bind,ro /proc/sys && exec "$@"' bash lbctl-vip flush
    complains /proc/sys/net/ipv4/conf/all/arp_
    addresses | diff "$DIR/two" -
    ok alone lbctl-vip show --json
    json_is '.vips | length' 2
    vip flush
    nothing_is_left
}

@test "a record that lbctl has not written is named" {
    local record
    vip add 192.0.2.10 --real-server
    record=$(echo /run/lbctl/vips.*)
    sed -i '2s/.*/nonsense/' "$record"
    fails 3 alone lbctl-vip show
    complains "$record: lbctl has not written this file" "hint: rm $record"
    fails 3 alone lbctl-vip flush
    rm "$record"
    # The kernel knows by itself what is ours.
    ok alone lbctl-vip show --json
    json_is '.vips[0] | "\(.vip) \(.real_server)"' '192.0.2.10 true'
    vip flush
}

@test "commands at the same time lose nothing" {
    local i
    for i in {1..8}; do
        alone bash -c "for k in 1 2 3 4 5; do
            lbctl-vip add 192.0.2.$i\$k --dev d0 --no-probe --announce 0 || exit 1
            lbctl-vip add 203.0.113.$i\$k --real-server || exit 1
            lbctl-vip delete 203.0.113.$i\$k || exit 1
        done" 3>&- &
    done
    wait
    ok alone lbctl-vip show --json
    json_is '.vips | length' 40
    vip flush
    nothing_is_left
}

@test "a real server needs no IPVS to save, to restore and for its status" {
    vip add 192.0.2.10 --real-server
    if [ -e /proc/net/ip_vs ]; then
        skip 'this kernel has IPVS'
    fi
    answers 0 alone lbctl-save
    complains 'IPVS is not loaded'
    prints 'vip add 192.0.2.10 --real-server'
    lacks svc
    printf '%s\n' "$output" >"$DIR/saved"
    ok alone lbctl-restore --dry-run "$DIR/saved"
    ok alone lbctl
    prints 'not available: IPVS is not loaded' 192.0.2.10
    ok alone lbctl status --json
    json_is '.vips[0].vip' 192.0.2.10
}
