#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# --netns: another namespace's load balancer, from outside.

load ../suite-helper

setup() {
    lab_alone
}

teardown() {
    [ -z "${SLEEPER:-}" ] || kill "$SLEEPER" 2>/dev/null || true
    lab_cleanup
    lab_not_alone
}

@test "every program works in the namespace that --netns names" {
    ok lbctl-svc --netns "$ALONE" add tcp:192.0.2.1:80 --scheduler rr
    ok lbctl-svc add-server --netns "$ALONE" tcp:192.0.2.1:80 10.0.0.1
    ok lbctl --netns "$ALONE" svc add-server tcp:192.0.2.1:80 10.0.0.2
    ok lbctl svc --netns="$ALONE" timeouts 901 0 0
    ok lbctl-mark --netns "$ALONE" add 7 --proto udp --dst 192.0.2.1 --dport 53
    alone ip link add front type dummy
    alone ip link set front up
    alone ip addr add 10.0.0.9/24 dev front
    ok lbctl-sync start master --dev front --id 3 --netns "$ALONE"
    table_is <<'END'
-A -t 192.0.2.1:80 -s rr
-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 1
-a -t 192.0.2.1:80 -r 10.0.0.2:80 -g -w 1
END
    alone nft list table inet lbctl | grep -q 'mark set 0x00000007'
    alone ipvsadm -L --daemon | grep -q '^master.*syncid=3'

    # Shown from outside as from inside, and nothing of it is here.
    ok lbctl --netns "$ALONE" status
    local outside=$output
    ok alone lbctl status
    [ "$output" = "$outside" ]
    prints tcp:192.0.2.1:80 10.0.0.2:80 'tcp 901' front 0x7
    ok lbctl-svc show
    lacks tcp:192.0.2.1:80
    ok lbctl-sync show
    lacks front
    run ! grep -q 192.0.2.1 /proc/net/ip_vs
    run ! sh -c 'nft list ruleset | grep 192.0.2.1'
    ok lbctl-sync stop master --netns "$ALONE"
    ok lbctl-svc --netns "$ALONE" flush
    table_is </dev/null
}

@test "holds belong to a namespace, whatever it is called from" {
    local first=$ALONE second=$ALONE-2 netns
    ip netns add "$second"
    # Where lo has never been up the kernel refuses all servers.
    ok lbctl-svc --netns "$second" add fwmark:2
    fails 2 lbctl-svc --netns "$second" add-server fwmark:2 10.0.0.1
    complains 10.0.0.1 'ip link set lo up'
    ip -n "$second" link set lo up
    for netns in "$first" "$second"; do
        ok lbctl-svc --netns "$netns" add fwmark:1
        ok lbctl-svc --netns "$netns" add-server fwmark:1 10.0.0.1 --weight 5
    done
    ok lbctl-svc --netns "$first" drain fwmark:1 10.0.0.1
    held_is() {
        ok lbctl-svc --netns "$1" show --json
        json_is '.services[0].servers[0] | "\(.runtime.effective_weight) \(.weight) \(.runtime.held | length)"' "$2"
    }
    held_is "$first" '0 5 1'
    held_is "$second" '5 5 0'
    # From inside, and by another name of the same namespace.
    ok alone lbctl-svc show --json
    json_is '.services[0].servers[0].runtime.held[0]' admin
    touch /run/netns/alias
    mount --bind "/run/netns/$first" /run/netns/alias
    held_is alias '0 5 1'
    ok lbctl-svc --netns alias undrain fwmark:1 10.0.0.1
    held_is "$first" '5 5 0'
    umount /run/netns/alias
    rm /run/netns/alias
    ip netns del "$second"
}

@test "holds of a namespace that is gone do not come true in another" {
    local holds
    new_namespace gone
    ok lbctl-svc --netns gone add tcp:192.0.2.1:80
    ok lbctl-svc --netns gone add-server tcp:192.0.2.1:80 10.0.0.1 --weight 5
    ok lbctl-svc --netns gone drain tcp:192.0.2.1:80 10.0.0.1
    [ -s "$(holds_of gone)" ]
    # The kernel gives its inode to a later one, when is the kernel's affair:
    # the file takes the name that the next one's inode gives it.
    mv "$(holds_of gone)" /run/lbctl/left
    ip netns del gone
    new_namespace gone
    holds=$(holds_of gone)
    mv /run/lbctl/left "$holds"
    printf '%s\n' '-A -t 192.0.2.1:80 -s rr' \
        '-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 0' |
        ip netns exec gone ipvsadm -R
    ok lbctl-svc --netns gone show --json
    json_is '.services[0].servers[0].runtime.held | length' 0
    ok lbctl-save --netns gone
    prints '--weight 0'
    ip netns exec gone ipvsadm -C
    # The next hold replaces what is left of it.
    ok lbctl-svc --netns gone add tcp:192.0.2.1:81
    ok lbctl-svc --netns gone add-server tcp:192.0.2.1:81 10.0.0.1 --weight 5
    ok lbctl-svc --netns gone drain tcp:192.0.2.1:81 10.0.0.1
    absent '192.0.2.1:80' "$holds"
    grep -q '192.0.2.1:81' "$holds"
    ok lbctl-svc --netns gone undrain tcp:192.0.2.1:81 10.0.0.1
    [ ! -e "$holds" ]
    ip netns del gone
}

new_namespace() {
    ip netns add "$1"
    ip -n "$1" link set lo up
}

holds_of() { echo "/run/lbctl/holds.$(stat -Lc %i "/run/netns/$1")"; }

@test "connections are those of the namespace" {
    lab_new netns
    lab_balancer nat
    lab_serve_all udp 7000
    local director=$LAB_PREFIX-director
    ok lbctl-svc --netns "$director" add "udp:$LAB_VIP:7000"
    ok lbctl-svc --netns "$director" add-server "udp:$LAB_VIP:7000" "${LAB_SERVERS[@]}" --forward nat
    lab_send udp "$LAB_VIP" 7000 6
    ok lbctl-svc --netns "$director" connections --json
    json_is '.connections | length' 6
    ok lbctl-svc connections --json
    json_is '[.connections[] | select(.service_port == 7000)] | length' 0
    counted() {
        ok lbctl-svc --netns "$director" show --json
        [ "$(json '.services[0].runtime.counters.connections')" = 6 ]
    }
    within 10 counted
}

@test "a namespace that is not there is said to be missing" {
    local program name
    for program in lbctl-svc lbctl-mark lbctl-sync lbctl; do
        fails 3 "$program" --netns nonesuch
        complains nonesuch
        [ -z "$output" ]
    done
    # What is no name of a namespace is not looked for elsewhere.
    for name in '' . .. "$(printf 'x%.0s' {1..300})"; do
        run_program lbctl-svc --netns "$name" add tcp:192.0.2.1:80
        [[ $status == [23] ]]
        complains lbctl-svc:
    done
    complains_name() { complains "$1: no such network namespace" 'hint: ip netns list' '/proc/PID/ns/net'; }
    fails 3 lbctl-svc --netns nonesuch show
    complains_name nonesuch
    fails 3 lbctl-svc --netns=-x show
    complains_name -x
    touch /run/netns/plain
    run_program lbctl-svc --netns plain add tcp:192.0.2.1:80
    [[ $status == [23] ]]
    complains plain
    fails 2 lbctl-svc --netns
    complains "'--netns' needs a value"
    rm /run/netns/plain
    table_is </dev/null
    ok lbctl-svc show
    lacks 192.0.2.1
}

@test "a namespace is named by a path, too" {
    local path=/run/elsewhere netns other
    touch "$path"
    mount --bind "/run/netns/$ALONE" "$path"
    nsenter --net="/run/netns/$ALONE" -- sleep 1000 >/dev/null 2>&1 3>&- &
    SLEEPER=$!
    inside() { [ "/proc/$SLEEPER/ns/net" -ef "/run/netns/$ALONE" ]; }
    within 20 inside
    ln -s "$path" /run/linked
    ok lbctl-svc --netns "$ALONE" add tcp:192.0.2.1:80
    ok lbctl-svc --netns "$path" add-server tcp:192.0.2.1:80 10.0.0.1 --weight 5
    # Drained by one, shown by the others: one namespace, one set of holds.
    ok lbctl-svc --netns "$path" drain tcp:192.0.2.1:80 10.0.0.1
    for netns in "$ALONE" "$path" "/proc/$SLEEPER/ns/net" "/run/netns/../netns/$ALONE" /run/linked; do
        ok lbctl-svc --netns "$netns" show --json
        json_is '.services[0].servers[0] | "\(.runtime.effective_weight) \(.weight) " + .runtime.held[0]' '0 5 admin'
        ok lbctl --netns "$netns" svc show
        prints 'held: admin'
        ok lbctl-save --netns "$netns"
        prints 'weight 5'
        answers 0 lbctl-check --netns "$netns" show
    done
    [ "$(find /run/lbctl -name 'holds.*' | wc -l)" -eq 1 ]
    ok lbctl-check --netns "$path" tcp:192.0.2.1:80 --exec /bin/true
    ok alone lbctl-check show
    prints exec-true
    ok lbctl-svc --netns "$ALONE" undrain tcp:192.0.2.1:80 10.0.0.1
    ok lbctl-mark --netns "$path" show
    ok lbctl-restore --netns "/proc/$SLEEPER/ns/net" <<<'svc flush'
    table_is </dev/null
    # One's own is as without, privileged or not.
    ok lbctl-svc --netns /proc/self/ns/net show
    run_program setpriv --bounding-set -sys_admin,-sys_ptrace --inh-caps -all \
        lbctl-svc --netns /proc/self/ns/net show
    [ "$status" -eq 0 ]

    # What is no network namespace; nobody waits for a FIFO.
    mkfifo /run/fifo
    for other in /etc/passwd /run /run/fifo /proc/self/ns/mnt /dev/null; do
        fails 2 timeout 10 lbctl-svc --netns "$other" show
        complains "$other: not a network namespace"
        fails 2 timeout 10 lbctl-check --netns "$other" show
    done
    for other in /run/nonesuch ./nonesuch /etc/passwd/x; do
        fails 3 lbctl-svc --netns "$other" show
        complains "$other: no such network namespace"
    done
    kill "$SLEEPER"
    umount "$path"
    rm "$path" /run/linked /run/fifo
}
