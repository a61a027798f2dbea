#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Programs that checks run, in the hands of other users, and a process that
# has more to tell than they take.

load ../suite-helper

setup() {
    lab_alone
    DIR=/run/programs
    LOOP=
    mkdir -m 755 "$DIR"
    # Root's own, as the work tree may not be.
    cp "$O/tests/typist" "$O/tests/exchange" "$DIR"
    alone ip addr add 10.1.0.1/32 dev lo
    ok alone lbctl-svc add tcp:10.1.0.5:80
    ok alone lbctl-svc add-server tcp:10.1.0.5:80 10.1.0.1 --weight 3
}

teardown() {
    [ -z "$LOOP" ] || kill -KILL "$LOOP" 2>/dev/null || true
    [ -z "${SWAPPER:-}" ] || kill "$SWAPPER" 2>/dev/null || true
    lab_not_alone
    rm -rf "$DIR" /opt/lbctl-test
}

check() {
    alone lbctl-check tcp:10.1.0.5:80 --fall 1 --rise 1 "$@"
}

program() {
    printf '%s\n' '#!/bin/sh' "${@:2}" >"$DIR/$1"
    chmod 755 "$DIR/$1"
}

# at_terminal COMMAND...: from a terminal; the lines that are typed there are
# read afterwards and printed. The end of standard input is an empty one.
at_terminal() {
    # shellcheck disable=SC2016
    local words reads='for i in 1 2 3; do read -rt 2 line && echo typed: $line; done'
    words=$(printf ' %q' "$@")
    SHELL=/bin/bash script -qec "$words; $reads; true" /dev/null </dev/null
}

@test "no program can type into the terminal that a check is tried from" {
    [ ! -e /proc/sys/dev/tty/legacy_tiocsti ] ||
        echo 1 >/proc/sys/dev/tty/legacy_tiocsti
    # A shell that runs it itself is typed to.
    run_program at_terminal "$DIR/typist" reboot
    prints 'typed: reboot'
    # shellcheck disable=SC2016
    program try 'exec 2>>/run/programs/said' \
        '/run/programs/typist reboot; echo "$# typist $?" >&2'
    : >"$DIR/said"
    chmod 666 "$DIR/said"
    run_program at_terminal nsenter --net="/run/netns/$ALONE" -- \
        lbctl-check tcp:10.1.0.5:80 --exec "$DIR/try" --user nobody --fall 1
    lacks 'typed: reboot'
    grep -qx '0 typist 1' "$DIR/said"
    : >"$DIR/said"
    run_program at_terminal nsenter --net="/run/netns/$ALONE" -- lbctl-check \
        tcp:10.1.0.5:80 --tcp 80 --notify "$DIR/try" --fall 1 --name told
    lacks 'typed: reboot'
    grep -qx '5 typist 1' "$DIR/said"
}

@test "nobody but root says what a program does, by no part of its path" {
    local place=/opt/lbctl-test
    mkdir -p "$place/app"
    printf '%s\n' '#!/bin/sh' 'exit 0' >"$place/app/program"
    printf '%s\n' '#!/bin/sh' 'id -u >/run/programs/pwned' >"$place/app/evil"
    chmod 755 "$place"/app/*
    ok check --exec "$place/app/program"

    # The file is root's, its folder is not: exchanged, it runs not once.
    chown nobody "$place/app"
    "$DIR/exchange" "$place/app/program" "$place/app/evil" 3>&- &
    SWAPPER=$!
    for _ in {1..10}; do
        fails 2 check --exec "$place/app/program"
        complains "others than root can write $place/app"
    done
    fails 2 check --tcp 80 --notify "$place/app/program"
    complains "others than root can write $place/app"
    kill "$SWAPPER"
    wait "$SWAPPER" || true
    [ ! -e "$DIR/pwned" ]
    ! grep -q pwned "$place/app/program" ||
        "$DIR/exchange" --once "$place/app/program" "$place/app/evil"

    # Nor by a link, or a folder further up.
    ln -s "$place/app/program" "$DIR/link"
    fails 2 check --exec "$DIR/link"
    chown root "$place/app"
    ok check --exec "$DIR/link"
    chmod 777 "$place"
    fails 2 check --exec "$DIR/link"
    chmod 1777 "$place"
    ok check --exec "$DIR/link"

    # A program that comes while checks run is held to the same: not known.
    rm "$place/app/program"
    program late "mv $place/app/evil $place/app/program" \
        "chown nobody $place/app"
    printf 'tcp:10.1.0.5:80 --exec %s --fall 1 --name %s\n' \
        "$DIR/late" a "$place/app/program" b >"$DIR/checks"
    answers 1 alone lbctl-check --config "$DIR/checks" --window 1
    complains 'could not be probed' 'others than root can write'
    [ ! -e "$DIR/pwned" ]
    ok alone lbctl-svc show
    lacks 'held:'
}

@test "programs know their names, binaries and scripts, root's and a user's" {
    # shellcheck disable=SC2016
    program name '. "$(dirname "$0")/words"' 'echo "$WORD $0 $(id -un)"'
    echo 'WORD=beside' >"$DIR/words"
    ok check --exec "$DIR/name"
    run_program alone lbctl-check show --json
    ok check --exec "$DIR/name" --user nobody --name user
    ok check --exec /usr/bin/id --name binary -- -un
    ok check --exec /usr/bin/id --name other --user nobody -- -un
    answers 1 check --exec /nonexistent/program --name none
    complains 'could not be probed' 'No such file'
    # The folder is nobody's business: the user has to be able to get there.
    chmod 700 "$DIR"
    answers 1 check --exec "$DIR/name" --user nobody --name closed
    complains 'Permission denied'
    chmod 755 "$DIR"
    # What a program says of a server that is down shows what it has seen.
    program down "$(tail -n +2 "$DIR/name")" 'exit 1'
    answers 1 check --exec "$DIR/down" --user nobody --name down
    run_program alone lbctl-check show down
    prints "beside $DIR/down nobody"
}

words_are() {
    [ "$(sort -u "$DIR/words")" = "$(printf '%s\n' "$@" | sort)" ] || {
        cat "$DIR/words"
        return 1
    }
    [ "$(wc -l <"$DIR/words")" -eq "$#" ]
    rm "$DIR/words"
}

@test "programs of other tools are told what they check in their arguments" {
    local words=(-H '{server}' '-p{port}' '{jq}' 'two {server} words')
    # shellcheck disable=SC2016
    program arguments 'line=' 'for word; do line="$line<$word>"; done' \
        'echo "$line" >>/run/programs/words'
    alone ip addr add fd00::1/128 dev lo nodad
    ok alone lbctl-restore - <<'END'
svc flush
svc add tcp:10.1.0.5:80
svc add-server tcp:10.1.0.5:80 10.1.0.1:8080 --forward nat
svc add tcp:10.1.0.6:80
svc add-server tcp:10.1.0.6:80 10.1.0.1:8080 --forward nat
svc add tcp:[fd00::5]:443
svc add-server tcp:[fd00::5]:443 fd00::1
svc add fwmark:7
svc add-server fwmark:7 10.1.0.1
END
    # One probe serves several services.
    ok alone lbctl-check tcp:10.1.0.5:80 tcp:10.1.0.6:80 "tcp:[fd00::5]:443" \
        --exec "$DIR/arguments" -- "${words[@]}"
    words_are '<-H><10.1.0.1><-p8080><{jq}><two 10.1.0.1 words>' \
        '<-H><fd00::1><-p443><{jq}><two fd00::1 words>'
    # One that is told the service is of that service.
    ok alone lbctl-check tcp:10.1.0.5:80 tcp:10.1.0.6:80 "tcp:[fd00::5]:443" --name each \
        --exec "$DIR/arguments" -- '{service}' '{service-address}' '{service-port}' '{server}'
    words_are '<tcp:10.1.0.5:80><10.1.0.5><80><10.1.0.1>' \
        '<tcp:10.1.0.6:80><10.1.0.6><80><10.1.0.1>' \
        '<tcp:[fd00::5]:443><fd00::5><443><fd00::1>'
    ok alone lbctl-check fwmark:7 --exec "$DIR/arguments" --name mark -- '{mark}' '{service}' '{server}'
    words_are '<7><fwmark:7><10.1.0.1>'

    # What has no value is found before anything runs.
    for word in '{port}' '{service-port}' 'x{service-address}'; do
        fails 2 alone lbctl-check fwmark:7 --exec "$DIR/arguments" --name none -- "$word"
        complains "has no value for 10.1.0.1" "${word#x}"
    done
    fails 2 alone lbctl-check all --exec "$DIR/arguments" --name none -- '{mark}'
    complains '{mark} has no value'
    [ ! -e "$DIR/words" ]

    # A row each: one service's server may be down where the other's is up.
    # shellcheck disable=SC2016
    program of_5 '[ "$1" != 10.1.0.5 ] || { echo not this one; exit 1; }'
    answers 1 alone lbctl-check tcp:10.1.0.5:80 tcp:10.1.0.6:80 --name rows --fall 1 \
        --exec "$DIR/of_5" -- '{service-address}'
    answers 1 alone lbctl-check show rows
    prints 'tcp:10.1.0.5:80 ' 'tcp:10.1.0.6:80 ' 'not this one'
    answers 1 alone lbctl-check show rows --json
    json_is '.checks[0].servers[] | "\(.service) \(.state)"' \
        'tcp:10.1.0.5:80 down
tcp:10.1.0.6:80 up'
    ok alone lbctl-svc show tcp:10.1.0.5:80 --json
    json_is '.services[0].servers[0].runtime.effective_weight' 0
    ok alone lbctl-svc show tcp:10.1.0.6:80 --json
    json_is '.services[0].servers[0].runtime.effective_weight' 1
}

weights_are() {
    ok alone lbctl-svc show tcp:10.1.0.5:80 --json
    json_is '.services[0].servers[0] | "\(.runtime.effective_weight) \(.weight) \(.runtime.held | join(","))"' "$1"
    [ "$(alone ipvsadm -Sn | sed -n 's/^-a.*-w //p')" = "${1%% *}" ]
}

@test "a program's status is a weight, behind which the wanted one stays" {
    # shellcheck disable=SC2016
    program weight 'read -r status </run/programs/status' 'exit "$status"'
    says() { echo "$1" >"$DIR/status"; }
    weigh() { check --name w --weight-from status --exec "$DIR/weight" "$@"; }

    # Not asked for, 57 is a failure.
    says 57
    answers 1 check --name plain --exec "$DIR/weight"
    weights_are '0 3 check:plain'
    ok alone lbctl-check reset plain
    answers 1 weigh --dry-run
    prints 'svc drain tcp:10.1.0.5:80 10.1.0.1 --reason weight:w=55'
    weights_are '3 3 '
    ok weigh
    weights_are '55 3 weight:w=55'
    answers 0 weigh --dry-run
    ok alone lbctl-svc show
    prints 'held: weight:w=55, wanted 3'
    ok alone lbctl-check show w
    prints WEIGHT ' 55'
    ok alone lbctl-check show w --json
    json_is '.checks[0].servers[0] | "\(.state) \(.weight)"' 'up 55'
    ok alone lbctl-save
    prints '--weight 3'
    says 255
    ok weigh --textfile "$DIR/w.prom"
    weights_are '253 3 weight:w=253'
    grep -q '^lbctl_check_weight{.*} 253$' "$DIR/w.prom"
    says 2
    ok weigh
    weights_are '0 3 weight:w=0'
    says 0
    ok weigh
    weights_are '3 3 '

    # Down is down, and comes back with what it says then.
    says 57
    ok weigh
    says 1
    answers 1 weigh
    weights_are '0 3 weight:w=55,check:w'
    says 12
    ok weigh
    weights_are '10 3 weight:w=10'
    program weight 'kill -9 $$'
    answers 1 weigh
    weights_are '0 3 weight:w=10,check:w'
    program weight 'sleep 60'
    answers 1 weigh --timeout 0.5
    # shellcheck disable=SC2016
    program weight 'read -r status </run/programs/status' 'exit "$status"'
    says 1
    answers 1 weigh --on-fail remove
    run ! alone sh -c 'ipvsadm -Sn | grep 10.1.0.1'
    says 30
    ok weigh --on-fail remove
    weights_are '28 3 weight:w=28'

    # Who is drained stays so, and what is wanted can change meanwhile.
    ok alone lbctl-svc drain tcp:10.1.0.5:80 10.1.0.1
    says 40
    ok weigh
    weights_are '0 3 weight:w=38,admin'
    ok alone lbctl-svc change-server tcp:10.1.0.5:80 10.1.0.1 --weight 4
    ok alone lbctl-svc undrain tcp:10.1.0.5:80 10.1.0.1
    weights_are '38 4 weight:w=38'
    alone lbctl-save >"$DIR/saved"
    ok alone lbctl-restore "$DIR/saved"
    weights_are '38 4 weight:w=38'
    # A share by hand is less than that.
    ok alone lbctl-svc drain tcp:10.1.0.5:80 10.1.0.1 --reason trial=5
    weights_are '5 4 weight:w=38,trial=5'
    fails 2 alone lbctl-svc drain tcp:10.1.0.5:80 10.1.0.1 --reason trial=5 --wait
    complains 'needs a reason with weight 0'
    ok alone lbctl-svc undrain tcp:10.1.0.5:80 10.1.0.1 --reason trial
    # Nobody wants it: it has no weight, whatever it says.
    ok alone lbctl-svc change-server tcp:10.1.0.5:80 10.1.0.1 --weight 0
    ok weigh
    weights_are '0 0 weight:w=38'
    ok alone lbctl-svc change-server tcp:10.1.0.5:80 10.1.0.1 --weight 4
    weights_are '38 4 weight:w=38'

    # No longer asked for, or reset: as it is wanted.
    says 0
    ok check --name w --exec "$DIR/weight"
    weights_are '4 4 '
    says 57
    ok weigh
    weights_are '55 4 weight:w=55'
    ok alone lbctl-check reset w
    weights_are '4 4 '
    fails 2 check --tcp 80 --weight-from status
    complains '--weight-from status does not go with --tcp'
    fails 2 check --exec "$DIR/weight" --weight-from load
    complains "'load' is not status, output, agent:PORT or file:PATH"
}

# killed_at CALL NUMBER: a run that weighs ends at its so-many-th call of it.
killed_at() {
    alone strace -qq -o /dev/null -f -e "inject=$1:signal=KILL:when=$2" \
        lbctl-check tcp:10.1.0.5:80 --fall 1 --rise 1 --name w \
        --weight-from status --exec "$DIR/weight" >/dev/null 2>&1 || true
}

@test "a run that is killed while it weighs leaves the wanted weight known" {
    local says when lines torn=0
    # shellcheck disable=SC2016
    program weight 'read -r status </run/programs/status' 'exit "$status"'
    without_leak_search
    ok alone lbctl-svc add tcp:10.1.0.5:81
    ok alone lbctl-svc add-server tcp:10.1.0.5:81 10.1.0.1
    for says in 30 1 50; do
        echo "$says" >"$DIR/status"
        # Files are renamed to what they are from now on; IPv4 is written so.
        for when in renameat-1 renameat-2 setsockopt-1 renameat-3 renameat-4; do
            killed_at "${when%-*}" "${when#*-}"
            lines=$(cat /run/lbctl/holds.* 2>/dev/null | grep -c '10.1.0.5:80 10.1.0.1:80') || true
            [ "$lines" -lt 2 ] || torn=$((torn + 1))
            # What is done to another service leaves it alone.
            ok alone lbctl-svc drain tcp:10.1.0.5:81 10.1.0.1 --reason "$says-$when"
            ok alone lbctl-svc show tcp:10.1.0.5:80 --json
            json_is '.services[0].servers[0].weight' 3
        done
        run_program check --name w --weight-from status --exec "$DIR/weight"
        [[ $status == [01] ]]
    done
    [ "$torn" -gt 0 ]
    ok alone lbctl-svc show tcp:10.1.0.5:80 --json
    json_is '.services[0].servers[0] | "\(.runtime.effective_weight) \(.weight)"' '48 3'
}

children() {
    pgrep -cf "^lbctl-check tcp:10.1.0.5:80 .*--every" || true
}

@test "a program that hangs is waited for by one child, and ends with it" {
    local begin
    program hang 'trap "" TERM' 'echo >>/run/programs/told' \
        'exec sleep 61234'
    program flap 'rm /run/programs/down 2>/dev/null && exit 1' \
        ': >/run/programs/down'
    nsenter --net="/run/netns/$ALONE" -- lbctl-check tcp:10.1.0.5:80 \
        --exec "$DIR/flap" --fall 1 --rise 1 --notify "$DIR/hang" \
        --every 0.1 >"$DIR/said" 2>&1 3>&- &
    LOOP=$!
    within 30 test -s "$DIR/told"
    sleep 15
    echo "$(children) processes, $(wc -l <"$DIR/told") told"
    [ "$(children)" -le 2 ]
    [ "$(wc -l <"$DIR/told")" -eq 1 ]
    begin=$(date +%s%3N)
    kill "$LOOP"
    wait "$LOOP"
    LOOP=
    echo "ended after $(($(date +%s%3N) - begin)) ms"
    [ $(($(date +%s%3N) - begin)) -lt 4000 ]
    cat "$DIR/said"
    grep -q 'the last .* not reported' "$DIR/said"
    [ "$(children)" -eq 0 ]
    run ! pgrep -f '^sleep 61234'
}

@test "a killed process leaves neither its child nor what that runs" {
    program hang 'trap "" TERM' 'echo >>/run/programs/told' \
        'exec sleep 61235'
    program fine 'exit 1'
    nsenter --net="/run/netns/$ALONE" -- lbctl-check tcp:10.1.0.5:80 \
        --exec "$DIR/fine" --fall 1 --notify "$DIR/hang" --every 0.2 \
        >"$DIR/said" 2>&1 3>&- &
    LOOP=$!
    within 30 test -s "$DIR/told"
    kill -KILL "$LOOP"
    wait "$LOOP" || true
    LOOP=
    none_left() { [ "$(children)" -eq 0 ] && ! pgrep -f '^sleep 61235'; }
    within 4 none_left
}

@test "rounds of a namespace end when its name means another" {
    local name=$ALONE
    nsenter --net="/run/netns/$ALONE" -- true
    lbctl-check --netns "$name" tcp:10.1.0.5:80 --ping --every 0.2 \
        >"$DIR/said" 2>&1 3>&- &
    LOOP=$!
    sleep 3
    kill -0 "$LOOP"
    ip netns del "$name"
    ip netns add "$name"
    status=0
    wait "$LOOP" || status=$?
    LOOP=
    cat "$DIR/said"
    [ "$status" -eq 3 ]
    [ "$(grep -c "$name" "$DIR/said")" -eq 1 ]
    grep -q 'no longer has this name' "$DIR/said"
}
