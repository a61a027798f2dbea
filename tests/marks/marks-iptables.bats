#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Mark rules in iptables: what packets get, and how our chains live beside
# what others keep in the same table. Needs no IPVS; tests/host/marks runs it on
# this machine, or by hand:
#
#   unshare -rmn env LBCTL_ROOT=$PWD O=build tests/lab/run --inside \
#       tests/marks/marks-iptables.bats

load ../suite-helper

setup() {
    lab_alone
    DIR=$(mktemp -d)
    # What arrives, counted by mark.
    alone iptables-legacy-restore --noflush <<'RULES'
*mangle
:SEEN - [0:0]
-A INPUT -p udp -m comment --comment "the admin's" -j SEEN
-A SEEN -m mark --mark 0 -j RETURN
-A SEEN -m mark --mark 1 -j RETURN
-A SEEN -m mark --mark 2 -j RETURN
-A SEEN -m mark --mark 9 -j RETURN
COMMIT
RULES
}

teardown() {
    [ ! -e "$DIR/report" ] || "$LAB_TRAFFIC" stop "$DIR/report" >/dev/null
    [ -z "${HOLDER:-}" ] || kill "$HOLDER" 2>/dev/null || true
    lab_not_alone
    rm -rf "$DIR"
}

# mark WORD...: a command that succeeds and says nothing.
mark() {
    ok alone lbctl-mark "$@"
    [ -z "$output" ]
}

legacy() {
    alone iptables-legacy -w -t mangle "$@"
}

legacy6() {
    alone ip6tables-legacy -w -t mangle "$@"
}

# datagrams ADDRESS PORT...: one to each port, from one process.
datagrams() {
    # shellcheck disable=SC2016
    alone bash -c 'for port in "${@:2}"; do
        echo x >"/dev/udp/$1/$port"; done' bash "$@" 2>/dev/null || true
}

# counts CHAIN: packets of each of its rules, in one line.
counts() {
    legacy -vxnL "$1" | awk 'NR > 2 { printf "%s%s", sep, $1; sep = " " }'
}

# counts_are CHAIN "N N...", as counts prints them.
counts_are() {
    local actual
    actual=$(counts "$1")
    [ "$actual" = "$2" ] || {
        printf '%s\n' "expected in $1: $2" "is: $actual"
        legacy -S
        return 1
    }
}

@test "the first rule that matches decides, and an exclude leaves the mark" {
    legacy -A PREROUTING -p udp -m udp --dport 7 -j MARK --set-mark 9
    mark exclude --proto udp --dport 7,1005
    mark add 1 --proto udp --dport 1000:1010
    mark add 2 --proto udp --dport 1000:2000
    mark add 3 --proto udp --dport 1000:2000 --priority 200
    datagrams 127.0.0.1 1000 1005 1500 7 3000
    # Marks 0 (1005 and 3000), 1, 2 and the other program's 9.
    counts_are SEEN '2 1 1 1'
    datagrams ::1 1000 1005 1500
    ok alone lbctl-mark show --json
    json_is '[.marks[] | .runtime.packets] | map(tostring) | join(" ")' '3 2 2 0'
}

@test "a mask sets its bits only, and input is a hook, too" {
    legacy -A PREROUTING -p udp -j MARK --set-mark 8
    mark add 1 --mask 0xf --proto udp --dport 5 --hook input
    mark add 1 --mask 0x1 --proto udp --dport 6 --hook input
    # Ours comes behind the counting rule: count again behind ours.
    legacy -A INPUT -p udp -g SEEN
    datagrams 127.0.0.1 5 6
    counts_are SEEN '0 1 0 1'
}

@test "a local client's packets are marked on their way out" {
    legacy -A OUTPUT -p udp -m udp --dport 5 -j MARK --set-mark 2
    mark add 1 --proto udp --dport 5:6 --hook output
    datagrams 127.0.0.1 5 6 7
    counts_are LBCTL-OUTPUT-100 '2'
}

@test "answers to this host's own questions are not captured" {
    local way
    lab_traffic_here 7000
    for way in socket conntrack; do
        mark add 1 --proto udp --dport 32768:60999 --exempt-own "$way"
        ok alone "$LAB_TRAFFIC" send udp 127.0.0.1 7000 5
        counts_are SEEN '10 0 0 0'
        mark flush
        mark add 1 --proto udp --dport 32768:60999 --no-exempt-own
        ok alone "$LAB_TRAFFIC" send udp 127.0.0.1 7000 5
        counts_are SEEN '15 5 0 0'
        # Strangers' packets are marked either way, tracked or not.
        mark flush
        mark --quiet add 1 --proto udp --dport 40000:40001 --exempt-own "$way"
        alone iptables-legacy -w -t raw -A PREROUTING -p udp --dport 40001 \
            -j CT --notrack
        datagrams 127.0.0.1 40000 40001
        counts_are SEEN '15 7 0 0'
        mark flush
        alone iptables-legacy -t mangle -Z
    done
}

# lab_traffic_here PORT [PROTOCOL [ADDRESS]]: an answering server in the test's
# own namespace.
lab_traffic_here() {
    alone "$LAB_TRAFFIC" serve here "${2:-udp}" "${3:-127.0.0.1}" "$1" \
        --report "$DIR/report"
}

@test "own TCP is not captured" {
    alone iptables-legacy -t mangle -R INPUT 1 -j SEEN
    lab_traffic_here 7000 tcp
    mark add 1 --proto tcp
    ok alone "$LAB_TRAFFIC" send tcp 127.0.0.1 7000 3
    # The daemon listens on one address: its side is a conversation, too.
    [ "$(counts SEEN | cut -d' ' -f2)" -eq 0 ]
    mark flush
    mark add 1 --proto tcp --no-exempt-own
    ok alone "$LAB_TRAFFIC" send tcp 127.0.0.1 7000 3
    [ "$(counts SEEN | cut -d' ' -f2)" -gt 0 ]
}

# exchange: of two UDP sockets, one that listens on all addresses, one connected.
exchange() {
    alone perl - <<'PERL'
use IO::Socket::INET;
alarm 10;
my $listens = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '0.0.0.0',
    LocalPort => 5000) or die;
my $client = IO::Socket::INET->new(Proto => 'udp', LocalPort => 40000,
    PeerAddr => '127.0.0.1', PeerPort => 5000) or die;
$client->send('question') or die;
my $peer = $listens->recv(my $question, 9) or die;
$listens->send('answer', 0, $peer) or die;
defined $client->recv(my $answer, 9) or die;
PERL
}

@test "a daemon on all addresses is no conversation, a connected socket is" {
    mark --quiet add 1 --proto udp --dport 5000:50000
    exchange
    # The question is marked, the answer not.
    counts_are SEEN '1 1 0 0'
}

@test "an own reply reaches a later rule without an exemption" {
    mark --quiet add 1 --proto udp --dport 40000
    mark add 9 --proto tcp --dport 40000
    mark add 2 --proto udp --dport 30000:50000 --no-exempt-own
    mark --quiet add 1 --proto udp --dport 30000:39999
    mark add 9 --proto udp --dport 40000 --no-exempt-own
    exchange
    counts_are SEEN '1 0 1 0'
    datagrams 127.0.0.1 40000 39999
    counts_are SEEN '1 1 2 0'
    # And one of a later priority, which has the same match.
    mark flush
    mark --quiet add 1 --proto udp --dport 40000
    mark add 2 --proto udp --dport 40000 --no-exempt-own --priority 200
    exchange
    counts_are SEEN '2 1 3 0'
    # Many rules have one look-up of sockets.
    mark flush
    local port
    for port in 1 2 3 4 5 6; do mark --quiet add 1 --proto udp --dport "4000$port"; done
    mark --quiet add 1 --proto udp --dport 40000
    mark add 2 --proto udp --dport 40000 --no-exempt-own
    [ "$(legacy -S LBCTL-PREROUTING-100 | grep -c socket)" -eq 1 ]
    exchange
    counts_are SEEN '3 1 4 0'
    datagrams 127.0.0.1 40000 40003
    counts_are SEEN '3 3 4 0'
}

@test "no exemption by sockets tracks connections, and each loads as it is" {
    mark add 1 --proto tcp --dport 40000
    mark add 1 --proto tcp --dport 40001 --exempt-own none
    run legacy -S
    lacks conntrack
    mark add 1 --proto tcp --dport 40002 --exempt-own conntrack
    mark exclude --proto tcp --dport 40003 --exempt-own socket
    ok alone lbctl-mark show --json
    json_is '[.marks[] | "\(.dport) \(.exempt_own) \(.no_exempt_own)"] | join(", ")' \
        '40003 socket null, 40000 null null, 40001 null true, 40002 conntrack null'
    printf '%s' "$output" >"$DIR/rules"
    ok alone lbctl-restore --dry-run "$DIR/rules"
    [ -z "$output" ]
    # Without its head a rule is not exempt, and that shows.
    legacy -D LBCTL-PREROUTING-100 1
    legacy6 -D LBCTL-PREROUTING-100 1
    ok alone lbctl-mark show --json
    json_is '.marks[1].no_exempt_own' true
    ok alone lbctl-restore "$DIR/rules"
    legacy -S LBCTL-PREROUTING-100 | grep -q -- \
        '--dport 40000 -m socket -g LBCTL-PREROUTING-100-2'
}

@test "a rule that marks replies to unconnected UDP says what helps" {
    alone sysctl -qw net.ipv4.ip_local_reserved_ports=8080
    run_program alone lbctl-mark add 1 --proto udp --dport 50000:60000
    [ "$status" -eq 0 ]
    complains 'sysctl -w net.ipv4.ip_local_reserved_ports=8080,50000-60000'
    # The rule is not new any more.
    mark replace 2 --proto udp --dport 50000:60000
    mark --quiet add 1 --proto udp --dport 40000
    mark add 1 --proto udp
    mark add 1 --proto tcp --dport 40000
    run_program alone lbctl-mark add 1 --proto udp --dport 40001 --json
    [ "$(jq -r .warning <<<"${stderr:-}" | grep -c 8080,40001)" -eq 1 ]
    echo 'mark add 3 --proto udp --dport 40000:40002' >"$DIR/rules"
    run_program alone lbctl-restore "$DIR/rules"
    [ "$status" -eq 0 ]
    complains 8080,40000-40002
    ok alone lbctl-restore "$DIR/rules"
    alone sysctl -qw net.ipv4.ip_local_reserved_ports=8080,40000-40002
    mark flush
    mark add 3 --proto udp --dport 40000:40002
}

@test "iptables prints our rules, and finds them by what it printed" {
    local family
    mark --quiet add 1 --proto udp --dst 172.31.36.102 --dport 50000:60000
    mark add 8 --proto tcp --dst 172.31.36.102 --dport 50000:60000 \
        --exempt-own conntrack
    mark exclude --proto udp --dst 172.31.36.102 --dport 51820
    mark add 2 --proto tcp --sport 1:2 --dport 80,443,8000:8100
    mark add 3 --proto sctp --dport 9899 --in-interface eth+
    mark add 4 --src 10.0.0.0/8 --comment 'the old net' --mask 0xff
    mark add 5 --proto icmp --ipv4
    mark add 6 --proto tcp --dst 2001:db8::1 --dport 443 --sport 1024:65535
    mark add 7 -- -m mark --mark 0x5
    mark add 9 --proto '!tcp' --in-interface '!eth+' --src-type local
    mark add 9 --proto tcp --sport '!1:2' --dport '!80' --dst-type '!local'
    mark add 9 --proto tcp --dport '!80,443' --mac 00:11:22:aa:bb:cc
    mark add 9 --proto sctp --dport '!5' --state '!new' --dscp '!3'
    mark add 9 --state new --dscp ef --mac '!00:11:22:aa:bb:cc'
    mark add 9 --src 10.0.0.1,10.0.0.5-10.0.0.9 --dst '!192.0.2.0/24'
    mark add 9 --src '!10.0.0.1,10.0.0.5-10.0.0.9' --dst 192.0.2.1-192.0.2.5
    mark add 9 --src '!2001:db8::/32' --dst 2001:db8::1-2001:db8::5,2001:db8::9
    for family in '' 6; do
        alone "ip${family}tables-legacy" -t mangle -S | grep LBCTL \
            >"$DIR/rules"
        grep -q -- '-g LBCTL-MARK-0x2' "$DIR/rules"
        sed -n 's/^-A/-C/p' "$DIR/rules" >"$DIR/checks"
        while read -r line; do
            xargs nsenter --net="/run/netns/$ALONE" -- \
                "ip${family}tables-legacy" -t mangle <<<"$line" || {
                echo "not found: $line"
                return 1
            }
        done <"$DIR/checks"
    done
}

# marked ADDRESS...: which of them, as destinations of datagrams, get mark 1.
marked() {
    local address before after
    for address; do
        before=$(counts SEEN | cut -d' ' -f2)
        datagrams "$address" 7
        after=$(counts SEEN | cut -d' ' -f2)
        [ "$before" -eq "$after" ] || echo -n "$address "
    done
}

@test "ranges and lists of addresses match what they say" {
    mark add 1 --dst 127.0.0.2-127.0.0.4,127.0.0.9,127.0.0.16/30 --src 127.0.0.0/8,10.0.0.1
    [ "$(marked 127.0.0.{1..5} 127.0.0.{8..10} 127.0.0.{15..20})" = \
        "$(printf '127.0.0.%s ' 2 3 4 9 16 17 18 19)" ]
    ok alone lbctl-mark show --json
    json_is '.marks | length' 1
    json_is '.marks[0].runtime.packets' 8
    json_is '.marks[0].dst' '127.0.0.2-127.0.0.4,127.0.0.9,127.0.0.16/30'
    # Another order, and what overlaps, is the same rule.
    mark replace 2 --dst 127.0.0.18,127.0.0.16/30,127.0.0.9,127.0.0.3-127.0.0.4,127.0.0.2-127.0.0.3 \
        --src 10.0.0.1,127.0.0.0/8
    ok alone lbctl-mark show --json
    json_is '[.marks[] | "\(.mark) \(.runtime.packets)"] | join(" ")' '2 8'
    mark flush
    mark add 1 --dst '!127.0.0.2-127.0.0.4,127.0.0.9' --src '!10.0.0.0/8'
    [ "$(marked 127.0.0.{1..5} 127.0.0.{8..10})" = \
        "$(printf '127.0.0.%s ' 1 5 8 10)" ]
}

@test "a list that is not whole any more is the rules that are left" {
    mark add 1 --src 10.0.0.1,10.0.0.3,10.0.0.5 --dst 192.0.2.1,192.0.2.3
    ok alone lbctl-mark show --json
    printf '%s' "$output" >"$DIR/rules"
    legacy -D LBCTL-PREROUTING-100 3
    ok alone lbctl-mark show --json
    json_is '.marks | length' 5
    json_is '[.marks[] | .extra // empty] | length' 0
    ok alone lbctl-restore "$DIR/rules"
    ok alone lbctl-mark show --json
    json_is '[.marks[] | .src] | join(" ")' 10.0.0.1,10.0.0.3,10.0.0.5
    # Somebody's own rule among them stays where it is.
    legacy -I LBCTL-PREROUTING-100 3 -s 10.9.0.1 -j ACCEPT
    ok alone lbctl-mark show --json
    json_is '.marks | length' 1
    mark add 2 --proto tcp --dport 1
    [ "$(legacy -S LBCTL-PREROUTING-100 | sed -n 4p)" = \
        '-A LBCTL-PREROUTING-100 -s 10.9.0.1/32 -j ACCEPT' ]
}

@test "too many combinations are refused, and nothing changes" {
    local sources destinations
    sources=$(printf '10.0.0.%s,' {1..33..2})
    destinations=$(printf '192.0.2.%s,' {1..31..2})
    fails 2 alone lbctl-mark add 1 --src "${sources%,}" --dst "${destinations%,}"
    complains '272 rules of iptables' 256
    run legacy -S
    lacks LBCTL
    # One less is 256.
    sources=${sources#*,}
    mark add 1 --src "${sources%,}" --dst "${destinations%,}"
    [ "$(legacy -S LBCTL-PREROUTING-100 | grep -c MARK)" -eq 256 ]
}

@test "negated ports, types, DSCP and states match what they say" {
    mark add 1 --proto udp --dport '!5,7:8'
    datagrams 127.0.0.1 4 5 6 7 8 9
    counts_are SEEN '3 3 0 0'
    mark flush
    mark add 2 --proto udp --dst-type local --src-type local --sport '!1:1023'
    datagrams 127.0.0.1 5
    counts_are SEEN '3 3 1 0'
    mark flush
    mark add 2 --proto udp --dst-type '!local'
    datagrams 127.0.0.1 5
    counts_are SEEN '4 3 1 0'
    mark flush
    mark add 1 --proto udp --dscp 0
    mark add 2 --proto udp --dscp '!cs1'
    datagrams 127.0.0.1 5
    counts_are SEEN '4 4 1 0'
    mark flush
    lab_traffic_here 7000
    mark add 1 --proto udp --state new --no-exempt-own
    mark add 2 --proto udp --state '!new' --no-exempt-own
    ok alone "$LAB_TRAFFIC" send udp 127.0.0.1 7000 1
    counts_are SEEN '4 5 2 0'
}

@test "conditions that no packet or hook can have are refused" {
    local words
    mark add 1 --proto tcp --dport 1
    legacy -S >"$DIR/before"
    while read -r words; do
        # shellcheck disable=SC2086
        fails 2 alone lbctl-mark add 3 $words
    done <<'WORDS'
--src !any
--src !0.0.0.0/0
--src !0.0.0.0/1,128.0.0.0/1
--dst 10.0.0.1,2001:db8::1
--dst 10.0.0.9-10.0.0.1
--dst 10.0.0.1-2001:db8::1
--dst 10.0.0.1,any
--dst 10.0.0.1,
--src 10.0.0.1 --dst 2001:db8::1
--proto !any
--proto !tcp --dport 80
--proto tcp --dport !any
--proto tcp --dport !0:65535
--proto tcp --dport !0:40000,30000:65535
--proto tcp --dport !0:40000,40001:65535
--mac 00:11:22:33:44
--mac !any
--mac 00:11:22:33:44:55 --hook output
--dscp 64
--dscp af14
--state old
--src-type remote
--dst-type !any
--in-interface !
WORDS
    legacy -S | diff "$DIR/before" -
}

@test "a command that changes nothing commits nothing" {
    mark add 1 --proto udp --dport 1000
    # A commit would let this rule begin to count its quota again.
    legacy -A PREROUTING -p udp -m quota --quota 60 -j MARK --set-mark 9
    datagrams 127.0.0.1 1 2 3
    mark replace 1 --proto udp --dport 1000
    ok alone lbctl-mark show
    datagrams 127.0.0.1 4 5 6
    counts_are SEEN '4 0 0 2'
}

@test "a rule of one family behind one of both is none" {
    mark add 1 --proto udp --ipv4
    mark add 2 --proto udp
    mark replace 2 --proto udp --ipv4
    ok alone lbctl-mark show --json
    json_is '[.marks[] | .mark] | map(tostring) | join(" ")' '2'
    mark flush
    mark add 1 --proto udp --ipv4
    mark add 2 --proto udp
    # All that IPv6 has is the one of both.
    mark replace 4 --proto udp --ipv6
    datagrams ::1 1000
    ok alone lbctl-mark show --json
    json_is '[.marks[] | "\(.mark):\(.runtime.packets)"] | join(" ")' '1:0 4:1'
}

@test "without capabilities it is status 5, table or not" {
    local verb
    none() {
        alone setpriv --bounding-set=-all --inh-caps=-all lbctl-mark "$@"
    }
    for verb in show 'add 7 --proto udp' 'delete 7 --proto udp' flush; do
        # shellcheck disable=SC2086
        fails 5 none $verb
        complains CAP_NET_ADMIN
    done
    lab_not_alone
    lab_alone
    for verb in show 'add 7 --proto udp' 'delete 7 --proto udp' flush; do
        # shellcheck disable=SC2086
        fails 5 none $verb
    done
    # These two are enough where the kernel's modules are loaded.
    ok alone setpriv --bounding-set=-all,+net_admin,+net_raw --inh-caps=-all \
        lbctl-mark add 7 --proto udp
    fails 3 alone lbctl-mark delete 8 --proto tcp
    complains 'no such rule'
}

@test "comments are UTF-8, and rules that exist do not end JSON" {
    local latin=$'caf\xe9'
    fails 2 alone lbctl-mark add 7 --proto udp --comment "$latin"
    complains 'not UTF-8'
    fails 2 alone lbctl-mark replace 7 --proto udp --comment "$latin"
    fails 2 alone lbctl-mark exclude --proto udp --comment "$latin"
    fails 2 alone lbctl-restore - <<<"mark add 7 --comment $latin"
    mark add 7 --proto udp --dport 7 --comment cafe
    # As an older version, or somebody with iptables, could have made it.
    alone iptables-legacy-save -t mangle | sed "s/cafe/$latin/" |
        alone iptables-legacy-restore
    ok alone lbctl-mark show --json
    json_is '.marks[0].comment' $'caf\xef\xbf\xbd'
    # What is shown is not what stands: it is not restored.
    json_is .lossy true
    fails 2 alone lbctl-restore - <<<"$output"
    complains lossy 'hint: lbctl-save'
    ok alone lbctl-mark show --json --all
    json_is '.runtime.foreign | length > 0' true
}

@test "looking does not create the table" {
    local bare=bare-$RANDOM
    ip netns add "$bare"
    run_program nsenter --net="/run/netns/$bare" -- lbctl-mark show
    [ "$status" -eq 0 ]
    run nsenter --net="/run/netns/$bare" -- cat /proc/thread-self/net/ip_tables_names
    [[ $output != *mangle* ]]
    # Rules for IPv4 alone leave IPv6's table alone.
    ok nsenter --net="/run/netns/$bare" -- lbctl-mark add 1 --ipv4
    run nsenter --net="/run/netns/$bare" -- cat /proc/thread-self/net/ip6_tables_names
    [[ $output != *mangle* ]]
    ip netns del "$bare"
}

@test "rules keep their counters when others come and go" {
    mark add 1 --proto udp --dport 1000
    mark add 2 --proto udp --dport 2000
    datagrams 127.0.0.1 1000 2000 2000
    mark add 1 --proto udp --dport 3000
    mark delete 1 --proto udp --dport 1000
    counts_are LBCTL-PREROUTING-100 '2 0'
    mark replace 9 --proto udp --dport 2000 --comment changed
    counts_are LBCTL-PREROUTING-100 '2 0'
    # Not ours, so never reset.
    counts_are SEEN '0 1 2 0'
    mark zero
    counts_are LBCTL-PREROUTING-100 '0 0'
    counts_are SEEN '0 1 2 0'
}

@test "what others keep in the table stays, in our chains, too" {
    legacy -A PREROUTING -s 192.0.2.0/24 -j DROP
    mark add 1 --proto udp --dport 1000
    legacy -A PREROUTING -j TOS --set-tos 0x10
    legacy -I LBCTL-PREROUTING-100 -p udp -m udp --dport 9 -j ACCEPT
    mark add 2 --proto udp --dport 2000 --priority 7
    mark flush
    legacy -S >"$DIR/rules"
    grep -q -- '-A PREROUTING -s 192.0.2.0/24 -j DROP' "$DIR/rules"
    grep -q -- '-A PREROUTING -j TOS' "$DIR/rules"
    grep -q -- '-A LBCTL-PREROUTING-100 -p udp -m udp --dport 9 -j ACCEPT' \
        "$DIR/rules"
    legacy -F LBCTL-PREROUTING-100
    mark add 1
    mark flush
    run legacy -S
    lacks LBCTL
}

@test "the table nat has what others keep in it, and is not made without need" {
    nat() {
        alone iptables-legacy -w -t nat "$@"
    }
    mark add 1 --proto udp --dport 1000
    run alone cat /proc/thread-self/net/ip_tables_names
    [[ $output != *nat* ]]
    nat -A POSTROUTING -s 192.0.2.0/24 -j MASQUERADE
    mark add 9 --proto udp --dport 2000 --snat=192.0.2.1 --quiet
    mark add 8 --proto udp --dport 2001 --snat --quiet
    # As iptables would write them.
    nat -C LBCTL-POSTROUTING -m mark --mark 9 -m conntrack --ctdir ORIGINAL \
        -j SNAT --to-source 192.0.2.1
    nat -C LBCTL-POSTROUTING -m mark --mark 8 -m conntrack --ctdir ORIGINAL \
        -j MASQUERADE
    alone ip6tables-legacy -w -t nat -C LBCTL-POSTROUTING -m mark --mark 8 \
        -m conntrack --ctdir ORIGINAL -j MASQUERADE
    # Deleted by somebody, it comes back.
    ok alone lbctl-save --only mark
    printf '%s\n' "$output" >"$DIR/saved"
    nat -D POSTROUTING -j LBCTL-POSTROUTING
    ok alone lbctl-mark show --json
    json_is '[.marks[] | .snat // "-"] | unique | join(" ")' '- masquerade'
    ok alone lbctl-restore --quiet "$DIR/saved"
    nat -A LBCTL-POSTROUTING -d 192.0.2.9 -j RETURN
    mark delete 8 --proto udp --dport 2001
    ok alone lbctl-mark show --json
    json_is '[.marks[] | .snat // "-"] | join(" ")' '- 192.0.2.1'
    mark flush
    nat -S >"$DIR/rules"
    grep -q -- '-A POSTROUTING -s 192.0.2.0/24 -j MASQUERADE' "$DIR/rules"
    grep -q -- '-A LBCTL-POSTROUTING -d 192.0.2.9/32 -j RETURN' "$DIR/rules"
    absent 'LBCTL.*mark' "$DIR/rules"
}

@test "a jump that somebody deleted comes back, and one that is there stays" {
    mark add 1 --proto udp --dport 1000
    legacy -A PREROUTING -p udp -m udp --dport 1 -j ACCEPT
    mark add 1 --proto udp --dport 1001
    [ "$(legacy -S PREROUTING | sed -n 2p)" = '-A PREROUTING -j LBCTL-PREROUTING' ]
    legacy -D PREROUTING -j LBCTL-PREROUTING
    ok alone lbctl-mark show --json
    # Only IPv6 has the rules in force now.
    json_is '[.marks[].runtime.family] | unique | join(" ")' 6
    mark flush
    mark add 1 --proto udp --dport 1000
    [ "$(legacy -S PREROUTING | sed -n 3p)" = '-A PREROUTING -j LBCTL-PREROUTING' ]
    legacy -A PREROUTING -j LBCTL-PREROUTING
    mark add 1 --proto udp --dport 1001
    [ "$(legacy -S PREROUTING | grep -c LBCTL)" -eq 1 ]
}

# shows_nothing_raw COMMAND...: what it prints, on either stream, is no command
# to a terminal, and UTF-8.
shows_nothing_raw() {
    "$@" >"$DIR/shown" 2>&1 || true
    [ -s "$DIR/shown" ]
    iconv -f UTF-8 -t UTF-8 "$DIR/shown" >/dev/null
    lacks_bytes $'\033' && lacks_bytes $'\a' && lacks_bytes $'\xc2\x9b'
}

lacks_bytes() {
    ! LC_ALL=C grep -qF -- "$1" "$DIR/shown"
}

@test "comments and rules of others cannot type at a terminal" {
    local strange=$'x\033[31m\a\xc2\x9by\xe9'
    legacy -A PREROUTING -p udp -m udp --dport 9 -m comment \
        --comment "$strange" -j MARK --set-mark 3
    mark add 7 --proto udp --dport 7 --comment $'a\xc2\x9b31m'
    shows_nothing_raw alone lbctl-mark show --all
    grep -qF 'x?[31m??y' "$DIR/shown"
    shows_nothing_raw alone lbctl-mark flush --dry-run
    grep -qF "a?31m" "$DIR/shown"
    shows_nothing_raw alone lbctl-mark add 1 --in-interface "$strange"
    shows_nothing_raw alone lbctl status
    # It is what the kernel has.
    alone iptables-legacy-save -t mangle >"$DIR/kernel"
    LC_ALL=C grep -qF $'a\xc2\x9b31m' "$DIR/kernel"
}

@test "iptables' own words after -- come back as iptables says them" {
    mark add 1 --ipv4 -- -m length --length 100:0x1ff
    mark add 2 --proto tcp -- -m tcp '!' --syn
    ok alone lbctl-mark show --json
    json_is '.marks[0].extra' '-m length --length 100:511'
    json_is '.marks[1].extra' '-m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN'
    mark delete 1 --ipv4 -- -m length --length 100:511
    legacy -S >"$DIR/before"
    local words
    for words in '-j ACCEPT' '-g SEEN' '-m nonsense' '-m limit --limit x' \
        '--dport 80' '-s 10.0.0.1' '-m set --match-set none src' 'word' '!'; do
        # shellcheck disable=SC2086
        fails 2 alone lbctl-mark add 3 -- $words || fails 3 \
            alone lbctl-mark add 3 -- $words
    done
    legacy -S | diff "$DIR/before" -
}

@test "while somebody holds the lock, the wait is bounded and he is named" {
    flock --no-fork /run/xtables.lock sleep 600 3>&- &
    HOLDER=$!
    within 5 eval '! flock -n /run/xtables.lock true'
    fails 3 alone lbctl-mark add 1
    complains 'keeps /run/xtables.lock locked'
    kill "$HOLDER"
    run legacy -S
    lacks LBCTL
}

@test "writers who take turns at the lock lose nothing" {
    local i
    for i in 1 2 3 4; do
        # shellcheck disable=SC2016
        alone bash -c 'for n in 1 2 3 4 5 6; do
            iptables-legacy -w -t mangle -A PREROUTING -p udp \
                -m udp --dport $1$n -j ACCEPT || exit; done' bash "$i" 3>&- &
        # shellcheck disable=SC2016
        alone bash -c 'for n in 1 2 3; do
            lbctl-mark add 1 --proto udp --dport $1$n || exit; done' \
            bash "$i" 3>&- &
    done
    wait
    [ "$(legacy -S PREROUTING | grep -c ACCEPT)" -eq 25 ]
    [ "$(legacy -S LBCTL-PREROUTING-100 | grep -c MARK)" -eq 12 ]
}

@test "a writer that is killed leaves all of its change or nothing" {
    local i rules
    mark add 1 --proto udp --dport 1
    for i in 1 2 3 4 5 6; do
        alone lbctl-mark add 1 --proto udp --dport "1$i" 3>&- &
        sleep "0.0$i"
        kill -KILL $! 2>/dev/null || true
        wait $! 2>/dev/null || true
        rules=$(legacy -S LBCTL-PREROUTING-100 | grep -c MARK)
        [ "$rules" -eq "$(legacy6 -S LBCTL-PREROUTING-100 | grep -c MARK)" ] ||
            [ "$rules" -ge 1 ]
        legacy -C PREROUTING -j LBCTL-PREROUTING
    done
    # And the next writer goes on from there.
    mark replace 1 --proto udp --dport 99
    legacy6 -S LBCTL-PREROUTING-100 | grep -q -- '--dport 99 '
}
