#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
# lab: long
#
# What restores the configuration at boot, and checks servers from then on: run
# by a systemd of its own, and without systemd.

load ../suite-helper
load ../install-here

RULES='svc flush
svc add tcp:192.0.2.10:80 --scheduler wlc
svc add-server tcp:192.0.2.10:80 10.0.0.1 --forward nat
mark flush
mark add 1 --proto udp --dport 5000:6000 --ipv4 -- -m limit --limit 5/sec'

# Not in /tmp, which the sandbox hides.
setup() {
    PREFIX=$(mktemp -d /run/boot.XXXXXX)
    FILE=$PREFIX/etc/lbctl/lbctl.rules
    UNITS=$PREFIX/lib/systemd/system
    lab_alone
}

teardown() {
    [ -z "${SYSTEMD:-}" ] || kill -KILL "$SYSTEMD" || true
    lab_not_alone
    rm -rf "$PREFIX"
}

table_is_restored() {
    table_is <<'TABLE'
-A -t 192.0.2.10:80 -s wlc
-a -t 192.0.2.10:80 -r 10.0.0.1:80 -m -w 1
TABLE
    ok alone lbctl-mark show
    prints '5000:6000' '-m limit --limit 5/sec'
}

# ---- A systemd of its own -----------------------------------------------------

# It knows the units here and the few that they name; what it says is in the
# lab's console.log.
boot() {
    local name
    for name in sysinit basic multi-user shutdown paths timers network-pre \
        network network-online; do
        cp "/lib/systemd/system/$name.target" "$UNITS"
    done
    cp /lib/systemd/system/modprobe@.service "$UNITS"
    # A sanitizer cannot look for leaks in a sandbox.
    printf '[Service]\nEnvironment=ASAN_OPTIONS=detect_leaks=0\n' \
        >"$UNITS/lbctl-.service.d/sanitizer.conf"
    # The rules have words of iptables.
    cp scripts/boot/iptables.conf "$UNITS/lbctl-restore.service.d"
    mkdir "$UNITS/multi-user.target.wants"
    ln -s "$UNITS"/lbctl-restore.{service,path} "$UNITS/multi-user.target.wants"
    # shellcheck disable=SC2016
    nsenter --net="/run/netns/$ALONE" -- \
        env -i container=lab SYSTEMD_UNIT_PATH="$UNITS" PATH="$PATH" \
        unshare -mpufi --mount-proc --kill-child bash -c '
        mount -t cgroup2 cgroup /sys/fs/cgroup
        mkdir -p /sys/fs/cgroup/boot
        echo $$ >/sys/fs/cgroup/boot/cgroup.procs
        exec unshare -C /lib/systemd/systemd --unit=multi-user.target \
            --log-target=console --show-status=no' \
        >/dev/null 2>&1 3>&- &
    SYSTEMD=$!
    within 60 booted
}

# inside COMMAND...: where that systemd is the first process.
inside() {
    local first
    read -r first <"/proc/$SYSTEMD/task/$SYSTEMD/children"
    nsenter -t "$first" -m -p -- "$@"
}

booted() {
    inside systemctl --quiet is-active multi-user.target
}

# state UNIT STATE STATUS: its state, and how its program ended last.
state() {
    local now
    now=$(inside systemctl show -p ActiveState -p ExecMainStatus "$1" | xargs)
    [ "$now" = "ExecMainStatus=$3 ActiveState=$2" ] || {
        echo "expected of $1: $2 $3, is: $now"
        return 1
    }
}

table_has() {
    alone ipvsadm -Sn | grep -qF -- "$1"
}

table_lacks() {
    ! table_has "$1"
}

# How many packets of IPv4 went to groups.
multicasts() {
    alone nstat -asz IpExtOutMcastPkts | awk '/OutMcast/ { print $2 }'
}

@test "systemd restores, tries again, notices changes and saves" {
    [ "${LAB_MODE:-}" = qemu ] || skip 'only in a guest'
    install_here
    echo "$RULES" >"$FILE"
    # The sandbox lets it set how the host answers ARP, and use packets.
    cat >>"$FILE" <<'LINES'
sync start master --dev late0
vip add 192.0.2.20 --real-server
vip add 192.0.2.21 --dev front
LINES
    alone ip link add front type veth peer name back
    alone ip link set front up
    boot
    state lbctl-restore.service activating 2
    alone ip -batch - <<'LINES'
link add late0 type dummy
link set late0 up multicast on
addr add 192.0.2.1/24 dev late0
LINES
    within 60 state lbctl-restore.service active 0
    table_is_restored
    [ "$(stat -c %a /run/xtables.lock)" = 600 ]
    alone ip addr show dev lo | grep -q 192.0.2.20/32
    alone ip addr show dev front | grep -q 192.0.2.21/32
    [ "$(alone sysctl -n net.ipv4.conf.all.arp_ignore)" = 1 ]

    # Connections can be sent: the daemon would wait for three packets of one.
    alone ip route add 10.0.0.0/8 dev late0
    alone lbctl-svc add udp:192.0.2.21:53
    alone lbctl-svc add-server udp:192.0.2.21:53 10.0.0.2 --forward nat
    alone bash -c 'echo >/dev/udp/192.0.2.21/53'
    sent=$(multicasts)
    ok inside systemctl start lbctl-sync-push.service
    [ "$(multicasts)" = "$((sent + 1))" ]
    state lbctl-sync-push.service inactive 0
    alone lbctl-svc delete udp:192.0.2.21:53 --quiet

    # Stopping does nothing, starting restores.
    ok inside systemctl stop lbctl-restore.service
    table_is_restored
    alone lbctl-svc flush
    ok inside systemctl start lbctl-restore.service
    table_is_restored

    # The file is changed; another is put in its place, as lbctl-save does.
    echo 'svc add tcp:192.0.2.11:1' >>"$FILE"
    within 60 table_has 192.0.2.11:1
    sed '/11:1$/d' "$FILE" >"$FILE.new"
    mv "$FILE.new" "$FILE"
    within 60 table_lacks 192.0.2.11:1

    # A mistake changes nothing.
    cp "$FILE" "$FILE.good"
    echo 'svc add nonsense' >>"$FILE"
    fails 1 inside systemctl reload lbctl-restore.service
    fails 1 inside systemctl restart lbctl-restore.service
    state lbctl-restore.service activating 2
    table_is_restored

    # Nor is it overwritten with what happens to be there.
    fails 1 inside systemctl start lbctl-save.service
    grep -q '^svc add nonsense' "$FILE"
    mv "$FILE.good" "$FILE"
    within 60 state lbctl-restore.service active 0

    # A saved file keeps its group and its mode.
    chgrp adm "$FILE"
    chmod 640 "$FILE"
    alone lbctl-svc add udp:192.0.2.10:53
    ok inside systemctl start lbctl-save.service
    [ "$(stat -c '%U:%G %a' "$FILE")" = 'root:adm 640' ]
    grep -q '^svc add udp:192.0.2.10:53' "$FILE"
    rm "$FILE"
    ok inside systemctl start lbctl-save.service
    [ "$(stat -c '%U:%G %a' "$FILE")" = 'root:root 644' ]
}

rules_are() {
    [ "$(alone lbctl-mark show --json | jq -c '[.marks[].mark]')" = "$1" ]
}

@test "nftables.service takes our rules away, and has them back" {
    [ "${LAB_MODE:-}" = qemu ] || skip 'only in a guest'
    local verb
    install_here
    printf 'mark flush --backend nft\nmark add 7 --proto udp --dport 53\n' >"$FILE"
    cp /lib/systemd/system/nftables.service "$UNITS"
    boot
    within 60 rules_are '[7]'
    for verb in start reload restart; do
        ok inside systemctl "$verb" nftables.service
        within 60 rules_are '[7]'
        alone nft list chain inet filter input >/dev/null
    done
    # What nobody saved is not brought back, and a stop means it.
    ok inside systemctl stop nftables.service
    rules_are '[]'
    alone lbctl-mark add 8 --proto udp --dport 54
    # Where nothing is restored at boot, nothing is restored now.
    ok inside systemctl stop lbctl-restore.service
    ok inside systemctl start nftables.service
    rules_are '[]'
}

# property UNIT NAME VALUE
property() {
    local now
    now=$(inside systemctl show -p "$2" --value "$1")
    [ "$now" = "$3" ] || {
        echo "expected of $1: $2 $3, is: $now"
        return 1
    }
}

server_has_weight() {
    table_has "-r 10.0.0.1:80 -m -w $1"
}

# is_told EVENT NUMBER: how often the operator's program was.
is_told() {
    [ "$(grep -c "^$1 tcp:192.0.2.10:80 10.0.0.1:80 well" "$PREFIX/told")" \
        -eq "$2" ]
}

@test "systemd checks by the timer, and by a process that it watches" {
    [ "${LAB_MODE:-}" = qemu ] || skip 'only in a guest'
    local pid
    install_here
    echo "$RULES" >"$FILE"
    chmod 755 "$PREFIX"
    echo 'svc add-server tcp:192.0.2.10:80 127.0.0.1 --forward nat
svc change tcp:192.0.2.10:80 --persistent 300' >>"$FILE"
    cat >"$PREFIX/tell" <<TELL
#!/bin/sh
echo "\$@" >>$PREFIX/told
TELL
    chmod 755 "$PREFIX/tell"
    cat >"$PREFIX/etc/lbctl/checks.conf" <<CHECKS
tcp:192.0.2.10:80 --ping --start check
tcp:192.0.2.10:80 --name well --exec /usr/bin/find --user nobody --fall 1 \\
    --rise 1 --timeout $(scaled 20) --notify $PREFIX/tell -- $PREFIX/well.txt
CHECKS
    sed -i 's/^OnUnitInactiveSec=.*/OnUnitInactiveSec=1s/' \
        "$UNITS/lbctl-check.timer"
    watchdog=$(scaled 4)
    sed -i "s/^WatchdogSec=.*/WatchdogSec=${watchdog}s/
        s/^RestartSec=.*/RestartSec=1/; s/EVERY=5/EVERY=1/" "$UNITS/lbctl-check-loop.service"
    boot
    # Without a route nothing would be known of the server.
    alone ip route add unreachable 10.0.0.1
    ok inside systemctl start lbctl-check.timer
    within 30 server_has_weight 0
    # Which the sandbox lets it write, and no other.
    [ "$(alone sysctl -n net.ipv4.vs.expire_quiescent_template)" = 1 ]
    within 30 is_told down 1
    within 30 state lbctl-check.service inactive 1
    property lbctl-check.service Result success
    # Only the echo tells that raw sockets may be had.
    answers 1 alone lbctl-check show --json ping
    json_is '.checks[].servers[] | "\(.server) \(.last_verdict)"' \
        $'10.0.0.1 down\n127.0.0.1 up'
    answers 1 alone lbctl-check show --json well
    json_is '.checks[].servers[0].message' "exit status 1: /usr/bin/find: \
'$PREFIX/well.txt': No such file or directory"

    # The loop takes over, and is ready after a run.
    touch "$PREFIX/well.txt"
    sed -i '/--ping/d' "$PREFIX/etc/lbctl/checks.conf"
    ok inside systemctl start lbctl-check-loop.service
    property lbctl-check.timer ActiveState inactive
    within 30 server_has_weight 1
    within 30 is_told up 1
    pid=$(inside systemctl show -p MainPID --value lbctl-check-loop.service)
    sleep $((watchdog + 2))
    property lbctl-check-loop.service MainPID "$pid"
    ok inside kill -STOP "$pid"
    within 30 property lbctl-check-loop.service NRestarts 1
    within 30 property lbctl-check-loop.service ActiveState active
    ok inside systemctl stop lbctl-check-loop.service
    state lbctl-check-loop.service inactive 0
    server_has_weight 1
}

# ---- Without systemd ------------------------------------------------------------

@test "the init script: every verb, and the status of what it runs" {
    local init=$PREFIX/share/doc/lbctl/examples/lbctl.init verb
    install_here
    echo "$RULES" >"$FILE"
    ok alone "$init" start
    table_is_restored
    ok alone "$init" stop
    prints 'nothing is stopped'
    table_is_restored
    for verb in reload restart force-reload; do
        alone lbctl-svc flush
        ok alone "$init" "$verb"
        table_is_restored
    done
    ok alone "$init" status
    prints tcp:192.0.2.10:80
    alone lbctl-svc add udp:192.0.2.10:53
    ok alone "$init" save
    grep -q '^svc add udp:192.0.2.10:53' "$FILE"
    fails 2 alone "$init"
    fails 2 alone "$init" fly

    echo 'svc add nonsense' >>"$FILE"
    fails 2 alone "$init" start
    fails 2 alone "$init" reload
    rm "$FILE"
    ok alone "$init" start
    prints 'nothing to restore'
    fails 3 alone "$init" reload
    table_has 192.0.2.10:53
}
