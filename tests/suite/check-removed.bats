#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Servers that a check has removed belong to their service: every program
# deletes, holds, changes, shows and saves them.

load ../suite-helper

V=tcp:192.0.2.10:80

setup() {
    lab_alone
    rm -rf /run/lbctl
    alone ip addr add 10.0.0.1/32 dev lo
    alone ip addr add 10.0.0.2/32 dev lo
    serve 1
    printf '%s\n' 'svc flush' "svc add $V --scheduler wrr" \
        "svc add-server $V 10.0.0.1 10.0.0.2 --forward nat --weight 3" >"$BATS_TEST_TMPDIR/rules"
    printf '%s\n' 'svc flush' "svc add $V --scheduler wrr" \
        "svc add-server $V 10.0.0.1 --forward nat --weight 3" >"$BATS_TEST_TMPDIR/without"
    removed
}

serve() {
    alone traffic serve "s$1" tcp "10.0.0.$1" 80 --report "$BATS_TEST_TMPDIR/served$1"
}

teardown() {
    traffic stop "$BATS_TEST_TMPDIR"/served* >/dev/null || true
    lab_not_alone
}

check() {
    alone lbctl-check "$V" --name c --tcp 80 --fall 1 --rise 1 --on-fail remove "$@"
}

# removed: 10.0.0.2 is down, and the check has removed it.
removed() {
    traffic stop "$BATS_TEST_TMPDIR/served2" >/dev/null 2>&1 || true
    rm -f "$BATS_TEST_TMPDIR/served2"
    ok alone lbctl-restore "$BATS_TEST_TMPDIR/rules"
    answers 1 check
    servers_are 10.0.0.1=3
}

# servers_are ADDRESS=WEIGHT...: in the kernel.
servers_are() {
    local servers
    servers=$(alone ipvsadm -Ln | sed -nE 's/^ *-> (10[^:]*):[0-9]+ +[A-Za-z]+ +([0-9]+) .*/\1=\2/p' | xargs)
    [ "$servers" = "$*" ] || {
        echo "expected $*, is $servers"
        return 1
    }
}

# comes_back ADDRESS=WEIGHT...: once the server answers.
comes_back() {
    serve 2
    answers 0 check
    answers 0 check
    servers_are "$@"
}

@test "deleted in any way, a removed server never comes back" {
    local way
    for way in "lbctl-svc delete-server $V 10.0.0.2" \
        'lbctl-ipvsadm -d -t 192.0.2.10:80 -r 10.0.0.2' \
        "lbctl-restore $BATS_TEST_TMPDIR/delete" \
        "lbctl-restore $BATS_TEST_TMPDIR/without" \
        'lbctl-ipvsadm -R'; do
        removed
        echo "svc delete-server $V 10.0.0.2" >"$BATS_TEST_TMPDIR/delete"
        # shellcheck disable=SC2086
        ok alone $way <<<"-d -t 192.0.2.10:80 -r 10.0.0.2"
        ok alone lbctl-svc show
        lacks 10.0.0.2
        comes_back 10.0.0.1=3
    done
    # With its service.
    for way in "lbctl-svc delete $V" 'lbctl-ipvsadm -D -t 192.0.2.10:80'; do
        removed
        # shellcheck disable=SC2086
        ok alone $way
        ok alone lbctl-restore "$BATS_TEST_TMPDIR/without"
        comes_back 10.0.0.1=3
    done
}

@test "held, released and changed while it is removed, it comes back like that" {
    ok alone lbctl-svc drain "$V" 10.0.0.2
    ok alone lbctl-svc show
    prints '10.0.0.2:80' 'removed by check c, held: admin, wanted 3'
    comes_back 10.0.0.1=3 10.0.0.2=0
    ok alone lbctl-svc show
    prints 'held: admin'
    ok alone lbctl-svc undrain "$V" 10.0.0.2
    removed
    ok alone lbctl-svc drain "$V" 10.0.0.2
    ok alone lbctl-svc undrain "$V" 10.0.0.2
    ok alone lbctl-svc change-server "$V" 10.0.0.2 --weight 5
    answers 1 check
    servers_are 10.0.0.1=3
    comes_back 10.0.0.1=3 10.0.0.2=5
    removed
    ok alone lbctl-ipvsadm -e -t 192.0.2.10:80 -r 10.0.0.2 -m -w 7
    servers_are 10.0.0.1=3
    comes_back 10.0.0.1=3 10.0.0.2=7
    removed
    sed 's/weight 3/weight 4/' "$BATS_TEST_TMPDIR/rules" >"$BATS_TEST_TMPDIR/four"
    ok alone lbctl-restore "$BATS_TEST_TMPDIR/four"
    servers_are 10.0.0.1=4
    comes_back 10.0.0.1=4 10.0.0.2=4
    # Free of all reasons it is in; the check has it out again.
    removed
    ok alone lbctl-svc undrain "$V" 10.0.0.2 --all
    servers_are 10.0.0.1=3 10.0.0.2=3
    answers 1 check
    servers_are 10.0.0.1=3
}

@test "a removed server is shown, saved, and put in by ipvsadm -a" {
    local save
    ok alone lbctl-svc show "$V" --json
    json_is '.services[].servers[] | select(.runtime.removed) | .server + " \(.weight) \(.runtime.effective_weight) " + .runtime.held[0]' \
        '10.0.0.2:80 3 0 check:c'
    ok alone lbctl status
    prints 'removed by check c, wanted 3'
    ok alone lbctl-ipvsadm -Ln
    lacks 10.0.0.2
    answers 1 alone lbctl-check show c
    prints removed check:c
    # What is saved and restored at once loses nothing, in each language.
    for save in lbctl-save 'lbctl-save --json' 'lbctl-ipvsadm -Sn'; do
        # shellcheck disable=SC2086
        ok alone $save
        printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/saved"
        grep -q 10.0.0.2 "$BATS_TEST_TMPDIR/saved"
        ok alone lbctl-restore --dry-run "$BATS_TEST_TMPDIR/saved"
        ok alone lbctl-restore "$BATS_TEST_TMPDIR/saved"
        servers_are 10.0.0.1=3
        ok alone lbctl-svc show
        prints 'removed by check c, wanted 3'
    done
    comes_back 10.0.0.1=3 10.0.0.2=3

    removed
    ok alone lbctl-ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.2 -m -w 2
    servers_are 10.0.0.1=3 10.0.0.2=2
    ok alone lbctl-svc show
    lacks removed held
    # The check that goes gives it back.
    removed
    ok alone lbctl-check reset c
    servers_are 10.0.0.1=3 10.0.0.2=3
}

@test "of a mark and of IPv6, drained by another check, with a file of servers" {
    ok alone lbctl-svc add fwmark:1 --scheduler rr
    ok alone lbctl-svc add-server fwmark:1 10.0.0.2 10.0.0.1 --forward nat --weight 4
    answers 1 alone lbctl-check fwmark:1 --name m --tcp 80 --fall 1 --on-fail remove
    answers 1 alone lbctl-check fwmark:1 --name n --tcp 80 --fall 1
    ok alone lbctl-svc show fwmark:1
    prints 'removed by check m, n, wanted 4'
    ok alone lbctl-svc delete-server fwmark:1 10.0.0.2
    serve 2
    ok alone lbctl-check fwmark:1 --name m --tcp 80 --rise 1
    ok alone lbctl-svc show fwmark:1
    lacks 10.0.0.2

    ok alone lbctl-svc add 'tcp:[2001:db8::1]:80'
    ok alone lbctl-svc add-server 'tcp:[2001:db8::1]:80' 2001:db8::2 --forward nat --weight 6
    answers 1 alone lbctl-check 'tcp:[2001:db8::1]:80' --name six --tcp 81 --timeout 0.5 \
        --fall 1 --on-fail remove
    ok alone lbctl-save
    prints 'svc add-server tcp:[2001:db8::1]:80 2001:db8::2 --forward nat --weight 6'
    ok alone lbctl-ipvsadm -Sn
    prints '-a -t [2001:db8::1]:80 -r [2001:db8::2]:80 -m -w 6'
    ok alone lbctl-svc flush
    ok alone lbctl-save
    lacks 2001:db8::2
}

@test "no hint invents or changes a server" {
    local verb before hint
    fails 3 alone lbctl-svc add-server "$V" 10.0.0.2 --forward nat
    complains "10.0.0.2:80: check c has removed it from $V" 'hint: lbctl-check show c'
    fails 3 alone lbctl-svc add-server "$V" 10.0.0.2 --json
    [ "$(jq -r .error.hint <<<"${stderr:-}")" = 'lbctl-check show c' ]
    before=$(alone lbctl-svc show --json; alone ipvsadm -Sn)
    for verb in add-server change-server delete-server drain undrain; do
        for server in 10.0.0.1 10.0.0.9; do
            run_program alone lbctl-svc --dry-run "$verb" "$V" "$server"
            hint=$(sed -n 's/^lbctl-svc: hint: //p' <<<"$stderr")
            [[ $hint != *-server* ]]
            # shellcheck disable=SC2086
            [ -z "$hint" ] || run_program alone $hint
        done
    done
    [ "$(alone lbctl-svc show --json; alone ipvsadm -Sn)" = "$before" ]
    for verb in change zero; do
        run_program alone lbctl-svc "$verb" tcp:192.0.2.99:80
        complains 'hint: lbctl-svc show'
    done
    run_program alone lbctl-svc add "$V"
    complains "hint: lbctl-svc show $V"
}

@test "drained, not removed: as before" {
    ok alone lbctl-check reset
    answers 1 alone lbctl-check "$V" --name c --tcp 80 --fall 1 --rise 1 --on-fail drain
    ok alone lbctl-svc delete-server "$V" 10.0.0.2
    comes_back 10.0.0.1=3
}
