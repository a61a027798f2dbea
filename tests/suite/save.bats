#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# lbctl-save: whole, stable, and never half written.

load ../suite-helper
load ../other-user

setup() {
    lab_alone
    alone ip link add front type dummy
    alone ip addr add 192.0.2.1/24 dev front
    alone ip addr add 2001:db8::1/64 dev front nodad
    alone ip link set front up
    reserves alone
    FILE=$BATS_TEST_TMPDIR/saved
}

teardown() {
    lab_not_alone
}

# One of everything that can be set.
everything() {
    cat <<'END'
svc timeouts 901 121 301
svc add tcp:192.0.2.1:81 --scheduler wrr
svc add-server tcp:192.0.2.1:81 10.0.0.1:8080 --forward nat --weight 2147483647
svc add-server tcp:192.0.2.1:81 10.0.0.2 10.0.0.10 --forward nat
svc add tcp:192.0.2.1:80 --scheduler rr
svc add-server tcp:192.0.2.1:80 10.0.0.1
svc add udp:192.0.2.1:53 --one-packet
svc add-server udp:192.0.2.1:53 10.0.0.1 --upper-threshold 100 --lower-threshold 50 --weight 0
svc add sctp:192.0.2.1:5000 --scheduler lc
svc add tcp:[2001:db8::1]:443 --persistent 30 --netmask 64
svc add-server tcp:[2001:db8::1]:443 2001:db8::2
svc add udp:[2001:db8::1]:443 --scheduler sh --sched-flags sh-port
svc add-server udp:[2001:db8::1]:443 [2001:db8::2]:4433 --forward nat
svc add fwmark:7 --persistent 100 --netmask 24
svc add-server fwmark:7 10.0.0.1
svc add fwmark:4294967295 --scheduler sed --one-packet
svc add-server fwmark:4294967295 10.0.0.1:9 --forward nat
svc add fwmark:7/inet6 --scheduler nq
svc add-server fwmark:7/inet6 2001:db8::3
svc add tcp:192.0.2.2:0 --persistent 2678400 --netmask 1
svc add udp:192.0.2.1:5060 --persistent 60 --pe sip
svc add-server udp:192.0.2.1:5060 10.0.0.1
svc add tcp:192.0.2.3:1 --scheduler sh --sched-flags sh-port,sh-fallback
svc add-server tcp:192.0.2.3:1 10.0.0.1 --forward tun
svc add-server tcp:192.0.2.3:1 10.0.0.2 --forward tun --tunnel gue --tunnel-port 6080 --tunnel-checksum remote
svc add-server tcp:192.0.2.3:1 10.0.0.3 --forward tun --tunnel gre --tunnel-checksum full
mark exclude --proto udp --dst 192.0.2.1 --dport 51820
mark add 1 --proto udp --dst 192.0.2.1 --dport 50000:60000 --comment 'it'\''s "RTP"'
mark add 2 --src 10.0.0.0/8 --proto tcp --sport 80,443,8000:8100 --in-interface front --hook input
mark add 0x10 --mask 0xf0 --proto sctp --dst 2001:db8::1 --priority 7 --no-exempt-own
mark add 3 -4
mark add 4 --hook output --proto icmp
sync start backup --dev front --id 7 --group 224.0.0.82 --port 8849 --ttl 2
END
}

# What some other program can put into the kernel and we would not.
odd() {
    alone ipvsadm -R <<'END'
-A -t 192.0.2.9:80 -s rr -p 60 -M 255.0.255.0
-A -u 192.0.2.9:80 -s rr -M 255.255.255.0
-A -f 9 -s rr
-a -f 9 -r 10.0.0.1:80 -g -w 1
-A -t 224.0.0.9:80 -s rr -b flag-3
END
}

elsewhere() {
    nsenter --net="/run/netns/$OTHER" -- "$@"
}

# An empty host with the same interface.
new_elsewhere() {
    local here=$ALONE
    lab_alone
    OTHER=$ALONE
    ALONE=$here
    elsewhere ip link add front type dummy
    elsewhere ip addr add 192.0.2.1/24 dev front
    elsewhere ip addr add 2001:db8::1/64 dev front nodad
    elsewhere ip link set front up
    reserves elsewhere
}

# same_elsewhere [OPTION]: a save restored on an empty host saves the same.
same_elsewhere() {
    alone lbctl-save "$@" >"$FILE"
    new_elsewhere
    ok elsewhere lbctl-restore "$FILE"
    elsewhere lbctl-save "$@" >"$FILE.elsewhere"
    diff "$FILE" "$FILE.elsewhere"
    ok elsewhere lbctl-restore --dry-run "$FILE"
    [ -z "$output" ]
    diff <(alone ipvsadm -Sn) <(elsewhere ipvsadm -Sn)
    diff <(alone ipvsadm -Ln --thresholds) <(elsewhere ipvsadm -Ln --thresholds)
    diff <(alone ipvsadm -L --timeout) <(elsewhere ipvsadm -L --timeout)
    diff <(alone ipvsadm -L --daemon) <(elsewhere ipvsadm -L --daemon)
    diff <(alone iptables-legacy -t mangle -S) <(elsewhere iptables-legacy -t mangle -S)
    diff <(alone ip6tables-legacy -t mangle -S) <(elsewhere ip6tables-legacy -t mangle -S)
    ip netns del "$OTHER"
}

@test "a save restored on an empty host saves the same, byte for byte" {
    everything | ok alone lbctl-restore
    [ "$(alone lbctl-save | grep -c '^svc add-server')" -eq 14 ]
    [ "$(alone lbctl-save | grep -c '^mark [ae]')" -eq 6 ]
    same_elsewhere
    same_elsewhere --json
    # What is in the way elsewhere goes.
    alone lbctl-save >"$FILE"
    new_elsewhere
    odd_services=$(odd 2>&1) || echo "$odd_services"
    ok elsewhere lbctl-svc add tcp:192.0.2.77:77
    ok elsewhere lbctl-mark add 77 --proto udp
    ok elsewhere lbctl-sync start master --dev front
    ok elsewhere lbctl-restore "$FILE"
    elsewhere lbctl-save | diff "$FILE" -
    ip netns del "$OTHER"
}

@test "what others have made is saved so that it can be restored" {
    odd
    alone lbctl-save >"$FILE"
    [ "$(grep -c -e --unchecked "$FILE")" -eq 4 ]
    same_elsewhere
    same_elsewhere --json
    # What is edited by hand is checked all the same.
    alone lbctl-save >"$FILE"
    sed 's/ --unchecked//' "$FILE" >"$FILE.edited"
    fails 2 alone lbctl-restore "$FILE.edited"
    complains "$FILE.edited:"
}

@test "an empty host saves an empty ruleset that means just that" {
    ok alone lbctl-save
    [ "$output" = '# lbctl ruleset: see lbctl-ruleset(5)
svc timeouts 900 120 300
svc flush
mark flush
vip flush
sync flush
# end of ruleset' ]
    alone lbctl-save >"$FILE"
    ok alone lbctl-svc add tcp:192.0.2.1:80
    ok alone lbctl-mark add 1 --proto udp
    ok alone lbctl-vip add 192.0.2.20 --real-server
    ok alone lbctl-restore "$FILE"
    alone lbctl-save | diff "$FILE" -
}

@test "kinds are chosen" {
    everything | ok alone lbctl-restore
    ok alone lbctl-save --only mark
    prints 'mark flush' 'mark add 1 '
    lacks svc sync
    ok alone lbctl-save --only sync,svc
    prints 'svc timeouts 901' 'svc flush' 'sync start backup'
    lacks 'mark flush'
    ok alone lbctl-save --only svc --json
    json_is 'keys | join(" ")' 'services timeouts version'
    fails 2 alone lbctl-save --only vlan
    complains "'vlan' is none of svc, mark, vip, sync"
    fails 2 alone lbctl-save --only svc,
    fails 2 alone lbctl-save svc
    # A part leaves the rest alone.
    alone lbctl-save --only mark >"$FILE"
    ok alone lbctl-svc flush
    ok alone lbctl-mark flush
    ok alone lbctl-restore "$FILE"
    ok alone lbctl-save
    prints 'mark add 1 ' 'sync start backup'
    lacks 'svc add'
}

@test "wanted weights are saved, not held ones" {
    everything | ok alone lbctl-restore
    alone lbctl-save >"$FILE"
    ok alone lbctl-svc drain tcp:192.0.2.1:81 10.0.0.2 10.0.0.1:8080
    alone lbctl-save | diff "$FILE" -
    # Restoring it sends no traffic to a server that is held.
    ok alone lbctl-restore --dry-run "$FILE"
    [ -z "$output" ]
    ok alone lbctl-svc delete tcp:192.0.2.1:80
    ok alone lbctl-restore "$FILE"
    alone ipvsadm -Sn | grep -x -e '-a -t 192.0.2.1:81 -r 10.0.0.2:81 -m -w 0'
    ok alone lbctl-svc undrain tcp:192.0.2.1:81 10.0.0.1:8080
    alone ipvsadm -Sn | grep -x -e '-a -t 192.0.2.1:81 -r 10.0.0.1:8080 -m -w 2147483647'
}

@test "a file is replaced as a whole, with its owner and permissions" {
    everything | ok alone lbctl-restore
    # A new one.
    (umask 027 && ok alone lbctl-save --output "$FILE")
    [ "$(stat -c %a "$FILE")" = 640 ]
    alone lbctl-save | cmp "$FILE"
    # Not written anew when it says the same.
    local inode
    inode=$(stat -c %i "$FILE")
    ok alone lbctl-save -o "$FILE"
    [ "$(stat -c %i "$FILE")" = "$inode" ]
    ok alone lbctl-save --dry-run --output "$FILE"
    # An old one, through a link.
    chmod 604 "$FILE"
    chown 0:65533 "$FILE"
    mkdir "$BATS_TEST_TMPDIR/links"
    ln -s ../saved "$BATS_TEST_TMPDIR/links/one"
    ln -s one "$BATS_TEST_TMPDIR/links/two"
    ok alone lbctl-svc add tcp:192.0.2.55:80
    answers 1 alone lbctl-save --dry-run --output "$BATS_TEST_TMPDIR/links/two"
    [ "$(stat -c %i "$FILE")" = "$inode" ]
    ok alone lbctl-save --output "$BATS_TEST_TMPDIR/links/two"
    [ -L "$BATS_TEST_TMPDIR/links/two" ] && [ -L "$BATS_TEST_TMPDIR/links/one" ]
    [ "$(stat -c %a:%u:%g "$FILE")" = 604:0:65533 ]
    [ "$(stat -c %i "$FILE")" != "$inode" ]
    alone lbctl-save | cmp "$FILE"
    # A link to a file that is not there yet makes it.
    ln -s "$FILE.later" "$BATS_TEST_TMPDIR/links/three"
    ok alone lbctl-save --output "$BATS_TEST_TMPDIR/links/three"
    alone lbctl-save | cmp "$FILE.later"
    # What cannot be replaced is written to.
    local out
    for out in - /dev/stdout /proc/self/fd/1; do
        [ "$(alone lbctl-save --output "$out")" = "$(<"$FILE")" ]
        [ "$(alone lbctl-save --output "$out" | cat)" = "$(<"$FILE")" ]
    done
    mkfifo "$FILE.pipe"
    cat "$FILE.pipe" >"$FILE.copy" &
    ok alone lbctl-save --output "$FILE.pipe"
    wait $!
    cmp "$FILE" "$FILE.copy"
    # Nobody reads it: an error and no hang.
    fails 3 timeout 60 nsenter --net="/run/netns/$ALONE" \
        lbctl-save --output "$FILE.pipe"
    complains "$FILE.pipe: cannot be written: no program reads this FIFO"
    [ ! -e - ]
    [ -z "$(find "$BATS_TEST_TMPDIR" -name '.lbctl*')" ]
}

@test "in a folder of another user no link is followed, nothing taken over" {
    other_user
    ok alone lbctl-svc add tcp:192.0.2.1:80
    as_nobody ln -s "$VICTIM" "$THEIRS/link"
    as_nobody ln -s "$BATS_TEST_TMPDIR" "$THEIRS/folder"
    local path
    for path in link folder/victim folder/new; do
        fails 3 alone lbctl-save --output "$THEIRS/$path"
        complains "$THEIRS/$path: cannot be written: a link that another user"
        victim_is_well
        [ ! -e "$BATS_TEST_TMPDIR/new" ]
    done
    # Root's link into the folder is followed, the link in it is not.
    ln -s "$THEIRS/link" "$BATS_TEST_TMPDIR/own"
    fails 3 alone lbctl-save --output "$BATS_TEST_TMPDIR/own"
    victim_is_well
    # A file of theirs becomes root's.
    theirs "$THEIRS/file"
    (umask 027 && ok alone lbctl-save --output "$THEIRS/file")
    [ "$(stat -c %a:%u:%g "$THEIRS/file")" = 640:0:0 ]
    alone lbctl-save | cmp "$THEIRS/file"
}

@test "a name that another user swaps all the time harms no other file" {
    other_user
    ok alone lbctl-svc add tcp:192.0.2.1:80
    local swapper i written=0
    for ((i = 0; i < 40; i++)); do
        theirs "$THEIRS/a"
        as_nobody ln -sf "$VICTIM" "$THEIRS/b"
        swap_as_nobody "$THEIRS/a" "$THEIRS/b" &
        swapper=$!
        alone lbctl-save --output "$THEIRS/a" 2>/dev/null && written=$((written + 1))
        kill "$swapper"
        wait "$swapper" || true
        victim_is_well
    done
    # Both have been met: the file, which is replaced, and the link.
    echo "$written of $i were written"
    [ "$written" -gt 0 ] && [ "$written" -lt "$i" ]
}

@test "in a folder that all can write, other users' names are left alone" {
    local shared=$BATS_TEST_TMPDIR/shared before
    other_user
    ok alone lbctl-svc add tcp:192.0.2.1:80
    mkdir -m 1777 "$shared"
    before=$(sysctl -n fs.protected_symlinks)
    for protected in 1 0; do
        sysctl -q fs.protected_symlinks=$protected
        as_nobody ln -sf "$VICTIM" "$shared/link"
        fails 3 alone lbctl-save --output "$shared/link"
        victim_is_well
    done
    sysctl -q "fs.protected_symlinks=$before"
    as_nobody touch "$shared/file"
    fails 3 alone lbctl-save --output "$shared/file"
    complains "$shared/file: cannot be written: Permission denied"
    [ ! -s "$shared/file" ]
    # Root's own link, and its own file, are as anywhere else.
    ln -s "$FILE" "$shared/own"
    ok alone lbctl-save --output "$shared/own"
    [ -L "$shared/own" ]
    ok alone lbctl-svc add tcp:192.0.2.1:81
    ok alone lbctl-save --output "$shared/own"
    alone lbctl-save | cmp "$FILE"
    ok alone lbctl-save --output "$shared/new"
    [ "$(stat -c %a "$shared/new")" = 644 ]
    [ -z "$(find "$shared" "$THEIRS" -name '.lbctl.*')" ]
}

@test "a save that fails leaves the file as it was" {
    local small=$BATS_TEST_TMPDIR/small before
    everything | ok alone lbctl-restore
    mkdir "$small"
    mount -t tmpfs -o size=8k none "$small"
    echo before >"$small/saved"
    head -c 4096 /dev/zero >"$small/filler" || true
    fails 3 alone lbctl-save --output "$small/saved"
    complains "$small/saved: cannot be written: No space left on device"
    [ "$(<"$small/saved")" = before ]
    [ "$(ls -A "$small")" = $'filler\nsaved' ]
    mount -o remount,ro "$small"
    fails 3 alone lbctl-save --output "$small/saved"
    complains 'Read-only file system'
    [ "$(<"$small/saved")" = before ]
    umount "$small"
    fails 3 alone lbctl-save --output "$small"
    complains 'Is a directory'
    fails 3 alone lbctl-save --output "$small/none/saved"
    complains 'No such file or directory'
    fails 3 alone lbctl-save --output /dev/full
    complains '/dev/full' 'No space left on device'
    ln -s loop "$small/loop"
    fails 3 alone lbctl-save --output "$small/loop"
    run bash -c 'exec 2>&1 >/dev/full; exec "$@"' full \
        nsenter --net="/run/netns/$ALONE" -- lbctl-save
    [ "$status" -eq 3 ]
    prints 'write error: No space left on device'
    before=$(find "$BATS_TEST_TMPDIR" -name '.lbctl*')
    [ -z "$before" ]
}

@test "a service that no ruleset can have is not left out unnoticed" {
    alone lbctl-svc add tcp:192.0.2.1:80
    ok alone foreign
    echo before >"$FILE"
    fails 3 alone lbctl-save --output "$FILE"
    complains '?:192.0.2.47:1: a service of protocol 47 cannot be saved'
    [ "$(<"$FILE")" = before ]
    # Nor is it spared.
    echo svc flush | ok alone lbctl-restore
    alone lbctl-save >"$FILE"
    [ "$(grep -c "^svc add" "$FILE")" = 0 ]
}
