# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
# shellcheck shell=bash
#
# Another user's folder, in which that user does what an attacker would, and a
# file of root's that must stay as it is.

# as_nobody COMMAND...
as_nobody() {
    setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# THEIRS, a folder of nobody's as node_exporter has one, and VICTIM, which only
# root reads.
other_user() {
    THEIRS=$BATS_TEST_TMPDIR/theirs
    VICTIM=$BATS_TEST_TMPDIR/victim
    echo precious >"$VICTIM"
    chmod 600 "$VICTIM"
    # What is above them is not nobody's to search otherwise.
    chmod 755 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/*
    mkdir "$THEIRS"
    chown 65534:65534 "$THEIRS"
}

# swap_as_nobody A B: in the background; $! is the program itself.
swap_as_nobody() {
    exec setpriv --reuid=65534 --regid=65534 --clear-groups swap "$@" \
        3>&- 2>/dev/null
}

# theirs FILE: makes it anew, nobody's, for all to write.
theirs() {
    as_nobody rm -f "$1"
    echo mine | as_nobody tee "$1" >/dev/null
    as_nobody chmod 666 "$1"
}

victim_is_well() {
    [ "$(<"$VICTIM")" = precious ]
    [ "$(stat -c %a:%u:%g "$VICTIM")" = 600:0:0 ]
}
