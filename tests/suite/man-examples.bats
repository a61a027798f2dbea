#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# The examples of each man page, run in their order on a host of their own.

load ../suite-helper

setup() {
    lab_alone
    alone ip -batch - <<'END'
route add unreachable default
link add eth0 type dummy
link set eth0 up multicast on
addr add 192.0.2.1/24 dev eth0
addr add 2001:db8::1/64 dev eth0 nodad
END
}

teardown() {
    lab_not_alone
}

# What readers of a page see in place of its escapes.
unescape() {
    sed "s/\\\\-/-/g; s/\\\\(aq/'/g; s/\\\\e/\\\\/g"
}

# The commands of a page; one that ends with "# status N" is to end with that.
examples() {
    sed -n 's/^\.Dl # //p' "man/$1" | unescape
}

run_examples() {
    local line expected count=0
    while IFS= read -r line <&3; do
        expected=0
        [[ $line != *'# status '* ]] || expected=${line##*# status }
        run_program alone bash -c "$line"
        if [ "$status" -ne "$expected" ] || [ -n "$stderr" ]; then
            echo "man/$1: expected status $expected, silently: $line"
            show_run
            return 1
        fi
        count=$((count + 1))
    done 3< <(examples "$1")
    [ "$count" -gt 0 ]
}

@test "lbctl(8)" {
    run_examples lbctl.8
}

@test "lbctl-svc(8)" {
    run_examples lbctl-svc.8
}

@test "lbctl-mark(8)" {
    run_examples lbctl-mark.8
}

@test "lbctl-vip(8)" {
    run_examples lbctl-vip.8
}

@test "lbctl-sync(8)" {
    run_examples lbctl-sync.8
}

@test "lbctl-check(8)" {
    run_examples lbctl-check.8
}

@test "lbctl-save(8)" {
    run_examples lbctl-save.8
}

@test "lbctl-restore(8)" {
    run_examples lbctl-restore.8
}

@test "lbctl-ipvsadm(8)" {
    run_examples lbctl-ipvsadm.8
}

# The rulesets of lbctl-ruleset(5) are the .Bd blocks behind a comment of one
# word, ".\" ruleset". Prints the one of that number.
ruleset() {
    awk -v wanted="$1" '
    /^\.\\" ruleset$/ { count++; next }
    /^\.Ed/ { inside = 0 }
    inside { print }
    /^\.Bd/ { inside = count == wanted }' man/lbctl-ruleset.5 | unescape
}

@test "lbctl-ruleset(5): every ruleset would be taken" {
    local count number
    reserves alone
    count=$(grep -cx '\.\\" ruleset' man/lbctl-ruleset.5)
    [ "$count" -eq "$(grep -c '^\.Bd' man/lbctl-ruleset.5)" ]
    for ((number = 1; number <= count; number++)); do
        ruleset "$number" >"$BATS_TEST_TMPDIR/ruleset"
        answers 1 alone lbctl-restore --dry-run "$BATS_TEST_TMPDIR/ruleset"
        [ -z "$stderr" ] || {
            echo "ruleset $number:"
            cat "$BATS_TEST_TMPDIR/ruleset"
            show_run
            return 1
        }
    done
}

@test "every page with examples is here" {
    local page
    for page in man/*.8; do
        grep -qF "run_examples $(basename "$page")" "$BATS_TEST_FILENAME"
    done
}

@test "lbctl-doctor(8)" {
    run_examples lbctl-doctor.8
}
