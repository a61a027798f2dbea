#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Mark rules, by either backend: what packets get. Each test runs twice, in
# network namespaces of its own. Needs no IPVS: tests/host/marks runs it on this
# machine.

load ../suite-helper

setup() {
    DIR=$(mktemp -d)
}

teardown() {
    if [ -n "${ALONE:-}" ]; then
        echo "with $BACKEND:"
        alone iptables-legacy -t mangle -S
        alone nft list ruleset
    fi
    [ ! -e "$DIR/report" ] || "$LAB_TRAFFIC" stop "$DIR/report" >/dev/null
    lab_not_alone
    rm -rf "$DIR"
}

# by_both FUNCTION: runs it with the backend iptables, then with nft.
by_both() {
    for BACKEND in iptables nft; do
        lab_alone
        observe
        "$1"
        [ ! -e "$DIR/report" ] || "$LAB_TRAFFIC" stop "$DIR/report" >/dev/null
        rm -f "$DIR/report"
        lab_not_alone
    done
}

# Counts by mark what arrives, and what another program's rule marked before.
observe() {
    alone nft -f - <<'RULES'
table inet observer {
    chain input {
        type filter hook input priority 0
        meta l4proto { tcp, udp } meta mark vmap { 0 : jump m0, 1 : jump m1, 2 : jump m2, 9 : jump m9 }
    }
    chain m0 { counter; }
    chain m1 { counter; }
    chain m2 { counter; }
    chain m9 { counter; }
}
RULES
}

# lbctl_mark VERB WORD...: the program, with the backend of this turn.
lbctl_mark() {
    alone lbctl-mark "$1" --backend "$BACKEND" "${@:2}"
}

# says_nothing COMMAND...: it succeeds, and prints nothing.
says_nothing() {
    ok "$@" && [ -z "$output" ]
}

mark() {
    says_nothing lbctl_mark "$@"
}

# shows FILTER TEXT: what jq finds in the rules that are read back.
shows() {
    ok lbctl_mark show --json
    json_is "$1" "$2"
}

# packets TEXT: the counters of our rules, in order.
packets() {
    shows '[.marks[].runtime.packets] | map(tostring) | join(" ")' "$1"
}

# datagrams ADDRESS PORT...: one to each port, from one process.
datagrams() {
    # shellcheck disable=SC2016
    alone bash -c 'for port in "${@:2}"; do
        echo x >"/dev/udp/$1/$port"; done' bash "$@" 2>/dev/null || true
}

# seen "N N N N": packets that arrived with the marks 0, 1, 2 and 9.
seen() {
    local actual
    actual=$(alone nft list table inet observer |
        sed -n 's/.*counter packets \([0-9]*\) .*/\1/p' | tr '\n' ' ')
    [ "$actual" = "$1 " ] || {
        echo "expected marks: $1, seen: $actual"
        return 1
    }
}

# others RULE...: another program's rule, in front of ours.
others() {
    alone nft -f - <<RULES
table ip other {
    chain prerouting {
        type filter hook prerouting priority -151
        $*
    }
}
RULES
}

first_wins() {
    others udp dport 7 meta mark set 9
    mark exclude --proto udp --dport 7,1005
    mark add 1 --proto udp --dport 1000:1010
    mark add 2 --proto udp --dport 1000:2000
    mark add 9 --proto udp --dport 1000:2000 --priority 200
    datagrams 127.0.0.1 1000 1005 1500 7 3000
    seen '2 1 1 1'
    datagrams ::1 1000 1005 1500
    packets '3 2 2 0'
}

@test "the first rule that matches decides, and an exclude leaves the mark" {
    by_both first_wins
}

masks() {
    others ip protocol udp meta mark set 8
    mark add 1 --mask 0xf --proto udp --dport 5 --hook input
    mark add 1 --mask 0x1 --proto udp --dport 6 --hook input
    datagrams 127.0.0.1 5 6
    seen '0 1 0 1'
}

@test "a mask sets its bits only, and input is a hook, too" {
    by_both masks
}

outgoing() {
    alone nft -f - <<'RULES'
table inet out {
    chain output {
        type filter hook output priority 0
        meta mark 1 counter
    }
}
RULES
    mark add 1 --proto udp --dport 5:6 --hook output
    datagrams 127.0.0.1 5 6 7
    alone nft list table inet out | grep -q 'packets 2 '
}

@test "a local client's packets are marked on their way out" {
    by_both outgoing
}

# serves PORT [PROTOCOL]: an answering server in the test's own namespace.
serves() {
    alone "$LAB_TRAFFIC" serve here "${2:-udp}" 127.0.0.1 "$1" \
        --report "$DIR/report"
}

own_answers() {
    serves 7000
    local way
    for way in socket conntrack; do
        mark add 1 --proto udp --dport 32768:60999 --exempt-own "$way" --quiet
        ok alone "$LAB_TRAFFIC" send udp 127.0.0.1 7000 5
        seen '10 0 0 0'
        mark flush
        mark add 1 --proto udp --dport 32768:60999 --no-exempt-own
        ok alone "$LAB_TRAFFIC" send udp 127.0.0.1 7000 5
        seen '15 5 0 0'
        # Strangers' packets are marked either way.
        mark flush
        mark add 1 --proto udp --dport 40000:40001 --exempt-own "$way" --quiet
        datagrams 127.0.0.1 40000 40001
        seen '15 7 0 0'
        mark flush
        alone nft delete table inet observer
        observe
    done
}

@test "answers to this host's own questions are not captured" {
    by_both own_answers
}

own_tcp() {
    serves 7000 tcp
    mark add 1 --proto tcp --dport 32768:60999
    ok alone "$LAB_TRAFFIC" send tcp 127.0.0.1 7000 3
    alone nft list chain inet observer m1 | grep -q 'packets 0 '
    mark flush
    mark add 1 --proto tcp --dport 32768:60999 --no-exempt-own
    ok alone "$LAB_TRAFFIC" send tcp 127.0.0.1 7000 3
    ! alone nft list chain inet observer m1 | grep -q 'packets 0 ' || false
}

@test "own TCP is not captured" {
    by_both own_tcp
}

later_rules() {
    serves 7000
    mark add 1 --proto udp --dport 32768:60999 --quiet
    mark add 2 --proto udp --dport 32768:60999 --no-exempt-own --priority 200
    ok alone "$LAB_TRAFFIC" send udp 127.0.0.1 7000 5
    seen '5 0 5 0'
    # Many rules have one look-up of sockets.
    local port
    for port in 1 2 3 4 5 6; do
        mark add 1 --proto udp --dport "700$port" --src 127.0.0.2
        mark add 9 --proto udp --dport "4000$port" --quiet
    done
    ok alone "$LAB_TRAFFIC" send udp 127.0.0.1 7000 5
    seen '10 0 10 0'
}

@test "an own reply reaches a later rule without an exemption" {
    by_both later_rules
}

many_clients() {
    local i
    {
        echo mark flush --backend "$BACKEND"
        for i in {1..50}; do
            echo "mark add $((i % 2 + 1)) --src 127.0.1.$i --no-exempt-own"
            echo "mark add $((i % 2 + 1)) --src 127.1.$i.0/24 --no-exempt-own"
            echo "mark add 9 --proto udp --dst 127.0.2.$i --dport 10:20,30"
        done
    } >"$DIR/rules"
    ok alone lbctl-restore "$DIR/rules"
    shows '.marks | length' 150
    datagrams 127.0.2.7 10 20 30 9
    seen '1 0 0 3'
    # One is another mark; the others stay as they are.
    mark replace 2 --proto udp --dst 127.0.2.7 --dport 10:20,30
    datagrams 127.0.2.7 30 31
    seen '2 0 1 3'
    mark delete 2 --proto udp --dst 127.0.2.7 --dport 10:20,30
    datagrams 127.0.2.7 30
    seen '3 0 1 3'
    shows '.marks | length' 149
    alone lbctl-mark show --json >"$DIR/document"
    says_nothing alone lbctl-restore --dry-run "$DIR/document"
}

@test "many clients, each with a rule" {
    by_both many_clients
}

counters() {
    mark add 1 --proto udp --dport 1000
    mark add 2 --proto udp --dport 2000
    datagrams 127.0.0.1 1000 2000 2000
    mark add 1 --proto udp --dport 3000
    mark delete 1 --proto udp --dport 1000
    packets '2 0'
    mark replace 9 --proto udp --dport 2000 --comment changed
    packets '2 0'
    # A map comes in place of rules, and goes again.
    local port
    for port in 4 5 6 7; do mark add 1 --proto udp --dport "${port}000"; done
    packets '2 0 0 0 0 0'
    datagrams 127.0.0.1 2000 7000
    packets '3 0 0 0 0 1'
    mark replace 1 --proto udp --dport 7000 --comment 'in a map'
    for port in 3 4 5; do mark delete 1 --proto udp --dport "${port}000"; done
    packets '3 0 1'
    mark zero
    packets '0 0 0'
}

@test "rules keep their counters when others come and go" {
    by_both counters
}

lists() {
    mark add 1 --proto udp --dport 443,80,8000:8100 --sport 1000:65535
    shows '.marks[0].dport' 80,443,8000:8100
    # The same list in another order is the same rule.
    mark replace 2 --proto udp --sport 1000:65535 --dport 80,8000:8100,443
    shows '.marks | length' 1
    datagrams 127.0.0.1 80 443 8050 81
    seen '1 0 3 0'
    packets 3
    mark delete 2 --proto udp --sport 1000:65535 --dport 8000:8100,443,80
    shows '.marks | length' 0
    # Parts that are everything together.
    mark add 1 --proto udp --dport 0:40000,30000:65535 --src 0.0.0.0/1,128.0.0.0/1
    shows '.marks[0].dport, .marks[0].src' "$(printf 'null\nnull')"
    datagrams 127.0.0.1 80
    seen '1 1 3 0'
}

@test "a list is one rule" {
    by_both lists
}

# sources "N N N": packets that arrived from 127.0.0.9 and 2001:db8::9, and the
# others.
sources() {
    local actual
    actual=$(alone nft list table inet sources |
        sed -n 's/.*counter packets \([0-9]*\) .*/\1/p' | tr '\n' ' ')
    [ "$actual" = "$1 " ] || {
        echo "expected from: $1, seen: $actual"
        return 1
    }
}

# Without IPVS there is a warning, which --quiet leaves out.
other_source() {
    alone ip addr add 2001:db8::9/128 dev lo
    alone nft -f - <<'RULES'
table inet sources {
    chain input {
        type filter hook input priority 0
        meta l4proto != udp accept
        ip saddr 127.0.0.9 counter accept
        ip6 saddr 2001:db8::9 counter accept
        counter
    }
}
RULES
    mark add 9 --proto udp --dport 5,6 --hook output --snat=127.0.0.9 --quiet
    mark add 9 --proto udp --dport 5,6 --hook output --snat=2001:db8::9 --quiet
    mark add 1 --proto udp --dport 7 --hook output --snat --quiet
    mark add 2 --proto udp --dport 8 --hook output --quiet
    shows '[.marks[] | .snat // "-"] | join(" ")' '127.0.0.9 2001:db8::9 masquerade -'
    shows '[.marks[] | .runtime.family // 0 | tostring] | join(" ")' '4 6 0 0'
    # lo has no IPv4 address that masquerading takes.
    datagrams 127.0.0.1 5 6 8 9
    datagrams ::1 5 6 7
    seen '1 1 1 4'
    sources '2 2 3'
    packets '2 2 1 1'
    # It is a part of what is saved, restored and replaced; counters stay.
    alone lbctl-save --only mark >"$DIR/rules"
    grep -q -- '--snat=127.0.0.9' "$DIR/rules"
    grep -qx 'mark add 1 .*--dport 7 --hook output --snat' "$DIR/rules"
    ok alone lbctl-restore --dry-run "$DIR/rules"
    mark replace 9 --proto udp --dport 5,6 --hook output --ipv4 --quiet
    packets '2 2 1 1'
    mark replace 9 --proto udp --dport 5,6 --hook output --ipv6 --quiet
    datagrams 127.0.0.1 5
    datagrams ::1 6
    sources '2 2 5'
    answers 1 alone lbctl-restore --dry-run "$DIR/rules"
    prints '--snat=127.0.0.9'
    mark flush
    says_nothing alone lbctl-restore --quiet "$DIR/rules"
    alone lbctl-save --only mark | diff "$DIR/rules" -
    datagrams 127.0.0.1 5
    sources '3 2 5'
    mark flush
    run ! alone nft list chain inet lbctl postrouting
    alone iptables-legacy -t nat -S | absent LBCTL -
}

@test "what has a mark gets another source" {
    by_both other_source
}

other_source_refused() {
    mark add 9 --proto udp --dport 5 --snat --quiet
    fails 2 lbctl_mark add 9 --proto udp --dport 6
    complains '--snat goes by the mark' 'another mark'
    fails 2 lbctl_mark add 9 --proto udp --dport 6 --snat=192.0.2.1
    fails 2 lbctl_mark add 8 --proto udp --dport 6 --snat --mask 0xff
    complains '--snat goes by the whole mark'
    fails 2 lbctl_mark exclude --proto udp --dport 6 --snat
    complains 'an exclusion sets none'
    fails 2 lbctl_mark add 8 --proto udp --dport 6 --snat=eth0
    fails 2 lbctl_mark add 8 --proto udp --dport 6 --snat=192.0.2.1 --ipv6
    fails 2 lbctl_mark add 8 --proto udp --dport 6 --snat 192.0.2.1
    complains 'hint: --snat=192.0.2.1'
    fails 2 lbctl_mark add 8 --proto udp --dport 6 --snat=192.0.2.1 --snat
    complains "option '--snat' is given twice"
    fails 2 alone lbctl-restore - <<<'mark add 8 --proto udp --dport 7 --snat 192.0.2.1'
    complains 'hint: --snat=192.0.2.1'
    fails 2 alone lbctl-restore - <<<'mark add 8 --proto udp --dport 7 --snat=192.0.2.1 --snat'
    complains "option '--snat' is given twice"
    fails 2 alone lbctl-restore - <<<'mark add 9 --proto udp --dport 7'
    shows '.marks | length' 1
    # The mark is free again.
    mark replace 9 --proto udp --dport 5
    mark add 9 --proto udp --dport 6
    [ -e /proc/net/ip_vs ] || {
        fails 0 lbctl_mark add 8 --proto udp --dport 7 --snat
        complains 'the kernel has no IPVS' 'sysctl -w net.ipv4.vs.conntrack=1'
        answers 1 lbctl_mark add 7 --proto udp --dport 8 --snat --dry-run
        [ -z "$stderr" ]
    }
}

@test "rules that the source of a mark forbids are refused" {
    by_both other_source_refused
}

refused() {
    fails 2 lbctl_mark add 1 --dport 80
    fails 2 lbctl_mark add 0
    fails 2 lbctl_mark add 1 --src '!0.0.0.0/1,128.0.0.0/1'
    fails 2 lbctl_mark add 1 --proto udp --dport '!0:40000,30000:65535'
    mark add 1 --proto udp
    fails 3 lbctl_mark add 2 --proto udp
    complains 'exists already' 'lbctl-mark replace 2 --proto udp'
    fails 3 lbctl_mark delete 2 --proto udp
    complains 'no such rule'
    answers 1 lbctl_mark add 3 --proto tcp --dry-run
    prints '+ mark add 3 --proto tcp'
    shows '.marks | length' 1
}

@test "what is refused changes nothing" {
    by_both refused
}

writers() {
    # iptables puts its whole table anew for each edit.
    local i edits=100
    [ "$BACKEND" = nft ] || edits=10
    for i in 1 2 3 4 5 6 7 8; do
        # shellcheck disable=SC2016
        alone bash -c 'for ((n = 1; n <= $3; n++)); do
            lbctl-mark add 1 --backend "$2" --proto udp --dport $(($1 * 1000 + n)) ||
                exit; done' bash "$i" "$BACKEND" "$edits" 3>&- &
    done
    for i in {1..50}; do
        alone nft add table inet "other$i"
    done
    wait
    shows '.marks | length' $((8 * edits))
    [ "$(alone nft list tables | grep -c other)" -eq 50 ]
}

@test "of what eight writers write nothing is lost" {
    by_both writers
}

killed() {
    local i before after
    for i in {1..12}; do
        mark add 1 --proto udp --dport "$i" --quiet
    done
    for i in 1 2 3 4 5 6 7 8; do
        before=$(lbctl_mark show --json |
            jq '.marks | length')
        lbctl_mark add 1 --proto udp --src 127.0.0.1 \
            --dport "$((100 * i)),$((100 * i + 2)):$((100 * i + 50))" --quiet 3>&- &
        sleep "0.00$i"
        kill -KILL $! 2>/dev/null || true
        wait $! 2>/dev/null || true
        after=$(lbctl_mark show --json |
            jq '.marks | length')
        [ "$after" -eq "$before" ] || [ "$after" -eq $((before + 1)) ]
    done
    # And the next writer goes on from there.
    mark replace 2 --proto udp --dport 5
    datagrams 127.0.0.1 5 7
    seen '0 1 1 0'
}

@test "a writer that is killed leaves all of its change or nothing" {
    by_both killed
}
