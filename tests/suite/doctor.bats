#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# lbctl-doctor on a real kernel: each fault is provoked, found alone, and gone
# after the command that the finding names.

load ../suite-helper

# A director that holds its VIP, with a network of servers behind it.
setup() {
    DIR=$(mktemp -d)
    lab_alone
    alone ip -batch - <<'END'
link add front type bridge
link add port type dummy
link set port master front up
link set front up
addr add 10.0.0.1/24 dev front
addr add 2001:db8::1/64 dev front nodad
END
    alone sysctl -qw net/ipv4/ip_forward=1 net/ipv6/conf/all/forwarding=1 \
        net/ipv4/conf/front/arp_ignore=1 net/ipv4/conf/front/arp_announce=2
}

teardown() {
    lab_not_alone
    rm -rf "$DIR"
}

# A service by address, with two servers by direct routing.
service() {
    ok alone lbctl-vip add 192.0.2.10/32 --dev front --no-probe
    ok alone lbctl-svc add tcp:192.0.2.10:80
    ok alone lbctl-svc add-server tcp:192.0.2.10:80 10.0.0.11 10.0.0.12 \
        --forward "${1:-dr}"
}

# doctor ...: runs it with the files of $DIR as /etc/lbctl, and no others.
doctor() {
    # shellcheck disable=SC2016 # The inner shell expands it.
    alone unshare -m bash -c '
        mount -t tmpfs -o mode=755 none /etc && cp -r "$0" /etc/lbctl &&
            exec "$@"' "$DIR" "$@"
}

# front_is STATE: waits until the kernel says so; it does soon after the change.
front_is() {
    until [ "$(alone ip -br link show front | tr -s ' ' | cut -d' ' -f2)" = \
        "$1" ]; do
        sleep 0.1
    done
}

# finds RULE...: it finds just these, the worst first.
finds() {
    answers $(($# > 0)) doctor lbctl-doctor --json
    [ -z "$stderr" ] || {
        show_run
        return 1
    }
    json_is '[.findings[].rule] | unique | sort | join(" ")' \
        "$(printf '%s\n' "$@" | LC_ALL=C sort | paste -sd ' ')"
    json_is '.unknown | length' 0
}

# mends RULE...: finds these; the first one's command mends it.
mends() {
    local command
    finds "$@"
    command=$(jq -r --arg rule "$1" \
        'first(.findings[] | select(.rule == $rule)).mend' <<<"$output")
    [ "$command" != null ]
    doctor bash -c "$command" || {
        echo "cannot be run: $command"
        return 1
    }
    shift
    finds "$@"
}

@test "a healthy director, a bare host and a real server have no fault" {
    finds
    service
    finds
    answers 0 doctor lbctl-doctor
    [ -z "$output" ]
    answers 0 doctor lbctl-doctor --nagios
    [[ $output == 'LBCTL OK - nothing found | '* ]]
    ok alone lbctl-svc flush
    ok alone lbctl-vip flush
    ok alone lbctl-vip add 192.0.2.10 --real-server
    finds
    ok doctor lbctl-doctor --role real-server
}

@test "servers by NAT need forwarding" {
    service nat
    alone sysctl -qw net/ipv4/ip_forward=0
    mends N1 N4
    mends N4
}

@test "a mark that makes addresses local, and sources looked up by it" {
    ok alone lbctl-vip add 198.51.100.0/24 --local-route --mark 7
    finds
    alone sysctl -qw net/ipv4/conf/all/src_valid_mark=1
    mends M4
}

@test "an interface to servers that is down" {
    service
    alone ip link set port down
    front_is DOWN
    finds L1
    alone ip link set port up
    front_is UP
    finds
}

@test "a port that direct routing does not rewrite" {
    service
    ok alone lbctl-svc add-server tcp:192.0.2.10:80 10.0.0.13:8080 \
        --unchecked --forward dr
    alone sysctl -qw net/ipv4/conf/all/send_redirects=0 \
        net/ipv4/conf/front/send_redirects=0
    mends A13
}

@test "a VIP that nobody holds is found, but not on a backup" {
    service
    ok alone lbctl-vip flush
    answers 0 doctor lbctl-doctor --role backup
    mends V1
}

@test "services without servers, or with all of them drained" {
    ok alone lbctl-vip add 192.0.2.10/32 --dev front --no-probe
    ok alone lbctl-svc add tcp:192.0.2.10:80
    mends S11
    ok alone lbctl-svc add tcp:192.0.2.10:80
    ok alone lbctl-svc add-server tcp:192.0.2.10:80 10.0.0.11 --forward dr \
        --weight 0
    mends S11
    ok alone lbctl-svc drain tcp:192.0.2.10:80 10.0.0.11
    finds S11 S16
    ok alone lbctl-svc undrain tcp:192.0.2.10:80 10.0.0.11
    finds
}

@test "servers behind a gateway cannot be reached by direct routing" {
    service
    ok alone ip route add 10.9.0.0/24 via 10.0.0.254
    ok alone lbctl-svc add-server tcp:192.0.2.10:80 10.9.0.5 --forward dr
    mends A9
}

@test "servers to which no route leads" {
    service
    ok alone lbctl-svc add-server tcp:192.0.2.10:80 10.99.0.5 --forward tun
    finds S15
    ok alone ip route add 10.99.0.0/24 via 10.0.0.254
    finds
}

@test "marks without services, and services without marks" {
    ok alone lbctl-svc add fwmark:7 --scheduler sh
    ok alone lbctl-svc add-server fwmark:7 10.0.0.11 --forward dr
    finds M1
    ok alone lbctl-vip add 192.0.2.10/32 --dev front --no-probe
    ok alone lbctl-mark add 7 --proto tcp --dst 192.0.2.10 --dport 80
    finds
    ok alone lbctl-mark add 9 --proto tcp --dst 192.0.2.10 --dport 81
    finds M2
    ok alone lbctl-mark delete 9 --proto tcp --dst 192.0.2.10 --dport 81
    # A rule of somebody else is as good.
    ok alone lbctl-mark flush
    finds M1
    alone nft -f - <<'END'
add table ip other
add chain ip other front { type filter hook prerouting priority mangle; }
add rule ip other front ip daddr 192.0.2.10 tcp dport 80 meta mark set 7
END
    finds
}

@test "a marked packet that this host does not take as its own" {
    ok alone ip route add 198.51.100.0/24 via 10.0.0.254
    ok alone lbctl-svc add fwmark:7 --scheduler sh
    ok alone lbctl-svc add-server fwmark:7 10.0.0.11 --forward dr
    ok alone lbctl-mark add 7 --proto tcp --dst 198.51.100.9 --dport 80
    mends M3
}

@test "ports that are marked, and that sockets of this host can get" {
    ok alone lbctl-vip add 192.0.2.10/32 --dev front --no-probe
    ok alone lbctl-svc add fwmark:7 --scheduler sh
    ok alone lbctl-svc add-server fwmark:7 10.0.0.11 --forward dr
    answers 0 alone lbctl-mark add 7 --proto udp --dst 192.0.2.10 \
        --dport 50000:51000
    mends M5
}

@test "marks that shadow a service, and clients that are not kept together" {
    service
    ok alone lbctl-svc add fwmark:7
    ok alone lbctl-svc add-server fwmark:7 10.0.0.11 10.0.0.12 --forward dr
    ok alone lbctl-mark add 7 --proto tcp --dst 192.0.2.10 --dport 80,443
    mends M9 M7
    mends M7
}

@test "settings that keep clients with servers that are out" {
    service
    ok alone lbctl-svc change tcp:192.0.2.10:80 --persistent 60
    ok alone lbctl-svc change-server tcp:192.0.2.10:80 10.0.0.12 --weight 0
    alone sysctl -qw net/ipv4/vs/expire_quiescent_template=0
    mends S3
}

@test "a real server that is not silent" {
    ok alone lbctl-vip add 192.0.2.10 --real-server
    alone sysctl -qw net/ipv4/conf/front/arp_ignore=0 \
        net/ipv4/conf/all/arp_ignore=0
    mends A2
    alone sysctl -qw net/ipv4/conf/front/arp_announce=0 \
        net/ipv4/conf/all/arp_announce=0
    mends A3
    alone ip addr add 192.0.2.11/24 dev lo
    mends A5
}

@test "a tunnel whose reverse path filter is strict" {
    ok alone lbctl-vip add 192.0.2.10 --real-server --tunnel ipip
    finds
    alone sysctl -qw net/ipv4/conf/tunl0/rp_filter=1 \
        net/ipv4/conf/all/rp_filter=0
    mends A12
}

@test "sync daemons that cannot work" {
    service
    ok alone lbctl-sync start master --dev front --id 1
    ok alone lbctl-sync start backup --dev front --id 1
    mends S8
    alone ip link set front multicast off
    mends S9
}

@test "the saved ruleset, and the mark rules that nft has flushed" {
    service
    ok alone lbctl-svc add fwmark:7 --scheduler sh
    ok alone lbctl-svc add-server fwmark:7 10.0.0.11 --forward dr
    ok alone lbctl-mark add 7 --backend nft --proto tcp --dst 192.0.2.10 \
        --dport 443
    alone lbctl-save >"$DIR/lbctl.rules"
    finds
    ok alone lbctl-svc delete-server tcp:192.0.2.10:80 10.0.0.12
    mends B7
    alone nft flush ruleset
    finds B7 B8 M1
    ok doctor lbctl-restore /etc/lbctl/lbctl.rules
    finds
    echo 'svc add nonsense' >"$DIR/lbctl.rules"
    finds B6
}

@test "checks that never ran, are late, or have a mistake" {
    service
    echo 'tcp:192.0.2.10:80 --name web --tcp 80 --timeout 0.1' \
        >"$DIR/checks.conf"
    finds C1
    echo 'tcp:192.0.2.10:80 --nonsense' >"$DIR/checks.conf"
    finds C3
}

@test "facts of another host are judged as they were there" {
    service nat
    alone sysctl -qw net/ipv4/ip_forward=0
    doctor lbctl-doctor collect >"$DIR/facts.json"
    doctor lbctl-doctor >"$DIR/there" || [ $? -eq 1 ]
    ok alone lbctl-svc flush
    answers 1 lbctl-doctor --from "$DIR/facts.json"
    [ "$output" = "$(<"$DIR/there")" ]
    answers 1 lbctl-doctor --from - <"$DIR/facts.json"
    [[ $output == 'error N1: '* ]]
    [[ $output == *$'\n    mend: sysctl -w net/ipv4/ip_forward=1\n'* ]]
    answers 2 lbctl-doctor --nagios --from "$DIR/facts.json"
    [[ $output == 'LBCTL CRITICAL - N1: '*"'errors'=1"* ]]
    answers 1 lbctl-doctor --from "$DIR/facts.json" \
        --service tcp:192.0.2.10:80
    fails 1 lbctl-doctor --from "$DIR/facts.json" --service tcp:192.0.2.9:80
    complains 'no such service'
    fails 3 lbctl-doctor --from "$DIR/none"
    echo '{"facts": 1, "links": 1}' >"$DIR/facts.json"
    fails 2 lbctl-doctor --from "$DIR/facts.json"
    complains "$DIR/facts.json" 'links: not an array'
}

@test "severities, roles, rules and mistakes" {
    service
    ok alone lbctl-svc drain tcp:192.0.2.10:80 10.0.0.12
    finds S16
    ok doctor lbctl-doctor --severity warning
    fails 2 lbctl-doctor --severity bad
    complains 'none of error, warning, info'
    fails 2 lbctl-doctor --role client
    fails 2 lbctl-doctor --service 192.0.2.10
    fails 2 lbctl-doctor --json --nagios
    ok lbctl-doctor explain s16
    [[ $output == 'S16 (info): '* ]]
    fails 1 lbctl-doctor explain Z1
    complains 'no such rule' 'hint: lbctl-doctor explain'
    ok lbctl-doctor explain --json
    json_is '[.rules[] | select(.what and .why and .mend)] | length' \
        "$(lbctl-doctor explain | grep -c '^[A-Z]')"
}

@test "an ordinary user is told what could not be judged" {
    service
    fails 5 alone setpriv --reuid 65534 --clear-groups --bounding-set -all \
        --inh-caps -all -- lbctl-doctor
    complains 'could not be judged'
    [[ $output == *'unknown: '*': services: '* ]]
}

@test "nothing is written, sent or loaded" {
    local before after
    alone lbctl-doctor || true
    before=$(cut -d' ' -f1 /proc/modules | sort)
    without_leak_search
    alone strace -f -o "$DIR/trace" -e trace=openat,socket lbctl-doctor
    after=$(cut -d' ' -f1 /proc/modules | sort)
    [ "$before" = "$after" ]
    grep -q AF_NETLINK "$DIR/trace"
    run ! grep -E 'O_WRONLY|O_RDWR|O_CREAT|AF_PACKET' "$DIR/trace"
}
