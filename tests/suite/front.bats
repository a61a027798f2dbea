#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# lbctl: the front of the family, and one screen of everything.

load ../suite-helper

setup() {
    lab_alone
}

teardown() {
    lab_not_alone
}

# outcome COMMAND...: its status and all that it says.
outcome() {
    local status=0
    alone "$@" 2>&1 </dev/null || status=$?
    echo "status $status"
}

@test "lbctl NOUN is lbctl-NOUN, with its output, messages and statuses" {
    ok alone lbctl svc add tcp:192.0.2.1:80 --scheduler rr
    [ -z "$output" ]
    ok alone lbctl svc add-server tcp:192.0.2.1:80 10.0.0.1 --forward nat
    table_is <<'END'
-A -t 192.0.2.1:80 -s rr
-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1
END
    local command words expected
    while IFS= read -r command; do
        read -ra words <<<"$command"
        expected=$(outcome "lbctl-${words[0]}" "${words[@]:1}")
        [ "$(outcome lbctl "${words[@]}")" = "$expected" ] || {
            echo "lbctl $command differs from: $expected"
            return 1
        }
    done <<'END'
svc
svc show tcp:192.0.2.1:80
svc show tcp:192.0.2.9:80
svc add tcp:192.0.2.1:80
svc add 192.0.2.1:80
svc shw
svc --json flush --dry-run
sync stop master
mark show --json
svc --version
sync --help
svc add --help
END

    # Common options in front of the noun are passed on.
    answers 1 alone lbctl --dry-run --json svc flush
    json_is '.changes | length' 2
    answers 1 alone lbctl -q --dry-run svc delete tcp:192.0.2.1:80
    [ -z "$output" ]
    fails 3 alone lbctl --json sync stop master
    complains '"status":3'
    table_is <<'END'
-A -t 192.0.2.1:80 -s rr
-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1
END
}

@test "the programs are found beside lbctl, wherever that is" {
    mkdir "$BATS_TEST_TMPDIR/path"
    ln -s "$PWD/$O/bin/lbctl" "$BATS_TEST_TMPDIR/path/lbctl"
    ok alone env -i PATH=/nowhere "$BATS_TEST_TMPDIR/path/lbctl" svc --version
    prints lbctl-svc
    # PATH is not asked: it may be somebody else's.
    printf '#!/bin/sh\necho wrong\n' >"$BATS_TEST_TMPDIR/path/lbctl-svc"
    chmod +x "$BATS_TEST_TMPDIR/path/lbctl-svc"
    ok alone env PATH="$BATS_TEST_TMPDIR/path:$PATH" lbctl svc --version
    lacks wrong
}

@test "lbctl status shows everything on one screen, as text and as JSON" {
    ok alone lbctl
    [ "$(grep -c '^none$' <<<"$output")" -eq 4 ]
    prints Services 'Mark rules' VIPs 'Sync daemons' Timeouts
    local empty=$output
    ok alone lbctl status
    [ "$output" = "$empty" ]
    ok alone lbctl status --json
    json_is '[.version, (.services, .marks, .vips, .daemons | length), (.timeouts | length)] | join(" ")' \
        '2 0 0 0 0 3'

    alone ip link add front type dummy
    alone ip addr add 10.0.0.9/24 dev front
    alone ip link set front up
    ok alone lbctl svc add fwmark:255 --scheduler rr
    ok alone lbctl svc add-server fwmark:255 10.0.0.1 10.0.0.2 --weight 3
    ok alone lbctl svc drain fwmark:255 10.0.0.2
    reserves alone
    ok alone lbctl mark add 255 --proto udp --dst 192.0.2.1 --dport 50000:60000
    ok alone lbctl vip add 192.0.2.1 --dev front
    ok alone lbctl sync start backup --dev front --id 200
    ok alone lbctl status
    prints 'fwmark:255 (0xff)' '10.0.0.1  ' 'held: admin, wanted 3' \
        192.0.2.1 50000:60000 backup 200 'tcp 900  tcp-fin 120  udp 300'
    lacks none
    ok alone lbctl --json
    json_is .services[0].runtime.fwmark 255
    json_is .services[0].servers[1].runtime.held[0] admin
    json_is '.marks[0].mark' 255
    json_is '.daemons[0] | "\(.role) \(.id)"' 'backup 200'
    json_is '.vips[0].vip' 192.0.2.1
    json_is .timeouts.udp 300
    # The documents of the programs are parts of this one.
    local document=$output
    ok alone lbctl-svc show --json
    [ "$(jq -S '.services | map(del(.runtime.counters, .servers[].runtime.counters))' <<<"$output")" = \
        "$(jq -S '.services | map(del(.runtime.counters, .servers[].runtime.counters))' <<<"$document")" ]
    ok alone lbctl-mark show --json
    [ "$(jq -S '.marks' <<<"$output")" = "$(jq -S '.marks' <<<"$document")" ]
    ok alone lbctl-sync show --json
    [ "$(jq -S '.daemons' <<<"$output")" = "$(jq -S '.daemons' <<<"$document")" ]

    # Each says what stands: restoring it changes nothing, holds included.
    ok alone lbctl-svc add tcp:192.0.2.1:80
    ok alone lbctl-svc add-server tcp:192.0.2.1:80 10.0.0.1 --forward nat
    local show
    for show in 'status' 'svc show' 'svc show fwmark:255' 'svc timeouts' \
        'mark show' 'mark show -4' 'mark show --all' 'sync show'; do
        # shellcheck disable=SC2086
        ok alone lbctl $show --json
        ok alone lbctl-restore --dry-run - <<<"$output"
        ok alone lbctl-restore - <<<"$output"
        [ -z "$output" ]
    done
    ok alone lbctl-mark show -6 --json
    json_is .marks '[]'
    # What was shown of some is no list of all, and what it adds is added.
    ok alone lbctl svc show fwmark:255 --json
    local part=$output
    json_is .partial true
    ok alone lbctl svc delete fwmark:255
    ok alone lbctl-restore - <<<"$part"
    ok alone lbctl-save --only svc
    prints 'svc add fwmark:255 --scheduler rr' 'svc add tcp:192.0.2.1:80'
}

@test "what lbctl does not know it says, with the nearest word" {
    fails 2 alone lbctl svx show
    complains "lbctl: unknown verb 'svx'; did you mean 'svc'?" "Try 'lbctl --help'."
    fails 2 alone lbctl statsu
    complains "did you mean 'status'"
    fails 2 alone lbctl xyzzy
    complains "unknown verb 'xyzzy'" $'\n'
    fails 2 alone lbctl --jsn status
    complains "did you mean '--json'"
    fails 2 alone lbctl status now
    complains "unexpected argument 'now'"
    fails 2 alone lbctl --json nouns
    complains '"status":2'
    ok lbctl --help
    prints svc mark sync status
    ok lbctl help
    prints svc mark sync status
}
