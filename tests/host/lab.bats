#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# scripts/lab itself: what its QEMU and its apt do wrong ends it with a message
# and status 125. Both are played by scripts, so that no guest is needed.

load ../suite-helper

# What all tests play with is made once, and each gets a copy: the programs, and
# in a folder of its version each kernel; and a lab's cache that holds the first.
setup_file() {
    local version
    # The kernel that this run is about is not what is tried here.
    unset LBCTL_LAB_KERNEL
    PLAY=$BATS_FILE_TMPDIR
    mkdir "$PLAY/bin"
    play_programs
    for version in 9.1.0-amd64 9.2.0-amd64; do
        PLAY=$BATS_FILE_TMPDIR/$version
        mkdir -p "$PLAY/packages"
        make_kernel "$version"
    done
    PLAY=$BATS_FILE_TMPDIR
    kernel_of 9.1.0-amd64
    depends_on 9.1.0-amd64
    guest <<'END'
echo "status 7" >"$status"
END
    lab 7 -- true
}

setup() {
    PLAY=$BATS_TEST_TMPDIR
    unset LBCTL_LAB_KERNEL
    mkdir "$PLAY/packages"
    cp -r "$BATS_FILE_TMPDIR/bin" "$PLAY"
    guest <<'END'
echo up >"$status"
echo told >"$out"
echo grief >"$err"
echo "status 7" >>"$status"
END
}

play_programs() {
    plays apt-cache <<'END'
cat "$PLAY/depends" 2>/dev/null
END
    plays apt-get <<'END'
case $* in
*indextargets*) echo http://mirror.example/debian/ ;;
*update*)
    echo update >>"$PLAY/asked"
    [ ! -e "$PLAY/unreachable" ]
    ;;
*download*)
    echo download >>"$PLAY/asked"
    while [ "$1" != download ]; do shift; done
    for name in "${@:2}"; do cp "$PLAY/packages/$name.deb" . || exit; done
    ;;
esac
END
    # Gives the guest its three ports by name: status, out and err.
    plays qemu-system-x86_64 <<'END'
for word; do
    case $word in file,id=*)
        word=${word#file,id=}
        declare "${word%%,*}=${word#*,path=}"
        ;;
    esac
done
. "$PLAY/guest"
END
}

# plays PROGRAM: by the script on stdin.
plays() {
    { echo '#!/bin/bash' && cat; } >"$PLAY/bin/$1"
    chmod 755 "$PLAY/bin/$1"
}

# guest: does from now on what stdin says.
guest() {
    cat >"$PLAY/guest"
}

# package NAME: makes a package of what $PLAY/NAME holds.
package() {
    mkdir -p "$PLAY/$1/DEBIAN"
    printf '%s\n' "Package: $1" 'Version: 1' 'Architecture: amd64' \
        'Maintainer: nobody <nobody@example.org>' 'Description: a part' \
        >"$PLAY/$1/DEBIAN/control"
    dpkg-deb --build "$PLAY/$1" "$PLAY/packages/$1.deb" >/dev/null
}

# make_kernel VERSION: the packages of a kernel, divided as in unstable.
make_kernel() {
    local modules=usr/lib/modules/$1 part
    mkdir -p "$PLAY"/linux-{image,base,binary,modules}-"$1/$modules"
    echo "kernel $1" >"$PLAY/linux-binary-$1/$modules/vmlinuz"
    printf 'kernel/%s.ko\n' virtio_pci virtio_console 9pnet_virtio 9p \
        >"$PLAY/linux-base-$1/$modules/modules.builtin"
    mkdir -p "$PLAY/linux-modules-$1/$modules/kernel/fs"
    gcc -xc -c -o "$PLAY/overlay.ko" /dev/null
    xz -c "$PLAY/overlay.ko" >"$PLAY/linux-modules-$1/$modules/kernel/fs/overlay.ko.xz"
    for part in image base binary modules; do
        package "linux-$part-$1"
    done
}

# kernel_of VERSION: the packages are there, and what they were made of.
kernel_of() {
    cp -r "$BATS_FILE_TMPDIR/$1/." "$PLAY"
}

# has_kernel: a kernel that the lab has unpacked already.
has_kernel() {
    cp -r "$BATS_FILE_TMPDIR/cache" "$PLAY"
    depends_on 9.1.0-amd64
}

# depends_on VERSION: what the metapackage depends on from now on.
depends_on() {
    printf '%s\n' linux-image-amd64 "  Depends: linux-image-$1" \
        linux-{image,base,binary,modules}-"$1" linux-base kmod >"$PLAY/depends"
}

# play COMMAND...: with the programs and the cache of this test.
play() {
    export PLAY
    PATH=$PLAY/bin:$PATH LBCTL_LAB_CACHE=$PLAY/cache "$@"
}

# lab STATUS [ARG...]: scripts/lab ends with it, and not for being too slow.
lab() {
    run --separate-stderr play timeout -s KILL 300 \
        "${LAB:-scripts/lab}" --qemu --out "$PLAY/out" "${@:2}"
    [ "$status" -eq "$1" ] || {
        show_run
        return 1
    }
}

@test "a QEMU that ends at once, before or after boot, ends the lab" {
    has_kernel
    guest <<<'echo "cannot set up guest memory" >&2'
    lab 125 -- true
    complains 'the guest died' 'cannot set up guest memory'
    # With one output opened; with both, and half a status.
    guest <<'END'
echo up >"$status"
echo half >"$out"
END
    lab 125 -- true
    complains 'the guest died'
    prints half
    guest <<'END'
echo up >"$status"
exec >"$out" 2>"$err"
echo stat >>"$status"
END
    lab 125 -- true
    complains 'the guest died'
    rm "$PLAY/bin/qemu-system-x86_64"
    plays setpriv <<<'echo "no such program" >&2'
    plays qemu-system-x86_64 <<<''
    lab 125 -- true
    complains 'no such program'
}

@test "the command's status and outputs are passed on" {
    has_kernel
    lab 7 -- true
    [ "$output" = told ]
    complains grief 'status 7'
    # A kernel that is named is a guest's, whatever this host can do.
    plays modprobe <<<''
    run --separate-stderr play scripts/lab --out "$PLAY/out" \
        --kernel linux-image-amd64 -- true
    [ "$status" -eq 7 ]
}

@test "the packages of unstable's kernel unpack" {
    kernel_of 9.1.0-amd64
    depends_on 9.1.0-amd64
    lab 7 -- true
    complains 'booting Linux 9.1.0-amd64'
    local kernel=$PLAY/cache/as-linux-image-amd64.1
    [ "$(cat "$kernel/kernel")" = 'kernel 9.1.0-amd64' ]
    (cd "$PLAY" && cpio -id --quiet <"$kernel/base.cpio")
    [ "$(cat "$PLAY/modules/order")" = overlay.ko ]
    cmp "$PLAY/overlay.ko" "$PLAY/modules/overlay.ko"
}

@test "a metapackage is looked up anew" {
    kernel_of 9.1.0-amd64
    kernel_of 9.2.0-amd64
    depends_on 9.1.0-amd64
    lab 7 -- true
    complains 'booting Linux 9.1.0-amd64'
    depends_on 9.2.0-amd64
    lab 7 -- true
    complains 'booting Linux 9.2.0-amd64'
    lab 7 -- true
    [ "$(grep -c download "$PLAY/asked")" -eq 2 ]
    # The lists of packages are lost; what is there is used.
    rm "$PLAY/depends"
    lab 7 -- true
    complains 'booting Linux 9.2.0-amd64'
}

@test "another release has lists and a kernel of its own" {
    kernel_of 9.1.0-amd64
    kernel_of 9.2.0-amd64
    depends_on 9.1.0-amd64
    lab 7 -- true
    depends_on 9.2.0-amd64
    lab 7 --kernel linux-image-amd64/sid -- true
    complains 'booting Linux 9.2.0-amd64'
    grep -qx 'URIs: http://mirror.example/debian/' "$PLAY/cache/apt-sid/debian.sources"
    grep -qx 'Suites: sid' "$PLAY/cache/apt-sid/debian.sources"
    lab 7 --kernel linux-image-amd64/sid -- true
    [ "$(grep -c update "$PLAY/asked")" -eq 1 ]
    # After a day it asks again; without an answer, what is there is used.
    touch -d '2 days ago' "$PLAY/cache/apt-sid/updated"
    touch "$PLAY/unreachable"
    rm "$PLAY/depends"
    lab 7 --kernel linux-image-amd64/sid -- true
    complains 'cannot update' 'booting Linux 9.2.0-amd64'
    lab 125 --kernel linux-image-amd64/trixie -- true
    complains "apt knows no kernel package 'linux-image-amd64/trixie'"
    lab 7 -- true
    complains 'booting Linux 9.1.0-amd64'
}

@test "what fails inside ends the lab with 125 and a message" {
    guest <<<''
    lab 125 -- true
    complains "apt knows no kernel package 'linux-image-amd64'"
    depends_on 9.1.0-amd64
    lab 125 -- true
    complains 'cannot download'
    kernel_of 9.1.0-amd64
    local part whole=$PLAY/whole
    cp -r "$PLAY/packages" "$whole"
    # Each of the packages that matter broken off; each without what it is for.
    for part in binary base modules; do
        truncate -s 100 "$PLAY/packages/linux-$part-9.1.0-amd64.deb"
        lab 125 -- true
        complains 'lab: failed at: dpkg-deb'
        cp "$whole"/*.deb "$PLAY/packages"
        rm -r "$PLAY/linux-$part-9.1.0-amd64/usr"
        package "linux-$part-9.1.0-amd64"
        lab 125 -- true
        complains 'lab: failed at: '
        cp "$whole"/*.deb "$PLAY/packages"
    done
    # An unreadable initramfs, of a cache that was whole; no room for a run.
    lab 125 -- true
    complains 'the guest died'
    rm "$PLAY/cache/as-linux-image-amd64.1/base.cpio"
    lab 125 -- true
    complains 'lab: failed at: cat'
    TMPDIR=$PLAY/nowhere lab 125 -- true
    complains 'lab: failed at: run='
    rm -r "$PLAY/cache"
    touch "$PLAY/cache"
    lab 125 -- true
    complains 'lab: failed at: mkdir'
}

@test "bad options are the caller's fault" {
    local words
    for words in '--kernel nonsense' '--kernel linux-image-amd64/' \
        '--kernel linux-image-amd64/../x' '--memory much' --kernel; do
        # shellcheck disable=SC2086
        lab 2 $words
        complains "try 'scripts/lab --help'"
    done
    LBCTL_LAB_KERNEL=nonsense lab 2 -- true
    complains "'nonsense' is not a kernel package"
}

@test "a guest that hangs while it boots is replaced by another" {
    has_kernel
    # The seconds of its patience, counted one by one, pass fast.
    plays sleep <<'END'
[ "$1" != 1 ] || set -- 0.05
exec /bin/sleep "$1"
END
    mkdir "$PLAY/scripts"
    cp -r scripts/lab scripts/lab.d "$PLAY/scripts"
    echo 'measure_pace() { pace=100; }' >>"$PLAY/scripts/lab.d/pace"
    local LAB=$PLAY/scripts/lab
    guest <<'END'
[ -e "$PLAY/hung" ] || { touch "$PLAY/hung" && exec sleep 600; }
echo up >"$status"
exec >"$out" 2>"$err"
echo begun
echo 'status 7' >>"$status"
END
    lab 7 -- true
    complains 'the guest hangs, booting another'
    prints begun
}

@test "a command that hangs is ended, in time that passes as slowly as work" {
    has_kernel
    guest <<'END'
echo up >"$status"
exec >"$out" 2>"$err"
echo begun
exec sleep 600
END
    lab 124 --timeout 1 -- true
    complains 'timed out after 1 seconds'
    prints begun
    # Of a machine at a quarter of its usual speed, one second takes four.
    measure_pace() { export pace=400; }
    SECONDS=0
    pass_time 1
    [ "$SECONDS" -ge 3 ]
    [ "$(scaled 3)" -eq 12 ]
    [ "$(LAB_PACE=500 scaled 3)" -eq 15 ]
    # What waits for something has that time, too, and its tries at least.
    tried() { echo >>"$PLAY/tries" && false; }
    SECONDS=0
    ! LAB_PACE=400 within 1 tried || false
    [ "$SECONDS" -ge 3 ]
    [ "$(wc -l <"$PLAY/tries")" -ge 10 ]
}
