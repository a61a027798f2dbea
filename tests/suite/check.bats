#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
# lab: long
#
# Health checks as operators use them: pools that follow what their servers
# answer, under traffic.

load ../suite-helper

setup() {
    lab_new "check$BATS_TEST_NUMBER"
}

teardown() {
    lab_cleanup
}

on_director() {
    ok lab_in director "$@"
}

# serve I PORT [ADDRESS]: server I takes connections, until it is stopped.
serve() {
    lab_in "s$1" traffic serve "s$1" tcp "${3:-${LAB_SERVERS[$1 - 1]}}" "$2" \
        --report "$LAB_DIR/tcp-$1-$2"
}
stop() {
    traffic stop "$LAB_DIR/tcp-$1-$2" >/dev/null
}

# answered_by NAMES PROTOCOL ADDRESS PORTS COUNT: just these servers answer all
# of so many new requests.
answered_by() {
    local names=$1
    shift
    lab_send "$@" --source-ports "$((SOURCE_PORT += 200))" >"$LAB_DIR/sent" || true
    [ "$(sort "$LAB_DIR/sent" | sed -E 's/^(lost 0|s[0-9]).*/\1/' | xargs)" = "lost 0 $names" ] || {
        cat "$LAB_DIR/sent"
        return 1
    }
}
SOURCE_PORT=10000

# state_is SERVER STATE: as the last runs have it.
state_is() {
    lab_in director lbctl-check show --json |
        jq -e --arg server "$1" --arg state "$2" \
            'any(.checks[].servers[]; .server == $server and .state == $state)' \
            >/dev/null
}

weights_are() {
    local weights
    weights=$(lab_in director ipvsadm -Sn | sed -n 's/^-a.* -r \([^ ]*\).* -w \(.*\)/\1=\2/p' | xargs)
    [ "$weights" = "$1" ] || {
        echo "expected $1, is $weights"
        return 1
    }
}

# gone SERVER [COMMAND]: the server is in no pool, after COMMAND.
gone() {
    [ $# -eq 1 ] || lab_in director "${@:2}" || true
    [ "$(lab_in director ipvsadm -Sn | grep -cF -- "-r $1")" -eq 0 ]
}

@test "a media server's pool follows its file and its servers, under load" {
    local file=$LAB_DIR/livekit.conf check loop began took sender s1 s2 s3
    lab_balancer nat
    read -r s1 s2 s3 <<<"${LAB_SERVERS[*]}"
    lab_serve_all udp 50000:50050
    for i in 1 2 3; do serve "$i" 7880; done
    lab_serve_all tcp 50000
    reserves lab_in director
    on_director lbctl-mark add 1 --proto udp --dst "$LAB_VIP" --dport 50000:60000
    on_director lbctl-mark add 1 --proto tcp --dst "$LAB_VIP" --dport 50000:60000
    on_director lbctl-svc add fwmark:1 --scheduler rr
    on_director lbctl-svc timeouts 0 0 2
    printf 'server %s:7880;\n' "$s1" "$s2" "$s3" >"$file"
    check=(lbctl-check fwmark:1 --tcp 7880 --timeout "$(scaled 1)" --fall 2 --rise 2
        --servers "$file" --forward nat --weight 2)

    # The file makes the pool; only who answers gets in.
    stop 3 7880
    answers 1 lab_in director "${check[@]}"
    weights_are "$s1:0=2 $s2:0=2"
    answered_by 's1 s2' udp "$LAB_VIP" 50000:50050 20
    # One each on servers that live through all of this.
    lab_connect tcp "$LAB_VIP" 50000
    lab_connect tcp "$LAB_VIP" 50000
    serve 3 7880
    answers 1 lab_in director "${check[@]}"
    answers 0 lab_in director "${check[@]}"
    weights_are "$s1:0=2 $s2:0=2 $s3:0=2"

    # From its death to its drain: interval x fall + timeout, and some for a
    # slow machine.
    nsenter --net="/run/netns/$LAB_PREFIX-director" -- \
        "${check[@]}" --every 0.5 >"$LAB_DIR/loop" 2>&1 3>&- &
    loop=$!
    # Three callers who go on talking, one on each server.
    lab_in client traffic flow udp "$LAB_VIP" 50000 3 --report "$LAB_DIR/flows"
    talks_to() {
        [ "$(lab_in director lbctl-svc connections --json |
            jq '[.connections[] | select(.protocol == "udp") | .server_address] | unique | length')" = "$1" ]
    }
    within 10 talks_to 3
    lab_send udp "$LAB_VIP" 50000:50050 600 --window 4 --timeout 300 \
        --source-ports 20000 >"$LAB_DIR/under-load" &
    sender=$!
    began=$(date +%s%3N)
    lab_in s3 ip link set back down
    within 30 state_is "$s3:7880" down
    took=$(($(date +%s%3N) - began))
    echo "drained after $took ms"
    weights_are "$s1:0=2 $s2:0=2 $s3:0=0"
    answered_by 's1 s2' udp "$LAB_VIP" 50000:50050 20
    wait "$sender" || true
    # Lost is what was under way, four at a time, until it was drained.
    cat "$LAB_DIR/under-load"
    [ "$(awk '/^lost/ { print $2 }' "$LAB_DIR/under-load")" -le $((took * 4 / 300 + 12)) ]
    # Ten seconds later nobody stays with it.
    within 30 gone "$s3"
    within 10 talks_to 2
    run_program traffic stop "$LAB_DIR/flows"
    prints 'silent 0' 'moved 1'
    lab_in s3 ip link set back up
    lab_in s3 ip route replace default via 10.10.20.1
    within 30 state_is "$s3:7880" up
    answered_by 's1 s2 s3' udp "$LAB_VIP" 50000:50050 30

    # An operator's drain and the check leave each other's alone.
    on_director lbctl-svc drain fwmark:1 "$s1"
    on_director lbctl-svc drain fwmark:1 "$s2" --reason check:other
    on_director "${check[@]}"
    weights_are "$s1:0=0 $s2:0=0 $s3:0=2"
    on_director lbctl-svc undrain fwmark:1 "$s1" "$s2" --all

    # Out of the file: drained first, deleted when nobody uses it any more.
    printf 'server %s:7880;\n' "$s1" "$s2" >"$file.new"
    mv "$file.new" "$file"
    within 20 gone "$s3"
    weights_are "$s1:0=2 $s2:0=2"
    # A file that is being written, or wrong, changes nothing.
    for wrong in '' 'server media.example.net:7880;' "$s1 and more"; do
        printf '%s\n' "$wrong" >"$file"
        answers 1 lab_in director "${check[@]}"
        complains 'its pool is left as it is'
    done
    weights_are "$s1:0=2 $s2:0=2"
    kill "$loop"
    wait "$loop"
    absent 'lbctl-check: [^w]' "$LAB_DIR/loop"
    lab_disconnect
    # Drained by hand, given back, and never touched by the check.
    within 5 all_kept 2
}

all_kept() {
    [ "$(cat "$LAB_DIR"/connected* | grep -c ' kept$')" -eq "$1" ]
}

@test "ten thousand services on three servers are three probes" {
    lab_balancer nat
    for i in 1 2 3; do serve "$i" 7880; done
    {
        for ((port = 50000; port <= 60000; port++)); do
            echo "svc add udp:$LAB_VIP:$port"
            echo "svc add-server udp:$LAB_VIP:$port ${LAB_SERVERS[*]} --forward nat"
        done
    } >"$LAB_DIR/rules"
    on_director lbctl-restore "$LAB_DIR/rules"
    on_director lbctl-check "udp:$LAB_VIP:50000:60000" --tcp 7880 --fall 1
    on_director lbctl-check show --json
    json_is '.checks[0].servers | length' 3
    stop 3 7880
    answers 1 lab_in director lbctl-check "udp:$LAB_VIP:50000:60000" --tcp 7880 --fall 1
    drained 10001
    # Each was asked twice, by two runs.
    run_program traffic stop "$LAB_DIR/tcp-1-7880"
    prints 's1 received 2 connections'
    on_director lbctl-check reset
    drained 0
}

drained() {
    local count
    # Not by /proc/net/ip_vs, which misses some while other namespaces have
    # services too (6.1).
    count=$(lab_in director lbctl-svc show | grep -c 'held: check:tcp-7880') || true
    [ "$count" -eq "$1" ] || {
        echo "$count are drained"
        return 1
    }
}

@test "a video cluster: stand-ins, mail on down and up, through the VIP" {
    local s1 s2 s3 check service=tcp:172.31.36.102:1935
    lab_balancer dr
    read -r s1 s2 s3 <<<"${LAB_SERVERS[*]}"
    for i in 1 2 3; do serve "$i" 1935 "$LAB_VIP"; done
    on_director lbctl-svc timeouts 5 1 1
    on_director lbctl-svc add "$service" --scheduler rr --persistent 300
    on_director lbctl-svc add-server "$service" "$s1" --weight 3
    on_director lbctl-svc add-server "$service" "$s2" --weight 2
    printf '%s\n' '#!/bin/sh' 'cat >>/run/mail' >"$LAB_DIR/sendmail"
    chmod +x "$LAB_DIR/sendmail"
    [ -e /usr/sbin/sendmail ] || : >/usr/sbin/sendmail
    mount --bind "$LAB_DIR/sendmail" /usr/sbin/sendmail
    check=(lbctl-check "$service" --tcp 1935 --via-vip --timeout "$(scaled 1)" --fall 2
        --rise 1 --backup "$s1=$s3" --mail ops@example.net --name rtmp)

    # Servers answer for the VIP only, which is the director's too.
    answers 1 lab_in director "${check[@]}"
    complains 'sysctl -w net.ipv4.conf.front.accept_local=1'
    weights_are "$s1:1935=3 $s2:1935=2"
    lab_in director sysctl -qw net.ipv4.conf.front.accept_local=1
    on_director "${check[@]}"
    state_is "$s1:1935" up
    # Nothing of the private services stays.
    [ "$(lab_in director ipvsadm -Sn | grep -c -- '-f')" -eq 0 ]

    # A viewer who is known to the first server.
    on_director lbctl-svc drain "$service" "$s2"
    answered_by s1 tcp "$LAB_VIP" 1935 3
    on_director lbctl-svc undrain "$service" "$s2"
    answered_by s1 tcp "$LAB_VIP" 1935 3
    stop 1 1935
    answers 0 lab_in director "${check[@]}"
    answers 1 lab_in director "${check[@]}"
    complains expire_quiescent_template
    weights_are "$s1:1935=0 $s2:1935=2 $s3:1935=3"
    # Is served by another at once, and stays there.
    answered_by s2 tcp "$LAB_VIP" 1935 10 || answered_by s3 tcp "$LAB_VIP" 1935 10
    grep -q '^To: ops@example.net' /run/mail
    grep -q "server $s1:1935 of $service is down: connection refused; drained" /run/mail
    # The private service of a run that was killed is cleared away by the next.
    nsenter --net="/run/netns/$LAB_PREFIX-director" -- strace -f \
        -e "inject=epoll_wait:delay_enter=$(scaled 3)000000" \
        -o /dev/null "${check[@]}" 3>&- &
    left() { lab_in director ipvsadm -Sn | grep -q -- '-f'; }
    within 10 left
    pkill -KILL -f 'lbctl-check tcp:172' || true
    wait $! || true
    left
    serve 1 1935 "$LAB_VIP"
    answers 0 lab_in director "${check[@]}"
    [ "$(lab_in director ipvsadm -Sn | grep -c -- '-f')" -eq 0 ]
    grep -q "server $s1:1935 of $service is up; back with weight 3" /run/mail
    # The stand-in goes when it is idle.
    within 30 gone "$s3" "${check[@]}"
    umount /usr/sbin/sendmail
}

@test "a quorum, a sorry server, a program that is told, a file of checks" {
    local s1 s2 s3 config=$LAB_DIR/checks.conf
    lab_balancer nat
    read -r s1 s2 s3 <<<"${LAB_SERVERS[*]}"
    for i in 1 2 3; do serve "$i" 80; done
    on_director lbctl-svc timeouts 5 1 1
    on_director lbctl-svc add "tcp:$LAB_VIP:80" --scheduler rr
    on_director lbctl-svc add-server "tcp:$LAB_VIP:80" "$s1" "$s2" --forward nat
    on_director lbctl-svc add "tcp:$LAB_VIP:81" --scheduler rr
    on_director lbctl-svc add-server "tcp:$LAB_VIP:81" "$s1:80" "$s2:80" --forward nat
    # shellcheck disable=SC2016
    printf '%s\n' '#!/bin/sh' 'echo "$*" >>/run/told' \
        'env | grep ^LBCTL_ | sort >/run/told.env' >"$LAB_DIR/tell"
    chmod +x "$LAB_DIR/tell"
    cat >"$config" <<END
# Web servers.
tcp:$LAB_VIP:80 --tcp 80 --fall 1 --rise 1 --quorum 2 --sorry $s3 --forward nat \\
    --notify $LAB_DIR/tell --start check
tcp:$LAB_VIP:81 --tcp server --fall 1 --rise 1 --on-fail remove --name web
END
    chmod 666 "$config"
    fails 2 lab_in director lbctl-check --config "$config"
    complains 'others than root can write it' 'chmod go-w'
    chmod 644 "$config"
    on_director lbctl-check --config "$config"
    # One probe a server for both services.
    stop 2 80
    on_director true
    answers 1 lab_in director lbctl-check --config "$config" --dry-run
    prints "+ svc add-server tcp:$LAB_VIP:80 $s3" "- svc delete-server tcp:$LAB_VIP:81 $s2:80"
    answers 1 lab_in director lbctl-check --config "$config"
    weights_are "$s1:80=0 $s2:80=0 $s3:80=1 $s1:80=1"
    answered_by 's3' tcp "$LAB_VIP" 80 5
    answered_by 's1' tcp "$LAB_VIP" 81 5
    grep -q "^down tcp:$LAB_VIP:80 $s2:80 tcp-80 connection refused" /run/told
    grep -q "^quorum-lost tcp:$LAB_VIP:80 - tcp-80" /run/told
    grep -q '^LBCTL_EVENT=' /run/told.env
    run_program lab_in director lbctl-check --config "$config" --nagios
    [ "$status" -eq 2 ]
    prints 'LBCTL CRITICAL'
    answers 1 lab_in director lbctl-check show
    prints 'connection refused' sorry removed quorum

    serve 2 80
    on_director lbctl-check --config "$config"
    weights_are "$s1:80=1 $s2:80=1 $s3:80=0 $s1:80=1 $s2:80=1"
    grep -q "^up tcp:$LAB_VIP:80 $s2:80" /run/told
    run_program lab_in director lbctl-check --config "$config" --nagios \
        --textfile "$LAB_DIR/lbctl.prom"
    [ "$status" -eq 0 ]
    grep -q '^lbctl_check_up{.*remote_address="10.10.20.12".*} 1$' "$LAB_DIR/lbctl.prom"

    # A check that is taken out of the file gives back what it holds.
    stop 1 80
    answers 1 lab_in director lbctl-check --config "$config"
    sed -i '/name web/d' "$config"
    answers 1 lab_in director lbctl-check --config "$config"
    run_program lab_in director ipvsadm -Sn
    prints "-a -t $LAB_VIP:81 -r $s1:80 -m -w 1"
    # Reset: all that checks have done is undone, guests leave when idle.
    on_director lbctl-check reset
    weights_are "$s1:80=1 $s2:80=1 $s3:80=0 $s1:80=1 $s2:80=1"
    on_director lbctl-check show
    prints "$s3:80" leaving
}
