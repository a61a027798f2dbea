#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Rules that the kernel gives back in another form than they were written in
# count as the same: a ruleset that stands leaves nothing to do, and what is
# wrong with words is said before anything is written.

load ../suite-helper

setup() {
    lab_alone
    DIR=$(mktemp -d)
    # Words are iptables'. Where others have rules there, ours go there, too.
    alone iptables-legacy -w -t mangle -A FORWARD -m comment --comment theirs
}

teardown() {
    lab_not_alone
    rm -rf "$DIR"
}

# settles [COMMAND...]: the ruleset on stdin is restored, by COMMAND when given,
# and then nothing is left to do.
settles() {
    cat >"$DIR/rules"
    ok alone "$@" lbctl-restore "$DIR/rules"
    ok alone "$@" lbctl-restore --dry-run "$DIR/rules"
    [ -z "$output" ] || {
        show_run
        return 1
    }
    ok alone lbctl-mark show --json
}

# refused TEXT...: the ruleset on stdin ends with status 2, a message with each
# TEXT, and no change, whether it is a dry run or not.
refused() {
    cat >"$DIR/rules"
    in_force >"$DIR/before"
    local option
    for option in --dry-run --quiet; do
        fails 2 alone lbctl-restore "$option" "$DIR/rules"
        complains "$@"
        [ -z "$output" ]
    done
    in_force | diff "$DIR/before" -
}

# All chains of both families, with their rules.
in_force() {
    alone iptables-legacy -w -t mangle -S
    alone ip6tables-legacy -w -t mangle -S
}

# helpers COMMAND...: how often the helper was started.
helpers() {
    without_leak_search
    alone strace -f -qq -e trace=execve -e signal=none -o "$DIR/log" "$@" \
        >/dev/null || true
    grep -c 'lbctl/xtables' "$DIR/log" || true
}

@test "words are compared as iptables says them" {
    settles <<'RULES'
mark flush
mark add 1 --ipv4 -- -m iprange --src-range 10.0.0.1
mark add 2 -- -m mark --mark 5
mark add 3 -- -m conntrack --ctstate RELATED,ESTABLISHED
mark add 4 --proto tcp -- --syn
mark add 5 --ipv4 -- -m addrtype --dst-type local
mark add 6 -- -m limit --limit-burst 7 --limit 60/minute
mark add 7 --proto udp -- -m string --algo bm --string a.b
mark add 8 --ipv4 -- -m policy --dir in --pol none
mark exclude --ipv4 -- -m iprange ! --dst-range 10.0.0.1
RULES
    json_is '[.marks[] | .extra // empty] | sort | join("; ")' "$(printf '%s; ' \
        '-m conntrack --ctstate RELATED,ESTABLISHED' \
        '-m limit --limit 1/sec --limit-burst 7' \
        '-m mark --mark 0x5' \
        '-m policy --dir in --pol none' \
        '-m string --string "a.b" --algo bm')-m tcp --tcp-flags FIN,SYN,RST,ACK SYN"
    # What is saved is restored as well, and a plan says what will stand.
    ok alone lbctl-save
    printf '%s\n' "$output" >"$DIR/saved"
    ok alone lbctl-restore --dry-run "$DIR/saved"
    [ -z "$output" ]
    ok alone lbctl-mark flush
    answers 1 alone lbctl-restore --dry-run "$DIR/rules"
    prints 'mark add 2 -- -m mark --mark 0x5'
}

@test "words that an option has become that option" {
    settles <<'RULES'
mark flush
mark add 1 --proto tcp -- -m comment --comment hello -m tcp --dport 80
mark add 2 --proto udp --no-exempt-own -- -m multiport --dports 53
mark add 3 --proto tcp -- -m multiport --dports 0:65535
mark add 4 --proto sctp -- -m multiport --sports 1,2 -m sctp --dport 3
mark exclude --proto tcp --exempt-own socket -- -m multiport --dports 99
RULES
    json_is '[.marks[] | .extra // ""] | unique | join(" ")' ''
    json_is '[.marks[].dport] | join(" ")' '99 80 53  3'
    json_is '.marks[1].comment' hello
    # Where there are two of a kind only one can be an option.
    local ours='-m conntrack --ctdir ORIGINAL
        --ctstate INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED'
    ours=${ours//$'\n'/}
    settles <<RULES
mark flush
mark add 1 --proto tcp --comment ours -- -m comment --comment other
mark add 2 -- -m comment --comment one -m comment --comment two
mark add 3 --proto tcp --dport 80 -- -m tcp --dport 81
mark add 4 --proto udp --dport 80 -- $ours $ours
RULES
    json_is '.marks[0] | .comment, .extra' "$(printf '%s\n' ours \
        '-m comment --comment other')"
}

@test "what has an option of its own is that option, in whatever words" {
    settles <<'RULES'
mark flush
mark add 1 --ipv4 -- -m iprange --src-range 10.0.0.1 -m addrtype --dst-type local
mark add 2 --ipv4 -- -m iprange ! --src-range 10.0.0.1-10.0.0.9 -m iprange ! --src-range 10.0.0.0
mark add 3 -- -m mac --mac-source 00:11:22:AA:BB:CC -m dscp --dscp-class EF
mark add 4 --proto tcp -- -m multiport ! --dports 80,443 -m conntrack ! --ctstate NEW
mark add 5 --proto udp -- -m udp ! --sport 5:7
mark add 6 --src 192.0.2.9,192.0.2.1,192.0.2.0/29 --dst '!10.0.0.0/8'
RULES
    json_is '[.marks[] | .extra // empty] | length' 0
    json_is '[.marks[] | .src, .["dst_type"], .mac, .dscp, .state, .sport, .dport,
        .dst | . // "-"] | join(" ")' \
        "10.0.0.1 local - - - - - - !10.0.0.0,10.0.0.1-10.0.0.9 - - - - - - - $(:
        )- - 00:11:22:aa:bb:cc ef - - - - - - - - !new - !80,443 - $(:
        )- - - - - !5:7 - - 192.0.2.0/29,192.0.2.9 - - - - - - !10.0.0.0/8"
    # Words that are not always true of one option stay words.
    settles <<'RULES'
mark flush
mark add 1 --src 10.0.0.0/8 -- -m iprange ! --src-range 10.0.0.1
mark add 2 -- -m addrtype --dst-type LOCAL --limit-iface-in
RULES
    json_is '[.marks[] | .extra // empty] | length' 2
}

@test "words that mean something else to each family make two rules" {
    settles <<'RULES'
mark flush
mark add 1 --proto tcp --dport 80 -- -m connlimit --connlimit-above 5
mark add 2
RULES
    json_is '[.marks[].runtime.family] | map(tostring) | join(" ")' '4 6 null'
    prints '--connlimit-mask 32' '--connlimit-mask 128'
    ok alone lbctl-mark replace 3 --proto tcp --dport 80 -- \
        -m connlimit --connlimit-above 5
    ok alone lbctl-mark show --json
    json_is '[.marks[] | .mark] | join(" ")' '3 3 2'
    ok alone lbctl-mark delete 3 --proto tcp --dport 80 -- \
        -m connlimit --connlimit-above 5
    ok alone lbctl-mark show --json
    json_is '[.marks[] | .mark] | join(" ")' '2'
}

@test "where no reply could match it does not count whether one is exempt" {
    settles <<'RULES'
mark flush
mark add 1 --proto tcp --dport 8080 --no-exempt-own
mark add 1 --proto tcp --dport 40000 --no-exempt-own
mark add 1 --proto udp --hook output --no-exempt-own
mark exclude --proto tcp --dport 443 --exempt-own socket
mark exclude --proto tcp --dport 40001 --exempt-own conntrack
RULES
    json_is '[.marks[] | select(.mark) | .no_exempt_own != true]
        | map(tostring) | join(" ")' 'true false true'
    [ "$(alone iptables-legacy -w -t mangle -S | grep -c 'ORIGINAL -j RETURN')" \
        -eq 1 ]
    # Which ports are local is asked anew.
    alone sysctl -qw net.ipv4.ip_local_port_range='8000 9000'
    ok alone lbctl-restore "$DIR/rules"
    ok alone lbctl-restore --dry-run "$DIR/rules"
    ok alone lbctl-mark show --json
    json_is '[.marks[] | select(.mark) | .no_exempt_own != true]
        | map(tostring) | join(" ")' 'false true true'
}

@test "rules that differ in nothing but the family are one, wherever they are" {
    settles <<'RULES'
mark flush
mark add 1 --proto tcp --dport 80 --ipv4
mark add 1 --proto tcp --dport 80 --ipv6
RULES
    json_is '[.marks[].runtime.family] | map(tostring) | join(" ")' null
    settles <<'RULES'
mark flush
mark add 1 --proto tcp --dport 80 --ipv4
mark add 2
mark add 1 --proto tcp --dport 80 --ipv6
mark add 3 --ipv6 --proto udp
mark add 4 --ipv4 --proto udp
RULES
    json_is '[.marks[] | .mark] | join(" ")' '2 1 2 4 3'
    settles <<'RULES'
mark flush
mark add 1 --proto tcp --dport 80 --ipv4
mark add 1 --proto tcp --dport 80
RULES
    json_is '[.marks[].runtime.family] | map(tostring) | join(" ")' null
    settles <<'RULES'
mark flush
mark add 1 --proto tcp --dport 80 --ipv4
mark add 2 --proto tcp --dport 80
RULES
    json_is '[.marks[] | .mark] | join(" ")' '1 2'
}

@test "without IPv6 rules of IPv4 are the same as those of both families" {
    without_leak_search
    local without_ipv6=(strace -f -o /dev/null
        -e quiet=all -P /proc/thread-self/net/if_inet6
        -e 'inject=?access,?faccessat,?faccessat2:error=ENOENT')
    settles "${without_ipv6[@]}" <<'RULES'
mark flush
mark add 1 --proto tcp --dport 80 --ipv4
mark add 2 --proto icmp
mark add 3 -- -m iprange --src-range 10.0.0.1
mark add 4 --dst 192.0.2.1
RULES
    run alone ip6tables-legacy -w -t mangle -S
    lacks LBCTL
    ok alone "${without_ipv6[@]}" lbctl-mark delete 1 --proto tcp --dport 80 \
        --ipv4
    in_force >"$DIR/before"
    echo 'mark add 5 --ipv6' >"$DIR/rules"
    fails 6 alone "${without_ipv6[@]}" lbctl-restore --dry-run "$DIR/rules"
    complains 'mark add 5 --ipv6: ' 'does not have'
    fails 6 alone "${without_ipv6[@]}" lbctl-restore "$DIR/rules"
    in_force | diff "$DIR/before" -
}

@test "bad words name their rule and change nothing" {
    ok alone lbctl-mark add 1 --proto tcp --dport 80
    refused 'mark add 7 -- -m nonsense: ' <<'RULES'
mark flush
mark add 2
mark add 7 -- -m nonsense
RULES
    refused 'mark add 3 --proto udp -- --syn: ' <<'RULES'
mark add 2 --proto tcp -- --syn
mark add 3 --proto udp -- --syn
RULES
    refused 'mark add 2 -- -m iprange --src-range 10.0.0.1: ' --ipv4 <<'RULES'
mark add 2 -- -m iprange --src-range 10.0.0.1
RULES
    refused 'mark add 2 -- -j ACCEPT: ' <<'RULES'
mark add 2 -- -j ACCEPT
RULES
    # 509 characters as written, 569 as iptables says them.
    refused 'mark add 2 --ipv4: ' 'too long' <<RULES
mark add 2 --ipv4 -- $(printf -- '-m mark --mark 5 %.0s' {1..30})
RULES
}

@test "a rule that one in other words hides is refused" {
    local hint
    refused 'mark add 2 -- -m mark --mark 0x5: ' 'matches the same' <<'RULES'
mark flush
mark add 1 -- -m mark --mark 5
mark add 2 -- -m mark --mark 0x5
RULES
    refused 'mark add 2 --proto tcp --dport 80: ' 'matches the same' <<'RULES'
mark add 1 --proto tcp --dport 80
mark add 2 --proto tcp --dport 80 --no-exempt-own
RULES
    # That adds nothing, and that would never match a packet.
    ok alone lbctl-mark add 1 -- -m mark --mark 5
    echo 'mark add 1 -- -m mark --mark 0x05' >"$DIR/rules"
    ok alone lbctl-restore --dry-run "$DIR/rules"
    [ -z "$output" ]
    refused 'mark add 2 -- -m mark --mark 0x5: ' \
        'a rule before it matches the same: mark add 1 -- -m mark --mark 0x5' <<'RULES'
mark add 2 -- -m mark --mark 0x05
RULES
    hint=${stderr:-}
    ok alone bash -c "${hint##*if it stands: }"
    ok alone lbctl-restore "$DIR/rules"
}

@test "two hundred rules with words start the helper as often as one" {
    local i
    {
        echo 'mark flush'
        for i in {1..200}; do
            echo "mark add $i -- -m mark --mark $i"
        done
    } >"$DIR/many"
    # Words in, words out, for each family.
    [ "$(helpers lbctl-restore --dry-run "$DIR/many")" -eq 4 ]
    settles <"$DIR/many"
    json_is '.marks | length' 200
    json_is '.marks[199].extra' '-m mark --mark 0xc8'
}

@test "rules that have one form cost nothing, and no table is made" {
    # Where nobody has rules yet.
    lab_not_alone
    lab_alone
    cat >"$DIR/rules" <<'RULES'
mark add 1 --proto tcp --dport 80
mark add 2 --src 10.0.0.0/8 --comment 'a note'
mark exclude --proto udp --dst 2001:db8::1
RULES
    [ "$(helpers lbctl-restore --dry-run "$DIR/rules")" -eq 0 ]
    echo 'mark add 3 -- -m mark --mark 3' >>"$DIR/rules"
    answers 1 alone lbctl-restore --dry-run "$DIR/rules"
    prints '--mark 0x3'
    run alone cat /proc/thread-self/net/ip_tables_names \
        /proc/thread-self/net/ip6_tables_names
    lacks mangle
}

@test "lbctl-mark finds a rule in any words" {
    ok alone lbctl-mark add 1 -- -m mark --mark 5
    fails 3 alone lbctl-mark add 2 -- -m mark --mark 0x05
    complains 'exists already' '--mark 0x5'
    ok alone lbctl-mark --dry-run replace 1 -- -m mark --mark 0x5/0xffffffff
    [ -z "$output" ]
    ok alone lbctl-mark replace 2 -- -m mark --mark 0x05
    ok alone lbctl-mark show --json
    json_is '[.marks[] | .mark] | join(" ")' 2
    ok alone lbctl-mark delete 2 -- -m mark --mark 5
    ok alone lbctl-mark exclude --proto tcp --dport 80 --exempt-own socket
    fails 3 alone lbctl-mark exclude --proto tcp --dport 80
    ok alone lbctl-mark delete --exclude --proto tcp --dport 80 --exempt-own socket
    ok alone lbctl-mark add 1 --proto tcp --dport 80 --no-exempt-own
    ok alone lbctl-mark delete 1 --proto tcp --dport 80 --no-exempt-own
    ok alone lbctl-mark show --json
    json_is '.marks | length' 0
}
