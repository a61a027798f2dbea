#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# The brake: a check that does not empty its service, and what is said of a quorum.
# Nobody listens on 127.0.0.11 and up unless a test says so.

load ../suite-helper

setup() {
    lab_alone
    DIR=$(mktemp -d)
    PROCESSES=()
    alone ipvsadm -R <<-'RULES'
	-A -t 10.0.0.1:80
	-a -t 10.0.0.1:80 -r 127.0.0.11:80 -m -w 10
	-a -t 10.0.0.1:80 -r 127.0.0.12:80 -m -w 10
	-a -t 10.0.0.1:80 -r 127.0.0.13:80 -m -w 10
	-a -t 10.0.0.1:80 -r 127.0.0.14:80 -m -w 10
	RULES
}

teardown() {
    [ ${#PROCESSES[@]} -eq 0 ] || kill "${PROCESSES[@]}" || true
    lab_not_alone
    rm -rf "$DIR"
}

# serve: somebody answers on 127.0.0.11.
serve() {
    PROCESSES+=("$(alone hostile --background 127.0.0.11 80 ok 3>&-)")
}

once() {
    alone lbctl-check run tcp:10.0.0.1:80 --name web --tcp 80 --fall 1 --rise 1 \
        "$@"
}

# kept: the servers that stay though they are down.
kept() {
    alone lbctl-check show --json | jq -r \
        '[.checks[].servers[] | select(.kept).server] | join(" ")'
}

@test "so many servers stay, and the next run takes out those that recover" {
    answers 1 once --keep 2 --dry-run
    prints 'drain tcp:10.0.0.1:80 127.0.0.11 ' 'drain tcp:10.0.0.1:80 127.0.0.12 '
    lacks 127.0.0.13 127.0.0.14
    answers 1 once --keep 2
    weights_are 0 0 10 10
    [ "$(kept)" = '127.0.0.13:80 127.0.0.14:80' ]
    answers 1 alone lbctl-check show
    prints 'down, kept'
    # Again, and nothing moves.
    answers 1 once --keep 2
    weights_are 0 0 10 10

    serve
    answers 1 once --keep 2 --textfile "$DIR/metrics.prom"
    weights_are 10 0 0 10
    [ "$(kept)" = 127.0.0.14:80 ]
    grep -q '^lbctl_server_kept{.*127.0.0.14.* 1$' "$DIR/metrics.prom"
    grep -q '^lbctl_server_kept{.*127.0.0.13.* 0$' "$DIR/metrics.prom"

    # Without the brake all are out that are down.
    answers 1 once
    weights_are 10 0 0 0
    [ -z "$(kept)" ]
    ok alone lbctl-check reset
    weights_are 10 10 10 10
}

@test "a share of the servers stays, rounded up" {
    answers 1 once --keep 51%
    weights_are 0 10 10 10
    answers 1 once --keep 100%
    weights_are 0 10 10 10
    ok alone lbctl-check reset
    answers 1 once --keep 9
    weights_are 10 10 10 10
}

@test "who is kept does not count, and a sorry server takes over" {
    answers 2 once --keep 2 --quorum 1 --sorry 127.0.0.99:80 --nagios
    prints CRITICAL
    [ "$(alone ipvsadm -Sn | grep -c -- '-r 127.0.0.99:80 .*-w 1$')" -eq 1 ]
    fails 1 alone lbctl-check show --lost nothing
    answers 1 alone lbctl-check show --lost
    answers 1 alone lbctl-check show --lost web
}

@test "one server down is no lost quorum" {
    serve
    answers 0 alone lbctl-check show --lost
    answers 1 once --quorum 1
    weights_are 10 0 0 0
    answers 1 alone lbctl-check show
    answers 0 alone lbctl-check show --lost
    answers 1 once --quorum 2
    answers 1 alone lbctl-check show --lost
    answers 1 once --quorum 25%
    answers 0 alone lbctl-check show --lost
}

@test "what is no number of servers is refused" {
    local bad
    for bad in 0 0% 101% all -1 2.5; do
        fails 2 once "--keep=$bad"
        complains keep
    done
    fails 2 alone lbctl-check show --lost=1
    weights_are 10 10 10 10
}
