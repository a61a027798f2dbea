#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Holds over emptying everything and restoring it within a boot, and what
# ipvsadm's rules repeat or pass over.

load ../suite-helper

V=tcp:192.0.2.10:80
T='-t 192.0.2.10:80'

setup() {
    lab_alone
    rm -rf /run/lbctl
    NAMES=$BATS_TEST_TMPDIR/names
    mkdir "$NAMES"
    for name in ipvsadm ipvsadm-save ipvsadm-restore; do
        ln -s "$(type -P lbctl-ipvsadm)" "$NAMES/$name"
    done
    RULES=$BATS_TEST_TMPDIR/rules
    SAVED=$BATS_TEST_TMPDIR/saved
    printf '%s\n' 'svc flush' "svc add $V --scheduler wrr" \
        "svc add-server $V 10.0.0.1:8080 --forward nat --weight 3" \
        "svc add-server $V 10.0.0.2:8080 --forward nat --weight 0" >"$RULES"
    ok alone lbctl-restore "$RULES"
}

teardown() {
    lab_not_alone
}

held_is() {
    ok alone lbctl-svc show --json
    json_is '[.services[].servers[].runtime.held[]] | join(" ")' "$1"
}

@test "a drained server stays drained over save, stop and start" {
    ok alone lbctl-svc drain "$V" 10.0.0.1:8080
    ok alone "$NAMES/ipvsadm-save" -n
    printf '%s\n' "$output" >"$SAVED"
    # Byte for byte what it always was.
    cmp "$SAVED" - <<END
-A $T -s wrr
-a $T -r 10.0.0.1:8080 -m -w 3
-a $T -r 10.0.0.2:8080 -m -w 0
END
    ok alone "$NAMES/ipvsadm" -C
    ok alone lbctl-svc show
    prints '1 hold waits for servers that do not exist'
    ok alone lbctl-svc show --json
    json_is .runtime.waiting_holds 1
    ok alone "$NAMES/ipvsadm-restore" <"$SAVED"
    ok alone "$NAMES/ipvsadm" -Ln
    prints '10.0.0.1:8080                Masq    0      0          0'
    held_is admin
    ok alone lbctl-svc show
    lacks 'hold waits'
    ok alone lbctl-svc undrain "$V" 10.0.0.1:8080
    weights_are 3 0
}

@test "every way to empty and every way to restore, reasons of each kind" {
    local empty restore
    ok alone lbctl-svc add fwmark:7/inet6
    ok alone lbctl-svc add-server fwmark:7/inet6 2001:db8::1 --weight 5
    ok alone lbctl-save
    printf '%s\n' "$output" >"$RULES"
    ok alone "$NAMES/ipvsadm-save" -n
    printf '%s\n' "$output" >"$SAVED"
    for empty in "$NAMES/ipvsadm -C" 'lbctl-svc flush' "$NAMES/ipvsadm-restore" \
        'lbctl-restore'; do
        for restore in "$NAMES/ipvsadm-restore" "$NAMES/ipvsadm -R" "lbctl-restore $RULES"; do
            ok alone lbctl-svc drain "$V" 10.0.0.1:8080
            ok alone lbctl-svc drain "$V" 10.0.0.1:8080 --reason check:web
            ok alone lbctl-svc drain fwmark:7/inet6 2001:db8::1 --reason check:six
            # shellcheck disable=SC2086
            ok alone $empty < <([ "$empty" != lbctl-restore ] || echo 'svc flush')
            weights_are
            # shellcheck disable=SC2086
            ok alone $restore <"$SAVED"
            weights_are 0 0 0
            held_is 'admin check:web check:six'
            ok alone lbctl-svc undrain --all "$V" 10.0.0.1:8080
            ok alone lbctl-svc undrain --all fwmark:7/inet6 2001:db8::1
            weights_are 3 0 5
        done
    done
}

@test "what forgets a hold that was set aside" {
    # Each line after emptying: it does not come back held.
    local forget
    ok alone lbctl-svc add tcp:192.0.2.10:81
    for forget in 'lbctl-ipvsadm -R' "lbctl-restore $BATS_TEST_TMPDIR/other"; do
        ok alone lbctl-restore "$RULES"
        ok alone lbctl-svc drain "$V" 10.0.0.1:8080
        ok alone lbctl-svc flush
        printf '%s\n' 'svc flush' 'svc add tcp:192.0.2.10:81' >"$BATS_TEST_TMPDIR/other"
        # shellcheck disable=SC2086
        ok alone $forget <<<$'-C\n-A -t 192.0.2.10:81'
        ok alone lbctl-restore "$RULES"
        weights_are 3 0
    done
    for forget in "lbctl-ipvsadm -a $T -r 10.0.0.1:8080 -m" \
        "lbctl-svc add-server $V 10.0.0.1:8080 --forward nat"; do
        ok alone lbctl-svc drain "$V" 10.0.0.1:8080
        ok alone lbctl-svc flush
        ok alone lbctl-svc add "$V"
        # shellcheck disable=SC2086
        ok alone $forget
        weights_are 1
        held_is ''
        ok alone lbctl-restore --quiet "$RULES"
        weights_are 3 0
    done
    # Deleted first: nothing is set aside.
    ok alone lbctl-svc drain "$V" 10.0.0.1:8080
    ok alone lbctl-ipvsadm -d "${T% *}" "${T#* }" -r 10.0.0.1:8080
    ok alone lbctl-svc flush
    ok alone lbctl-restore "$RULES"
    weights_are 3 0
    # Not in a restore of all, although nothing else changes.
    ok alone lbctl-svc drain "$V" 10.0.0.1:8080
    ok alone lbctl-svc flush
    ok alone lbctl-svc add tcp:192.0.2.10:81 --scheduler wlc
    ok alone lbctl-restore "$BATS_TEST_TMPDIR/other"
    ok alone lbctl-svc show
    lacks 'hold waits'
    ok alone lbctl-restore "$RULES"
    weights_are 3 0
    # Rules that are not all there is leave the rest waiting.
    ok alone lbctl-svc drain "$V" 10.0.0.1:8080
    ok alone lbctl-svc flush
    ok alone lbctl-ipvsadm -R <<<'-A -t 192.0.2.10:81 -s rr'
    ok alone lbctl-restore "$RULES"
    weights_are 0 0
    held_is admin
}

@test "ipvsadm -R has repeated lines as 1.31 has them" {
    local name ours status1 table
    put() { printf '%s\n' "${@:2}" >"$BATS_TEST_TMPDIR/$1"; }
    local s="-A $T -s rr" a="-a $T -r 10.0.0.1:80 -g -w 1"
    put server-twice "$s" "$a" "$a" '-A -t 192.0.2.10:443 -s rr'
    put service-twice "$s" "$s" "$a"
    put server-twice-unequal "$s" "$a" "-a $T -r 10.0.0.1:80 -m -w 5" '-A -t 192.0.2.10:443 -s rr'
    put twice-at-the-end "$s" "$a" "$a" ''
    put mark-and-ipv6 '-A -f 3 -s rr' '-A -f 3 -s wrr' '-A -t [2001:db8::1]:80' \
        '-a -t [2001:db8::1]:80 -r [2001:db8::2]:80 -m' '-a -t [2001:db8:0::1]:http -r [2001:db8:0:0::2]:80 -m' \
        '-A -f 4' '-A -f 4'
    put after-deleting "$s" "$a" "-d $T -r 10.0.0.1:80" "$a" "-D $T" "$s" '-C' "$s"
    for name in server-twice service-twice server-twice-unequal twice-at-the-end mark-and-ipv6 \
        after-deleting; do
        alone ipvsadm -C
        run_program alone ipvsadm -R <"$BATS_TEST_TMPDIR/$name" || true
        status1=$status
        ours=${stderr:-}
        table=$(alone ipvsadm -Sn)
        for how in "ipvsadm -R" "$NAMES/ipvsadm-restore"; do
            alone ipvsadm -C
            # shellcheck disable=SC2086
            run --separate-stderr alone env "PATH=$NAMES:$PATH" $how <"$BATS_TEST_TMPDIR/$name"
            echo "$name: $status ${stderr:-}"
            [ "$status" -eq "$status1" ]
            [ "$stderr" = "$ours" ]
            [ "$(alone ipvsadm -Sn)" = "$table" ]
        done
    done
    # Elsewhere it is an error, and a mistake behind it still undoes all.
    alone ipvsadm -C
    fails 2 alone lbctl-restore "$BATS_TEST_TMPDIR/server-twice"
    fails 2 alone "$NAMES/ipvsadm" -R <<<"$s"$'\n'"$s"$'\nnonsense'
    complains 'Service already exists' 'standard input:3'
    [ -z "$(alone ipvsadm -Sn)" ]
}

@test "ipvsadm-restore refuses a word that it would ignore" {
    local before word
    before=$(alone ipvsadm -Sn)
    for word in '< /etc/ipvs.rules' '/etc/ipvs.rules' '</etc/ipvs.rules' '-n /etc/ipvs.rules'; do
        # shellcheck disable=SC2086
        fails 2 alone "$NAMES/ipvsadm-restore" $word </dev/null
        complains 'ipvsadm-restore: unexpected argument ' ': rules are read from standard input' \
            'ipvsadm-restore: hint: in a unit file: StandardInput=file:/etc/ipvs.rules'
        [ "$(alone ipvsadm -Sn)" = "$before" ]
    done
    fails 2 alone "$NAMES/ipvsadm" -R /etc/ipvs.rules </dev/null
    [ "$(alone ipvsadm -Sn)" = "$before" ]
    ok alone "$NAMES/ipvsadm-restore" -n <<<"$before"
    [ "$(alone ipvsadm -Sn)" = "$before" ]
    ok alone "$NAMES/ipvsadm-restore" </dev/null
    [ -z "$(alone ipvsadm -Sn)" ]
}
