#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
# lab: long
#
# lbctl-ipvsadm where it differs from Debian's ipvsadm, on purpose: for each
# item of DIFFERENCES in its man page, what the one does and what the other.
# That all else is the same, compat shows.

load ../suite-helper

setup() {
    lab_alone
    NAMES=$BATS_TEST_TMPDIR/names
    mkdir "$NAMES"
    ln -s "$(type -P lbctl-ipvsadm)" "$NAMES/ipvsadm"
    ln -s "$(type -P lbctl-ipvsadm)" "$NAMES/ipvsadm-save"
    ln -s "$(type -P lbctl-ipvsadm)" "$NAMES/ipvsadm-restore"
}

teardown() {
    [ -z "${HOSTS:-}" ] || umount /etc/hosts
    lab_cleanup
    lab_not_alone
}

# ours WORD... and theirs WORD...: in the test's namespace.
ours() {
    alone "$NAMES/ipvsadm" "$@"
}
theirs() {
    alone ipvsadm "$@"
}

# says TEXT COMMAND...: succeeds and prints just that.
says() {
    ok "${@:2}"
    [ "$output" = "$1" ] || {
        printf 'expected: %s\n' "$1"
        show_run
        return 1
    }
}

# quiet COMMAND...: succeeds and prints nothing, on stderr neither. Lean, since
# most commands only prepare.
quiet() {
    local said ended=0
    said=$("$@" 2>&1) || ended=$?
    if [ "$ended" -ne 0 ] || [ -n "$said" ]; then
        printf '%s\n' "expected to succeed silently: $*" "status $ended" "$said"
        return 1
    fi
}

# ends STATUS COMMAND...: also those that are a death to other programs.
ends() {
    run --separate-stderr "${@:2}"
    [ "$status" -eq "$1" ] || {
        show_run
        return 1
    }
}

# refuses STATUS TEXT COMMAND...: ends so, with just that on stderr.
refuses() {
    ends "$1" "${@:3}" || return
    if [ -n "$output" ] || [ "${stderr:-}" != "$2" ]; then
        printf 'expected status %s: %s\n' "$1" "$2"
        show_run
        return 1
    fi
}

# known_hosts: /etc/hosts is what stdin says, until the test ends.
known_hosts() {
    cat >"$BATS_TEST_TMPDIR/hosts"
    mount --bind "$BATS_TEST_TMPDIR/hosts" /etc/hosts
    HOSTS=yes
}

# ---- Command line ------------------------------------------------------------

@test "help, versions and mistakes need no privileges" {
    as_nobody() {
        alone setpriv --reuid nobody --clear-groups \
            --bounding-set -all --inh-caps -all "$@"
    }
    run_program as_nobody "$NAMES/ipvsadm" -h
    [ "$status" -eq 0 ]
    [[ $output == 'ipvsadm v1.31 2019/12/24 '* ]]
    run_program as_nobody "$NAMES/ipvsadm" -v
    [ "$output" = "$(theirs -v)" ]
    refuses 2 "You need to supply the 'service-address' option for the \
'add-service' command" as_nobody "$NAMES/ipvsadm" -A
    refuses 2 "Can't initialize ipvs: Permission denied (you must be root)
Are you sure that IP Virtual Server is built in the kernel or as module?" \
        as_nobody "$NAMES/ipvsadm" -Ln
}

@test "-O is -o" {
    quiet ours -A -u 192.0.2.1:53 -O
    table_is <<'END'
-A -u 192.0.2.1:53 -s wlc -o
END
}

@test "-M and -r mean the same before and after the service" {
    quiet ours -A -M 64 -t '[2001:db8::1]:80' -p 60
    quiet ours -A -M 48 -f 1 -6 -p 60
    quiet ours -A -t 192.0.2.1:80
    quiet ours -a -r 10.0.0.1 -t 192.0.2.1:80 -m
    table_is <<'END'
-A -t 192.0.2.1:80 -s wlc
-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1
-A -t [2001:db8::1]:80 -s wlc -p 60 -M 64
-A -f 1 -6 -s wlc -p 60 -M 48
END
    # What is no length is told, where 1.31 took any mask of IPv4's.
    refuses 2 'illegal ipv6 netmask specified' \
        ours -E -M 255.255.255.0 -t '[2001:db8::1]:80' -p 60
    theirs -E -M 24 -t '[2001:db8::1]:80' -p 60
    [[ $(theirs -Sn) != *'-M 24'* ]]
}

@test "-Z of the service that is any address and port zeroes no other" {
    quiet ours -A -f 1
    refuses 255 'No such service' ours -Z -t 0.0.0.0:0
    quiet theirs -Z -t 0.0.0.0:0
    quiet ours -A -t 0.0.0.0:0 -p
    quiet ours -Z -t 0.0.0.0:0
}

@test "a name too long for an interface is none" {
    alone ip link add averylongname00 type dummy
    refuses 255 'No such device' \
        ours --start-daemon master --mcast-interface averylongname00x
    says '' ours -L --daemon
}

# ---- Lists -------------------------------------------------------------------

@test "marks and addresses are large numbers, not negative ones" {
    quiet ours -A -f 4294967295
    quiet ours -A -f 1
    quiet ours -A -f 3000000000 -6
    quiet ours -A -t 8.8.8.8:80
    quiet ours -A -t 192.168.0.1:80
    quiet ours -A -t '[2001:db8::1]:80'
    quiet ours -A -t '[ff00::1]:80'
    says '-A -t 8.8.8.8:80 -s wlc
-A -t 192.168.0.1:80 -s wlc
-A -t [2001:db8::1]:80 -s wlc
-A -t [ff00::1]:80 -s wlc
-A -f 1 -s wlc
-A -f 3000000000 -6 -s wlc
-A -f 4294967295 -s wlc' ours -Sn
    ok ours -Ln
    prints 'FWM  4294967295 wlc' 'FWM  3000000000 IPv6 wlc'
    # 1.31 puts them in another order, with signs.
    [[ $(theirs -Sn) == *'-A -f -1 -s wlc'* ]]
    # Which is read back as it was meant.
    theirs -Sn >"$BATS_TEST_TMPDIR/theirs"
    ours -Sn >"$BATS_TEST_TMPDIR/ours"
    quiet ours -C
    quiet ours -R <"$BATS_TEST_TMPDIR/theirs"
    [ "$(ours -Sn)" = "$(<"$BATS_TEST_TMPDIR/ours")" ]
}

@test "servers of two families are sorted by family" {
    quiet ours -A -t 192.0.2.1:80
    quiet ours -a -t 192.0.2.1:80 -r '[2001:db8::1]:80' -i
    quiet ours -a -t 192.0.2.1:80 -r 10.0.0.2 -i
    quiet ours -a -t 192.0.2.1:80 -r 203.0.113.1 -i
    ok ours -Sn
    [ "$(sed -n 's/.* -r \([^ ]*\) .*/\1/p' <<<"$output")" = \
        '10.0.0.2:80
203.0.113.1:80
[2001:db8::1]:80' ]
}

@test "flags of tunnels that nobody knows do no harm" {
    quiet ours -A -t 192.0.2.1:80
    quiet alone foreign flags
    ok ours -Ln --tun-info
    prints 'Tunnel  gue:6080:r+c  1 '
    ok ours -Sn
    prints '--tun-type gue --tun-port 6080 --tun-remcsum'
    run alone ipvsadm -Sn
    [ "$status" -eq 139 ]
}

@test "output that cannot be written is a failure" {
    quiet ours -A -t 192.0.2.1:80
    local command
    for command in -Ln -Sn -Lnc '-L --timeout' -h -v; do
        # shellcheck disable=SC2086 # words
        run_program bash -c "exec \"\$@\" >/dev/full" _ \
            nsenter --net="/run/netns/$ALONE" "$NAMES/ipvsadm" $command
        [ "$status" -eq 1 ]
        complains 'write error: '
    done
}

@test "once DNS is silent only /etc/hosts is asked" {
    local started patience
    patience=$(scaled 2)
    # Nobody answers at an address behind a dummy interface.
    alone ip link add void type dummy
    alone ip address add 10.9.9.1/24 dev void
    alone ip link set void up
    alone ip neigh add 10.9.9.9 lladdr 02:00:00:00:00:09 dev void
    printf '%s\n' 'nameserver 10.9.9.9' "options timeout:$patience attempts:1" \
        >"$BATS_TEST_TMPDIR/resolv.conf"
    known_hosts <<'END'
10.0.0.9 known.example
END
    quiet ours -A -t 192.0.2.1:80
    for server in 1 2 3 4 9; do
        quiet ours -a -t 192.0.2.1:80 -r "10.0.0.$server"
    done
    started=$SECONDS
    ok alone unshare -m bash -c "mount --bind \"\$1\" /etc/resolv.conf &&
        exec \"\$2\" -L" _ "$BATS_TEST_TMPDIR/resolv.conf" "$NAMES/ipvsadm"
    prints '-> 10.0.0.1:http ' '-> known.example:http '
    # One address takes as long as that, and six take six times as long.
    [ $((SECONDS - started)) -lt $((patience * 4)) ]
}

# ---- Changes -----------------------------------------------------------------

@test "a held server stays held, and its weight changes behind that" {
    quiet ours -A -t 192.0.2.1:80
    quiet ours -a -t 192.0.2.1:80 -r 10.0.0.1 -w 5
    quiet ours -a -t 192.0.2.1:80 -r 10.0.0.2 -w 5
    quiet alone lbctl-svc drain tcp:192.0.2.1:80 10.0.0.1 10.0.0.2
    quiet ours -e -t 192.0.2.1:80 -r 10.0.0.1 -w 7
    table_is <<'END'
-A -t 192.0.2.1:80 -s wlc
-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 0
-a -t 192.0.2.1:80 -r 10.0.0.2:80 -g -w 0
END
    ok ours -Ln
    prints '10.0.0.1:80                  Route   0 '
    # What is saved is what is wanted.
    ok ours -Sn
    prints '-r 10.0.0.1:80 -g -w 7' '-r 10.0.0.2:80 -g -w 5'
    # A server that was deleted is not held when it comes back.
    quiet ours -d -t 192.0.2.1:80 -r 10.0.0.2
    quiet ours -a -t 192.0.2.1:80 -r 10.0.0.2 -w 0
    quiet alone lbctl-svc undrain tcp:192.0.2.1:80 10.0.0.1
    ok alone lbctl-svc show
    lacks held
    # Nor is one that is added by itself after the whole table was.
    quiet alone lbctl-svc drain tcp:192.0.2.1:80 10.0.0.1
    quiet ours -C
    quiet ours -A -t 192.0.2.1:80
    quiet ours -a -t 192.0.2.1:80 -r 10.0.0.1
    ok alone lbctl-svc show
    lacks held
    [ -z "$(find /run/lbctl -name "holds.$(alone stat -Lc %i /proc/self/ns/net)")" ]
}

@test "it waits its turn" {
    local held
    exec {held}>/run/lbctl/lock
    flock "$held"
    (sleep 1 && ! theirs -Ln | grep 192.0.2.1 && flock -u "$held") &
    quiet ours -A -t 192.0.2.1:80
    wait $!
    exec {held}>&-
    # Lists do not wait.
    flock /run/lbctl/lock "$NAMES/ipvsadm" -Ln >/dev/null
}

# asks COMMAND...: how many calls of the older interface write, and read.
asks() {
    local trace=$BATS_TEST_TMPDIR/trace
    without_leak_search
    quiet alone strace -f -e trace=getsockopt,setsockopt -o "$trace" \
        "$NAMES/ipvsadm" "$@"
    echo "$(grep -c 'IP_VS_SO_SET' "$trace") $(grep -c 'IP_VS_SO_GET' "$trace")"
}

@test "a single change reads nothing, unless a server is held" {
    quiet ours -A -t 192.0.2.1:80 -s rr
    [ "$(asks -a -t 192.0.2.1:80 -r 10.0.0.1 -m)" = '1 0' ]
    [ "$(asks -e -t 192.0.2.1:80 -r 10.0.0.1 -m -w 3)" = '1 0' ]
    [ "$(asks -E -t 192.0.2.1:80 -s wrr)" = '1 0' ]
    table_is <<'TABLE'
-A -t 192.0.2.1:80 -s wrr
-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 3
TABLE
    ok alone lbctl-svc drain tcp:192.0.2.1:80 10.0.0.1
    [[ $(asks -a -t 192.0.2.1:80 -r 10.0.0.2 -m) == '1 '[1-9]* ]]
    [ "$(asks -d -t 192.0.2.1:80 -r 10.0.0.1)" != '1 0' ]
    [ "$(asks -d -t 192.0.2.1:80 -r 10.0.0.2)" = '1 0' ]
    [ "$(asks -D -t 192.0.2.1:80)" = '1 0' ]
    table_is </dev/null
}

# ---- Saving ------------------------------------------------------------------

@test "-S writes thresholds, and 1.31 reads them" {
    quiet ours -A -t 192.0.2.1:80
    quiet ours -a -t 192.0.2.1:80 -r 10.0.0.1 -x 10 -y 5
    quiet ours -a -t 192.0.2.1:80 -r 10.0.0.2 -i -x 10
    quiet ours -a -t 192.0.2.1:80 -r 10.0.0.3 -m
    local saved='-A -t 192.0.2.1:80 -s wlc
-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 1 -x 10 -y 5
-a -t 192.0.2.1:80 -r 10.0.0.2:80 -i -w 1 -x 10 --tun-type ipip
-a -t 192.0.2.1:80 -r 10.0.0.3:80 -m -w 1'
    says "$saved" ours -Sn
    quiet ours -C
    quiet theirs -R <<<"$saved"
    says "$saved" ours -Sn
}

@test "-S --full is all there is, and 1.31 reads it" {
    alone ip link add eth0 type dummy
    alone ip link set eth0 up multicast on
    alone ip address add 192.0.2.254/24 dev eth0
    quiet ours --set 100 200 300
    quiet ours -A -t 192.0.2.1:80
    quiet ours --start-daemon master --syncid 7 --sync-maxlen 1000 \
        --mcast-group 224.0.0.9 --mcast-port 9000 --mcast-ttl 3
    quiet ours --start-daemon backup
    local saved='--set 100 200 300
-A -t 192.0.2.1:80 -s wlc
--start-daemon master --mcast-interface eth0 --syncid 7 --sync-maxlen 1000 --mcast-group 224.0.0.9 --mcast-port 9000 --mcast-ttl 3
--start-daemon backup --mcast-interface eth0 --syncid 0 --sync-maxlen 1472 --mcast-group 224.0.0.81 --mcast-port 8848 --mcast-ttl 1'
    says "$saved" ours -Sn --full
    says "$saved" alone "$NAMES/ipvsadm-save" -n --full
    says '-A -t 192.0.2.1:80 -s wlc' ours -Sn
    ours --stop-daemon master
    ours --stop-daemon backup
    ours -C
    ours --set 1 1 1
    quiet theirs -R <<<"$saved"
    says "$saved" ours -Sn --full
    # As is, our own -R has nothing to do.
    quiet ours -R <<<"$saved"
    quiet alone "$NAMES/ipvsadm-restore" <<<"$saved"
    says "$saved" ours -Sn --full
    refuses 2 "Illegal 'full' option with the 'list' command" ours -L --full
}

@test "-S writes names only where they lead back" {
    known_hosts <<'END'
192.0.2.1 vip.example
10.0.0.1 web.example
10.0.0.2 web.example
2001:db8::1 six.example
10.0.0.3 a-very-long-label-of-a-host-name.another-label.example.example.example
END
    quiet ours -A -t vip.example:http
    quiet ours -a -t vip.example:http -r web.example -m
    quiet ours -a -t vip.example:http -r 10.0.0.2 -m
    quiet ours -a -t vip.example:http -r 10.0.0.3:8081 -m
    quiet ours -A -t '[2001:db8::1]:80'
    says '-A -t vip.example:http -s wlc
-a -t vip.example:http -r web.example:http -m -w 1
-a -t vip.example:http -r 10.0.0.2:80 -m -w 1
-a -t vip.example:http -r a-very-long-label-of-a-host-name.another-label.example.example.example:tproxy -m -w 1
-A -t [2001:db8::1]:80 -s wlc' ours -S
    ours -Sn >"$BATS_TEST_TMPDIR/numbers"
    ours -S >"$BATS_TEST_TMPDIR/saved"
    # 1.31 writes the same name for two servers, and one that it cannot read.
    [ "$(theirs -S | grep -c 'web.example:http')" -eq 2 ]
    [[ $(theirs -S) == *'[six.example]:http'* ]]
    quiet ours -C
    quiet ours -R <"$BATS_TEST_TMPDIR/saved"
    [ "$(ours -Sn)" = "$(<"$BATS_TEST_TMPDIR/numbers")" ]
    quiet ours -C
    quiet theirs -R <"$BATS_TEST_TMPDIR/saved"
    [ "$(ours -Sn)" = "$(<"$BATS_TEST_TMPDIR/numbers")" ]
}

@test "flags that a scheduler has no use for are saved as they are read" {
    quiet ours -A -t 192.0.2.1:80 -s sh -b flag-3
    # In a list they are as they were: nothing in brackets.
    ok ours -Ln
    prints 'TCP  192.0.2.1:80 sh ()'
    says '-A -t 192.0.2.1:80 -s sh -b flag-3' ours -Sn
    says '-A -t 192.0.2.1:80 -s sh -b ' theirs -Sn
}

@test "a service that there are no words for is not saved" {
    quiet alone foreign
    ok ours -Ln
    prints '?    192.0.2.47:1 rr'
    refuses 1 'a service of protocol 47 cannot be saved' ours -Sn
}

# ---- Restoring ---------------------------------------------------------------

# The test's first service, with a connection's worth of state: a server.
standing() {
    quiet ours -A -t 192.0.2.1:80
    quiet ours -a -t 192.0.2.1:80 -r 10.0.0.1 -m -w 3
    STANDING=$(theirs -Sn)
}

unchanged() {
    [ "$(theirs -Sn)" = "$STANDING" ]
}

@test "-R applies all lines, or names the one that is wrong" {
    standing
    run_program ours -R <<'END'
-A -t 192.0.2.2:80
-A -t 192.0.2.3:99999
-A -t 192.0.2.4:80
END
    [ "$status" -eq 2 ]
    complains "$NAMES/ipvsadm: standard input:2: " 99999
    unchanged
    # 1.31 has added one by then.
    run_program theirs -R <<'END'
-A -t 192.0.2.2:80
-A -t 192.0.2.3:99999
END
    [ "$status" -eq 2 ]
    [[ $(theirs -Sn) == *192.0.2.2:80* ]]
}

@test "-R takes back what it did when the kernel refuses" {
    standing
    ends 255 ours -R <<'END'
-A -t 192.0.2.2:80
-A -t 192.0.2.3:80 -s nosuch
-A -t 192.0.2.4:80
END
    complains 'tcp:192.0.2.3:80' scheduler
    unchanged
    # 1.31 goes on, and says that all is well.
    run_program theirs -R <<'END'
-A -t 192.0.2.3:80 -s nosuch
-A -t 192.0.2.4:80
END
    [ "$status" -eq 0 ]
}

@test "-R takes comments, blank lines, ends of DOS and none at all" {
    printf '# a comment\n\n  -A -t 192.0.2.1:80 # another\r\n%s' \
        'ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.1' >"$BATS_TEST_TMPDIR/rules"
    quiet ours -R <"$BATS_TEST_TMPDIR/rules"
    table_is <<'END'
-A -t 192.0.2.1:80 -s wlc
-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 1
END
    ends 255 theirs -R <"$BATS_TEST_TMPDIR/rules"
    quiet ours -R </dev/null
    # It is ipvsadm's language and no other.
    fails 2 ours -R <<<'svc flush'
    fails 2 ours -R <<<'{"version": 1}'
}

@test "-R may be repeated, and deletes what is not there" {
    standing
    quiet ours -R <<<"$STANDING"
    unchanged
    quiet ours -R <<'END'
-D -t 192.0.2.9:80
-d -t 192.0.2.1:80 -r 10.0.0.9
-A -t 192.0.2.1:80 -s rr
END
    [[ $(theirs -Sn) == '-A -t 192.0.2.1:80 -s rr'* ]]
}

@test "-R has no commands that show, or are no state" {
    standing
    local command
    for command in -L -S -Z -R -h -v '-Ln --stats'; do
        fails 2 ours -R <<<"-A -t 192.0.2.2:80
$command"
        complains 'standard input:2: '
    done
    unchanged
}

@test "ipvsadm-restore makes the table just that, without emptying it" {
    standing
    quiet ours -A -t 192.0.2.2:80
    without_leak_search
    quiet alone strace -f -o "$BATS_TEST_TMPDIR/trace" \
        "$NAMES/ipvsadm-restore" -n <<<"$STANDING"
    unchanged
    # Of what stays nothing is deleted: one service is.
    fails 2 alone "$NAMES/ipvsadm-restore" <<<'nonsense'
    unchanged
    # Empty is what empty input says.
    quiet alone "$NAMES/ipvsadm-restore" </dev/null
    quiet theirs -Sn
}

# on_director WORD...: runs our ipvsadm, or with "theirs" Debian's.
on_director() {
    local program=$NAMES/ipvsadm
    [ "$1" != theirs ] || {
        program=ipvsadm
        shift
    }
    nsenter --net="/run/netns/$LAB_PREFIX-director" "$program" "$@"
}

# alike WORD...: both print the same; twice, since times go on meanwhile.
alike() {
    local once again
    once=$(on_director "$@")
    again=$(on_director theirs "$@")
    [ "$once" = "$again" ] || [ "$(on_director "$@")" = "$again" ] || {
        printf '%s\n' "ours of $*:" "$once" 'theirs:' "$again"
        return 1
    }
}

@test "connections, totals and rates of real traffic; a restore leaves them be" {
    lab_new ipvsadm
    lab_balancer nat
    local i
    for i in 0 1; do
        lab_serve "s$((i + 1))" "s$((i + 1))" tcp "${LAB_SERVERS[i]}" 7000
        lab_serve "s$((i + 1))" "s$((i + 1))" tcp "${LAB_SERVERS6[i]}" 7000
    done
    lab_up
    local rules="-A -t $LAB_VIP:7000 -s rr -p 300
-a -t $LAB_VIP:7000 -r ${LAB_SERVERS[0]}:7000 -m -w 1
-a -t $LAB_VIP:7000 -r ${LAB_SERVERS[1]}:7000 -m -w 1
-A -t [$LAB_VIP6]:7000 -s rr
-a -t [$LAB_VIP6]:7000 -r [${LAB_SERVERS6[0]}]:7000 -m -w 1"
    on_director -R <<<"$rules"
    lab_connect tcp "$LAB_VIP" 7000
    lab_connect tcp "$LAB_VIP6" 7000
    lab_send tcp "$LAB_VIP" 7000 2
    for i in -Lnc -Lc '-Lnc --persistent-conn' -Ln '-Ln --persistent-conn' \
        '-Ln --stats' '-Ln --stats --exact' '-Ln --rate'; do
        # shellcheck disable=SC2086 # words
        within 5 alike $i
    done
    [ "$(on_director -Lnc | grep -c ESTABLISHED)" -eq 2 ]
    # With another server beside them, both go on.
    nsenter --net="/run/netns/$LAB_PREFIX-director" "$NAMES/ipvsadm-restore" \
        <<<"$rules
-a -t [$LAB_VIP6]:7000 -r [${LAB_SERVERS6[1]}]:7000 -m -w 1"
    kill -0 "${LAB_CLIENTS[@]}"
    [ "$(on_director -Lnc | grep -c ESTABLISHED)" -eq 2 ]
    lab_disconnect
}

@test "ipvsadm-save takes -n and --full, and says so" {
    quiet ours -A -t 192.0.2.1:80
    says "$(alone ipvsadm-save -n)" alone "$NAMES/ipvsadm-save" -n
    says "$(alone ipvsadm-save)" alone "$NAMES/ipvsadm-save"
    run_program alone ipvsadm-save -x
    refuses 1 "${stderr:-}" alone "$NAMES/ipvsadm-save" -x
    says "$(alone ipvsadm-save words)" alone "$NAMES/ipvsadm-save" words
}
