#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
# lab: long
#
# Removals that cut nobody off: restore --drain and delete-server --drain, and the
# other words that say what a restore may do.

load ../suite-helper

setup() {
    lab_new "leave$BATS_TEST_NUMBER"
    lab_balancer nat
    lab_up
    rm -rf /run/lbctl
    V=tcp:$LAB_VIP:7000
    A=${LAB_SERVERS[0]} B=${LAB_SERVERS[1]} C=${LAB_SERVERS[2]}
    RULES=$LAB_DIR/rules
}

teardown() {
    lab_cleanup
}

# on COMMAND...: on the director.
on() {
    lab_in director "$@"
}

# wanted SERVICE SERVER...: the ruleset has these servers of the service.
wanted() {
    local server
    echo 'svc flush'
    echo "svc add $1 --scheduler rr"
    for server in "${@:2}"; do
        echo "svc add-server $1 $server --forward nat"
    done
}

# serve PROTOCOL [PORTS]: all three servers.
serve() {
    local i
    for i in 1 2 3; do
        lab_serve "s$i" "s$i" "$1" "${LAB_SERVERS[i - 1]}" "${2:-7000}"
    done
}

# holds TEXT: what the services' servers are held for, in their order.
holds() {
    run_program on lbctl-svc show --json
    json_is '[.services[].servers[] | (.server | split(":")[0]) + "=" +
        (.runtime.held | join(","))] | join(" ")' "$1"
}

# is_held SERVER: it is leaving.
is_held() {
    on lbctl-svc show --json | jq -e --arg server "$1:7000" \
        '[.services[].servers[] | select(.server == $server).runtime.held[]] ==
            ["leaving"]' >/dev/null
}

# gone SERVER: the kernel lacks it.
gone() {
    ! on ipvsadm -Sn | grep -F -e "-r $1:7000"
}

# pool NUMBER: two servers, of which the next pool has one. None comes back.
pool() {
    wanted "$V" "${LAB_SERVERS[$1 % 3]}:$((7000 + $1))" \
        "${LAB_SERVERS[($1 + 1) % 3]}:$((7001 + $1))" >"$RULES"
}

# replace_twenty_times OPTION...: one of two servers leaves, another one comes.
replace_twenty_times() {
    local i
    for i in {1..20}; do
        pool "$i"
        on lbctl-restore --quiet "$@" "$RULES" || return
    done
}

# clients FILE: short connections, one after the other, until FILE.stop exists.
clients() {
    until [ -e "$1.stop" ]; do
        lab_in client "$LAB_TRAFFIC" send tcp "$LAB_VIP" 7000 500 --window 64 \
            >>"$1" || true
    done
}

# lost OPTION...: sets $sent and $lost of clients while servers are replaced.
lost() {
    local said=$LAB_DIR/said$RANDOM status=0
    pool 0
    on lbctl-restore --quiet "$RULES"
    clients "$said" 3>&- &
    local clients=$!
    within 20 grep -q lost "$said"
    replace_twenty_times "$@" || status=$?
    # At least a thousand, also on a fast machine.
    within 120 enough "$said"
    touch "$said.stop"
    wait "$clients"
    sent=$(awk '{ sum += $2 } END { print sum }' "$said")
    lost=$(awk '$1 == "lost" { sum += $2 } END { print sum + 0 }' "$said")
    return "$status"
}

enough() {
    [ "$(awk '{ sum += $2 } END { print sum + 0 }' "$1")" -ge 1000 ]
}

@test "twenty replacements under load: none of a thousand connections is lost" {
    serve tcp 7000:7021
    # A handshake takes a while, as on the Internet.
    lab_in client tc qdisc add dev front root netem delay 20ms
    lost --drain=60
    echo "# with --drain: $lost of $sent lost" >&3
    [ "$sent" -ge 1000 ]
    [ "$lost" -eq 0 ]
    [ "$(on ipvsadm -Sn | grep -c -e -r)" -eq 2 ]
    lost
    # The clients are such that a removal without --drain does harm.
    echo "# without --drain: $lost of $sent lost" >&3
    [ "$lost" -gt 0 ]
}

@test "a server leaves when its connections are gone, all else at once" {
    serve tcp
    wanted "$V" "$A" "$B" >"$RULES"
    ok on lbctl-restore "$RULES"
    lab_connect tcp "$LAB_VIP" 7000
    lab_connect tcp "$LAB_VIP" 7000
    wanted "$V" "$B" "$C" >"$RULES"
    answers 1 on lbctl-restore --dry-run --drain "$RULES"
    prints "~ svc drain $V $A --reason leaving" "+ svc add-server $V $C"
    lacks delete-server
    on lbctl-restore --drain "$RULES" 3>&- &
    local waits=$!
    within 20 is_held "$A"
    # The lock is free, and other changes are done.
    ok on lbctl-svc change-server "$V" "$C" --forward nat --weight 3
    holds "$A=leaving $B= $C="
    # A save leaves out what leaves; nothing that is up to somebody else.
    run_program on lbctl-save --only svc
    lacks "$A"
    prints "$B" "$C"
    run_program on lbctl-save --json
    json_is '[.services[0].servers[].server] | join(" ")' "$B:7000 $C:7000"
    run_program on lbctl-svc show
    prints 'held: leaving'
    lab_ask_again
    wait "$waits"
    gone "$A"
    holds "$B= $C="
}

@test "killed in the middle, the same command goes on with the time it had" {
    local waits since
    serve tcp
    wanted "$V" "$A" "$B" >"$RULES"
    ok on lbctl-restore "$RULES"
    lab_connect tcp "$LAB_VIP" 7000
    lab_connect tcp "$LAB_VIP" 7000
    wanted "$V" "$B" >"$RULES"
    # lab_in runs in a subshell: the program itself must die.
    nsenter --net="/run/netns/$LAB_PREFIX-director" -- \
        lbctl-restore --drain "$RULES" 3>&- &
    waits=$!
    within 20 is_held "$A"
    kill -9 "$waits"
    wait "$waits" || true
    since=$(on lbctl-svc show --json |
        jq '.services[0].servers[0].runtime.leaving.since')
    sleep 1.1
    ok on lbctl-restore --drain --no-wait "$RULES"
    run_program on lbctl-svc show --json
    json_is '.services[0].servers[0].runtime.leaving.since' "$since"
    json_is '.services[0].servers[0].runtime.leaving.seconds' 300
    # Its time is up: it goes, and the one who is left is counted.
    answers 0 on lbctl-restore --drain=1 "$RULES"
    complains "$V: server $A:7000: its 1 s are over, with 1 connections"
    gone "$A"
    answers 0 on lbctl-restore --dry-run --drain "$RULES"
}

@test "--no-wait: a check, a restore or delete-server ends it" {
    local how
    serve tcp
    echo "$V --name c --tcp 7000 --timeout $(scaled 3)" >"$LAB_DIR/checks.conf"
    for how in check restore delete; do
        wanted "$V" "$A" "$B" >"$RULES"
        ok on lbctl-restore "$RULES"
        lab_connect tcp "$LAB_VIP" 7000
        lab_connect tcp "$LAB_VIP" 7000
        wanted "$V" "$B" >"$RULES"
        ok on lbctl-restore --drain --no-wait "$RULES"
        # It has a connection yet, and is not looked at by checks.
        answers 0 on lbctl-check run --config "$LAB_DIR/checks.conf"
        is_held "$A"
        run_program on lbctl-check show
        lacks "$A"
        lab_ask_again
        case $how in
        check) within 20 check_deletes "$A" ;;
        restore) ok on lbctl-restore --quiet "$RULES" ;;
        delete) answers 0 on lbctl-svc --quiet delete-server "$V" "$A" ;;
        esac
        gone "$A"
        holds "$B="
    done
}

check_deletes() {
    on lbctl-check run --config "$LAB_DIR/checks.conf" >/dev/null && gone "$1"
}

@test "delete-server --drain waits for its connections, or its time" {
    serve tcp
    wanted "$V" "$A" "$B" >"$RULES"
    ok on lbctl-restore "$RULES"
    fails 2 on lbctl-svc delete-server "$V" "$A" --no-wait
    complains '--no-wait is only for --drain'
    fails 2 on lbctl-svc delete-server "$V" "$A" --drain=x
    fails 2 on lbctl-svc delete-server "$V" "$A" --drain=604801
    fails 3 on lbctl-svc delete-server "$V" 10.10.20.99 --drain
    complains 'has no such server'
    answers 1 on lbctl-svc --dry-run delete-server "$V" "$A" --drain
    prints "~ svc drain $V $A --reason leaving"
    lab_connect tcp "$LAB_VIP" 7000
    lab_connect tcp "$LAB_VIP" 7000
    answers 0 on lbctl-svc --json delete-server "$V" "$A" --drain=1
    json_is '[.changes[].line] | join(" ")' "svc drain $V $A --reason leaving"
    jq -e '.warning | test("its 1 s are over, with 1 connections")' \
        <<<"${stderr:-}"
    gone "$A"
    lab_disconnect
    # Nobody is there, it takes a moment.
    ok on lbctl-svc add-server "$V" "$C" --forward nat
    ok on lbctl-svc delete-server "$V" "$C" --drain
    gone "$C"
}

@test "a server that is wanted again is not leaving any more" {
    wanted "$V" "$A" "$B" "$C" >"$RULES"
    cp "$RULES" "$LAB_DIR/all.rules"
    ok on lbctl-restore "$RULES"
    serve tcp
    lab_connect tcp "$LAB_VIP" 7000
    lab_connect tcp "$LAB_VIP" 7000
    lab_connect tcp "$LAB_VIP" 7000
    # By an operator's drain it stays held.
    ok on lbctl-svc drain "$V" "$C"
    wanted "$V" >"$RULES"
    ok on lbctl-restore --drain --no-wait "$RULES"
    holds "$A=leaving $B=leaving $C=admin,leaving"
    ok on lbctl-svc change-server "$V" "$A" --weight 2
    holds "$A=leaving $B=leaving $C=admin,leaving"
    ok on lbctl-svc add-server "$V" "$A" --forward nat --weight 4
    holds "$A= $B=leaving $C=admin,leaving"
    on ipvsadm -Sn | grep -F -e "-r $A:7000 -m -w 4"
    fails 3 on lbctl-svc add-server "$V" "$A" --forward nat
    ok on lbctl-svc undrain "$V" "$B" --reason leaving
    holds "$A= $B= $C=admin,leaving"
    ok on lbctl-restore "$LAB_DIR/all.rules"
    holds "$A= $B= $C=admin"
    on ipvsadm -Sn | grep -F -e "-r $C:7000 -m -w 0"
    # One who waits sees that it is wanted again, and ends.
    on lbctl-svc delete-server "$V" "$A" --drain 3>&- &
    local waits=$!
    within 20 is_held "$A"
    ok on lbctl-svc replace-server "$V" "$A" --forward nat
    wait "$waits"
    holds "$A= $B= $C=admin"
    # ipvsadm's words do the same.
    ok on lbctl-svc delete-server "$V" "$A" --drain --no-wait
    run_program on lbctl-ipvsadm -Sn
    lacks "$A" && prints "$B"
    ok on lbctl-ipvsadm -e -t "${V#tcp:}" -r "$A:7000" -m -w 3
    holds "$A=leaving $B= $C=admin"
    ok on lbctl-ipvsadm -a -t "${V#tcp:}" -r "$A:7000" -m -w 2
    holds "$A= $B= $C=admin"
    # Times are not for people, nor is the end by a reason.
    fails 2 on lbctl-svc drain "$V" "$B" --reason leaving@1+1
    fails 2 on lbctl-svc drain "$V" "$B" --reason leaving
    # A flush sets no leaving aside.
    ok on lbctl-svc delete-server "$V" "$B" --drain --no-wait
    ok on lbctl-svc flush --quiet
    ok on lbctl-restore "$LAB_DIR/all.rules"
    holds "$A= $B= $C=admin"
}

# has_vip / lacks_vip: the director's interface has the address.
has_vip() {
    on ip -o addr show dev front to "$LAB_VIP" | grep -q .
}
lacks_vip() {
    ! has_vip
}

# leaving_vip: a service with one server and one connection, and its VIP; nothing
# of it is wanted.
leaving_vip() {
    serve tcp
    {
        echo 'vip flush'
        echo "vip add $LAB_VIP/24 --dev front"
        wanted "$V" "$A"
    } >"$RULES"
    on ip addr flush dev front to "$LAB_VIP"
    answers 0 on lbctl-restore --quiet "$RULES"
    lab_connect tcp "$LAB_VIP" 7000
    printf '%s\n' 'vip flush' 'svc flush' >"$LAB_DIR/nothing"
}

@test "a service and its VIP stay as long as a server of it is leaving" {
    leaving_vip
    on lbctl-restore --quiet --drain "$LAB_DIR/nothing" 3>&- &
    local waits=$!
    within 20 is_held "$A"
    has_vip
    run_program on lbctl-vip show
    prints leaving
    run_program on lbctl-vip show --json
    json_is '.vips[0].runtime.leaving' true
    # Nobody saves what is leaving.
    ok on lbctl-save
    lacks "$V" "$LAB_VIP"
    ok on lbctl-ipvsadm -Sn
    lacks "${V#tcp:}"
    # Another command goes on with it; nothing changes.
    answers 0 on lbctl-restore --drain --no-wait "$LAB_DIR/nothing"
    has_vip
    lab_ask_again
    wait "$waits"
    [ -z "$(on ipvsadm -Sn)" ]
    lacks_vip
    [ ! -s /run/lbctl/vips.* ]
}

@test "a VIP that is wanted again stays when the servers have left" {
    leaving_vip
    on lbctl-restore --quiet --drain "$LAB_DIR/nothing" 3>&- &
    local waits=$!
    within 20 is_held "$A"
    # By its own name; a service alone does the same.
    ok on lbctl-vip add "$LAB_VIP/24" --dev front
    run_program on lbctl-vip show
    lacks leaving
    fails 3 on lbctl-vip add "$LAB_VIP/24" --dev front
    lab_ask_again
    wait "$waits"
    has_vip
    gone "$A"
    ok on lbctl-restore --quiet "$RULES"
    lab_connect tcp "$LAB_VIP" 7000
    ok on lbctl-restore --drain --no-wait "$LAB_DIR/nothing"
    lab_ask_again
    wanted "tcp:$LAB_VIP:7001" >"$LAB_DIR/other"
    ok on lbctl-restore --quiet --drain "$LAB_DIR/other"
    gone "$A"
    has_vip
    run_program on lbctl-vip show
    lacks leaving
}

@test "a check deletes a leaving service and its VIP, and adds nothing to it" {
    leaving_vip
    {
        printf '%s --name c --tcp 7000 --timeout %s ' "$V" "$(scaled 3)"
        printf '%s ' --sorry "$C:9000" --standby "$B:7000" --withdraw "$LAB_VIP"
        echo
    } >"$LAB_DIR/checks.conf"
    ok on lbctl-restore --drain --no-wait "$LAB_DIR/nothing"
    answers 0 on lbctl-check run --config "$LAB_DIR/checks.conf"
    holds "$A=leaving"
    has_vip
    lab_ask_again
    within 20 check_deletes "$A"
    [ -z "$(on ipvsadm -Sn)" ]
    lacks_vip
}

@test "flows of UDP stay until they are silent" {
    local U=udp:$LAB_VIP:7000 flows=$LAB_DIR/flows
    serve udp
    wanted "$U" "$A" "$B" >"$RULES"
    ok on lbctl-restore "$RULES"
    lab_in client traffic flow udp "$LAB_VIP" 7000 6 --report "$flows"
    wanted "$U" "$B" >"$RULES"
    answers 0 on lbctl-restore --drain=3 "$RULES"
    complains "$U: server $A:7000: its 3 s are over, with 0 connections and 3 flows"
    traffic stop "$flows" >/dev/null
    wanted "$U" "$A" "$B" >"$RULES"
    ok on lbctl-restore "$RULES"
    lab_in client traffic flow udp "$LAB_VIP" 7000 6 --report "$flows"
    wanted "$U" "$A" >"$RULES"
    on lbctl-restore --drain "$RULES" 3>&- &
    local waits=$!
    within 20 is_held "$B"
    traffic stop "$flows" >/dev/null
    # It says nothing: nobody was cut off.
    wait "$waits"
    gone "$B"
}

@test "--keep-weights changes all but the weights of existing servers" {
    {
        wanted "$V"
        echo "svc add-server $V $A $B --forward nat --weight 5"
    } >"$RULES"
    ok on lbctl-restore "$RULES"
    ok on lbctl-svc change-server "$V" "$A" --weight 9
    ok on lbctl-svc drain "$V" "$B"
    {
        wanted "$V"
        echo "svc add-server $V $A $B $C --forward nat --weight 1 --upper-threshold 50"
    } >"$RULES"
    ok on lbctl-restore --keep-weights "$RULES"
    run_program on lbctl-svc show --json
    json_is '[.services[0].servers[] | "\(.weight)/\(.upper_threshold)"] | join(" ")' \
        '9/50 5/50 1/50'
    ok on lbctl-restore --keep-weights --dry-run "$RULES"
    answers 1 on lbctl-restore --dry-run "$RULES"
}

@test "--allow refuses a plan with another action, whole" {
    wanted "$V" "$A" >"$RULES"
    ok on lbctl-restore --allow add "$RULES"
    wanted "$V" "$B" >"$RULES"
    local before
    before=$(on ipvsadm -Sn)
    fails 3 on lbctl-restore --allow add,change "$RULES"
    complains "svc delete-server $V $A: is not allowed by --allow add,change"
    fails 3 on lbctl-restore --dry-run --allow add,change "$RULES"
    # To leave is the beginning of a deletion.
    fails 3 on lbctl-restore --drain --allow add,change "$RULES"
    fails 3 on lbctl-restore --allow delete "$RULES"
    complains "svc add-server $V $B"
    [ "$(on ipvsadm -Sn)" = "$before" ]
    local word
    for word in '' remove 'add,,delete' 'add,'; do
        fails 2 on lbctl-restore "--allow=$word" "$RULES"
        complains '--allow'
    done
    fails 3 on lbctl-restore --json --allow add "$RULES"
    [ "$(jq .error.status <<<"${stderr:-}")" -eq 3 ]
    ok on lbctl-restore --allow add,delete "$RULES"
}

@test "a change of the scheduler is announced, and never repeated" {
    wanted "$V" "$A" >"$RULES"
    ok on lbctl-restore "$RULES"
    sed -i 's/ rr$/ wrr/' "$RULES"
    answers 1 on lbctl-restore --dry-run "$RULES"
    complains "svc change $V --scheduler wrr: the kernel refuses new connections"
    run_program on lbctl-restore --dry-run --json "$RULES"
    json_is '[.changes[].interrupts] | join(" ")' true
    answers 0 on lbctl-svc change "$V" --scheduler wrr
    complains 'the kernel refuses new connections'
    for command in "change $V --scheduler wrr" "change $V --persistent 0" \
        "replace $V --scheduler wrr"; do
        # shellcheck disable=SC2086
        answers 0 on lbctl-svc --dry-run $command
        [ -z "$output$stderr" ]
        # shellcheck disable=SC2086
        without_leak_search
        # shellcheck disable=SC2086
        run on strace -qq -f -e trace=sendmsg,sendto,setsockopt \
            -o "$LAB_DIR/calls" lbctl-svc $command
        absent 'IP_VS_SO_SET_EDIT\>' "$LAB_DIR/calls"
    done
    answers 0 on lbctl-svc --quiet change "$V" --scheduler rr
    [ -z "${stderr:-}" ]
}

@test "a dry run names a scheduler that this kernel cannot have" {
    echo "svc add $V --scheduler nonesuch" >"$RULES"
    fails 6 on lbctl-restore --dry-run "$RULES"
    complains "$V" 'modprobe ip_vs_nonesuch'
    fails 6 on lbctl-svc --dry-run add "$V" --scheduler nonesuch
    fails 6 on lbctl-svc --dry-run add "udp:$LAB_VIP:5060" --persistent 9 --pe nonesuch
    answers 1 on lbctl-svc --dry-run add "$V" --scheduler none
    answers 1 on lbctl-svc --dry-run add "$V" --scheduler sed
}
