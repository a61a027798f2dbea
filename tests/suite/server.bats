#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Servers: their options in the kernel, several as one plan, and draining.

load ../suite-helper

WEB=tcp:192.0.2.1:80

setup() {
    lab_alone
}

teardown() {
    lab_cleanup
    lab_not_alone
}

svc() {
    ok alone lbctl-svc "$@"
    [ -z "$output" ] || {
        echo "expected no output: lbctl-svc $*"
        show_run
        return 1
    }
}

shows() {
    ok alone lbctl-svc "$@"
}

refused() {
    fails 3 alone lbctl-svc "$@"
    [ -z "$output" ]
}

# saved: what ipvsadm saves of servers, without "-a -t 192.0.2.1:80 -r".
saved_is() {
    local expected
    IFS= read -rd '' expected || true
    expected=$'\n'${expected%$'\n'}
    table_is <<<"-A -t 192.0.2.1:80 -s wlc${expected//$'\n'/$'\n'-a -t 192.0.2.1:80 -r }"
}

@test "every way of forwarding reaches the kernel with its options" {
    svc add $WEB
    svc add-server $WEB 10.0.0.1
    svc add-server $WEB 10.0.0.2:8080 --forward nat --weight 2147483647
    svc add-server $WEB 10.0.0.3 --forward=dr --weight 0
    svc add-server $WEB 10.0.0.4 --forward tun --weight 65536
    svc add-server $WEB 10.0.0.5 --forward tun --tunnel gue --tunnel-port 6080
    svc add-server $WEB 10.0.0.6 --tunnel-checksum full --tunnel gue \
        --tunnel-port 0x1 --forward tun
    svc add-server $WEB 10.0.0.7 --forward tun --tunnel gue \
        --tunnel-port 65535 --tunnel-checksum remote
    svc add-server $WEB 10.0.0.8 --forward tun --tunnel gre
    svc add-server $WEB 10.0.0.9 --forward tun --tunnel gre --tunnel-checksum full
    svc add-server $WEB 10.0.0.10:80 --forward tun --tunnel ipip --tunnel-checksum none
    svc add-server $WEB '2001:db8::5' '[2001:db8::6]:80' --forward tun
    saved_is <<'END'
10.0.0.1:80 -g -w 1
10.0.0.2:8080 -m -w 2147483647
10.0.0.3:80 -g -w 0
10.0.0.4:80 -i -w 65536 --tun-type ipip
10.0.0.5:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum
10.0.0.6:80 -i -w 1 --tun-type gue --tun-port 1 --tun-csum
10.0.0.7:80 -i -w 1 --tun-type gue --tun-port 65535 --tun-remcsum
10.0.0.8:80 -i -w 1 --tun-type gre --tun-nocsum
10.0.0.9:80 -i -w 1 --tun-type gre --tun-csum
10.0.0.10:80 -i -w 1 --tun-type ipip
[2001:db8::5]:80 -i -w 1 --tun-type ipip
[2001:db8::6]:80 -i -w 1 --tun-type ipip
END
    shows show --json $WEB
    json_is '.services[0].servers | map(.server) | join(" ")' "$(
        printf '%s ' 10.0.0.{1,2,3,4,5,6,7,8,9,10}:80 | sed 's/2:80/2:8080/'
        echo '[2001:db8::5]:80 [2001:db8::6]:80')"
    json_is '.services[0].servers[6] | "\(.forward) \(.tunnel) \(.tunnel_port) \(.tunnel_checksum)"' \
        'tun gue 65535 remote'
    json_is '.services[0].servers[1] | "\(.runtime.address) \(.runtime.port) \(.weight) \(.runtime.effective_weight) \(.tunnel)"' \
        '10.0.0.2 8080 2147483647 2147483647 null'
    shows show
    prints '[2001:db8::6]:80  tun' 'gre checksum full' 'gue port 6080'
}

@test "marks, IPv6, SCTP and port 0 have servers of their kind" {
    svc add fwmark:1
    svc add fwmark:1/inet6
    svc add 'udp:[2001:db8::1]:53'
    svc add sctp:192.0.2.1:9899
    svc add tcp:192.0.2.1:0 --persistent 60
    svc add-server fwmark:1 10.0.0.1 --forward nat
    svc add-server fwmark:1 10.0.0.1:8080 --forward nat
    svc add-server fwmark:0x1 10.0.0.2 '2001:db8::2' --forward tun
    svc add-server fwmark:1/inet6 2001:db8::1
    svc add-server fwmark:1/inet6 10.0.0.3 --forward tun
    svc add-server 'udp:[2001:db8::1]:53' '[2001:db8::53]:5353' 2001:db8::54 --forward nat
    svc add-server sctp:192.0.2.1:9899 10.0.0.1 --upper-threshold 9
    svc add-server tcp:192.0.2.1:0 10.0.0.1
    table_is <<'END'
-A -t 192.0.2.1:0 -s wlc -p 60
-a -t 192.0.2.1:0 -r 10.0.0.1:0 -g -w 1
-A --sctp-service 192.0.2.1:9899 -s wlc
-a --sctp-service 192.0.2.1:9899 -r 10.0.0.1:9899 -g -w 1
-A -u [2001:db8::1]:53 -s wlc
-a -u [2001:db8::1]:53 -r [2001:db8::53]:5353 -m -w 1
-a -u [2001:db8::1]:53 -r [2001:db8::54]:53 -m -w 1
-A -f 1 -s wlc
-a -f 1 -r 10.0.0.1:0 -m -w 1
-a -f 1 -r 10.0.0.1:8080 -m -w 1
-a -f 1 -r 10.0.0.2:0 -i -w 1 --tun-type ipip
-a -f 1 -r [2001:db8::2]:0 -i -w 1 --tun-type ipip
-A -f 1 -6 -s wlc
-a -f 1 -6 -r 10.0.0.3:0 -i -w 1 --tun-type ipip
-a -f 1 -6 -r [2001:db8::1]:0 -g -w 1
END
    svc delete-server fwmark:1 10.0.0.1 2001:db8::2
    svc delete-server fwmark:1/inet6 2001:db8::1
    shows show --json fwmark:1 fwmark:1/inet6
    json_is '[.services[].servers[].server] | join(" ")' '10.0.0.1:8080 10.0.0.2 10.0.0.3'
}

@test "change-server keeps what is not named, replace-server resets it" {
    svc add $WEB
    svc add-server $WEB 10.0.0.1 10.0.0.2 --forward tun --tunnel gue \
        --tunnel-port 6080 --tunnel-checksum full --weight 70000 \
        --upper-threshold 2147483647 --lower-threshold 3
    svc change-server $WEB 10.0.0.1 --weight 5
    saved_is <<'END'
10.0.0.1:80 -i -w 5 --tun-type gue --tun-port 6080 --tun-csum
10.0.0.2:80 -i -w 70000 --tun-type gue --tun-port 6080 --tun-csum
END
    alone ipvsadm -Ln --thresholds | tail -n 2 | tr -s ' ' |
        diff - <(printf ' -> 10.0.0.%s:80 2147483647 3 0 0 \n' 1 2)
    svc change-server $WEB 10.0.0.1 10.0.0.2 --tunnel-port 6081 --lower-threshold 0
    shows show --thresholds
    [ "$(tr -s ' ' <<<"${lines[3]}")" = \
        ' 10.0.0.1:80 tun 5 2147483647 0 0 0 0 gue port 6081 checksum full' ]

    # Another kind of tunnel has other options: they are not kept in secret.
    fails 2 alone lbctl-svc change-server $WEB 10.0.0.1 --tunnel gre
    complains 10.0.0.1:80 '--tunnel-port 0'
    svc change-server $WEB 10.0.0.1 --tunnel gre --tunnel-port 0
    fails 2 alone lbctl-svc change-server $WEB 10.0.0.1 --forward nat
    complains 10.0.0.1:80 '--forward tun'
    svc change-server $WEB 10.0.0.1 --forward nat --tunnel ipip --tunnel-checksum none
    svc replace-server $WEB 10.0.0.2 10.0.0.3 --forward tun
    saved_is <<'END'
10.0.0.1:80 -m -w 5
10.0.0.2:80 -i -w 1 --tun-type ipip
10.0.0.3:80 -i -w 1 --tun-type ipip
END
    shows show --json
    json_is '.services[0].servers[1] | "\(.upper_threshold) \(.lower_threshold)"' 'null null'
    # Nothing to change is no change and no fault.
    ok alone lbctl-svc change-server $WEB 10.0.0.1 --weight 5 --json
    json_is '.changes | length' 0
}

@test "several servers are one plan: one that is wrong spares the others" {
    svc add $WEB
    svc add-server $WEB 10.0.0.{1,2,3} --weight 4
    local before
    before=$(alone ipvsadm -Sn)
    refused add-server $WEB 10.0.0.8 10.0.0.2 10.0.0.9
    complains 'lbctl-svc: 10.0.0.2:80: ' $WEB \
        "hint: lbctl-svc show $WEB"
    refused add-server $WEB 10.0.0.8 10.0.0.8
    refused change-server $WEB 10.0.0.1 10.0.0.9 --weight 1
    complains 'lbctl-svc: 10.0.0.9:80: ' "hint: lbctl-svc show $WEB"
    refused delete-server $WEB 10.0.0.1 10.0.0.9
    complains 10.0.0.9:80
    refused drain $WEB 10.0.0.1 10.0.0.9
    refused undrain $WEB 10.0.0.9
    refused delete-server $WEB 10.0.0.1:81
    complains 10.0.0.1:81
    fails 2 alone lbctl-svc add-server $WEB 10.0.0.8 10.0.0.256
    complains 10.0.0.256
    fails 2 alone lbctl-svc replace-server $WEB 10.0.0.1 2001:db8::1 --weight 9
    complains '2001:db8::1' '--forward tun'
    fails 2 alone lbctl-svc add-server $WEB 10.0.0.8 10.0.0.9:8080
    complains 10.0.0.9:8080 '--forward nat'
    for verb in add-server change-server replace-server delete-server drain undrain; do
        refused "$verb" tcp:192.0.2.9:80 10.0.0.1
        complains 'tcp:192.0.2.9:80: no such service' 'hint: lbctl-svc '
        [[ $verb != @(add|replace)-server ]] || complains 'hint: lbctl-svc add tcp:192.0.2.9:80'
        [[ $verb == @(add|replace)-server ]] || complains 'hint: lbctl-svc show'
    done
    table_is <<<"$before"
    shows show --json
    json_is '[.services[].servers[].runtime.held[]] | length' 0
    svc delete-server $WEB 10.0.0.{1,3} 10.0.0.1
    saved_is <<<'10.0.0.2:80 -g -w 4'
}

# weights_are "REAL/WANTED:REASONS ...": of each server in order.
weights_are() {
    shows show --json $WEB
    json_is '.services[0].servers |
        map("\(.runtime.effective_weight)/\(.weight):" + (.runtime.held | sort | join(","))) | join(" ")' "$1"
}

@test "a drained server keeps the weight that is wanted until undrained" {
    local holds
    svc add $WEB
    svc add-server $WEB 10.0.0.{1,2,3} --forward nat --weight 4
    svc drain $WEB 10.0.0.1 10.0.0.2
    saved_is <<'END'
10.0.0.1:80 -m -w 0
10.0.0.2:80 -m -w 0
10.0.0.3:80 -m -w 4
END
    weights_are '0/4:admin 0/4:admin 4/4:'
    shows show
    [[ "$(tr -s ' ' <<<"${lines[3]}")" == ' 10.0.0.1:80 nat 0 0 0 held: admin, wanted 4' ]]
    holds=(/run/lbctl/holds.*)
    [ "${#holds[@]}" -eq 1 ]
    grep -q "^$WEB 10.0.0.1:80 4 admin$" "${holds[0]}"

    # To drain twice is to drain once; changes wait for the end of the hold.
    svc drain $WEB 10.0.0.1
    svc change-server $WEB 10.0.0.1 --weight 9
    svc change-server $WEB 10.0.0.2 --upper-threshold 10
    weights_are '0/9:admin 0/4:admin 4/4:'
    svc replace-server $WEB 10.0.0.2 --weight 6 --forward dr
    weights_are '0/9:admin 0/6:admin 4/4:'
    svc undrain $WEB 10.0.0.1
    weights_are '9/9: 0/6:admin 4/4:'
    # Nothing is held: nothing to do.
    svc undrain $WEB 10.0.0.1 10.0.0.3
    svc undrain $WEB 10.0.0.2
    saved_is <<'END'
10.0.0.1:80 -m -w 9
10.0.0.2:80 -g -w 6
10.0.0.3:80 -m -w 4
END
    # Nothing is held any more, nothing is kept.
    [ ! -s "${holds[0]}" ]

    # A server wanted at 0 stays there.
    svc change-server $WEB 10.0.0.3 --weight 0
    svc drain $WEB 10.0.0.3
    svc undrain $WEB 10.0.0.3
    weights_are '9/9: 6/6: 0/0:'
}

@test "a server is held until the last of several reasons is gone" {
    svc add $WEB
    svc add-server $WEB 10.0.0.1 --weight 4
    svc drain $WEB 10.0.0.1
    svc drain $WEB 10.0.0.1 --reason check:web
    svc drain $WEB 10.0.0.1 --reason upgrade-2.1_b
    weights_are '0/4:admin,check:web,upgrade-2.1_b'
    shows show
    prints 'held: admin, check:web, upgrade-2.1_b, wanted 4'
    svc undrain $WEB 10.0.0.1
    weights_are '0/4:check:web,upgrade-2.1_b'
    # A reason that it is not held for.
    svc undrain $WEB 10.0.0.1 --reason check:other
    svc undrain $WEB 10.0.0.1 --reason check:web
    saved_is <<<'10.0.0.1:80 -g -w 0'
    svc undrain $WEB 10.0.0.1 --reason upgrade-2.1_b
    saved_is <<<'10.0.0.1:80 -g -w 4'
    svc drain $WEB 10.0.0.1 --reason one
    svc drain $WEB 10.0.0.1 --reason two
    svc undrain $WEB 10.0.0.1 --all
    weights_are '4/4:'
    local reason
    for reason in '' 'two words' "$(printf 'x%.0s' {1..64})" a,b two= two=x $'new\nline'; do
        fails 2 alone lbctl-svc drain $WEB 10.0.0.1 --reason "$reason"
    done
    fails 2 alone lbctl-svc undrain $WEB 10.0.0.1 --all --reason one
    weights_are '4/4:'

    # A hold goes with its server and with its service.
    svc drain $WEB 10.0.0.1
    svc delete-server $WEB 10.0.0.1
    svc add-server $WEB 10.0.0.1 --weight 2
    weights_are '2/2:'
    svc drain $WEB 10.0.0.1
    svc delete $WEB
    svc add $WEB
    svc add-server $WEB 10.0.0.1
    weights_are '1/1:'
    svc drain $WEB 10.0.0.1
    svc flush
    svc add $WEB
    svc add-server $WEB 10.0.0.1 --weight 3
    weights_are '3/3:'
}

@test "a hold yields to somebody who sets the weight by other means" {
    svc add $WEB
    svc add-server $WEB 10.0.0.{1,2} --weight 4
    svc drain $WEB 10.0.0.1 10.0.0.2
    alone ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 7
    weights_are '7/7: 0/4:admin'
    svc undrain $WEB 10.0.0.1 10.0.0.2
    weights_are '7/7: 4/4:'

    # The server or the whole table is gone and back.
    svc drain $WEB 10.0.0.1 10.0.0.2
    alone ipvsadm -d -t 192.0.2.1:80 -r 10.0.0.2:80
    weights_are '0/7:admin'
    alone ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.2:80 -g -w 5
    weights_are '0/7:admin 5/5:'
    alone ipvsadm -C
    shows show --json
    json_is '.services | length' 0
    svc add $WEB
    svc add-server $WEB 10.0.0.{1,2} --weight 3
    weights_are '3/3: 3/3:'
    svc undrain $WEB 10.0.0.1 10.0.0.2
    weights_are '3/3: 3/3:'
}

@test "what is wrong with the file of holds harms nothing else" {
    local holds text
    svc add $WEB
    svc add-server $WEB 10.0.0.{1,2} --weight 4
    svc drain $WEB 10.0.0.1
    holds=(/run/lbctl/holds.*)
    text=$(<"${holds[0]}")
    # Truncated, foreign, hostile: read with suspicion, not believed.
    for damage in '' "${text:0:20}" 'not ours' "${text/ 4 / -4 }" \
        "${text/admin/}" "$(head -c 300000 /dev/zero | tr '\0' x)"; do
        printf '%s' "$damage" >"${holds[0]}"
        answers 0 alone lbctl-svc show --json
        json_is '[.services[0].servers[].runtime.effective_weight] | join(" ")' '0 4'
        answers 0 alone lbctl-svc change-server $WEB 10.0.0.2 --weight 4
    done
    # What others can write is not believed, and that is said: to go on
    # without it would be to forget who is drained.
    local wrong
    for wrong in 'chown 65534' 'chmod 666'; do
        rm "${holds[0]}"
        printf '%s\n' "$text" >"${holds[0]}"
        $wrong "${holds[0]}"
        fails 3 alone lbctl-svc show
        complains "${holds[0]}: others than root can write it" \
            "chown root: ${holds[0]} && chmod go-w ${holds[0]}"
        refused undrain $WEB 10.0.0.1
        [ "$(tail -n +1 "${holds[0]}")" = "$text" ]
    done
    chmod go-w "${holds[0]}"
    answers 0 alone lbctl-svc show --json
    weights_are '0/4:admin 4/4:'
    # Nor is what nobody can have written in good faith.
    truncate -s 40M "${holds[0]}"
    fails 3 alone lbctl-svc show
    complains "${holds[0]}" 'File too large'
    rm "${holds[0]}"
    ln -s /etc/passwd "${holds[0]}"
    fails 3 alone lbctl-svc show
    rm "${holds[0]}"
    # It can be set right.
    answers 0 alone lbctl-svc change-server $WEB 10.0.0.1 --weight 4
    answers 0 alone lbctl-svc drain $WEB 10.0.0.1
    weights_are '0/4:admin 4/4:'
    # A folder of somebody else's is refused as a whole.
    chown 65534 /run/lbctl
    fails 3 alone lbctl-svc show
    complains '/run/lbctl: others than root can write it'
    refused undrain $WEB 10.0.0.1
    chown 0 /run/lbctl
    weights_are '0/4:admin 4/4:'

    # Where nothing can be kept, nothing is drained.
    svc undrain $WEB 10.0.0.1
    rm -r /run/lbctl
    ln -s /nowhere /run/lbctl
    refused drain $WEB 10.0.0.1
    complains /run/lbctl
    rm /run/lbctl
    weights_are '4/4: 4/4:'
    # Made anew, all may read it, whatever the umask.
    (umask 077 && svc drain $WEB 10.0.0.1)
    [ "$(stat -c %a /run/lbctl)" = 755 ]
    [ "$(stat -c %a /run/lbctl/holds.*)" = 644 ]
    svc undrain $WEB 10.0.0.1
}

@test "drain --wait returns when the active connections are gone" {
    lab_new server-drain
    lab_balancer nat
    lab_serve s1 s1 tcp "${LAB_SERVERS[0]}" 7000
    lab_serve s2 s2 tcp "${LAB_SERVERS[1]}" 7000
    local web=tcp:$LAB_VIP:7000 started
    on_director() {
        ok lab_in director lbctl-svc "$@"
    }
    on_director add "$web" --scheduler rr
    on_director add-server "$web" "${LAB_SERVERS[0]}" --forward nat
    # Nothing to wait for.
    on_director drain "$web" "${LAB_SERVERS[0]}" --wait
    on_director undrain "$web" "${LAB_SERVERS[0]}"

    lab_connect tcp "$LAB_VIP" 7000
    SECONDS=0
    fails 1 lab_in director lbctl-svc drain "$web" "${LAB_SERVERS[0]}" --wait --timeout 1
    [ "$SECONDS" -ge 1 ]
    [ "$SECONDS" -lt "$(scaled 15)" ]
    complains "$web" '1 active connection'
    on_director show --json
    json_is '.services[0].servers[0] | "\(.runtime.effective_weight) \(.runtime.active_connections)"' '0 1'

    # In the background, so that others can work meanwhile.
    lab_in director lbctl-svc drain "$web" "${LAB_SERVERS[0]}" --wait \
        --timeout 600 >"$LAB_DIR/drained" 2>&1 3>&- &
    started=$!
    on_director add-server "$web" "${LAB_SERVERS[1]}" --forward nat
    [ "$(lab_send tcp "$LAB_VIP" 7000 4)" = $'s2 4\nlost 0' ]
    kill -0 "$started"
    lab_disconnect
    wait "$started"
    [ ! -s "$LAB_DIR/drained" ]
    on_director show --json
    json_is '.services[0].servers[0].runtime.active_connections' 0
    on_director undrain "$web" "${LAB_SERVERS[0]}"
    [ "$(lab_send tcp "$LAB_VIP" 7000 4)" = $'s1 2\ns2 2\nlost 0' ]
    fails 2 lab_in director lbctl-svc drain "$web" "${LAB_SERVERS[0]}" --timeout 5
}

@test "thresholds and persistence choose the server" {
    lab_new server-choice
    lab_balancer nat
    lab_ip client "addr add 172.31.36.3/24 dev front" "addr add 172.31.36.130/24 dev front"
    lab_up
    local i
    for i in 0 1 2; do
        lab_serve "s$((i + 1))" "s$((i + 1))" tcp "${LAB_SERVERS[i]}" 7000
    done
    # A full server gets no more connections.
    local web=tcp:$LAB_VIP:7000
    ok lab_in director lbctl-svc add "$web" --scheduler rr
    ok lab_in director lbctl-svc add-server "$web" "${LAB_SERVERS[0]}" \
        --forward nat --upper-threshold 2
    ok lab_in director lbctl-svc add-server "$web" "${LAB_SERVERS[1]}" --forward nat
    for _ in 1 2 3 4 5 6; do
        lab_connect tcp "$LAB_VIP" 7000
    done
    ok lab_in director lbctl-svc show --thresholds --json
    json_is '[.services[0].servers[].runtime | .active_connections + .inactive_connections] | join(" ")' '2 4'

    # One client, or its network, has one server.
    lab_disconnect
    ok lab_in director lbctl-svc delete "$web"
    ok lab_in director lbctl-svc add "$web" --scheduler rr --persistent 300 --netmask 25
    ok lab_in director lbctl-svc add-server "$web" "${LAB_SERVERS[@]}" --forward nat
    # Two clients of one network share a server, a third has another.
    local one two three
    one=$(lab_send tcp "$LAB_VIP" 7000 6 --from "$LAB_CLIENT")
    two=$(lab_send tcp "$LAB_VIP" 7000 6 --from 172.31.36.3)
    three=$(lab_send tcp "$LAB_VIP" 7000 6 --from 172.31.36.130)
    [[ $one == s[123]' 6'$'\n''lost 0' ]]
    [ "$one" = "$two" ]
    [[ $three == s[123]' 6'$'\n''lost 0' ]]
    [ "$three" != "$one" ]
    ok lab_in director lbctl-svc show --json
    json_is '[.services[0].servers[].runtime.persistent_connections] | sort | join(" ")' '0 1 1'
    # Without persistence they are spread.
    ok lab_in director lbctl-svc replace "$web" --scheduler rr
    [ "$(lab_send tcp "$LAB_VIP" 7000 6 --from 172.31.36.3)" = $'s1 2\ns2 2\ns3 2\nlost 0' ]
}
