#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# lbctl-restore: the fewest changes, in a safe order, or none at all.

load ../suite-helper

setup() {
    lab_alone
    alone ip link add front type dummy
    alone ip addr add 192.0.2.1/24 dev front
    alone ip link set front up
    cd "$BATS_TEST_TMPDIR" || exit 1
}

teardown() {
    lab_not_alone
}

# A ruleset on stdin becomes the state.
given() {
    cat >given
    ok alone lbctl-restore given
}

# plan_is: what a restore of the file "wanted" would do is what stdin says.
plan_is() {
    local expected
    expected=$(cat)
    answers 1 alone lbctl-restore --dry-run wanted
    [ "$output" = "$expected" ] || {
        diff <(echo "$expected") <(echo "$output")
        return 1
    }
}

# Everything in the kernel but statistics.
state() {
    alone ipvsadm -Sn
    alone ipvsadm -Ln --thresholds
    alone ipvsadm -L --timeout
    alone ipvsadm -L --daemon
    alone iptables-legacy -t mangle -S
    alone ip6tables-legacy -t mangle -S
}

# some_pools COUNT: services with two servers each.
some_pools() {
    local i
    echo 'svc flush'
    for ((i = 1; i <= $1; i++)); do
        echo "svc add tcp:192.0.2.1:$i --scheduler rr"
        echo "svc add-server tcp:192.0.2.1:$i 10.0.0.1 10.0.0.2"
    done
}

@test "only what differs is changed, and what is new comes first" {
    given <<'END'
svc add tcp:192.0.2.1:80 --scheduler rr
svc add-server tcp:192.0.2.1:80 10.0.0.1 10.0.0.2 10.0.0.3
svc add tcp:192.0.2.1:81
svc add-server tcp:192.0.2.1:81 10.0.0.1
mark add 1 --proto udp --dst 192.0.2.1 --dport 5000
mark add 2 --proto udp --dst 192.0.2.1 --dport 5001
sync start master --dev front
END
    cat >wanted <<'END'
svc flush
mark flush
sync flush
svc add tcp:192.0.2.1:80 --scheduler rr
svc add-server tcp:192.0.2.1:80 10.0.0.1
svc add-server tcp:192.0.2.1:80 10.0.0.2 --weight 5
svc add-server tcp:192.0.2.1:80 10.0.0.4
svc add udp:192.0.2.1:53
svc add-server udp:192.0.2.1:53 10.0.0.1
mark add 1 --proto udp --dst 192.0.2.1 --dport 5000
mark add 3 --proto udp --dst 192.0.2.1 --dport 5001
sync start master --dev front
END
    plan_is <<'END'
+ svc add udp:192.0.2.1:53 --scheduler wlc
+ svc add-server tcp:192.0.2.1:80 10.0.0.4 --forward dr --weight 1
+ svc add-server udp:192.0.2.1:53 10.0.0.1 --forward dr --weight 1
~ svc change-server tcp:192.0.2.1:80 10.0.0.2 --weight 5
~ mark replace 3 --proto udp --dst 192.0.2.1 --dport 5001
- svc delete-server tcp:192.0.2.1:80 10.0.0.3
- svc delete-server tcp:192.0.2.1:81 10.0.0.1
- svc delete tcp:192.0.2.1:81
END
    ok alone lbctl-restore --json wanted
    json_is '.changes | length' 8
    json_is '.changes[0].action + " " + .changes[0].object' 'add service'
    ok alone lbctl-restore --dry-run wanted
    [ -z "$output" ]
    ok alone lbctl-restore --json wanted
    json_is '.changes' '[]'
    # A third time with strace: nothing is written.
    without_leak_search
    alone strace -f -qq -e trace=setsockopt,sendto,sendmsg -e signal=none -o log \
        lbctl-restore wanted
    absent 'setsockopt\(.*(IPPROTO_IP|SOL_IP)' log
}

@test "without a flush lines add to what stands, again and again" {
    given <<'END'
svc add tcp:192.0.2.1:80 --scheduler rr
svc add-server tcp:192.0.2.1:80 10.0.0.1 --weight 7
END
    cat >wanted <<'END'
svc add tcp:192.0.2.1:81
svc add-server tcp:192.0.2.1:80 10.0.0.2
svc change-server tcp:192.0.2.1:80 10.0.0.1 --lower-threshold 1 --upper-threshold 2
svc delete tcp:192.0.2.1:99
END
    plan_is <<'END'
+ svc add tcp:192.0.2.1:81 --scheduler wlc
+ svc add-server tcp:192.0.2.1:80 10.0.0.2 --forward dr --weight 1
~ svc change-server tcp:192.0.2.1:80 10.0.0.1 --upper-threshold 2 --lower-threshold 1
END
    ok alone lbctl-restore wanted
    ok alone lbctl-restore --dry-run wanted
    # What stands is made just as given.
    echo 'svc add-server tcp:192.0.2.1:80 10.0.0.1' >wanted
    plan_is <<'END'
~ svc change-server tcp:192.0.2.1:80 10.0.0.1 --weight 1 --upper-threshold 0 --lower-threshold 0
END
    # To change what does not stand is no ruleset's wish.
    printf '\nsvc change-server tcp:192.0.2.1:80 10.0.0.9 --weight 2\n' >wanted
    fails 3 alone lbctl-restore wanted
    complains 'wanted:2: tcp:192.0.2.1:80 10.0.0.9: no such server'
    echo 'svc add-server tcp:192.0.2.9:80 10.0.0.9' >wanted
    fails 3 alone lbctl-restore wanted
    complains 'wanted:1: tcp:192.0.2.9:80: no such service'
}

@test "a ruleset whose last line the kernel refuses changes nothing" {
    local before line
    given <<'END'
svc add tcp:192.0.2.1:80 --scheduler rr
svc add-server tcp:192.0.2.1:80 10.0.0.1 10.0.0.2
svc add udp:192.0.2.1:81
svc add-server udp:192.0.2.1:81 10.0.0.1
svc add tcp:[2001:db8::1]:80
svc add-server tcp:[2001:db8::1]:80 2001:db8::2
mark add 1 --proto udp --dst 192.0.2.1 --dport 5000
sync start backup --dev front
END
    before=$(state)
    while read -r line; do
        {
            echo 'svc flush'
            echo 'mark flush'
            echo 'sync flush'
            echo 'svc timeouts 33 34 35'
            echo 'svc add tcp:192.0.2.1:80 --scheduler wrr'
            echo 'svc add-server tcp:192.0.2.1:80 10.0.0.2 10.0.0.3'
            echo 'svc add tcp:[2001:db8::1]:81'
            echo 'svc add-server tcp:[2001:db8::1]:81 2001:db8::3'
            echo 'mark add 2 --proto udp --dst 192.0.2.1 --dport 5000'
            echo 'svc add fwmark:9'
            echo "$line"
        } >wanted
        run_program alone lbctl-restore wanted
        [[ $status == [236] && -n $stderr ]] || {
            echo "$line"
            show_run
            return 1
        }
        diff <(echo "$before") <(state)
    done <<'END'
svc add fwmark:10 --scheduler nonesuch
svc add fwmark:10/inet6 --scheduler nonesuch
svc add-server fwmark:9 192.0.2.255
sync start master --dev nonesuch
mark add 5 --proto udp -- -m nonesuch
END
}

@test "two restores at once come one after the other" {
    local i jobs one two now
    some_pools 60 >one
    sed 's/10.0.0.1 /10.0.0.9 /; s/rr/wlc/' one >two
    ok alone lbctl-restore one
    one=$(alone lbctl-save --only svc)
    ok alone lbctl-restore --quiet two
    two=$(alone lbctl-save --only svc)
    [ "$one" != "$two" ]
    for ((i = 0; i < 4; i++)); do
        # Two at a time: a queue of eight may take longer than a writer waits.
        alone lbctl-restore --quiet one >>said 2>&1 &
        jobs=($!)
        alone lbctl-restore --quiet two >>said 2>&1 &
        jobs+=($!)
        now=$(alone lbctl-save --only svc)
        [ "$now" = "$one" ] || [ "$now" = "$two" ]
        wait "${jobs[0]}"
        wait "${jobs[1]}"
    done
    [ ! -s said ]
    now=$(alone lbctl-save --only svc)
    [ "$now" = "$one" ] || [ "$now" = "$two" ]
}

# about_to_write: the restore has opened a socket for reading and, when it had
# read, another one for writing.
about_to_write() {
    [ "$(grep -c 'socket(AF_INET' log)" -eq 2 ]
}

# meanwhile COMMAND...: what somebody else does between the reading and the
# writing (the second setsockopt), which strace delays; prints the status of
# the restore.
meanwhile() {
    local status=0
    : >log
    alone strace -qq -f -e trace=socket,setsockopt -e signal=none -o log \
        -e "inject=setsockopt:delay_enter=$(scaled 5)000000:when=2" \
        lbctl-restore wanted >said 2>&1 &
    within 20 about_to_write
    alone "$@"
    wait $! || status=$?
    echo "$status"
}

@test "a change by somebody else in between is noticed and nothing is half done" {
    without_leak_search
    given <<'END'
svc add tcp:192.0.2.1:80 --scheduler rr
svc add-server tcp:192.0.2.1:80 10.0.0.1 10.0.0.2
END
    cat >wanted <<'END'
svc flush
svc add tcp:192.0.2.1:80 --scheduler rr
svc add-server tcp:192.0.2.1:80 10.0.0.3 10.0.0.4 10.0.0.5
END
    # The service that servers are to be added to has gone.
    [ "$(meanwhile ipvsadm -D -t 192.0.2.1:80)" -eq 3 ]
    grep -q 'another program has changed the setup meanwhile' said
    table_is </dev/null
    # A server that is to be added is there already, as somebody else has it.
    ok alone lbctl-restore given
    [ "$(meanwhile ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.5 -m -w 9)" -eq 3 ]
    grep -q 'server already exists' said
    table_is <<'END'
-A -t 192.0.2.1:80 -s rr
-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 1
-a -t 192.0.2.1:80 -r 10.0.0.2:80 -g -w 1
-a -t 192.0.2.1:80 -r 10.0.0.5:80 -m -w 9
END
    # Run again, it takes that into account.
    ok alone lbctl-restore wanted
    table_is <<'END'
-A -t 192.0.2.1:80 -s rr
-a -t 192.0.2.1:80 -r 10.0.0.3:80 -g -w 1
-a -t 192.0.2.1:80 -r 10.0.0.4:80 -g -w 1
-a -t 192.0.2.1:80 -r 10.0.0.5:80 -g -w 1
END
}

@test "killed at any moment, the same restore completes" {
    local when wanted
    without_leak_search
    some_pools 12 >given
    {
        some_pools 12 | sed 's/10.0.0.2/10.0.0.3/; s/:1[0-2] /&--persistent 60 /'
        echo 'svc add tcp:192.0.2.1:99'
        echo 'mark flush'
        echo 'mark add 1 --proto udp --dst 192.0.2.1 --dport 5000'
    } | sed 's/\(add-server.*\)--persistent 60 /\1/' >wanted
    ok alone lbctl-restore wanted
    wanted=$(alone lbctl-save)
    for when in 1 2 7 14 27 40; do
        alone lbctl-mark flush
        ok alone lbctl-restore given
        ok alone lbctl-svc drain tcp:192.0.2.1:1 10.0.0.1
        alone strace -qq -f -e trace=setsockopt -o log \
            -e "inject=setsockopt:signal=KILL:when=$when" \
            lbctl-restore wanted >said 2>&1 || true
        ok alone lbctl-restore wanted
        diff <(echo "$wanted") <(alone lbctl-save)
        alone ipvsadm -Sn | grep -qx -e '-a -t 192.0.2.1:1 -r 10.0.0.1:1 -g -w 0'
        ok alone lbctl-svc undrain tcp:192.0.2.1:1 10.0.0.1
    done
}

# refused TEXT FILE: the file is wrong, for this reason, and nothing changed.
refused() {
    local before
    before=$(alone ipvsadm -Sn)
    fails 2 alone lbctl-restore "$2"
    complains "$1"
    [ "$before" = "$(alone ipvsadm -Sn)" ]
}

@test "what is no ruleset is told apart from one, and nothing is lost" {
    given <<'END'
svc add tcp:192.0.2.1:80
svc add-server tcp:192.0.2.1:80 10.0.0.1
END
    # An empty file says nothing.
    : >wanted
    ok alone lbctl-restore wanted
    printf '# nothing\n\n' >wanted
    ok alone lbctl-restore wanted
    printf 'svc flush\0\n' >wanted
    refused 'wanted:1: a NUL byte' wanted
    {
        echo 'svc flush'
        head -c 100M /dev/zero | tr '\0' a
        echo
    } >wanted
    refused 'wanted:2: the line is longer than 65536 bytes' wanted
    rm wanted
    printf 'svc flush\nsvc add tcp:192.0.2.1:80\nsvc add-server tcp:192.0.2.1:80 10.0.0.1' >wanted
    refused 'wanted:3: the last line does not end' wanted
    alone lbctl-save | sed '$d' >wanted
    refused "the line '# end of ruleset' is missing" wanted
    echo '{"version": 1, "services": [' >wanted
    refused 'wanted:' wanted
    echo '{"version": 1, "services": [{"service": "tcp:192.0.2.1:80", "servers": [{"server": "x"}]}]}' >wanted
    refused 'services[0].servers[0]' wanted
    printf '*mangle\n-A PREROUTING -p udp -j MARK --set-mark 1\n' >wanted
    refused 'COMMIT is missing' wanted
    head -c 4096 "$(type -P bash)" >wanted
    refused 'wanted:' wanted
    echo 'scv flush' >wanted
    refused "wanted:1: 'scv' is none of svc, mark, vip, sync" wanted
    printf 'svc flush\nsvc add tcp:192.0.2.1:80\nsvc add tcp:192.0.2.1:80\n' >wanted
    refused 'wanted:3: tcp:192.0.2.1:80: the ruleset adds this service twice' wanted
    fails 3 alone lbctl-restore nonesuch
    complains 'nonesuch: cannot be read: No such file or directory'
    # Another system's ends of lines are fine.
    printf 'svc flush\r\nsvc add tcp:192.0.2.1:81 \\\r\n --scheduler rr # so\r\n' >wanted
    ok alone lbctl-restore wanted
    table_is <<<'-A -t 192.0.2.1:81 -s rr'
}

@test "faults do not reach the kernel" {
    without_leak_search
    printf 'svc flush\nsvc add tcp:192.0.2.1:80 --weight 3\n' >wanted
    run_program alone strace -f --seccomp-bpf -qq -o log -e signal=none \
        -e trace=socket,setns,flock lbctl-restore wanted
    [ "$status" -eq 2 ]
    absent 'AF_NETLINK|AF_INET|flock' log
}

@test "files follow each other, those of a directory by name" {
    mkdir rules.d
    echo 'svc flush' >rules.d/00-flush
    echo 'svc add tcp:192.0.2.1:80' >rules.d/10-web
    echo 'svc change tcp:192.0.2.1:80 --scheduler rr' >rules.d/20-change
    echo 'nonsense' >rules.d/.hidden
    echo 'nonsense' >rules.d/10-web~
    echo 'nonsense' >rules.d/10-web.dpkg-old
    ok alone lbctl-svc add tcp:192.0.2.1:1
    ok alone lbctl-restore rules.d
    table_is <<<'-A -t 192.0.2.1:80 -s rr'
    ok alone lbctl-restore rules.d - <<<'svc add udp:192.0.2.1:53'
    table_is <<'END'
-A -t 192.0.2.1:80 -s rr
-A -u 192.0.2.1:53 -s wlc
END
    echo 'svc add tcp:192.0.2.1:80' >rules.d/30-again
    fails 2 alone lbctl-restore rules.d
    complains 'rules.d/30-again:1: tcp:192.0.2.1:80'
    rm rules.d/30-again
    mkdir rules.d/40-directory
    fails 3 alone lbctl-restore rules.d
    ok alone lbctl-restore <(echo 'svc flush')
    table_is </dev/null
}

@test "what ipvsadm saves is restored, with names and without" {
    alone ipvsadm -R <<'END'
-A -t 192.0.2.1:80 -s rr -p 360
-a -t 192.0.2.1:80 -r 127.0.0.1:8080 -m -w 3 -x 9 -y 4
-A -u 192.0.2.1:53 -s wlc -o
-A -t [2001:db8::1]:443 -s sh -b sh-port
-a -t [2001:db8::1]:443 -r [2001:db8::5]:443 -g -w 1
-A -f 4000000000 -s wlc
-a -f 4000000000 -r 10.0.0.1:0 -i -w 1
END
    alone ipvsadm -Sn >numbers
    alone ipvsadm -S >names
    grep -q -e '-f -294967296' numbers
    grep -q localhost names
    local form
    for form in numbers names; do
        ok alone lbctl-svc flush
        ok alone lbctl-restore "$form"
        # 1.31 does not save thresholds.
        table_is <numbers
    done
    # Lines add to what stands, unless the text begins anew.
    ok alone lbctl-svc add tcp:192.0.2.1:99
    ok alone lbctl-restore --dry-run numbers
    (echo ipvsadm -C && sed 's/^/ipvsadm /' numbers) >wanted
    plan_is <<<'- svc delete tcp:192.0.2.1:99'
    echo 'svc flush' | ok alone lbctl-restore - numbers
    table_is <numbers
    # DNS, or the file that stands for it, is asked once for each.
    without_leak_search
    alone strace -qq -e trace=openat -e signal=none -o log \
        lbctl-restore names
    [ "$(grep -c '"/etc/hosts"' log)" = 1 ]
    # A name that nobody knows.
    echo '-A -t nonesuch.invalid:80 -s rr' >wanted
    fails 2 alone lbctl-restore wanted
    complains wanted:1 nonesuch.invalid 'ipvsadm-save -n'
}

@test "mark rules of iptables-save are taken over" {
    local i
    for i in 51820,RETURN '50000:60000,MARK --set-mark 1' '5000,MARK --set-mark 2'; do
        read -ra words <<<"${i#*,}"
        alone iptables-legacy -t mangle -A PREROUTING -p udp -d 192.0.2.1 \
            --dport "${i%%,*}" -j "${words[@]}"
    done
    alone iptables-legacy -t mangle -A POSTROUTING -p tcp -j MARK --set-mark 9
    alone iptables-legacy -t nat -A PREROUTING -p tcp -j RETURN
    alone iptables-legacy-save -c >wanted
    run_program alone lbctl-restore wanted
    [ "$status" -eq 0 ]
    complains 'passed over' POSTROUTING
    alone lbctl-save --only mark | diff - <(cat <<'END'
# lbctl ruleset: see lbctl-ruleset(5)
mark flush
mark exclude --proto udp --dst 192.0.2.1 --dport 51820 --priority 100
mark add 2 --proto udp --dst 192.0.2.1 --dport 5000
mark add 1 --proto udp --dst 192.0.2.1 --dport 50000:60000 --no-exempt-own
# end of ruleset
END
    )
    # With our own chains in it, too.
    alone iptables-legacy-save >wanted
    ok alone lbctl-restore --quiet wanted
    ok alone lbctl-restore --quiet --dry-run wanted
    [ -z "$output" ]
}

@test "a server that is held stays held, whatever is restored" {
    given <<'END'
svc add tcp:192.0.2.1:80
svc add-server tcp:192.0.2.1:80 10.0.0.1 10.0.0.2 --weight 3
END
    ok alone lbctl-svc drain tcp:192.0.2.1:80 10.0.0.1 --reason check:web
    cat >wanted <<'END'
svc flush
svc add tcp:192.0.2.1:80
svc add-server tcp:192.0.2.1:80 10.0.0.1 10.0.0.3 --weight 5
END
    ok alone lbctl-restore wanted
    table_is <<'END'
-A -t 192.0.2.1:80 -s wlc
-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 0
-a -t 192.0.2.1:80 -r 10.0.0.3:80 -g -w 5
END
    ok alone lbctl-svc undrain tcp:192.0.2.1:80 10.0.0.1 --reason check:web
    alone ipvsadm -Sn | grep -x -e '-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 5'
}

@test "who waits at a terminal sees how far it is" {
    some_pools 3 >wanted
    # A kernel that takes its time, and a terminal.
    without_leak_search
    run script -qec "nsenter --net=/run/netns/$ALONE strace -qq -f -o log \
        -e trace=setsockopt -e inject=setsockopt:delay_enter=500000 \
        lbctl-restore wanted" /dev/null
    [ "$status" -eq 0 ]
    prints 'lbctl-restore: ' 'of 9 changes'
    run script -qec "nsenter --net=/run/netns/$ALONE lbctl-restore wanted" /dev/null
    [ -z "$output" ]
}

@test "a file that another user can write is refused, whichever part it is" {
    given <<'END'
svc flush
svc add tcp:192.0.2.1:80
END
    state >before
    echo 'svc flush' >open.rules
    chmod 666 open.rules
    fails 3 alone lbctl-restore open.rules
    complains 'open.rules: others than root can write it' 'chown root: '
    mkdir theirs
    echo 'svc flush' >theirs/lbctl.rules
    chown nobody theirs
    fails 3 alone lbctl-restore theirs/lbctl.rules
    chown root theirs
    chown nobody theirs/lbctl.rules
    fails 3 alone lbctl-restore theirs/lbctl.rules
    # A link of another user's leads where that user likes.
    chmod 1777 theirs
    chown root theirs/lbctl.rules
    ln -s lbctl.rules theirs/link
    chown -h nobody theirs/link
    fails 3 alone lbctl-restore theirs/link
    state | diff before -
    ln -s theirs/lbctl.rules ours
    answers 1 alone lbctl-restore --dry-run ours
    # What comes by a pipe or a redirection the caller has opened.
    answers 1 alone lbctl-restore --dry-run <open.rules
}
