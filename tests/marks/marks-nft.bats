#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Mark rules in nf_tables: how our table lives beside others and nft(8), and
# which backend is chosen. Needs no IPVS: see marks.bats.

load ../suite-helper

setup() {
    lab_alone
    DIR=$(mktemp -d)
}

teardown() {
    alone nft -a list ruleset
    lab_not_alone
    rm -rf "$DIR"
}

# mark VERB WORD...: a command that succeeds and says nothing.
mark() {
    ok alone lbctl-mark "$1" --backend nft "${@:2}"
    [ -z "$output" ]
}

# send ADDRESS/PORT...: sends a UDP packet to each of them.
send() {
    local to
    for to; do
        alone bash -c "echo x >/dev/udp/$to"
    done
}

# clients N: rules for that many, each with its mark.
clients() {
    local i
    {
        echo 'mark flush --backend nft'
        for ((i = 1; i <= $1; i++)); do
            echo "mark add $i --proto udp --dst 127.0.0.1 --dport $((1000 + i))"
        done
    } >"$DIR/clients"
    ok alone lbctl-restore "$DIR/clients"
}

# A ruleset with every kind of line and set.
mixed() {
    local i
    {
        echo 'mark flush --backend nft'
        echo 'mark exclude --proto udp --dport 51820 --comment "the \"VPN\""'
        for i in {1..9}; do
            echo "mark add $i --src 192.0.2.$i --comment 'client $i: 100%'"
            echo "mark add $i --src 2001:db8:$i::/48 --dst 2001:db8::1"
            echo "mark add 7 --proto tcp --dst 198.51.100.$i --dport 80,8000:8$i"'00'
            echo "mark add 8 --proto udp --dport 4000$i --exempt-own conntrack"
            echo "mark exclude --proto tcp --src 203.0.113.$((i * 8))/29"
            echo "mark add 5 --dst 10.$i.0.0/16 --no-exempt-own --priority 200"
        done
        echo 'mark add 3 --proto udp --in-interface eth+ --mask 0xff'
        echo 'mark add 4 --proto sctp --dport 9899 --in-interface eth0'
        echo 'mark add 6 --dst 10.128.0.0/9 --hook input'
        echo 'mark add 6 --proto udp --sport 1:2 --dport 3:4 --hook output'
        echo 'mark add 2 --proto icmp'
        echo 'mark add 10 --proto tcp --dst 192.0.2.10 --dport 443 --snat'
        echo 'mark add 11 --proto tcp --dst 192.0.2.11 --dport 443 --snat=192.0.2.1'
        echo 'mark add 12 --proto tcp --dst 2001:db8::12 --dport 443 --snat=2001:db8::1'
        echo 'mark add 13 --proto udp --dport 443 --snat'
    } >"$DIR/mixed"
    ok alone lbctl-restore --quiet "$DIR/mixed"
    ok alone lbctl-mark show --json
    jq -S 'del(.. | .runtime?)' <<<"$output" >"$DIR/before"
}

@test "what nft saves and loads is still ours, whole" {
    mixed
    alone nft list ruleset >"$DIR/ruleset"
    alone nft flush ruleset
    ok alone lbctl-mark show --json
    json_is '.marks | length' 0
    alone nft -f "$DIR/ruleset"
    ok alone lbctl-mark show --json
    jq -S 'del(.. | .runtime?)' <<<"$output" | diff "$DIR/before" -
    # And an edit of it is an edit in place.
    ok alone lbctl-restore --dry-run --quiet "$DIR/mixed"
    [ -z "$output" ]
    mark add 99 --src 192.0.2.99
    mark delete 99 --src 192.0.2.99
    ok alone lbctl-mark show --json
    jq -S 'del(.. | .runtime?)' <<<"$output" | diff "$DIR/before" -
}

@test "counters survive what nft saves and loads" {
    clients 5
    local port
    for port in 1001 1001 1003; do
        send 127.0.0.1/"$port"
    done
    alone nft list ruleset >"$DIR/ruleset"
    alone nft flush ruleset
    alone nft -f "$DIR/ruleset"
    ok alone lbctl-mark show --json
    json_is '[.marks[].runtime.packets] | map(tostring) | join(" ")' '2 0 1 0 0'
}

@test "a rule of which some parts are laid out anew counts on" {
    local i
    for i in 1 2 3; do
        ok alone lbctl-mark add "$i" --dst "127.0.0.$i" --proto udp --dport 80,1000:2000
    done
    ok alone lbctl-mark add 4 --dst 127.0.0.4 --proto udp --dport 80
    send 127.0.0.1/80 127.0.0.1/80 127.0.0.1/1000 127.0.0.2/1500 127.0.0.3/80
    alone nft list table inet lbctl >"$DIR/before"
    ok alone lbctl-mark delete 4 --dst 127.0.0.4 --proto udp --dport 80
    ! diff <(grep -c map "$DIR/before") <(alone nft list table inet lbctl | grep -c map) || false
    ok alone lbctl-mark show --json
    json_is '[.marks[].runtime.packets | tostring] | join(" ")' '3 1 1'
    ok alone lbctl-mark add 4 --dst 127.0.0.4 --proto udp --dport 80
    ok alone lbctl-mark show --json
    json_is '[.marks[].runtime.packets | tostring] | join(" ")' '3 1 1 0'
    ok alone lbctl-mark zero
    ok alone lbctl-mark delete 4 --dst 127.0.0.4 --proto udp --dport 80
    ok alone lbctl-mark show --json
    json_is '[.marks[].runtime.packets | tostring] | join(" ")' '0 0 0'
}

@test "one of many is one element, and nothing else is touched" {
    clients 50
    alone nft -a list ruleset | grep -v elements | grep handle >"$DIR/handles"
    mark add 51 --proto udp --dst 127.0.0.1 --dport 1051
    mark replace 7 --proto udp --dst 127.0.0.1 --dport 1003
    mark delete 9 --proto udp --dst 127.0.0.1 --dport 1009
    alone nft -a list ruleset | grep -v elements | grep handle |
        diff "$DIR/handles" -
    ok alone lbctl-mark show --json
    json_is '.marks | length' 50
    # A rule changes in place, too.
    mark add 7 --mask 0xff --proto udp --dport 9
    alone nft -a list ruleset | grep 'udp dport 9 ' | grep -o 'handle.*' >"$DIR/handle"
    mark replace 8 --mask 0xff --proto udp --dport 9 --comment 'new'
    alone nft -a list ruleset | grep 'udp dport 9 ' | grep -o 'handle.*' |
        diff "$DIR/handle" -
}

@test "ten thousand marks whose source changes are two lines, one more an element" {
    local i address
    {
        echo 'mark flush --backend nft'
        for ((i = 1; i <= 10000; i++)); do
            address=
            ((i % 2)) || address=192.0.2.1
            echo "mark add $i --proto tcp --dst 10.0.$((i / 250)).$((i % 250)) --dport 80 --snat${address:+=$address}"
        done
    } >"$DIR/many"
    ok alone lbctl-restore --quiet "$DIR/many"
    alone nft -a list chain inet lbctl postrouting | grep handle >"$DIR/handles"
    [ "$(grep -c 'meta mark' "$DIR/handles")" -eq 2 ]
    ok alone lbctl-restore --quiet --dry-run "$DIR/many"
    mark add 20000 --proto tcp --dst 192.0.2.5 --dport 80 --snat --quiet
    mark replace 7 --proto tcp --dst 10.0.0.7 --dport 80 --snat=192.0.2.7 --quiet
    alone nft -a list chain inet lbctl postrouting | grep handle |
        diff "$DIR/handles" -
    ok alone lbctl-mark show --json
    # One has come, and one has changed.
    json_is '[.marks[] | select(.snat == "masquerade")] | length' 5000
    json_is '.marks[] | select(.mark == 20000 or .mark == 7).snat' $'192.0.2.7\nmasquerade'
}

@test "convert takes the sources along" {
    local backend
    ok alone lbctl-mark add 9 --proto udp --dport 9 --snat --quiet
    ok alone lbctl-mark add 8 --proto udp --dport 8 --snat=127.0.0.9 --quiet
    for backend in iptables nft; do
        ok alone lbctl-mark convert "$backend"
        ok alone lbctl-mark show --json
        json_is .mark_backend "$backend"
        json_is '[.marks[].snat] | join(" ")' 'masquerade 127.0.0.9'
        [ "$backend" = nft ] ||
            [ "$(alone iptables-legacy -t nat -S | grep -c -- '-A LBCTL')" -eq 2 ]
    done
    run alone iptables-legacy -t nat -S
    lacks LBCTL
    run alone ip6tables-legacy -t nat -S
    lacks LBCTL
}

@test "a command that changes nothing commits nothing" {
    clients 5
    alone timeout 60 nft monitor >"$DIR/monitor" 2>&1 3>&- &
    local monitor=$!
    is_heard() {
        alone nft add table inet probe
        alone nft delete table inet probe
        [ -s "$DIR/monitor" ]
    }
    within 5 is_heard
    ok alone lbctl-restore "$DIR/clients"
    ok alone lbctl-mark show
    mark replace 3 --proto udp --dst 127.0.0.1 --dport 1003
    alone nft add table inet last
    within 5 grep -q last "$DIR/monitor"
    kill "$monitor"
    ! grep -q lbctl "$DIR/monitor" || false
}

@test "what somebody else put into our table stays, and no more is ours" {
    clients 5
    alone nft add rule inet lbctl prerouting-100 ip daddr 192.0.2.1 drop
    alone nft add chain inet lbctl theirs
    alone nft add set inet lbctl theirs '{ type ipv4_addr; }'
    ok alone lbctl-mark show --all
    prints 'inet lbctl prerouting-100 handle'
    mark add 7 --proto tcp
    ok alone lbctl-mark flush
    ok alone lbctl-mark show --json
    json_is '.marks | length' 0
    alone nft list table inet lbctl >"$DIR/left"
    grep -q 'ip daddr 192.0.2.1 drop' "$DIR/left"
    ! grep -q -e map -e udp "$DIR/left" || false
    alone nft list chain inet lbctl theirs
    alone nft list set inet lbctl theirs
}

@test "what somebody else puts in front of our rules hides nothing of them" {
    ok alone lbctl-mark add 1 --dst 192.0.2.1
    ok alone lbctl-mark add 2 --dst 192.0.2.2 --no-exempt-own
    alone nft insert rule inet lbctl prerouting-100 counter
    alone nft list table inet lbctl | grep -q 'ip daddr 192.0.2.1 socket'
    ok alone lbctl-mark show --json
    json_is '[.marks[] | .no_exempt_own // false | tostring] | join(" ")' 'false true'
    ok alone lbctl-mark add 3 --dst 192.0.2.3 --no-exempt-own
    alone nft list table inet lbctl | grep -q 'ip daddr 192.0.2.1 socket'
}

@test "a stranger's table of our name is left alone" {
    alone nft -f - <<'RULES'
table inet lbctl {
    chain prerouting { type filter hook forward priority 7; drop; }
}
RULES
    alone nft -a list ruleset >"$DIR/before"
    fails 3 alone lbctl-mark add 1 --proto udp --backend nft
    complains 'inet lbctl' 'nft list table inet lbctl'
    ok alone lbctl-mark show
    alone nft -a list ruleset | diff "$DIR/before" -
}

@test "words of iptables are refused, with words of ours" {
    fails 2 alone lbctl-mark add 1 --backend nft -- -m string --algo bm --string x
    complains '--backend iptables'
    alone nft list ruleset >"$DIR/ruleset"
    [ ! -s "$DIR/ruleset" ]
}

# hint HINT WORD...: words after "--" are refused with that hint.
hint() {
    fails 2 alone lbctl-mark add 1 --proto tcp --backend nft -- "${@:2}"
    [ "${stderr##*$'\n'}" = "lbctl-mark: hint: $1" ]
}

@test "words for which there is an option are refused with that option" {
    hint '--src 192.0.2.1-192.0.2.9' -m iprange --src-range 192.0.2.1-192.0.2.9
    hint "--dst '!192.0.2.1-192.0.2.9'" \
        -m iprange ! --dst-range 192.0.2.1-192.0.2.9
    hint '--dst-type local' -m addrtype --dst-type LOCAL
    hint '--mac 00:11:22:aa:bb:cc' -m mac --mac-source 00:11:22:AA:BB:CC
    hint '--dscp ef' -m dscp --dscp-class EF
    hint "--dscp '!5'" -m dscp ! --dscp 0x05
    hint '--state new' -m conntrack --ctstate NEW
    hint "--state '!new'" -m state ! --state NEW
    hint '--dport 80,443' -m multiport --dports 443,80
    hint "--sport '!80,443'" -m multiport ! --sports 80,443
    hint "--sport 53 --dst-type '!local' --mac 00:11:22:aa:bb:cc" \
        -m mac --mac-source 00:11:22:aa:bb:cc -m tcp --sport 53 \
        -m addrtype ! --dst-type LOCAL
    # What has none, or not for these words.
    hint '--backend iptables' -m set --match-set a src
    hint '--backend iptables' -m conntrack --ctstate NEW,RELATED
    hint '--backend iptables' -m addrtype --dst-type BROADCAST
    hint '--backend iptables' -m dscp --dscp-class BE
    hint '--backend iptables' -m udp --sport 53
    hint '--backend iptables' -m dscp --dscp 8 -m length --length 9
    hint '--backend iptables' -m dscp --dscp 8 -m dscp ! --dscp 9
    hint '--backend iptables' -m multiport --dports 0:65535
    # One that would have no room.
    local ports=10001,10003,10005,10007,10009,10011,10013
    ports+=,10015,10017,10019,10021,10023,10025,10027,10029
    hint '--backend iptables' -m multiport --dports "$ports" \
        -m multiport --sports "$ports" \
        -m iprange --src-range 2001:db8:1111:1111::1-2001:db8:1111:1111::ffff \
        -m iprange --dst-range 2001:db8:1111:1111::1-2001:db8:1111:1111::ffff
}

@test "a comment that nft could not load is refused" {
    local long
    long=$(printf '%0117d' 0)
    fails 2 alone lbctl-mark add 1 --backend nft --comment "$long"
    complains 'no comment that long'
    mark add 1 --comment "${long:1}"
    mark add 2 --proto udp --comment $'"%" $#{};*\\'
    ok alone lbctl-mark show --json
    json_is '.marks[1].comment' $'"%" $#{};*\\'
    alone nft list ruleset | alone nft -f -
}

@test "without capabilities it is status 5, with CAP_NET_ADMIN it works" {
    local verb
    clients 5
    for verb in show 'add 7 --proto udp' flush; do
        # shellcheck disable=SC2086
        fails 5 alone setpriv --bounding-set=-all --inh-caps=-all \
            lbctl-mark $verb --backend nft
        complains CAP_NET_ADMIN
    done
    ok alone setpriv --bounding-set=-all,+net_admin --inh-caps=-all \
        lbctl-mark add 7 --proto udp
}

@test "rules stay where they are, and convert moves them with their counters" {
    ok alone lbctl-mark add 1 --proto udp --dport 9
    alone nft list table inet lbctl >/dev/null
    send 127.0.0.1/9 127.0.0.1/9 127.0.0.1/9
    answers 1 alone lbctl-mark convert iptables --dry-run
    prints '~ mark convert iptables'
    ok alone lbctl-mark convert iptables
    alone iptables-legacy -t mangle -S LBCTL-PREROUTING >/dev/null
    ok alone lbctl-mark add 2 --proto udp --dport 10
    ok alone lbctl-mark show --json
    json_is '[.marks[].runtime.packets] | map(tostring) | join(" ")' '3 0'
    json_is .mark_backend iptables
    ok alone lbctl-mark convert nft
    ok alone lbctl-mark show --json
    json_is '[.marks[].runtime.packets] | map(tostring) | join(" ")' '3 0'
    json_is .mark_backend nft
    run alone iptables-legacy -t mangle -S
    lacks LBCTL
    # Whatever a rule has.
    alone lbctl-mark flush
    ok alone lbctl-mark add 1 --proto udp --dport '!9,10' --no-exempt-own --comment 'a list'
    ok alone lbctl-mark add 2 --dst 127.0.0.2,127.0.0.4-127.0.0.9 --ipv4
    ok alone lbctl-mark add 3 --proto udp --dport 9,10 --src '!127.0.0.2'
    ok alone lbctl-mark add 4 --proto udp --no-exempt-own --dport 0:9
    send 127.0.0.1/9 127.0.0.5/10 127.0.0.1/11 127.0.0.1/11
    ok alone lbctl-mark show --json
    jq -S '.marks | map(.runtime)' <<<"$output" >"$DIR/before"
    json_is '[.marks[].runtime.packets] | map(tostring) | join(" ")' '2 1 1 0'
    for backend in iptables nft; do
        ok alone lbctl-mark convert "$backend"
        ok alone lbctl-mark show --json
        json_is .mark_backend "$backend"
        jq -S '.marks | map(.runtime)' <<<"$output" | diff "$DIR/before" -
    done
    fails 2 alone lbctl-mark convert ebtables
}

@test "a chain that others hold on to is no rule of ours" {
    ok alone lbctl-mark add 1 --proto udp --backend iptables
    alone iptables-legacy -t mangle -A LBCTL-PREROUTING-100 -p icmp -j ACCEPT
    ok alone lbctl-mark convert nft
    alone iptables-legacy -t mangle -S LBCTL-PREROUTING-100 | grep -q icmp
    answers 0 alone lbctl-mark show
    lacks warning
    answers 0 alone lbctl-mark convert nft --dry-run
    ok alone lbctl-mark flush
    ok alone lbctl-mark add 2 --proto udp
    ok alone lbctl-mark show --json
    json_is .mark_backend nft
    ok alone lbctl-mark show --all
    prints '-p icmp -j ACCEPT'
}

@test "words take iptables, and so does a host that uses it" {
    ok alone lbctl-mark add 1 --proto tcp -- -m tcp --tcp-flags SYN SYN
    alone iptables-legacy -t mangle -S LBCTL-PREROUTING >/dev/null
    fails 2 alone lbctl-mark convert nft
    ok alone lbctl-mark flush
    alone iptables-legacy -t mangle -A PREROUTING -j MARK --set-mark 7
    ok alone lbctl-mark add 1 --proto tcp
    alone iptables-legacy -t mangle -S LBCTL-PREROUTING >/dev/null
    ok alone lbctl-mark flush
    # But nobody who uses nf_tables gets legacy rules.
    alone nft add table ip filter
    ok alone lbctl-mark add 1 --proto tcp
    alone nft list table inet lbctl >/dev/null
}

# without_module COMMAND...: as if the module for iptables were not installed.
without_module() {
    # shellcheck disable=SC2016
    alone unshare -m bash -c 'mount --bind /dev/null "$1" && exec "${@:2}"' \
        _ "$LBCTL_ROOT/$O/lib/lbctl/marks-iptables.so" "$@"
}

@test "without the module for iptables only rules that nobody can read matter" {
    fails 6 without_module lbctl-mark show --backend iptables
    complains 'iptables are not supported here' 'apt install'
    answers 1 without_module lbctl-mark add 1 --proto tcp --dry-run
    [ -z "$stderr" ]
    ok without_module lbctl-mark add 1 --proto tcp
    ok without_module lbctl-mark show
    prints 'tcp'
    alone iptables-legacy -t mangle -N LBCTL-PRE
    # Whether that is ours, nobody knows.
    fails 6 without_module lbctl-mark show
    complains 'iptables are not supported here' 'apt install'
    fails 6 without_module lbctl-mark add 2 --proto udp
    complains 'iptables are not supported here' 'apt install'
    ok without_module lbctl-mark add 2 --proto udp --backend nft
    ok without_module lbctl-mark show --backend nft
    prints 'tcp' 'udp'
}

@test "of others, too, only the rules of the named backend are shown" {
    alone iptables-legacy -t mangle -A PREROUTING -p icmp -j MARK --set-mark 7
    alone nft add table ip theirs
    alone nft add chain ip theirs first '{ type filter hook prerouting priority 0; }'
    alone nft add rule ip theirs first ip protocol esp meta mark set 8
    for backend in '' auto; do
        ok alone lbctl-mark show --all ${backend:+--backend $backend}
        prints '-p icmp -j MARK' 'ip theirs first'
    done
    ok alone lbctl-mark show --all --backend iptables
    prints '-p icmp -j MARK'
    lacks theirs
    ok alone lbctl-mark show --all --json --backend iptables
    json_is '[.runtime.foreign[].rule | contains("icmp")] | tostring' '[true]'
    ok without_module lbctl-mark show --all --backend nft
    prints 'ip theirs first'
    lacks icmp
    fails 6 without_module lbctl-mark show --all
}

@test "a ruleset can say where its rules are" {
    echo 'mark flush --backend iptables
mark add 1 --proto udp --dport 9' >"$DIR/rules"
    ok alone lbctl-restore "$DIR/rules"
    alone iptables-legacy -t mangle -S LBCTL-PREROUTING >/dev/null
    ok alone lbctl-mark show --json
    printf '%s' "$output" >"$DIR/document"
    sed -i 's/iptables/nft/' "$DIR/rules"
    answers 1 alone lbctl-restore --dry-run "$DIR/rules"
    prints '~ mark convert nft'
    ok alone lbctl-restore "$DIR/rules"
    alone nft list table inet lbctl | grep -q 'udp dport 9'
    ok alone lbctl-restore "$DIR/document"
    alone iptables-legacy -t mangle -S LBCTL-PREROUTING >/dev/null
    fails 2 alone lbctl-restore - <<<'mark flush --backend ebtables'
    complains iptables nft
}

# shown MARK...: the rules that are shown, and what is said about their places.
shown() {
    answers 0 alone lbctl-mark show --json
    json_is '[.marks[].mark] | map(tostring) | join(" ")' "$*"
}

@test "rules of ours in both are shown with a warning, and convert mends it" {
    mark add 1 --proto udp --dport 9
    ok alone lbctl-mark add 2 --backend iptables --proto udp --dport 10
    shown 1 2
    complains warning 'lbctl-mark convert nft'
    answers 0 alone lbctl-mark show -4 --quiet
    [ -z "$stderr" ]
    ok alone lbctl-mark show --backend iptables
    ok alone lbctl-mark convert nft
    shown 1 2
    [ -z "$stderr" ]
    run alone iptables-legacy -t mangle -S
    lacks LBCTL
}

@test "words in both keep them, whatever comes" {
    mark add 1 --proto udp --dport 9
    ok alone lbctl-mark add 2 --backend iptables --proto tcp -- -m length --length 9
    shown 1 2
    complains 'lbctl-mark convert iptables'
    fails 2 alone lbctl-mark convert nft
    ok alone lbctl-mark add 3 --proto sctp
    shown 1 2 3
    [ -z "$stderr" ]
    json_is .mark_backend iptables
    json_is '.marks[1].extra' '-m length --length 9'
    alone iptables-legacy -t mangle -S | grep -q 'length 9'
    run alone nft list table inet lbctl
    lacks mark
}

@test "a comment in both that nft could not load is not lost" {
    mark add 1 --proto udp --dport 9
    ok alone lbctl-mark add 2 --backend iptables --proto tcp \
        --comment "$(printf '%0117d' 0)"
    fails 2 alone lbctl-mark add 3 --proto sctp
    complains 'no comment that long'
    ok alone lbctl-mark convert iptables
    ok alone lbctl-mark add 3 --proto sctp
    shown 1 2 3
    json_is '.marks[1].comment | length' 117
}

@test "the same rule in both is told and mended, too" {
    mark add 1 --proto udp --dport 9
    ok alone lbctl-mark add 1 --backend iptables --proto udp --dport 9
    shown 1
    complains 'lbctl-mark convert nft'
    ok alone lbctl-mark convert nft
    shown 1
    [ -z "$stderr" ]
    run alone iptables-legacy -t mangle -S
    lacks LBCTL
}

@test "a stop in between leaves nothing that counts, and the next write clears it" {
    clients 5
    # As after the first of three transactions.
    alone nft -f - <<'RULES'
table inet lbctl {
    map prerouting-map-77 { type inet_service : mark; counter; elements = { 9 : 0x9 }; }
    map prerouting-map-78 { type ipv4_addr : verdict; elements = { 127.0.0.1 : jump prerouting-map-78-1 }; }
    map prerouting-map-78-1 { type inet_service : mark; flags interval; elements = { 5-9 : 0x9 }; }
    chain prerouting-map-78-1 { meta l4proto udp meta mark set th dport map @prerouting-map-78-1 accept; }
    chain prerouting-300 { meta l4proto udp meta mark set th dport map @prerouting-map-77 accept; }
}
RULES
    ok alone lbctl-mark show --json
    json_is '.marks | length' 5
    mark add 6 --proto udp --dport 7
    run alone nft list table inet lbctl
    lacks map-7 prerouting-300
}

@test "a change larger than a socket may hold comes in parts, or says so" {
    local i
    {
        echo 'mark flush --backend nft'
        for ((i = 0; i < 9000; i++)); do
            echo "mark add 1 --src 10.0.$((i / 250)).$((i % 250)) --no-exempt-own"
        done
    } >"$DIR/many"
    # Root of a user namespace cannot enlarge the buffer.
    # shellcheck disable=SC2016
    run_program unshare -rn bash -c 'lbctl-restore "$1" &&
        lbctl-mark show --json | jq ".marks | length"' bash "$DIR/many"
    [ "$status" -eq 0 ]
    [ "$output" = 9000 ]
}

@test "lists with too many combinations are refused" {
    local ports addresses
    ports=$(seq -s , 1 2 29)
    addresses=$(seq -f 192.0.2.%g -s , 2 2 40)
    fails 2 alone lbctl-mark add 1 --backend nft --proto udp --sport "$ports" \
        --dport "$ports" --src "$addresses"
    complains '4500 combinations, more than 4096'
    mark add 1 --proto udp --dport "$ports" --src "$addresses"
    ok alone lbctl-mark show --json
    json_is '.marks | length' 1
    json_is '.marks[0].src' "$addresses"
}
