#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Weights that follow the health of servers: by agents, files and programs.

load ../suite-helper

V=192.0.2.10

setup() {
    local i
    lab_alone
    rm -rf /run/lbctl
    DIR=/run/weights
    AGENTS=()
    LOOP=
    mkdir -m 755 "$DIR"
    alone ip addr add "$V/32" dev lo
    for i in 1 2; do
        alone ip addr add "10.0.0.$i/32" dev lo
        serve "$i"
    done
    ok alone lbctl-svc add "tcp:$V:80" --scheduler wrr
    ok alone lbctl-svc add-server "tcp:$V:80" 10.0.0.1 10.0.0.2 --forward nat --weight 10
}

teardown() {
    local report
    [ -z "$LOOP" ] || kill "$LOOP" 2>/dev/null || true
    [ ${#AGENTS[@]} -eq 0 ] || kill "${AGENTS[@]}" 2>/dev/null || true
    for report in "$BATS_TEST_TMPDIR"/served* "$BATS_TEST_TMPDIR/flows"; do
        traffic stop "$report" >/dev/null 2>&1 || true
    done
    lab_not_alone
    rm -rf "$DIR"
}

# serve I / stop I: 10.0.0.I takes connections, and no more.
serve() {
    alone traffic serve "s$1" tcp "10.0.0.$1" 80 --report "$BATS_TEST_TMPDIR/served$1" 3>&-
}
stop() {
    traffic stop "$BATS_TEST_TMPDIR/served$1" >/dev/null
    rm "$BATS_TEST_TMPDIR/served$1"
}

# agent I: 10.0.0.I has an agent, which says what "says I TEXT" has given it.
agent() {
    says "$1" up
    nsenter --net="/run/netns/$ALONE" -- socat -U \
        "TCP-LISTEN:9999,bind=10.0.0.$1,fork,reuseaddr" \
        "OPEN:$DIR/agent$1,rdonly" 3>&- 2>/dev/null &
    AGENTS+=($!)
    within 10 alone sh -c "ss -ltn | grep -q '10.0.0.$1:9999'"
}
says() {
    printf '%s\n' "$2" >"$DIR/new"
    mv "$DIR/new" "$DIR/agent$1"
}
no_agents() {
    kill "${AGENTS[@]}"
    wait "${AGENTS[@]}" || true
    AGENTS=()
}

program() {
    printf '%s\n' '#!/bin/sh' "${@:2}" >"$DIR/$1"
    chmod 755 "$DIR/$1"
}

check() {
    alone lbctl-check "tcp:$V:80" --name w --rise 1 "$@"
}
by_agent() {
    check --tcp 80 --weight-from agent:9999 "$@"
}

# servers_are I=WEIGHT...: in the kernel, 10.0.0.I.
servers_are() {
    local servers
    servers=$(alone ipvsadm -Sn | sed -n 's/^-a.* -r 10.0.0.\([^:]*\):80.* -w \(.*\)/\1=\2/p' | sort | xargs)
    [ "$servers" = "$*" ] || {
        echo "expected $*, is $servers"
        return 1
    }
}

# first_is "WEIGHT WANTED HELD": of 10.0.0.1.
first_is() {
    ok alone lbctl-svc show "tcp:$V:80" --json
    json_is '.services[0].servers[] | select(.server == "10.0.0.1:80") |
        "\(.runtime.effective_weight) \(.weight) \(.runtime.held | join(","))"' "$1"
}

@test "an agent gives its server a share of the wanted weight, which stays known" {
    agent 1
    ok by_agent
    servers_are 1=10 2=10
    says 1 '25% # backup runs'
    answers 1 by_agent --dry-run
    prints "svc drain tcp:$V:80 10.0.0.1 --reason weight:w=3"
    servers_are 1=10 2=10
    ok by_agent --textfile "$DIR/w.prom"
    servers_are 1=3 2=10
    first_is '3 10 weight:w=3'
    grep -q '^lbctl_check_weight{.*remote_address="10.0.0.1".*} 3$' "$DIR/w.prom"
    absent '^lbctl_check_weight.*"10.0.0.2"' "$DIR/w.prom"
    grep -q '^lbctl_server_effective_weight{.*"10.0.0.1".*} 3$' "$DIR/w.prom"
    grep -q '^lbctl_server_effective_weight{.*"10.0.0.2".*} 10$' "$DIR/w.prom"
    ok alone lbctl-check show w
    prints WEIGHT ' 25%' REPORT '25% # backup runs'
    ok alone lbctl-check show w --json
    json_is '.checks[0].servers[0] | "\(.weight) \(.weight_percent) \(.reported_drain) \(.report)"' \
        'null 25 false 25% # backup runs'
    ok alone lbctl-save
    prints '10.0.0.1 --forward nat --weight 10'
    # Another wanted weight is another share.
    ok alone lbctl-svc change-server "tcp:$V:80" 10.0.0.1 --weight 40
    ok by_agent
    first_is '10 40 weight:w=10'
    # Nobody gets more than is wanted.
    says 1 200%
    ok by_agent
    first_is '40 40 '
    says 1 '1%'
    ok by_agent
    # Without an answer, all stays.
    no_agents
    ok by_agent
    first_is '1 40 weight:w=1'
    ok alone lbctl-check reset w
    first_is '40 40 '
}

@test "an agent that makes no sense, floods or hangs changes nothing" {
    local begin
    agent 1
    says 1 50%
    ok by_agent
    first_is '5 10 weight:w=5'
    says 1 'hello 20'
    answers 0 by_agent
    complains 'w: the weight of 10.0.0.1 stays as it is' "'hello 20'"
    first_is '5 10 weight:w=5'
    no_agents
    nsenter --net="/run/netns/$ALONE" -- socat -U \
        TCP-LISTEN:9999,bind=10.0.0.1,fork,reuseaddr OPEN:/dev/zero,rdonly 3>&- 2>/dev/null &
    AGENTS+=($!)
    within 10 alone sh -c 'ss -ltn | grep -q 10.0.0.1:9999'
    answers 0 by_agent
    complains 'no percentage and no known word'
    first_is '5 10 weight:w=5'
    no_agents
    nsenter --net="/run/netns/$ALONE" -- socat \
        TCP-LISTEN:9999,bind=10.0.0.1,fork,reuseaddr EXEC:'sleep 600' 3>&- 2>/dev/null &
    AGENTS+=($!)
    within 10 alone sh -c 'ss -ltn | grep -q 10.0.0.1:9999'
    begin=$SECONDS
    ok by_agent --timeout 1
    [ $((SECONDS - begin)) -lt "$(scaled 20)" ]
    first_is '5 10 weight:w=5'
}

@test "an agent drains its server under traffic, and only an agent ends that" {
    agent 1
    ok by_agent
    alone traffic flow tcp "$V" 80 8 --report "$BATS_TEST_TMPDIR/flows" 3>&-
    says 1 'drain # upgrade at ten'
    ok by_agent
    first_is '0 10 weight:w=0'
    ok alone lbctl-check show w
    prints 'drain # upgrade at ten'
    [ "$(alone traffic send tcp "$V" 80 10 | sort | xargs)" = 'lost 0 s2 10' ]
    # Neither silence nor a share ends it, nor does an undrain of another reason.
    no_agents
    ok by_agent
    first_is '0 10 weight:w=0'
    agent 1
    says 1 100%
    ok by_agent
    first_is '0 10 weight:w=0'
    ok alone lbctl-svc undrain "tcp:$V:80" 10.0.0.1
    first_is '0 10 weight:w=0'
    # An operator's drain is not the agent's to end.
    ok alone lbctl-svc drain "tcp:$V:80" 10.0.0.1
    says 1 ready
    ok by_agent
    first_is '0 10 admin'
    ok alone lbctl-svc undrain "tcp:$V:80" 10.0.0.1
    first_is '10 10 '
    run_program traffic stop "$BATS_TEST_TMPDIR/flows"
    prints 's1 4' 's2 4' 'silent 0' 'moved 0' 'lost 0'

    says 1 maint
    ok by_agent
    first_is '0 10 weight:w=0'
    # Reset forgets it; the next run asks again.
    ok alone lbctl-check reset w
    first_is '10 10 '
    ok by_agent
    first_is '0 10 weight:w=0'
    # Not asked for any more: as it is wanted.
    ok check --tcp 80
    first_is '10 10 '
}

@test "agents that all drain their servers do not empty a guarded service" {
    agent 1
    agent 2
    ok by_agent --keep 1
    alone traffic flow tcp "$V" 80 8 --report "$BATS_TEST_TMPDIR/flows" 3>&-
    says 1 drain
    says 2 drain
    ok by_agent --keep 1
    servers_are 1=0 2=10
    ok alone lbctl-check show w
    prints 'up, kept'
    [ "$(alone traffic send tcp "$V" 80 10 | sort | xargs)" = 'lost 0 s2 10' ]
    says 1 ready
    ok by_agent --keep 1
    servers_are 1=10 2=0
    [ "$(alone traffic send tcp "$V" 80 10 | sort | xargs)" = 'lost 0 s1 10' ]
    run_program traffic stop "$BATS_TEST_TMPDIR/flows"
    prints 'silent 0' 'moved 0' 'lost 0'
    # Without --keep they may.
    says 1 drain
    ok by_agent
    servers_are 1=0 2=0
}

@test "a standby comes in with the weight that its agent gives" {
    alone ip addr add 10.0.0.3/32 dev lo
    serve 3
    agent 3
    says 3 30%
    ok by_agent --standby 10.0.0.3
    servers_are 1=10 2=10
    stop 1
    stop 2
    answers 1 by_agent --standby 10.0.0.3 --fall 1
    servers_are 1=0 2=0 3=3
    [ "$(alone traffic send tcp "$V" 80 5 | sort | xargs)" = 'lost 0 s3 5' ]
    ok alone lbctl-save
    prints '10.0.0.3 --forward nat --weight 10'
}

@test "a server that says it is down is down at once, though its probe succeeds" {
    agent 1
    ok by_agent
    says 1 'stopped # disk full'
    answers 1 by_agent
    first_is '0 10 check:w'
    answers 1 alone lbctl-check show w
    prints down 'up, but reported down; last report: stopped # disk full'
    no_agents
    answers 1 by_agent
    first_is '0 10 check:w'
    agent 1
    says 1 'up 50%'
    ok by_agent
    first_is '5 10 weight:w=5'
    # A probe that fails is stronger than an agent that says up.
    stop 1
    answers 1 by_agent --fall 1
    first_is '0 10 weight:w=5,check:w'
}

@test "files give weights, whoever writes them and whatever they are" {
    by_file() { check --tcp 80 --weight-from "file:$DIR/{server}" "$@"; }
    ok by_file
    servers_are 1=10 2=10
    echo 300 >"$DIR/10.0.0.1"
    echo '50% # half' >"$DIR/10.0.0.2"
    ok by_file
    servers_are 1=300 2=5
    ok alone lbctl-check show w --json
    json_is '.checks[0].servers[0] | "\(.weight) \(.weight_percent)"' '300 null'
    rm "$DIR/10.0.0.1"
    ok by_file
    servers_are 1=300 2=5
    mkfifo "$DIR/10.0.0.1"
    answers 0 by_file
    complains "the weight of 10.0.0.1 stays as it is: $DIR/10.0.0.1: not a regular file"
    ln -sf /etc/shadow "$DIR/10.0.0.1"
    answers 0 by_file
    complains 'no weight and no known word'
    [[ ${stderr:-} != *root* ]]
    servers_are 1=300 2=5
    rm "$DIR/10.0.0.1"
    echo 70000 >"$DIR/10.0.0.1"
    answers 0 by_file
    complains 'no weight and no known word'
    echo drain >"$DIR/10.0.0.1"
    ok by_file
    servers_are 1=0 2=5
    # One file for all of a service, by its name.
    echo 'ready 7' >"$DIR/80"
    ok check --tcp 80 --weight-from "file:$DIR/{service-port}"
    servers_are 1=7 2=7
    fails 2 check --tcp 80 --weight-from "file:$DIR/{mark}"
    complains '{mark} has no value'
    servers_are 1=7 2=7
}

@test "the output of a program gives weights" {
    local from
    # shellcheck disable=SC2016
    program say 'cat "/run/weights/said-$1" 2>/dev/null' \
        '[ ! -e "/run/weights/status-$1" ] || exit 1'
    by_output() { check --weight-from output --exec "$DIR/say" "$@" -- '{server}'; }
    ok by_output
    servers_are 1=10 2=10
    printf '20%% # busy\n90%%\n' >"$DIR/said-10.0.0.1"
    ok by_output
    servers_are 1=2 2=10
    echo 25 >"$DIR/said-10.0.0.1"
    ok by_output
    servers_are 1=25 2=10
    echo 'fine, 3 of 20' >"$DIR/said-10.0.0.1"
    answers 0 by_output
    complains 'w: the weight of 10.0.0.1 stays as it is: no report: fine, 3 of 20'
    servers_are 1=25 2=10
    # The status still tells whether it is up.
    echo 30 >"$DIR/said-10.0.0.1"
    touch "$DIR/status-10.0.0.1"
    answers 1 by_output --fall 1
    first_is '0 10 weight:w=25,check:w'
    for from in load agent: agent:0 agent:x file: file:weights; do
        fails 2 check --tcp 80 --weight-from "$from"
        complains --weight-from
    done
    fails 2 check --tcp 80 --weight-from output
    complains '--weight-from output does not go with --tcp'
}

# weight: of 10.0.0.1 in the kernel.
weight() {
    alone ipvsadm -Sn | sed -n 's/^-a.* -r 10.0.0.1:80.* -w //p'
}
is_between() {
    local now
    now=$(weight)
    [ "$now" -ge "$1" ] && [ "$now" -le "$2" ]
}

# loop OPTION...: rounds in the background; end_loop ends them in good order.
loop() {
    nsenter --net="/run/netns/$ALONE" -- lbctl-check "tcp:$V:80" --name w --rise 1 "$@" \
        >>"$DIR/said" 2>&1 3>&- &
    LOOP=$!
}
end_loop() {
    kill "$LOOP"
    wait "$LOOP"
    LOOP=
}

@test "a server that comes back gets its weight in steps, over runs and restarts" {
    local before options=(--tcp 80 --fall 1 --slow-start)
    ok alone lbctl-svc change-server "tcp:$V:80" 10.0.0.1 --weight 1000
    # One that was there at first has its weight.
    ok check "${options[@]}" 600
    servers_are 1=1000 2=10
    stop 1
    answers 1 check "${options[@]}" 600
    first_is '0 1000 check:w'
    serve 1
    ok check "${options[@]}" 600 --textfile "$DIR/w.prom"
    first_is '1 1000 slow-start:w=1'
    [ "$(alone traffic send tcp "$V" 80 22 | sort | xargs)" = 'lost 0 s1 2 s2 20' ]
    grep -q '^lbctl_check_slow_start_seconds_left{.*"10.0.0.1".*} [56]' "$DIR/w.prom"
    ok alone lbctl-check show w
    prints 'SLOW START' 's left'
    ok alone lbctl-check show w --json
    json_is '.checks[0].servers | map(.slow_start_seconds_left | type) | join(" ")' 'number null'
    ok alone lbctl-save
    prints '10.0.0.1 --forward nat --weight 1000'
    # A step is a change like others, computed from the time.
    passes_a_step() {
        run_program check "${options[@]}" 600 --dry-run
        [[ $status == 1 && $output == *"--reason slow-start:w="* ]]
    }
    within 30 passes_a_step
    ok check "${options[@]}" 600
    is_between 2 300
    # Who drops the reason ends it, and so does reset.
    ok alone lbctl-svc undrain "tcp:$V:80" 10.0.0.1 --reason slow-start:w
    ok check "${options[@]}" 600
    first_is '1000 1000 '
    stop 1
    answers 1 check "${options[@]}" 600
    serve 1
    ok check "${options[@]}" 600
    is_between 1 300
    ok alone lbctl-check reset w
    first_is '1000 1000 '
    ok check "${options[@]}" 600
    first_is '1000 1000 '

    # Rounds make steps; another process goes on where this one ended.
    stop 1
    answers 1 check "${options[@]}" 20
    serve 1
    loop "${options[@]}" 20 --every 0.5
    within 30 is_between 100 900
    end_loop
    before=$(weight)
    ok check "${options[@]}" 20
    is_between "$before" 1000
    loop "${options[@]}" 20 --every 0.5
    within 60 is_between 1000 1000
    end_loop
    first_is '1000 1000 '
    # And without a slow start, at once.
    stop 1
    answers 1 check --tcp 80 --fall 1
    serve 1
    ok check --tcp 80 --fall 1
    first_is '1000 1000 '
}

calls() {
    grep -cx "$1" "$DIR/calls" || true
}
has_calls() {
    [ "$(calls "$1")" -ge "$2" ]
}

@test "a server in doubt is probed sooner, and one that is down less often" {
    local before after other
    stop 1
    loop --tcp 80 --every 600 --retry-every 0.2
    within 30 is_between 0 0
    end_loop
    serve 1
    # Recovering is in doubt, too.
    loop --tcp 80 --every 600 --retry-every 0.2 --every-down 0.3 --jitter 20
    within 30 is_between 10 10
    end_loop
    ok alone lbctl-check reset w

    # shellcheck disable=SC2016
    program note 'echo "$1" >>/run/weights/calls' '[ "$1" != 10.0.0.1 ]'
    : >"$DIR/calls"
    loop --exec "$DIR/note" --fall 1 --every 0.2 --every-down 600 -- '{server}'
    within 30 is_between 0 0
    before=$(calls 10.0.0.1)
    other=$(calls 10.0.0.2)
    within 30 has_calls 10.0.0.2 $((other + 5))
    after=$(calls 10.0.0.1)
    echo "10.0.0.1: $before calls, then $after"
    [ "$after" -eq "$before" ]
    end_loop
    # A run of its own probes all.
    answers 1 check --exec "$DIR/note" --fall 1 -- '{server}'
    [ "$(calls 10.0.0.1)" -eq $((after + 1)) ]
    absent . "$DIR/said"
}

@test "what rhythms cannot be is refused, and without rounds they are warned of" {
    answers 0 check --tcp 80 --retry-every 1
    complains '--retry-every, --every-down and --jitter do nothing without --every'
    printf 'tcp:%s:80 --tcp 80 --every-down 60\n' "$V" >"$DIR/checks.conf"
    answers 0 alone lbctl-check run --config "$DIR/checks.conf"
    complains 'do nothing without --every'
    ok alone lbctl-check run --config "$DIR/checks.conf" --quiet
    ok check --tcp 80 --slow-start 60
    fails 2 check --tcp 80 --slow-start 0
    complains --slow-start
    fails 2 check --tcp 80 --retry-every x
    complains --retry-every
    fails 2 check --tcp 80 --every-down -1
    complains --every-down
    fails 2 check --tcp 80 --jitter 51
    complains --jitter
    servers_are 1=10 2=10
}
