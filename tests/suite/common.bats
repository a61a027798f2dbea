#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# What holds for every program and every verb: help, messages, statuses,
# JSON, and that nothing said is lost. Bad input never reaches the kernel.

load ../suite-helper

PROGRAMS=(lbctl lbctl-mark lbctl-restore lbctl-save lbctl-svc lbctl-sync)
# Writes to the file "log" what a program does to reach the kernel's tables.
TRACED=(strace -f --seccomp-bpf -qq -e 'trace=socket,setns,mount,flock'
    -e signal=none -o log)
# The shell that starts the programs has no business with these.
TOUCH='AF_NETLINK|AF_INET|setns|mount|flock'

setup() {
    lab_alone
}

teardown() {
    lab_not_alone
}

# A little of everything, for bad input not to change.
some_setup() {
    alone ipvsadm -R <<'END'
-A -t 192.0.2.1:80 -s rr
-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 3
-a -t 192.0.2.1:80 -r 10.0.0.2:80 -g -w 1
-A -u 192.0.2.1:53 -s wlc -o
END
    reserves alone
    ok alone lbctl-mark add 1 --proto udp --dst 192.0.2.1 --dport 50000:60000
    alone ip link add front type dummy
    alone ip addr add 10.0.0.9/24 dev front
    alone ip link set front up
    ok alone lbctl-sync start backup --dev front
}

# Everything in the kernel that the programs write.
everything() {
    alone ipvsadm -Sn
    alone ipvsadm -L --timeout
    alone ipvsadm -L --daemon
    alone iptables-legacy -t mangle -S
}

# swiftly [COMMAND...] -- FUNCTION [ARG...]: runs one of the functions below,
# which loop over many commands, in a shell that COMMAND starts: bats takes its
# time over every step.
swiftly() {
    local command=()
    while [ "$1" != -- ]; do
        command+=("$1")
        shift
    done
    alone env -C "$BATS_TEST_TMPDIR" "${command[@]}" \
        bash -c "$(declare -f "$2"); \"\$@\"" swiftly "${@:2}"
}

# For each "TEXT|COMMAND" of stdin: it ends with STATUS and says just two lines
# on stderr, with TEXT in them.
all_fail() {
    local text command words said status faults=0 expected=$1
    while IFS='|' read -r text command; do
        read -ra words <<<"$command"
        status=0
        "${@:2}" "lbctl-${words[0]}" "${words[@]:1}" </dev/null >out 2>err || status=$?
        IFS= read -rd '' said <err || true
        [[ $status -eq $expected && ! -s out && $said == *"$text"* &&
            $said == lbctl*$'\n'*$'\n' && $said != *$'\n'*$'\n'*$'\n'* ]] || {
            printf '%s\n' "expected status $expected, '$text': $command" \
                "status $status: $said"
            faults=1
        }
    done
    return "$faults"
}

# For each "STATUS^FILTER^COMMAND" of stdin: its document, from stdout or, of
# a failure, from stderr, has the version and passes the filter of jq.
all_speak() {
    local expected filter command words status faults=0 count=0 filters=()
    while IFS='^' read -r expected filter command; do
        read -ra words <<<"$command"
        status=0
        "${words[0]}" --json "${words[@]:1}" </dev/null >out 2>err || status=$?
        [[ $status -eq $expected && (! -s out || ! -s err) ]] || {
            echo "expected status $expected, is $status: $command"
            faults=1
        }
        cat out err >>documents
        filters+=("(.[$((count++))] | ([.version] | inside([1, 2])) and ($filter))")
    done
    filter=$(IFS=,; echo "${filters[*]}")
    jq -s "length, ($filter)" documents >verdict
    [ "$(sort -u verdict)" = "$count"$'\n'true ] || {
        cat -n documents verdict
        faults=1
    }
    return "$faults"
}

# All that help and versions are asked for, of the programs given.
all_help() {
    local program kind verb said
    for program; do
        "$program" --version >out || return
        IFS= read -rd '' said <out || true
        [[ $said == "$program "[0-9]* ]] || return
        "$program" --help >help || return
        IFS= read -rd '' said <help || true
        [[ $said == "$program: "*'Usage: '*--dry-run*--netns*--help*--version* ]] || return
        "$program" --describe >verbs || return
        while IFS=$'\t' read -r kind verb _; do
            # A program without verbs has one that goes without saying.
            [[ $kind == verb && $verb != - ]] || continue
            [[ $said == *$'\n'"  $verb "* ]] || return
            [ "$program" != lbctl ] || continue
            "$program" "$verb" --help >out || return
            grep -q "^Usage: " out || return
        done <verbs
    done
}

@test "help and versions come without a look at the kernel" {
    without_leak_search
    swiftly "${TRACED[@]}" -- all_help "${PROGRAMS[@]}"
    absent "$TOUCH" "$BATS_TEST_TMPDIR/log"
    # What is looked for would be found.
    alone "${TRACED[@]}" -o "$BATS_TEST_TMPDIR/log" lbctl-svc flush
    grep -Eq "$TOUCH" "$BATS_TEST_TMPDIR/log"
    # Wherever it stands, and whatever else is wrong.
    ok alone lbctl-svc add --netns nonesuch tcp:192.0.2.1:80 --help
    prints --scheduler --persistent --pe
    ok alone lbctl-svc --help --netns nonesuch xyzzy
    ok alone lbctl-svc show --version
    prints "lbctl-svc $(<VERSION)"
    # Also where nothing is allowed.
    ok alone setpriv --bounding-set=-all --inh-caps=-all lbctl-svc add --help
}

@test "bad input is named, explained, and never reaches the kernel" {
    some_setup
    local before
    before=$(everything)
    swiftly -- all_fail 2 <<'END'
'ad'|svc ad tcp:192.0.2.9:80
did you mean 'add'|svc ad tcp:192.0.2.9:80
did you mean 'change-server'|svc chnage-server tcp:192.0.2.1:80 10.0.0.1
unknown verb 'addserver'|svc addserver tcp:192.0.2.1:80 10.0.0.1
did you mean 'add-server'|svc addserver tcp:192.0.2.1:80 10.0.0.1
unknown verb 'ADD'|svc ADD tcp:192.0.2.9:80
did you mean '--scheduler'|svc add tcp:192.0.2.9:80 --schedular rr
unknown option '--sched'|svc add tcp:192.0.2.9:80 --sched rr
unknown option '--weight'|svc add tcp:192.0.2.9:80 --weight 3
unknown option '-x'|svc -x
'--scheduler' needs a value|svc add tcp:192.0.2.9:80 --scheduler
'--one-packet' takes no value|svc add udp:192.0.2.9:80 --one-packet=yes
given twice|svc add tcp:192.0.2.9:80 --scheduler rr --scheduler lc
missing argument|svc add
missing argument|svc add --scheduler rr
missing argument|svc add-server tcp:192.0.2.1:80
missing argument|svc drain
unexpected argument 'tcp:192.0.2.8:80'|svc add tcp:192.0.2.9:80 tcp:192.0.2.8:80
unexpected argument 'all'|svc flush all
192.0.2.9:80|svc add 192.0.2.9:80
tcp:192.0.2.9:80|svc add 192.0.2.9:80
192.0.2.9|svc add tcp:192.0.2.9
tcp:192.0.2.9:|svc add tcp:192.0.2.9:
'65536'|svc add tcp:192.0.2.9:65536
'-1'|svc add tcp:192.0.2.9:-1
'080'|svc add tcp:192.0.2.9:080
'0x'|svc add tcp:192.0.2.9:0x
'80x'|svc add tcp:192.0.2.9:80x
'http'|svc add tcp:192.0.2.9:http
192.0.2|svc add tcp:192.0.2:80
192.0.2.256|svc add tcp:192.0.2.256:80
192.0.02.9|svc add tcp:192.0.02.9:80
localhost|svc add tcp:localhost:80
tcp:2001:db8::1:80|svc add tcp:2001:db8::1:80
2001:db8::zz|svc add tcp:[2001:db8::zz]:80
fe80::1%lo|svc add tcp:[fe80::1%lo]:80
icmp:192.0.2.9:80|svc add icmp:192.0.2.9:80
unicast|svc add tcp:224.0.0.1:80
unicast|svc add tcp:0.0.0.0:80
unicast|svc add tcp:[ff02::1]:80
unicast|svc add udp:255.255.255.255:80
persistence|svc add tcp:192.0.2.9:0
fwmark:0|svc add fwmark:0
4294967296|svc add fwmark:4294967296
fwmark:-1|svc add fwmark:-1
fwmark:1/inet5|svc add fwmark:1/inet5
one-packet|svc add tcp:192.0.2.9:80 --one-packet
one-packet|svc add sctp:192.0.2.9:80 --one-packet
'2678401'|svc add tcp:192.0.2.9:80 --persistent 2678401
'1m'|svc add tcp:192.0.2.9:80 --persistent 1m
persistence|svc add tcp:192.0.2.9:80 --netmask 24
'33'|svc add tcp:192.0.2.9:80 --persistent 60 --netmask 33
255.0.255.0|svc add tcp:192.0.2.9:80 --persistent 60 --netmask 255.0.255.0
'129'|svc add tcp:[2001:db8::9]:80 --persistent 60 --netmask 129
'0'|svc add tcp:[2001:db8::9]:80 --persistent 60 --netmask 0
255.255.0.0|svc add tcp:[2001:db8::9]:80 --persistent 60 --netmask 255.255.0.0
longer than 15|svc add tcp:192.0.2.9:80 --scheduler sixteen-letters-
'--scheduler' needs a value|svc add tcp:192.0.2.9:80 --scheduler --persistent
a/b|svc add tcp:192.0.2.9:80 --scheduler a/b
sh-prot|svc add tcp:192.0.2.9:80 --scheduler sh --sched-flags sh-prot
--sched-flags none|svc add tcp:192.0.2.9:80 --scheduler rr --sched-flags flag-1
10.0.0|svc add-server tcp:192.0.2.1:80 10.0.0
10.0.0.9:99999|svc add-server tcp:192.0.2.1:80 10.0.0.9:99999
web1|svc add-server tcp:192.0.2.1:80 web1
unicast|svc add-server tcp:192.0.2.1:80 224.0.0.1
unicast|svc add-server tcp:192.0.2.1:80 0.0.0.0
--forward nat|svc add-server tcp:192.0.2.1:80 10.0.0.9:8080
--forward nat|svc add-server tcp:192.0.2.1:80 10.0.0.9:8080 --forward tun
--forward tun|svc add-server tcp:192.0.2.1:80 2001:db8::9
--forward tun|svc add-server fwmark:1/inet6 10.0.0.9 --forward nat
'masq'|svc add-server tcp:192.0.2.1:80 10.0.0.9 --forward masq
'local'|svc add-server tcp:192.0.2.1:80 10.0.0.9 --forward local
'2147483648'|svc add-server tcp:192.0.2.1:80 10.0.0.9 --weight 2147483648
'-1'|svc change-server tcp:192.0.2.1:80 10.0.0.1 --weight=-1
'1.5'|svc change-server tcp:192.0.2.1:80 10.0.0.1 --weight 1.5
--upper-threshold 5|svc add-server tcp:192.0.2.1:80 10.0.0.9 --upper-threshold 4 --lower-threshold 5
'2147483648'|svc add-server tcp:192.0.2.1:80 10.0.0.9 --upper-threshold 2147483648
--forward tun|svc add-server tcp:192.0.2.1:80 10.0.0.9 --tunnel gue --tunnel-port 6080
'ip6'|svc add-server tcp:192.0.2.1:80 10.0.0.9 --forward tun --tunnel ip6
--tunnel-port|svc add-server tcp:192.0.2.1:80 10.0.0.9 --forward tun --tunnel gue
no port|svc add-server tcp:192.0.2.1:80 10.0.0.9 --forward tun --tunnel gre --tunnel-port 6080
checksum|svc add-server tcp:192.0.2.1:80 10.0.0.9 --forward tun --tunnel-checksum full
checksum|svc add-server tcp:192.0.2.1:80 10.0.0.9 --forward tun --tunnel gre --tunnel-checksum remote
'65536'|svc add-server tcp:192.0.2.1:80 10.0.0.9 --forward tun --tunnel gue --tunnel-port 65536
'0'|svc show --watch 0
'1s'|svc show --watch 1s
--wait|svc drain tcp:192.0.2.1:80 10.0.0.1 --timeout 3
'0'|svc drain tcp:192.0.2.1:80 10.0.0.1 --wait --timeout 0
'ten'|svc timeouts ten 1 1
missing argument|svc timeouts 900
unexpected argument '4'|svc timeouts 1 2 3 4
'show'|svc show show
did you mean 'start'|sync strat master
missing argument|sync start --dev front
interface|sync start master
missing argument|mark add
'vlan' is none of svc, mark, vip, sync|save --only vlan
unexpected argument 'svc'|save svc
'--output' needs a value|save --output
unknown option '-x'|restore -x
did you mean '--dry-run'|restore --dry-rum
'sideways'|mark add 3 --proto sideways
END
    # Words that a line cannot hold.
    wrong() {
        fails 2 alone "${@:2}"
        complains "$1" lbctl $'\n'
    }
    wrong "''" lbctl-svc ''
    wrong "''" lbctl-svc add ''
    wrong 'weight' lbctl-svc change-server tcp:192.0.2.1:80 10.0.0.1 --weight ''
    wrong ' 80' lbctl-svc add 'tcp:192.0.2.9: 80'
    wrong '80 ' lbctl-svc add 'tcp:192.0.2.9:80 '
    wrong 'xxxxxxxx' lbctl-svc add "tcp:192.0.2.9:$(printf 'x%.0s' {1..3000})"
    wrong 'xxxxxxxx' lbctl-svc "$(printf 'x%.0s' {1..3000})"
    wrong 'longer than 15' lbctl-svc add tcp:192.0.2.9:80 --scheduler "$(printf 'x%.0s' {1..3000})"
    # Nor does text reach a terminal that could command it.
    wrong lbctl-svc lbctl-svc add $'tcp:\e[2J:80'
    absent $'\e' - <<<"$stderr"
    wrong lbctl-svc lbctl-svc $'\e[2J'
    absent $'\e' - <<<"$stderr"
    [ "$(everything)" = "$before" ]
}

@test "bad input is found before the kernel is asked" {
    without_leak_search
    swiftly "${TRACED[@]}" -- all_fail 2 <<'END'
|svc xyzzy
|svc add tcp:192.0.2.1:80 --persistent x --netns nonesuch
|svc add-server tcp:192.0.2.1:80 10.0.0.1 10.0.0.2 10.0.0.3:99
|svc delete tcp:192.0.2.1:80 tcp:192.0.2.2
|svc change tcp:192.0.2.1:80 --netmask 0
|svc change-server tcp:192.0.2.1:80 10.0.0.1 --weight x
|svc drain tcp:192.0.2.1:80 10.0.0.1 --wait --timeout x
|svc drain tcp:192.0.2.1:80 10.0.0.1 --reason a/b
|svc undrain tcp:192.0.2.1:80 10.0.0.1 --all --reason a
|svc show --watch x
|svc connections --client x
|svc timeouts 1 x 1
|svc zero x
|sync start master --dev lo --ttl x
|sync stop x
|mark add x
|save --only x
|restore --only svc
END
    absent "$TOUCH" "$BATS_TEST_TMPDIR/log"
}

@test "every verb speaks JSON, and so do its failures" {
    some_setup
    swiftly -- all_speak <<'END'
0^.changes | length == 1 and all(has("action") and has("object") and has("line"))^lbctl-svc add tcp:192.0.2.9:80
0^.changes | length == 1 and all(has("action") and has("object") and has("line"))^lbctl-svc change tcp:192.0.2.9:80 --scheduler rr
0^.changes | length == 1 and all(has("action") and has("object") and has("line"))^lbctl-svc replace tcp:192.0.2.9:80
0^.changes | length == 1 and all(has("action") and has("object") and has("line"))^lbctl-svc add-server tcp:192.0.2.9:80 10.0.0.1
0^.changes | length == 1 and all(has("action") and has("object") and has("line"))^lbctl-svc change-server tcp:192.0.2.9:80 10.0.0.1 --weight 5
0^.changes | length == 1 and all(has("action") and has("object") and has("line"))^lbctl-svc replace-server tcp:192.0.2.9:80 10.0.0.1
0^.changes | length == 1 and all(has("action") and has("object") and has("line"))^lbctl-svc drain tcp:192.0.2.9:80 10.0.0.1
0^.changes | length == 1 and all(has("action") and has("object") and has("line"))^lbctl-svc undrain tcp:192.0.2.9:80 10.0.0.1
0^.changes | length == 1 and all(has("action") and has("object") and has("line"))^lbctl-svc zero tcp:192.0.2.9:80
0^.changes | length == 1 and all(has("action") and has("object") and has("line"))^lbctl-svc timeouts 99 0 0
0^.changes | length == 1 and all(has("action") and has("object") and has("line"))^lbctl-svc delete-server tcp:192.0.2.9:80 10.0.0.1
0^.changes | length == 1 and all(has("action") and has("object") and has("line"))^lbctl-svc delete tcp:192.0.2.9:80
0^.changes | length == 1 and all(has("action") and has("object") and has("line"))^lbctl-sync stop backup
0^.changes | length == 1 and all(has("action") and has("object") and has("line"))^lbctl-sync start master --dev front
0^.changes == []^lbctl-svc change-server tcp:192.0.2.1:80 10.0.0.1 --weight 3
0^.services | length == 2^lbctl-svc
0^.services[0] | (.runtime | has("counters")) and (.servers[0].runtime | has("counters"))^lbctl-svc show tcp:192.0.2.1:80
0^.connections == []^lbctl-svc connections
0^.timeouts.tcp == 99^lbctl-svc timeouts
0^.daemons | length == 1^lbctl-sync
0^.marks | length == 1^lbctl-mark
0^has("services") and has("marks") and has("daemons") and has("timeouts")^lbctl
0^(.services | length == 2) and (.marks | length == 1) and .timeouts.tcp == 99^lbctl-save
0^.changes == []^lbctl-restore
0^.changes | length == 1 and all(.object == "sync")^lbctl-sync flush
2^.error | .status == 2 and (.message | length > 3)^lbctl-save --only vlan
3^.error | .status == 3 and (.subject == "nonesuch")^lbctl-restore nonesuch
1^.changes | length > 2^lbctl-svc flush --dry-run
0^.changes | length > 2^lbctl-svc flush
0^.services == []^lbctl-svc show
1^.error | .status == 1 and (.message | length > 3)^lbctl-svc show tcp:192.0.2.9:80
2^.error | .status == 2 and (.message | length > 3)^lbctl-svc xyzzy
2^.error | .status == 2 and (.message | length > 3)^lbctl-svc add tcp:192.0.2.9:80 --scheduler
2^.error | .status == 2 and (.message | length > 3)^lbctl-svc add tcp:192.0.2.9:x
2^.error | .status == 2 and (.message | length > 3)^lbctl-svc add tcp:"\:80
3^.error | .status == 3 and (.message | length > 3)^lbctl-svc delete tcp:192.0.2.9:80
3^.error | .status == 3 and (.message | length > 3)^lbctl-sync stop backup
6^.error | .status == 6 and (.message | length > 3)^lbctl-svc add tcp:192.0.2.9:80 --scheduler nonesuch
END
    # Words that are no text in UTF-8 are made to be some.
    fails 2 alone lbctl-svc --json add $'tcp:\xff\xfe:80'
    [ "$(jq '.error.status' <<<"$stderr")" -eq 2 ]
    fails 5 alone setpriv --bounding-set=-net_admin lbctl-svc show --json
    [ "$(jq '.error.status' <<<"$stderr")" -eq 5 ]
    [ "$(jq '.error.hint' <<<"$stderr")" != null ]
}

@test "without CAP_NET_ADMIN the status is 5, and help is as ever" {
    some_setup
    local before copy=/run/copy
    before=$(everything)
    sed 's/^/CAP_NET_ADMIN|/' >"$BATS_TEST_TMPDIR/commands" <<'END'
svc show
svc show tcp:192.0.2.9:80
svc add tcp:192.0.2.9:80
svc flush
svc flush --dry-run
svc drain tcp:192.0.2.1:80 10.0.0.1
svc timeouts
sync show
sync start master --dev front
mark add 3 --proto udp
mark show
save
END
    swiftly -- all_fail 5 setpriv --bounding-set=-net_admin --inh-caps=-all \
        <"$BATS_TEST_TMPDIR/commands"
    # Somebody without any rights at all, who may not read the work tree.
    mkdir "$copy"
    cp -r "$O/bin" "$copy/bin"
    cp -r "$O/lib" "$copy/lib"
    sed -i 's/^CAP_NET_ADMIN//' "$BATS_TEST_TMPDIR/commands"
    PATH=$copy/bin:$PATH swiftly -- all_fail 5 setpriv --reuid=65534 \
        --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all \
        <"$BATS_TEST_TMPDIR/commands"
    fails 5 alone setpriv --bounding-set=-net_admin lbctl status
    fails 2 alone setpriv --bounding-set=-net_admin lbctl-svc add tcp:192.0.2.9
    [ "$(everything)" = "$before" ]
    rm -r "$copy"
}

@test "output that is lost is a failure" {
    some_setup
    local command words before
    before=$(everything)
    while IFS= read -r command; do
        read -ra words <<<"$command"
        run bash -c 'exec 2>&1 >/dev/full; exec "$@"' full \
            nsenter --net="/run/netns/$ALONE" -- "${words[@]}"
        [ "$status" -eq 3 ]
        prints 'write error: No space left on device'
        # A stdout that is closed is no better, and no socket takes its place.
        run bash -c 'exec 2>&1 >&-; exec "$@"' closed \
            nsenter --net="/run/netns/$ALONE" -- "${words[@]}"
        [ "$status" -eq 3 ]
        prints 'write error'
    done <<'END'
lbctl-svc show
lbctl-svc show --json
lbctl-svc --help
lbctl-svc --version
lbctl-svc timeouts
lbctl-svc --dry-run flush
lbctl-sync show
lbctl-sync show --json
lbctl-mark show
lbctl status
lbctl-save
lbctl-save --json
lbctl-svc add --help
END
    [ "$(everything)" = "$before" ]

    # A change that was made is not denied.
    run bash -c 'exec 2>&1 >/dev/full; exec "$@"' full \
        nsenter --net="/run/netns/$ALONE" -- lbctl-svc delete udp:192.0.2.1:53 --json
    [ "$status" -eq 4 ]
    # Where nothing is said, nothing is lost.
    run bash -c 'exec 2>&1 >/dev/full; exec "$@"' full \
        nsenter --net="/run/netns/$ALONE" -- lbctl-svc add udp:192.0.2.1:53
    [ "$status" -eq 0 ]
    run bash -c 'exec 2>&1 >&- <&-; exec "$@"' closed \
        nsenter --net="/run/netns/$ALONE" -- lbctl-svc delete udp:192.0.2.1:53
    [ "$status" -eq 0 ]
    # Without stderr, too, the work is done and the status tells.
    run bash -c 'exec 2>&- >&- <&-; exec "$@"' closed \
        nsenter --net="/run/netns/$ALONE" -- lbctl-svc delete udp:192.0.2.1:53
    [ "$status" -eq 3 ]
    alone ipvsadm -Sn | diff - <(head -n 3 <<<"$before")
}

@test "a reader that has enough is no reason to complain" {
    {
        for ((i = 1; i < 1500; i++)); do
            echo "-A -t 192.0.2.1:$i"
        done
    } | alone ipvsadm -R
    local form
    for form in 'show' 'show --json' '--dry-run flush'; do
        # With SIGPIPE as it comes, and ignored as services have it.
        run --separate-stderr bash -c "nsenter --net=/run/netns/$ALONE \
            lbctl-svc $form | head -n 1"
        [ "${#lines[@]}" -eq 1 ]
        [ -z "$stderr" ]
        run --separate-stderr bash -c "trap '' PIPE; nsenter --net=/run/netns/$ALONE \
            lbctl-svc $form | head -n 1; exit \$((PIPESTATUS[0] > 1))"
        [ "$status" -eq 0 ]
        [ -z "$stderr" ]
    done
}

@test "quiet is quiet about everything but failures" {
    ok alone lbctl-svc add tcp:192.0.2.1:80 --json --quiet
    [ -z "$output" ]
    answers 1 alone lbctl-svc flush --dry-run --quiet
    [ -z "$output" ]
    answers 1 alone lbctl-svc flush --dry-run
    [ -n "$output" ]
    ok alone lbctl-svc --quiet show
    prints tcp:192.0.2.1:80
    fails 3 alone lbctl-svc --quiet add tcp:192.0.2.1:80
    fails 2 alone lbctl-svc --quiet xyzzy
    # The same as letters, before and after the verb.
    ok alone lbctl-svc -qj change tcp:192.0.2.1:80 --scheduler rr
    [ -z "$output" ]
    ok alone lbctl-svc show -j
    json_is '.services[0].scheduler' rr
}
