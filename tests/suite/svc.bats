#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
# lab: long
#
# Services: what lbctl-svc makes is what Debian's ipvsadm finds in the kernel,
# and what others made is shown as it is.

load ../suite-helper

setup() {
    lab_alone
}

teardown() {
    lab_cleanup
    lab_not_alone
}

# svc WORD...: a command that succeeds and says nothing.
svc() {
    ok alone lbctl-svc "$@"
    [ -z "$output" ] || {
        echo "expected no output: lbctl-svc $*"
        show_run
        return 1
    }
}

# shows WORD...: a command whose output is looked at next.
shows() {
    ok alone lbctl-svc "$@"
}

refused() {
    fails 3 alone lbctl-svc "$@"
    [ -z "$output" ]
}

# The last output with runs of blanks squeezed.
squeezed() {
    tr -s ' ' <<<"$output"
}

# output_is: the last output, squeezed, is what stdin says.
output_is() {
    local expected
    IFS= read -rd '' expected || true
    [ "$(squeezed)" = "${expected%$'\n'}" ] || {
        printf '%s\n' 'expected:' "$expected"
        show_run
        return 1
    }
}

# The kernel's table as lines of ipvsadm -Sn, made from the JSON document.
as_saved() {
    jq -r '.services[] | .runtime as $is |
        (if $is.protocol == "fwmark"
            then "-f \($is.fwmark)" + (if $is.family == 6 then " -6" else "" end)
            else "-\($is.protocol[0:1]) " + .service[4:] end) as $id |
        "-A \($id) -s \(.scheduler)",
        (.servers[] | "-a \($id) -r \(.server) " +
            {dr: "-g", nat: "-m", tun: "-i"}[.forward] + " -w \(.weight)")' \
        <<<"$output"
}

@test "services of every kind become what ipvsadm calls the same" {
    svc add tcp:192.0.2.1:80
    svc add tcp:192.0.2.1:0 --persistent 600 --netmask 24
    svc add udp:192.0.2.1:53 --scheduler rr --one-packet
    svc add udp:192.0.2.1:5060 --persistent=60 --pe sip
    svc add sctp:192.0.2.1:0x26ab --scheduler lc
    svc --quiet add 'tcp:[2001:db8::1]:443' --persistent 30 --netmask 64
    svc add --scheduler rr 'udp:[2001:0db8:0:0::1]:53'
    svc add 'sctp:[2001:db8::1]:9899'
    svc add fwmark:1 --one-packet --netmask 255.255.0.0 --persistent 2678400
    svc add fwmark:0xffffffff
    svc add fwmark:1/inet6 --scheduler wrr
    svc add fwmark:2/inet
    # Not "table_is": ipvsadm prints large marks as negative numbers.
    alone ipvsadm -Sn | sort | diff - <(sort <<'END'
-A -t 192.0.2.1:80 -s wlc
-A -t 192.0.2.1:0 -s wlc -p 600 -M 255.255.255.0
-A -u 192.0.2.1:53 -s rr -o
-A -u 192.0.2.1:5060 -s wlc -p 60 --pe sip
-A --sctp-service 192.0.2.1:9899 -s lc
-A -t [2001:db8::1]:443 -s wlc -p 30 -M 64
-A -u [2001:db8::1]:53 -s rr
-A --sctp-service [2001:db8::1]:9899 -s wlc
-A -f 1 -s wlc -p 2678400 -M 255.255.0.0 -o
-A -f -1 -s wlc
-A -f 1 -6 -s wrr
-A -f 2 -s wlc
END
    )

    # Shown in an order of their own, the same in both forms.
    shows show --json
    json_is '.version' 2
    json_is '[.services[].service] | join(" ")' "$(
        printf '%s ' tcp:192.0.2.1:0 tcp:192.0.2.1:80 udp:192.0.2.1:53 \
            udp:192.0.2.1:5060 sctp:192.0.2.1:9899 'tcp:[2001:db8::1]:443' \
            'udp:[2001:db8::1]:53' 'sctp:[2001:db8::1]:9899' fwmark:1 \
            fwmark:2 fwmark:4294967295
        echo fwmark:1/inet6)"
    shows
    output_is <<'END'
SERVICE SCHEDULER
 SERVER FORWARD WEIGHT ACTIVE INACTIVE
tcp:192.0.2.1:0 wlc persistent 600/24
tcp:192.0.2.1:80 wlc
udp:192.0.2.1:53 rr one-packet
udp:192.0.2.1:5060 wlc persistent 60/32, pe sip
sctp:192.0.2.1:9899 lc
tcp:[2001:db8::1]:443 wlc persistent 30/64
udp:[2001:db8::1]:53 rr
sctp:[2001:db8::1]:9899 wlc
fwmark:1 (0x1) wlc persistent 2678400/16, one-packet
fwmark:2 (0x2) wlc
fwmark:4294967295 (0xffffffff) wlc
fwmark:1/inet6 (0x1) wrr
END
}

@test "every scheduler and every flag reaches the kernel" {
    local scheduler port=1
    for scheduler in rr wrr lc wlc lblc lblcr dh sh mh sed nq fo ovf none; do
        svc add "tcp:192.0.2.1:$((port++))" --scheduler "$scheduler"
    done
    svc add tcp:192.0.2.1:101 --scheduler sh --sched-flags sh-port
    svc add tcp:192.0.2.1:102 --scheduler sh --sched-flags sh-fallback,sh-port
    svc add tcp:192.0.2.1:103 --scheduler mh --sched-flags mh-port,mh-fallback
    svc add tcp:192.0.2.1:104 --sched-flags mh-fallback --scheduler mh
    svc add tcp:192.0.2.1:105 --scheduler mh --sched-flags flag-1,flag-2,flag-3
    table_is <<'END'
-A -t 192.0.2.1:1 -s rr
-A -t 192.0.2.1:2 -s wrr
-A -t 192.0.2.1:3 -s lc
-A -t 192.0.2.1:4 -s wlc
-A -t 192.0.2.1:5 -s lblc
-A -t 192.0.2.1:6 -s lblcr
-A -t 192.0.2.1:7 -s dh
-A -t 192.0.2.1:8 -s sh
-A -t 192.0.2.1:9 -s mh
-A -t 192.0.2.1:10 -s sed
-A -t 192.0.2.1:11 -s nq
-A -t 192.0.2.1:12 -s fo
-A -t 192.0.2.1:13 -s ovf
-A -t 192.0.2.1:14 -s none
-A -t 192.0.2.1:101 -s sh -b sh-port
-A -t 192.0.2.1:102 -s sh -b sh-fallback,sh-port
-A -t 192.0.2.1:103 -s mh -b mh-fallback,mh-port
-A -t 192.0.2.1:104 -s mh -b mh-fallback
-A -t 192.0.2.1:105 -s mh -b mh-fallback,mh-port
END
    # ipvsadm is silent about the third flag of sh and mh.
    shows show --json tcp:192.0.2.1:102 tcp:192.0.2.1:105
    json_is '[.services[].sched_flags] | join(" ")' \
        'sh-port,sh-fallback mh-port,mh-fallback,flag-3'

    # A scheduler that this kernel lacks; its module is named.
    fails 6 alone lbctl-svc add tcp:192.0.2.1:200 --scheduler nonesuch
    complains tcp:192.0.2.1:200 'ip_vs_nonesuch'
    fails 6 alone lbctl-svc change tcp:192.0.2.1:1 --scheduler nonesuch
    complains tcp:192.0.2.1:1 'ip_vs_nonesuch'
    fails 6 alone lbctl-svc add udp:192.0.2.1:5060 --persistent 9 --pe nonesuch
    complains udp:192.0.2.1:5060 'ip_vs_pe_nonesuch'
    shows show --json
    json_is '.services | length' 19
    json_is '.services[0].scheduler' rr
}

@test "change keeps what is not named, replace resets it" {
    svc add udp:192.0.2.1:5060 --scheduler sh --sched-flags sh-port \
        --persistent 60 --netmask 255.255.255.0 --pe sip
    svc change udp:192.0.2.1:5060 --persistent 120
    table_is <<<'-A -u 192.0.2.1:5060 -s sh -p 120 -M 255.255.255.0 --pe sip -b sh-port'
    svc change udp:192.0.2.1:5060 --pe none --netmask 32 --one-packet
    table_is <<<'-A -u 192.0.2.1:5060 -s sh -p 120 -o -b sh-port'

    # What only shows in combination is found in combination.
    fails 2 alone lbctl-svc change udp:192.0.2.1:5060 --scheduler rr
    complains udp:192.0.2.1:5060 '--sched-flags none'
    svc change udp:192.0.2.1:5060 --scheduler rr --sched-flags none --persistent 0
    table_is <<<'-A -u 192.0.2.1:5060 -s rr -o'
    svc change udp:192.0.2.1:5060 --no-one-packet
    table_is <<<'-A -u 192.0.2.1:5060 -s rr'

    svc replace udp:192.0.2.1:5060 --persistent 5
    svc replace udp:192.0.2.1:5061 --scheduler lc
    table_is <<'END'
-A -u 192.0.2.1:5060 -s wlc -p 5
-A -u 192.0.2.1:5061 -s lc
END

    # Servers stay, whatever happens to their service.
    svc add-server udp:192.0.2.1:5061 10.0.0.1 --weight 7 --forward nat
    svc --quiet replace udp:192.0.2.1:5061 --scheduler sh --sched-flags sh-fallback
    svc change udp:192.0.2.1:5061 --sched-flags sh-port
    table_is <<'END'
-A -u 192.0.2.1:5060 -s wlc -p 5
-A -u 192.0.2.1:5061 -s sh -b sh-port
-a -u 192.0.2.1:5061 -r 10.0.0.1:5061 -m -w 7
END
}

@test "what exists is not added, what does not is neither changed nor deleted" {
    svc add tcp:192.0.2.1:80 --scheduler rr
    svc add tcp:192.0.2.2:80
    svc add tcp:192.0.2.3:80
    local before
    before=$(alone ipvsadm -Sn)
    refused add tcp:192.0.2.1:80 --scheduler lc
    complains 'lbctl-svc: tcp:192.0.2.1:80: ' exists \
        'lbctl-svc: hint: lbctl-svc show tcp:192.0.2.1:80'
    refused change tcp:192.0.2.9:80 --scheduler lc
    complains 'lbctl-svc: tcp:192.0.2.9:80: no such service' \
        'lbctl-svc: hint: lbctl-svc show'
    refused delete tcp:192.0.2.9:80
    complains 'lbctl-svc: tcp:192.0.2.9:80: no such service'
    refused zero tcp:192.0.2.9:80
    complains 'tcp:192.0.2.9:80: no such service'
    refused delete udp:192.0.2.1:80
    complains 'udp:192.0.2.1:80: no such service'

    # Several are one plan: one that is missing spares the others.
    refused delete tcp:192.0.2.1:80 tcp:192.0.2.9:80 tcp:192.0.2.2:80
    complains tcp:192.0.2.9:80
    refused zero tcp:192.0.2.1:80 tcp:192.0.2.9:80
    table_is <<<"$before"
    svc delete tcp:192.0.2.1:80 tcp:192.0.2.3:80 tcp:192.0.2.1:80
    table_is <<<'-A -t 192.0.2.2:80 -s wlc'

    # Shown or not is an answer, not a failure.
    run_program alone lbctl-svc show tcp:192.0.2.1:80
    [ "$status" -eq 1 ]
    [ -z "$output" ]
    complains 'tcp:192.0.2.1:80: no such service' \
        'hint: lbctl-svc show'
    run_program alone lbctl-svc show tcp:192.0.2.2:80 tcp:192.0.2.1:80
    [ "$status" -eq 1 ]
    [ -z "$output" ]
    shows show tcp:192.0.2.2:80
    prints 'tcp:192.0.2.2:80  wlc'
}

@test "flush deletes all, and showing nothing prints nothing" {
    svc flush
    shows show
    [ -z "$output" ]
    shows show --json
    json_is '.services | length' 0
    svc add tcp:192.0.2.1:80
    svc add-server tcp:192.0.2.1:80 10.0.0.1
    svc add fwmark:1/inet6
    svc flush
    table_is </dev/null
}

@test "a table too large for one message is read and deleted whole" {
    {
        for ((i = 0; i < 130; i++)); do
            echo "-A -t 192.0.2.$((i / 10)):$((i % 10 + 1)) -s rr"
        done
        echo '-A -u 192.0.2.0:53 -s rr'
        for ((i = 0; i < 200; i++)); do
            echo "-a -u 192.0.2.0:53 -r 10.0.0.$i:53 -m -w $((i + 65530))"
        done
        for ((i = 1; i < 4; i++)); do
            echo "-A -f $i -s lc"
        done
    } >"$BATS_TEST_TMPDIR/rules"
    alone ipvsadm -R <"$BATS_TEST_TMPDIR/rules"
    shows show --json
    diff <(as_saved | sort) <(sort "$BATS_TEST_TMPDIR/rules")
    # The other form has a line for each, and two of headings.
    shows show
    [ "${#lines[@]}" -eq $((2 + 131 + 200 + 3)) ]
    prints '  10.0.0.199:53  '

    # A third of the servers at once, then nearly all services at once.
    local servers=() services=()
    for ((i = 0; i < 70; i++)); do
        servers+=("10.0.0.$i")
    done
    svc delete-server udp:192.0.2.0:53 "${servers[@]}"
    for ((i = 1; i < 130; i++)); do
        services+=("tcp:192.0.2.$((i / 10)):$((i % 10 + 1))")
    done
    svc delete "${services[@]}"
    shows show --json
    json_is '.services | map(.service) | join(" ")' \
        'tcp:192.0.2.0:1 udp:192.0.2.0:53 fwmark:1 fwmark:2 fwmark:3'
    json_is '.services[1].servers | map(.server) | "\(length) \(.[0])"' \
        '130 10.0.0.70:53'
}

@test "what ipvsadm made is shown, and changed without loss" {
    alone ipvsadm -R <<'END'
-A -t 192.0.2.1:80 -s rr -p 60 -M 255.0.255.0
-A -t 224.0.0.9:80 -s none
-A -t 192.0.2.1:0 -s sh -b flag-3 -p 1
-A -f 4000000000 -s mh -b mh-fallback,flag-3 -o
-a -f 4000000000 -r 10.0.0.1:0 -i -w 2147483647 --tun-type gue --tun-port 6080 --tun-remcsum
-a -f 4000000000 -r 10.0.0.2:8080 -m -w 0 -x 7 -y 3
END
    shows show --json
    json_is '.services[] | select(.service == "tcp:192.0.2.1:80").netmask' \
        255.0.255.0
    json_is '.services[] | select(.runtime.fwmark == 4000000000) |
        "\(.one_packet) \(.sched_flags)"' 'true mh-fallback,flag-3'
    shows show
    prints 'tcp:192.0.2.1:0' flag-3 'persistent 60/255.0.255.0' 'tcp:224.0.0.9:80' \
        'fwmark:4000000000 (0xee6b2800)' 'gue port 6080 checksum remote'

    # Everything that was not named is as before.
    svc change tcp:192.0.2.1:80 --scheduler wrr
    svc change fwmark:4000000000 --no-one-packet
    svc change-server fwmark:4000000000 10.0.0.1 --weight 70000
    svc change-server fwmark:4000000000 10.0.0.2:8080 --weight 1
    alone ipvsadm -Sn | sed 's/ -b *$//' | sort | diff - <(sort <<'END'
-A -t 192.0.2.1:80 -s wrr -p 60 -M 255.0.255.0
-A -t 224.0.0.9:80 -s none
-A -t 192.0.2.1:0 -s sh -p 1
-A -f -294967296 -s mh -b mh-fallback
-a -f -294967296 -r 10.0.0.1:0 -i -w 70000 --tun-type gue --tun-port 6080 --tun-remcsum
-a -f -294967296 -r 10.0.0.2:8080 -m -w 1
END
    )
    shows show fwmark:4000000000 --thresholds
    output_is <<'END'
SERVICE SCHEDULER
 SERVER FORWARD WEIGHT UPPER LOWER ACTIVE INACTIVE PERSISTENT
fwmark:4000000000 (0xee6b2800) mh mh-fallback,flag-3
 10.0.0.1 tun 70000 0 0 0 0 0 gue port 6080 checksum remote
 10.0.0.2:8080 nat 1 7 3 0 0 0
END

    # What would be refused today can at least be deleted.
    fails 2 alone lbctl-svc change tcp:224.0.0.9:80 --scheduler rr
    svc delete tcp:224.0.0.9:80 tcp:192.0.2.1:0 fwmark:4000000000
    table_is <<<'-A -t 192.0.2.1:80 -s wrr -p 60 -M 255.0.255.0'
}

@test "what no tool would make is shown without a crash" {
    # The kernel takes all this over netlink: protocol 200, unknown service
    # flags, forwarding 1 and 7, a tunnel of type 9 with flags 0xffff.
    alone perl - <<'END'
use strict;
use Socket;
my $sequence = 0;
socket(my $netlink, 16, SOCK_RAW, 16) or die "socket: $!";
sub attribute { my ($type, $data) = @_;
    return pack('SS', 4 + length $data, $type) . $data .
        "\0" x (-length($data) % 4) }
sub nest { return attribute($_[0] | 0x8000, join '', @_[1 .. $#_]) }
sub request { my ($family, $command, $version, @attributes) = @_;
    my $body = pack('CCS', $command, $version, 0) . join '', @attributes;
    send($netlink, pack('LSSLL', 16 + length $body, $family, 5, ++$sequence,
        0) . $body, 0, pack('SSLL', 16, 0, 0, 0)) or die "send: $!";
    my $first;
    while (1) {
        recv($netlink, my $answer, 65536, 0);
        my ($type, $error) = unpack 'x4 S x10 l', $answer;
        die "refused: $error" if $type == 2 && $error;
        return $first // $answer if $type == 2;
        $first = $answer;
    } }
my $family = request(16, 3, 1, attribute(2, "IPVS\0"));
my $at = 20;
while ((my ($length, $type) = unpack 'SS', substr $family, $at)[1] != 1) {
    $at += unpack('S', substr $family, $at) + 3 & ~3;
}
$family = unpack 'S', substr $family, $at + 4;
my @identity = (attribute(1, pack 'S', 2), attribute(2, pack 'S', 200),
    attribute(3, pack 'C16', 192, 0, 2, 66), attribute(4, pack 'n', 7));
request($family, 1, 1, nest(1, @identity, attribute(6, "rr\0"),
    attribute(7, pack 'LL', 0xffffffc0, 0xffffffff),
    attribute(8, pack 'L', 0), attribute(9, pack 'L', 0xffffffff)));
my $server = 1;
for my $odd ([1, 0, 0], [7, 0, 0], [2, 9, 0xffff], [2, 1, 3], [4, 0, 0]) {
    request($family, 5, 1, nest(1, @identity), nest(2,
        attribute(1, pack 'C16', 10, 0, 0, $server++),
        attribute(2, pack 'n', 7), attribute(3, pack 'L', $odd->[0]),
        attribute(4, pack 'l', 5), attribute(5, pack 'L', 0),
        attribute(6, pack 'L', 0), attribute(11, pack 'S', 2),
        attribute(13, pack 'C', $odd->[1]), attribute(14, pack 'n', 99),
        attribute(15, pack 'S', $odd->[2])));
}
END
    svc add tcp:192.0.2.1:80
    shows show
    prints 192.0.2.66:7 '10.0.0.1:7' local '10.0.0.5:7' bypass tcp:192.0.2.1:80
    shows show --json --stats
    json_is '.services | length' 2
    json_is '[.services[].servers[].forward] | join(" ")' 'local ? tun tun bypass'
    svc flush
    table_is </dev/null
}

@test "dry runs of every verb print the plan, answer 1, and change nothing" {
    svc add tcp:192.0.2.1:80 --scheduler rr
    svc add-server tcp:192.0.2.1:80 10.0.0.1 --forward nat
    svc timeouts 900 120 300
    local before warned=
    before=$(alone ipvsadm -Sn)
    plans() {
        local expected=$1
        shift
        answers 1 alone lbctl-svc "$@" --dry-run
        [ "$output" = "$expected" ] && [ "$stderr" = "$warned" ] || {
            echo "expected the plan: $expected"
            show_run
            return 1
        }
    }
    plans '+ svc add udp:192.0.2.1:53 --scheduler rr --one-packet' \
        add udp:192.0.2.1:53 --scheduler rr --one-packet
    warned='lbctl-svc: warning: svc change tcp:192.0.2.1:80 --scheduler lc: '
    warned+='the kernel refuses new connections for a moment while it changes the scheduler'
    plans '~ svc change tcp:192.0.2.1:80 --scheduler lc' \
        change tcp:192.0.2.1:80 --scheduler lc
    warned=${warned/lc:/wlc:}
    plans '~ svc change tcp:192.0.2.1:80 --scheduler wlc' \
        replace tcp:192.0.2.1:80
    warned=
    local gone=$'- svc delete-server tcp:192.0.2.1:80 10.0.0.1\n- svc delete tcp:192.0.2.1:80'
    plans "$gone" delete tcp:192.0.2.1:80
    plans "$gone" flush
    plans '0 svc zero tcp:192.0.2.1:80' zero tcp:192.0.2.1:80
    plans '0 svc zero' zero
    plans '+ svc add-server tcp:192.0.2.1:80 10.0.0.2 --forward dr --weight 3' \
        add-server tcp:192.0.2.1:80 10.0.0.2 --weight 3
    plans '~ svc change-server tcp:192.0.2.1:80 10.0.0.1 --weight 9' \
        change-server tcp:192.0.2.1:80 10.0.0.1 --weight 9
    plans '- svc delete-server tcp:192.0.2.1:80 10.0.0.1' \
        delete-server tcp:192.0.2.1:80 10.0.0.1
    plans '~ svc timeouts 900 120 60' timeouts 0 0 60
    # Held at weight 0, a server differs, and would still be wanted as before.
    answers 1 alone lbctl-svc --dry-run drain tcp:192.0.2.1:80 10.0.0.1
    prints 'tcp:192.0.2.1:80 10.0.0.1'
    answers 1 alone lbctl-svc -j --dry-run replace-server tcp:192.0.2.1:80 10.0.0.1
    json_is '.changes | map(.action + " " + .object) | join(",")' 'change server'
    answers 1 alone lbctl-svc --quiet --dry-run flush
    [ -z "$output" ]

    # Nothing to do is 0; what cannot be done fails as it would.
    ok alone lbctl-svc --dry-run change tcp:192.0.2.1:80 --scheduler rr
    [ -z "$output" ]
    ok alone lbctl-svc --dry-run undrain tcp:192.0.2.1:80 10.0.0.1
    fails 3 alone lbctl-svc --dry-run add tcp:192.0.2.1:80
    fails 2 alone lbctl-svc --dry-run add tcp:192.0.2.9:80 --persistent 99999999
    table_is <<<"$before"
    shows timeouts
    prints 'udp 300'
}

@test "timeouts are shown and set; 0 keeps one" {
    shows timeouts
    [ "$output" = "$(alone ipvsadm -L --timeout |
        sed -E 's/.*: ([0-9]+) ([0-9]+) ([0-9]+)/tcp \1  tcp-fin \2  udp \3/')" ]
    svc timeouts 1000 0 0x20
    [ "$(alone ipvsadm -L --timeout)" = 'Timeout (tcp tcpfin udp): 1000 120 32' ]
    shows timeouts --json
    json_is '[.version, .timeouts.tcp, .timeouts.tcp_fin, .timeouts.udp] | join(" ")' \
        '2 1000 120 32'
    ok alone lbctl-svc timeouts 0 0 0 --dry-run
    ok alone lbctl-svc timeouts 0 9 0 --json
    json_is '.changes[].object' timeouts
    fails 2 alone lbctl-svc timeouts 1 2
    fails 2 alone lbctl-svc timeouts 1 2 2678401
    complains 2678401 2678400
    shows timeouts
    prints 'tcp 1000  tcp-fin 9  udp 32'
}

@test "statistics and rates are those of the traffic, until zeroed" {
    lab_new svc-stats
    lab_balancer nat
    local i
    for i in 0 1 2; do
        lab_serve "s$((i + 1))" "s$((i + 1))" udp "${LAB_SERVERS[i]}" 7000
        lab_serve "s$((i + 1))" "s$((i + 1))" tcp "${LAB_SERVERS6[i]}" 7000
    done
    ok lab_in director lbctl-svc add "udp:$LAB_VIP:7000" --scheduler rr
    ok lab_in director lbctl-svc add-server "udp:$LAB_VIP:7000" \
        "${LAB_SERVERS[@]:0:2}" --forward nat
    ok lab_in director lbctl-svc add "tcp:[$LAB_VIP6]:7000" --scheduler rr
    ok lab_in director lbctl-svc add-server "tcp:[$LAB_VIP6]:7000" \
        "${LAB_SERVERS6[@]}" --forward nat
    # A port that came twice would be one connection.
    lab_send udp "$LAB_VIP" 7000 200 --source-ports 20000
    lab_send tcp "$LAB_VIP6" 7000 9

    # counts FILTER VALUE: of the JSON document, right now
    counts() {
        ok lab_in director lbctl-svc show --json
        [ "$(json "$1")" = "$2" ] || {
            json "$1"
            return 1
        }
    }
    within 10 counts '.services[0] | [.runtime.counters, .servers[].runtime.counters] |
        map("\(.connections) \(.in_packets) \(.out_packets)") | join(", ")' \
        '200 200 200, 100 100 100, 100 100 100'
    within 10 counts '[.services[1].servers[].runtime.counters.connections] | join(" ")' \
        '3 3 3'
    # Bytes as ipvsadm counts them, and the text as JSON has it; the last of
    # the traffic may be counted between the two readings.
    as_ipvsadm_counts() {
        ok lab_in director lbctl-svc show --json
        json '.services[] | [.runtime.counters, .servers[].runtime.counters] | .[] |
            [.connections, .in_packets, .out_packets, .in_bytes, .out_bytes] |
            join(" ")' >"$LAB_DIR/ours"
        lab_in director ipvsadm -Ln --stats --exact |
            awk 'NR > 3 { print $(NF-4), $(NF-3), $(NF-2), $(NF-1), $NF }' |
            diff - "$LAB_DIR/ours"
    }
    within 10 as_ipvsadm_counts
    ok lab_in director lbctl-svc show --stats "udp:$LAB_VIP:7000"
    output_is <<END
SERVICE SCHEDULER
 SERVER FORWARD WEIGHT ACTIVE INACTIVE CONNECTIONS IN-PACKETS OUT-PACKETS IN-BYTES OUT-BYTES
udp:$LAB_VIP:7000 rr $(sed -n 1p "$LAB_DIR/ours")
 ${LAB_SERVERS[0]}:7000 nat 1 0 100 $(sed -n 2p "$LAB_DIR/ours")
 ${LAB_SERVERS[1]}:7000 nat 1 0 100 $(sed -n 3p "$LAB_DIR/ours")
END

    # Rates follow traffic and die down.
    moving() {
        lab_send udp "$LAB_VIP" 7000 100 >/dev/null
        ok lab_in director lbctl-svc show --json "udp:$LAB_VIP:7000"
        [ "$(json '.services[0].runtime.counters |
            [.connections_per_second, .in_packets_per_second,
             .out_packets_per_second, .in_bytes_per_second,
             .out_bytes_per_second] | min')" -gt 0 ]
    }
    within 15 moving
    ok lab_in director lbctl-svc show --rates
    prints CONNECTIONS/S OUT-BYTES/S

    # One service, then all.
    within 10 counts '.services[1].runtime.counters.connections' 9
    # What the kernel has not added up yet, for two seconds, it cannot zero.
    zeroes() {
        ok lab_in director lbctl-svc zero "${@:3}" && counts "$1" "$2"
    }
    within 10 zeroes '[.services[].runtime.counters.in_packets > 0] | join(" ")' \
        'false true' "udp:$LAB_VIP:7000"
    within 10 zeroes '[.services[0].servers[].runtime.counters.connections] | add' 0 \
        "udp:$LAB_VIP:7000"
    within 10 zeroes '[.services[].servers[].runtime.counters |
        .in_bytes + .out_bytes] | add' 0
}

# Whether the file holds at least so many matches.
grows() {
    [ "$(grep -c "$2" "$1")" -ge "$3" ]
}

@test "show --watch shows again, on a pipe, until it is interrupted" {
    svc add tcp:192.0.2.1:80
    local out=$BATS_TEST_TMPDIR/out watch status=0
    nsenter --net="/run/netns/$ALONE" -- lbctl-svc show --watch 1 >"$out" 2>&1 3>&- &
    watch=$!
    within 10 grows "$out" tcp:192.0.2.1:80 2
    svc add tcp:192.0.2.2:80
    within 10 grows "$out" tcp:192.0.2.2:80 1
    kill -INT "$watch"
    wait "$watch" || status=$?
    [ "$status" -eq 0 ]
    # A terminal's codes have no place in a pipe.
    run ! grep -q $'\e' "$out"

    # A service that goes away is gone, and may come back.
    nsenter --net="/run/netns/$ALONE" -- lbctl-svc --json show tcp:192.0.2.2:80 \
        --watch 1 >"$out" 2>&1 3>&- &
    watch=$!
    within 10 grows "$out" '"scheduler"' 1
    svc delete tcp:192.0.2.2:80
    within 10 grows "$out" '"services": \[\]' 1
    svc add tcp:192.0.2.2:80 --scheduler sed
    within 10 grows "$out" '"sed"' 1
    kill -TERM "$watch"
    status=0
    wait "$watch" || status=$?
    [ "$status" -eq 0 ]
    jq -es 'map(.version) | min == 2' "$out" >/dev/null

    # A reader that has seen enough ends it without a word.
    run --separate-stderr bash -c "trap '' PIPE
        timeout $(scaled 20) nsenter --net=/run/netns/$ALONE lbctl-svc show --watch 1 |
            head -n 1
        exit \"\${PIPESTATUS[0]}\""
    [ "$status" -eq 0 ]
    [ "$output" = "SERVICE           SCHEDULER" ]
    [ -z "$stderr" ]
}

@test "show --watch on a terminal clears it and ends with Ctrl-C" {
    svc add tcp:192.0.2.1:80
    local out=$BATS_TEST_TMPDIR/out keys=$BATS_TEST_TMPDIR/keys terminal status=0
    mkfifo "$keys"
    script -qefc "nsenter --net=/run/netns/$ALONE lbctl-svc show --watch 1" \
        "$out" <"$keys" >"$BATS_TEST_TMPDIR/screen" 2>&1 3>&- &
    terminal=$!
    exec 9>"$keys"
    within 10 grows "$out" tcp:192.0.2.1:80 2
    printf '\003' >&9
    wait "$terminal" || status=$?
    exec 9>&-
    [ "$status" -eq 0 ]
    grows "$out" $'\e\\[H\e\\[J' 2
}

# Runs a command up to its last reading of the kernel, lets somebody else do
# what is in OTHERS, and then lets it go on. A single change reads nothing, so
# that nothing can be changed meanwhile, unless it is to be told by --json.
with_others() {
    local log=$BATS_TEST_TMPDIR/strace call reads traced
    alone strace -f -qq -e signal=none -e trace=sendmsg,sendto,getsockopt \
        -o "$log" "$@" --dry-run >/dev/null || true
    # Calls are counted each by its name.
    call=$(sed -n '$s/^[0-9]* *\([a-z]*\)(.*/\1/p' "$log")
    reads=$(grep -c " $call(" "$log")
    rm "$log"
    alone strace -f -e "trace=$call" -o "$log" \
        -e "inject=$call:signal=SIGSTOP:when=$reads" \
        "$@" >"$log.out" 2>"$log.err" 3>&- &
    traced=$!
    within 10 grep -qs 'stopped by SIGSTOP' "$log"
    alone ipvsadm -R <<<"$OTHERS"
    kill -CONT "$(sed -n 's/ .*stopped by SIGSTOP.*//p' "$log")"
    status=0
    wait "$traced" || status=$?
    output=$(<"$log.out")
    stderr=$(<"$log.err")
}

@test "what somebody else changes meanwhile is not overwritten" {
    without_leak_search
    OTHERS='-A -t 192.0.2.1:80 -s sed'
    with_others lbctl-svc add tcp:192.0.2.1:80 --scheduler rr --json
    [ "$status" -eq 3 ]
    complains 'tcp:192.0.2.1:80' exists
    table_is <<<'-A -t 192.0.2.1:80 -s sed'

    # The first of two servers is in before the second is refused: it is
    # taken out again.
    OTHERS='-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 5'
    with_others lbctl-svc add-server tcp:192.0.2.1:80 10.0.0.1 10.0.0.2
    [ "$status" -eq 3 ]
    complains '10.0.0.2:80' exists
    table_is <<'END'
-A -t 192.0.2.1:80 -s sed
-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 5
END

    OTHERS='-d -t 192.0.2.1:80 -r 10.0.0.2:80'
    with_others lbctl-svc change-server tcp:192.0.2.1:80 10.0.0.2 --weight 6
    [ "$status" -eq 3 ]
    complains '10.0.0.2:80' 'no such server'

    OTHERS='-D -t 192.0.2.1:80'
    with_others lbctl-svc add-server tcp:192.0.2.1:80 10.0.0.1 --json
    [ "$status" -eq 3 ]
    complains 'no such service'
    OTHERS='-A -t 192.0.2.1:80'
    with_others lbctl-svc add tcp:192.0.2.1:80 --json
    [ "$status" -eq 3 ]
    [ "$(jq '.error.status' <<<"$stderr")" -eq 3 ]
    OTHERS='-D -t 192.0.2.1:80'
    with_others lbctl-svc change tcp:192.0.2.1:80 --scheduler rr
    [ "$status" -eq 3 ]
    complains 'tcp:192.0.2.1:80' 'no such service'
    table_is </dev/null
}

@test "writers wait for each other, and not for ever" {
    # Somebody holds the lock for a while, then for too long.
    svc add tcp:192.0.2.1:80
    local lock=/run/lbctl/lock holder
    [ -e "$lock" ]
    flock --no-fork "$lock" sleep 600 3>&- &
    holder=$!
    within 5 locked "$lock"
    alone lbctl-svc change tcp:192.0.2.1:80 --scheduler rr 3>&- &
    sleep 2
    table_is <<<'-A -t 192.0.2.1:80 -s wlc'
    kill "$holder"
    wait $!

    flock --no-fork "$lock" sleep 600 3>&- &
    holder=$!
    within 5 locked "$lock"
    # Readers and dry runs do not need it.
    shows show
    answers 1 alone lbctl-svc flush --dry-run
    refused flush
    complains lock
    kill "$holder"
    table_is <<<'-A -t 192.0.2.1:80 -s rr'
}

locked() {
    ! flock -n "$1" true
}

# undo_fails CALLS COUNT COMMAND...: the COUNTth of these system calls, not
# counting those of reading, fails in COMMAND; which ends with status 4.
undo_fails() {
    local log=$BATS_TEST_TMPDIR/strace calls=$1 reads
    local trace=(strace -f --seccomp-bpf -qq -e "trace=$calls" -o "$log")
    alone "${trace[@]}" "${@:3}" --dry-run || true
    reads=$(grep -cE "${calls//,/|}" "$log")
    fails 4 alone "${trace[@]}" -e "inject=$calls:error=ENOBUFS:when=$((reads + $2))" \
        "${@:3}"
}

restore_standing() {
    alone ipvsadm -C
    alone ipvsadm -R <<<"$STANDING"
}

# breaks_off STATUS CALL COMMAND...: its last such call, to the kernel's IPVS, fails
# as if there were no memory.
breaks_off() {
    local log=$BATS_TEST_TMPDIR/strace call=$2 count
    local trace=(strace -f --seccomp-bpf -qq -e "trace=$call" -o "$log")
    restore_standing
    ok alone "${trace[@]}" "${@:3}"
    count=$(grep -c "$call(" "$log")
    restore_standing
    fails "$1" alone "${trace[@]}" -e "inject=$call:error=ENOBUFS:when=$count" \
        "${@:3}"
}

@test "a change of which no answer comes is never undone by guess" {
    without_leak_search
    local service='tcp:[2001:db8::1]:80'
    STANDING='-A -t [2001:db8::1]:80 -s rr
-a -t [2001:db8::1]:80 -r [2001:db8::7]:80 -g -w 5'
    for call in sendto recvmmsg; do
        breaks_off 4 "$call" lbctl-svc add-server "$service" 2001:db8::8
        complains "stands: svc add-server $service 2001:db8::8"
        run_program alone ipvsadm -Sn
        prints '-r [2001:db8::7]:80 -g -w 5' '-s rr'
        breaks_off 4 "$call" lbctl-svc delete "$service"
        complains "stands: svc delete $service"
        [ "$call" = recvmmsg ] || table_is <<<"$STANDING"
    done
}

@test "changes that cannot be undone are listed, with status 4" {
    without_leak_search
    # The kernel refuses a server at a broadcast address, which only it can
    # know; then it cannot be told to take the other server out.
    alone ip link add front type dummy
    alone ip addr add 10.0.0.1/24 dev front
    alone ip link set front up
    svc add tcp:192.0.2.1:80
    fails 2 alone lbctl-svc add-server tcp:192.0.2.1:80 10.0.0.7 10.0.0.255
    complains 10.0.0.255:80
    table_is <<<'-A -t 192.0.2.1:80 -s wlc'

    undo_fails setsockopt 3 \
        lbctl-svc add-server tcp:192.0.2.1:80 10.0.0.7 10.0.0.255
    complains 10.0.0.255:80 'stands: svc add-server tcp:192.0.2.1:80 10.0.0.7'
    table_is <<'END'
-A -t 192.0.2.1:80 -s wlc
-a -t 192.0.2.1:80 -r 10.0.0.7:80 -g -w 1
END
    undo_fails setsockopt 3 \
        lbctl-svc --json add-server tcp:192.0.2.1:80 10.0.0.8 10.0.0.255
    [ "$(jq -r '.error.status, .error.standing[]' <<<"$stderr")" = \
        $'4\nsvc add-server tcp:192.0.2.1:80 10.0.0.8 --forward dr --weight 1' ]
    # The same through netlink, which IPv6 needs.
    svc add 'tcp:[2001:db8::1]:80'
    undo_fails sendmsg,sendto 2 \
        lbctl-svc add-server 'tcp:[2001:db8::1]:80' 2001:db8::7 fe80::99
    complains fe80::99 'stands: svc add-server tcp:[2001:db8::1]:80 2001:db8::7'
}
