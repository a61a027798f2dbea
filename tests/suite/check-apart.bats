#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# The process that reads what servers send: what it has, and what comes of it
# when it dies, hangs, or is told to stop.

load ../suite-helper

setup() {
    lab_alone
    DIR=$(mktemp -d)
    NAME=apart-$$-$RANDOM
    # 10.9/16 answers nothing at all.
    alone ip link add silent type dummy
    alone ip link set silent up arp off
    alone ip route add 10.9.0.0/16 dev silent
    alone ip addr add 10.1.0.5/32 dev lo
    ok alone lbctl-svc add tcp:10.1.0.5:80
    ok alone lbctl-svc add-server tcp:10.1.0.5:80 10.9.0.1 --weight 3
    ok alone lbctl-svc add-server tcp:10.1.0.5:80 10.9.0.2 --weight 2
}

teardown() {
    pkill -KILL -f -- "--name $NAME" || true
    lab_not_alone
    rm -rf "$DIR"
}

# begins OPTION...: a run in the background, whose servers all are silent; sets
# PARENT and CHILD once it probes.
begins() {
    {
        code=0
        alone lbctl-check tcp:10.1.0.5:80 --fall 1 --timeout 120 \
            --name "$NAME" "$@" >"$DIR/out" 2>"$DIR/said" || code=$?
        echo "$code" >"$DIR/status"
    } 3>&- &
    within 60 probes
}

# The child has given all up when it counts its system calls.
probes() {
    CHILD=
    for PARENT in $(pgrep -f -- "^lbctl-check.*--name $NAME"); do
        CHILD=$(pgrep -P "$PARENT" -x lbctl-check || true)
        [ -z "$CHILD" ] || break
    done
    [ -n "$CHILD" ] && has Seccomp 2
}

# has FIELD TEXT: the child's, in /proc/PID/status.
has() {
    local now
    now=$(sed -n "s/^$1:[[:space:]]*//p" "/proc/$CHILD/status" | xargs)
    [ "$now" = "$2" ] || {
        echo "expected $1 $2, is $now"
        return 1
    }
}

# ended STATUS TEXT: the run, with a message.
ended() {
    within 90 test -s "$DIR/status"
    cat "$DIR/said"
    [ "$(cat "$DIR/status")" = "$1" ]
    grep -qF -- "$2" "$DIR/said"
}

is_gone() {
    [ ! -e "/proc/$CHILD" ] && [ ! -e "/proc/$PARENT" ]
}

# Nothing is known of the servers, and nothing has changed.
is_unknown() {
    ended 1 "2 of 2 servers could not be probed: the process that probes $1"
    weights_are '3 2'
    run_program alone lbctl-check show --json "$NAME"
    json_is '.checks[].servers[].last_verdict' $'unknown\nunknown'
    json_is '.checks[].servers[].state' $'new\nnew'
    is_gone
}

user_is() {
    has Uid "$1 $1 $1 $1"
    has Gid "$1 $1 $1 $1"
    has Groups ''
}

capabilities_are() {
    local set
    for set in CapPrm CapEff; do
        has "$set" "$1"
    done
    for set in CapInh CapBnd CapAmb; do
        has "$set" 0000000000000000
    done
}

@test "what reads the answers of servers has no file, no user, no right" {
    local fd kind
    begins --tcp 80
    user_is 2000000001
    capabilities_are 0000000000000000
    has NoNewPrivs 1
    has Seccomp 2
    [ "$(readlink "/proc/$CHILD/root")" = /run/lbctl/empty ]
    [ "$(stat -c '%u %A' /run/lbctl/empty)" = '0 dr-xr-xr-x' ]
    [ -z "$(ls -A /run/lbctl/empty)" ]
    for fd in "/proc/$CHILD"/fd/*; do
        kind=$(readlink "$fd")
        case ${fd##*/} in
        [012]) [ "$kind" = /dev/null ] ;;
        *) [[ $kind == socket:* || $kind == 'anon_inode:[eventpoll]' ]] ;;
        esac
    done
    grep -Eq '^Max processes +0 +0 ' "/proc/$CHILD/limits"
    grep -Eq '^Max file size +0 +0 ' "/proc/$CHILD/limits"
    grep -Eq '^Max core file size +0 +0 ' "/proc/$CHILD/limits"
    # As root it still cannot be looked into but by root.
    [ "$(stat -c %u "/proc/$CHILD/environ")" = 0 ]
    kill -TERM "$PARENT"
    within 5 is_gone
    ended 3 interrupted
    weights_are '3 2'
}

@test "it keeps what a ping takes, a mark, and nothing else of it" {
    begins --ping
    # Nobody may ping without a privilege in a new namespace.
    capabilities_are 0000000000002000
    user_is 2000000001
    kill -TERM "$PARENT"
    within 5 is_gone
    alone sysctl -qw net.ipv4.ping_group_range='0 2147483647'
    begins --ping
    capabilities_are 0000000000000000
    kill -TERM "$PARENT"
    within 5 is_gone
    begins --tcp 80 --mark 7
    # Linux 5.17 has raw sockets' privilege suffice, before it took the other.
    capabilities_are 0000000000002000 || capabilities_are 0000000000003000
    kill -INT "$PARENT"
    within 5 is_gone
}

@test "it becomes the user lbctl where there is one" {
    [ "${LAB_MODE:-}" = qemu ] || skip 'only in a guest'
    echo lbctl:x:990:990::/nonexistent:/usr/sbin/nologin >>/etc/passwd
    begins --tcp 80
    sed -i '/^lbctl:/d' /etc/passwd
    user_is 990
}

@test "it dies or hangs: servers are unknown, weights stay" {
    begins --tcp 80
    # By a signal that no sanitizer makes its own.
    kill -SYS "$CHILD"
    is_unknown 'was killed by signal 31 (Bad system call)'
    rm "$DIR/status"
    begins --udp 9 --expect x
    kill -STOP "$CHILD"
    is_unknown 'hung and was killed'
    rm "$DIR/status"
    # Without its parent it ends as well.
    begins --tcp 80
    kill -KILL "$PARENT"
    within 5 is_gone
    weights_are '3 2'
}

@test "programs are run by the other process, as their users" {
    begins --tcp 80
    ok alone lbctl-check tcp:10.1.0.5:80 --exec /usr/bin/id --user nobody
    run_program alone lbctl-check show --json exec-id
    json_is '.checks[].servers[].last_verdict' $'up\nup'
    kill -TERM "$PARENT"
    within 5 is_gone
    # Both kinds in one run, of which the one says nothing of the other.
    cat >"$DIR/checks" <<CHECKS
tcp:10.1.0.5:80 --name program --exec /bin/sh --timeout 60 -- -c 'echo fine'
tcp:10.1.0.5:80 --name silent --tcp 80 --timeout 1 --fall 1
CHECKS
    answers 1 alone lbctl-check run --config "$DIR/checks"
    run_program alone lbctl-check show --json program silent
    json_is '.checks[] | "\(.name) \(.servers[].last_verdict)"' \
        $'program up\nprogram up\nsilent down\nsilent down'
    weights_are '0 0'
}

@test "secrets that all can read are warned of, and the checks go on" {
    alone ip addr add 10.9.0.1/32 dev lo
    alone ip addr add 10.9.0.2/32 dev lo
    local line='tcp:10.1.0.5:80 --ping --name secret' file=$DIR/checks.conf
    local mail='--mail a@example.net --smtp-url smtp://me:secret@10.9.0.3'
    echo "$line $mail" >"$file"
    chmod 644 "$file"
    fails 1 alone lbctl-check run --config "$file"
    complains "$file:1: all users can read the secret of --smtp-url: chmod 600 $file"
    json_of_secret up
    chmod 640 "$file"
    ok alone lbctl-check run --config "$file"
    # Without a password there is no secret.
    chmod 644 "$file"
    echo "$line ${mail/:secret/}" >"$file"
    ok alone lbctl-check run --config "$file"

    # Word by word.
    # shellcheck disable=SC2086
    fails 1 alone lbctl-check $line $mail
    complains '--smtp-url: all users can see this secret'
    fails 1 alone lbctl-check tcp:10.1.0.5:80 --http 80 --timeout 1 \
        --header 'authorization: Basic x'
    complains '--header: all users can see this secret'

    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
        -keyout "$DIR/web.key" -out "$DIR/web.pem" -subj /CN=x 2>/dev/null
    echo "tcp:10.1.0.5:80 --tls 80 --cert $DIR/web.pem --key $DIR/web.key" \
        >"$file"
    chmod 644 "$DIR/web.key"
    fails 1 alone lbctl-check run --config "$file"
    complains "$DIR/web.key: all users can read this key: chmod 600 $DIR/web.key"
    chmod 600 "$DIR/web.key"
    answers 0 alone lbctl-check run --config "$file"
    [[ ${stderr:-} != *'can read'* ]]
}

@test "what a unit without wider.conf keeps from checks is said" {
    [ "${LAB_MODE:-}" = qemu ] || skip 'only in a guest'
    local bounds=(env INVOCATION_ID=x setpriv --no-new-privs
        "--bounding-set=-dac_override,-chown,-fowner")
    local few=(tcp:10.1.0.5:80 --udp 9 --timeout 0.1 --name few)
    [ -e /usr/sbin/postdrop ] || {
        POSTDROP=/usr/sbin/postdrop
        install -m 2755 /bin/true "$POSTDROP"
    }
    answers 0 alone "${bounds[@]}" lbctl-check "${few[@]}" --mail a@example.net
    complains '--mail: sendmail cannot gain its rights here' wider.conf
    ok alone lbctl-check "${few[@]}" --mail a@example.net
    [ -z "${POSTDROP:-}" ] || rm "$POSTDROP"

    chown nobody "$DIR"
    fails 3 alone "${bounds[@]}" lbctl-check "${few[@]}" \
        --textfile "$DIR/lbctl.prom"
    complains 'Permission denied' wider.conf
    ok alone lbctl-check "${few[@]}" --textfile "$DIR/lbctl.prom"
}

json_of_secret() {
    run_program alone lbctl-check show --json secret
    json_is '.checks[].servers[].last_verdict' "$1"$'\n'"$1"
}
