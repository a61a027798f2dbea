#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Pools that follow what their servers say in conversations: by TCP and TLS,
# behind the PROXY protocol, and to requests of HTTP with a body. Each server is
# an address of its own, 127.0.0.11 and up.

load ../suite-helper

setup() {
    lab_alone
    DIR=$(mktemp -d)
    PROCESSES=()
}

teardown() {
    [ ${#PROCESSES[@]} -eq 0 ] || kill "${PROCESSES[@]}" || true
    lab_not_alone
    rm -rf "$DIR"
}

# listener NUMBER PORT COMMAND: runs it for each connection to 127.0.0.NUMBER.
listener() {
    nsenter --net="/run/netns/$ALONE" -- socat \
        "TCP-LISTEN:$2,bind=127.0.0.$1,fork,reuseaddr" "SYSTEM:$3" \
        2>>"$DIR/socat" 3>&- &
    PROCESSES+=($!)
    is_listening() {
        [ -n "$(alone ss -Hltn "src 127.0.0.$1:$2")" ]
    }
    within 20 is_listening "$1" "$2"
}

# pool PORT NUMBER...: a service of these servers, each of weight 10.
pool() {
    local port=$1 number rules="-A -t 10.0.0.1:$1"$'\n'
    shift
    for number; do
        rules+="-a -t 10.0.0.1:$port -r 127.0.0.$number:$port -m -w 10"$'\n'
    done
    alone ipvsadm -R <<<"$rules"
}

# message NUMBER: why this server is down.
message() {
    alone lbctl-check show --json | jq -r --arg server "127.0.0.$1:" \
        '.checks[].servers[] | select(.server | startswith($server)).message'
}

# once ARGUMENT...: one run that the servers are down or up after.
once() {
    alone lbctl-check run "$1" --fall 1 --rise 1 --timeout "$(scaled 4)" \
        "${@:2}"
}

@test "clients of a store are with its primary, whichever that is" {
    local i
    cat >"$DIR/store" <<'STORE'
#!/bin/sh
while read -r line; do
    case $line in
    PING*) printf '+PONG\r\n' ;;
    INFO*) printf '$20\r\nrole:%s\r\n\r\n' "$(cat "$1")" ;;
    esac
done
STORE
    chmod +x "$DIR/store"
    for i in 11 12 13; do
        echo slave >"$DIR/$i"
        listener "$i" 6379 "$DIR/store $DIR/$i"
    done
    echo master >"$DIR/12"
    pool 6379 11 12 13
    local check=(tcp:10.0.0.1:6379 --tcp 6379
        --send 'PING\r\n' --expect '+PONG\r\n'
        --send 'INFO replication\r\n' --expect 'role:master\r\n')

    # A dry run changes nothing.
    answers 1 once "${check[@]}" --dry-run
    prints 'drain tcp:10.0.0.1:6379 127.0.0.11 ' \
        'drain tcp:10.0.0.1:6379 127.0.0.13 '
    lacks 127.0.0.12
    weights_are 10 10 10

    answers 1 once "${check[@]}"
    weights_are 0 10 0
    [[ $(message 11) == 'step 4: '* ]]

    # A fail-over.
    echo slave >"$DIR/12"
    echo master >"$DIR/13"
    answers 1 once "${check[@]}"
    weights_are 0 0 10
    ok alone lbctl-check reset
    weights_are 10 10 10
}

@test "a conversation can be in TLS" {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
        -days 30 -keyout "$DIR/key" -out "$DIR/pem" -subj /CN=a 2>/dev/null
    # It returns each line backwards.
    nsenter --net="/run/netns/$ALONE" -- openssl s_server -quiet -rev \
        -accept 127.0.0.11:443 -cert "$DIR/pem" -key "$DIR/key" \
        >/dev/null 2>&1 3>&- &
    PROCESSES+=($!)
    listens() {
        [ -n "$(alone ss -Hltn 'src 127.0.0.11:443')" ]
    }
    within 20 listens
    pool 443 11
    answers 0 once tcp:10.0.0.1:443 --tls 443 --insecure \
        --send 'abc\n' --expect 'cba' --send 'xy\n' --expect 'yx'
    weights_are 10
    answers 1 once tcp:10.0.0.1:443 --tls 443 --insecure \
        --send 'abc\n' --expect 'abc'
    weights_are 0
    [[ $(message 11) == 'step 2: '*cba* ]]
}

@test "servers behind the PROXY protocol are told who asks, or nothing" {
    listener 11 80 "head -c 16 | od -An -tx1 >>$DIR/v2; echo well"
    listener 12 80 "head -n 1 >>$DIR/v1; echo well"
    pool 80 11
    answers 0 once tcp:10.0.0.1:80 --tcp 80 --proxy-protocol v2 --expect well
    # The signature, then version 2 with LOCAL, no family and no addresses.
    [ "$(xargs <"$DIR/v2")" = '0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a 20 00 00 00' ]
    alone ipvsadm -C
    pool 80 12
    answers 0 once tcp:10.0.0.1:80 --tcp 80 --proxy-protocol v1 --expect well
    grep -qxE $'PROXY TCP4 127[.0-9]+ 127.0.0.12 [0-9]+ 80\r' "$DIR/v1"
}

@test "a request has a body, and its answer must have headers" {
    cat >"$DIR/serve" <<-'SERVE'
	#!/bin/sh
	sed -u "/$1/q" >"$2"
	printf 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Role: primary\r\n\r\n'
	SERVE
    chmod +x "$DIR/serve"
    listener 11 80 "$DIR/serve role $DIR/heard"
    # Up to the empty line.
    listener 12 80 "$DIR/serve ^.$ /dev/null"
    echo '{"ask":"role"}' >"$DIR/body"
    pool 80 11
    answers 0 once tcp:10.0.0.1:80 --http 80 --method PUT \
        --data-file "$DIR/body" --header 'Content-Type: application/json' \
        --expect-header 'x-role: ^primary$' \
        --expect-header 'Content-Length:'
    grep -q '^PUT / HTTP/1.1' "$DIR/heard"
    grep -q '{"ask":"role"}' "$DIR/heard"
    alone ipvsadm -C
    pool 80 12
    answers 1 once tcp:10.0.0.1:80 --http 80 --expect-header 'X-Role: ^replica'
    weights_are 0
    [ "$(message 12)" = 'header X-Role does not match' ]
}

@test "what cannot be said or expected is refused before anybody is asked" {
    local steps=() i
    pool 80 11
    for ((i = 0; i < 65; i++)); do steps+=(--expect a); done
    fails 2 once tcp:10.0.0.1:80 --tcp 80 "${steps[@]}"
    complains 64
    fails 2 once tcp:10.0.0.1:80 --tcp 80 --send '\x4'
    fails 2 once tcp:10.0.0.1:80 --tcp 80 --expect 0x123
    fails 2 once tcp:10.0.0.1:80 --udp 80 --send a --send b
    fails 2 once tcp:10.0.0.1:80 --tcp 80 --proxy-protocol v3
    fails 2 once tcp:10.0.0.1:80 --http 80 --method TEAPOT
    fails 2 once tcp:10.0.0.1:80 --http 80 --expect-header 'A: ('
    fails 2 once tcp:10.0.0.1:80 --tcp 80 --expect-header A:
    complains 'does not go with --tcp'
    fails 2 once tcp:10.0.0.1:80 --http 80 --method HEAD --data-file /etc/hostname
    truncate -s 1048577 "$DIR/large"
    fails 2 once tcp:10.0.0.1:80 --http 80 --data-file "$DIR/large"
    complains "$DIR/large"
    weights_are 10
}
