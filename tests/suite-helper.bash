# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# The words that tests in tests/suite are written in.

bats_require_minimum_version 1.5.0
O=${O:-build}
cd "$BATS_TEST_DIRNAME/../.." || exit 1
export PATH="$PWD/$O/bin:$PWD/$O/tests:$PATH"
LAB_TRAFFIC=$PWD/$O/tests/traffic

# shellcheck source=tests/lab/net.bash
source tests/lab/net.bash
# How long something may take is said in scaled seconds.
# shellcheck source=scripts/lab.d/pace
source scripts/lab.d/pace

# For tests under strace: a sanitizer cannot look for leaks while it is traced.
without_leak_search() {
    export ASAN_OPTIONS=detect_leaks=0
}

# bats looks at every command before it runs, to say later which one failed: in
# emulation that takes some milliseconds for each, ten times as long as most
# commands do. These two of its functions (1.8) look at the one that failed.
bats_debug_trap() {
    trap - DEBUG
}
bats_error_trap() {
    bats_check_status_from_trap
    [[ ${BATS_DEBUG_LAST_STACK_TRACE_IS_VALID:-} ]] || bats_capture_stack_trace
    BATS_DEBUG_LAST_STACK_TRACE_IS_VALID=1
}

# Shown by bats when a test fails.
show_run() {
    printf '%s\n' "status ${status:-none}" "stdout: ${output:-}" \
        "stderr: ${stderr:-}"
}

# run_program COMMAND...: keeps status, output (stdout) and stderr.
run_program() {
    run --separate-stderr "$@"
    # A death by signal or by a sanitizer is a failure whatever was expected.
    [ "$status" -lt 126 ] || {
        show_run
        return 1
    }
}

# ok COMMAND...: ends with status 0 and says nothing on stderr.
ok() {
    run_program "$@" || return
    if [ "$status" -ne 0 ] || [ -n "$stderr" ]; then
        echo "expected to succeed silently: $*"
        show_run
        return 1
    fi
}

# fails STATUS COMMAND...: ends with that status and says why on stderr.
fails() {
    local expected=$1
    shift
    run_program "$@" || return
    if [ "$status" -ne "$expected" ] || [ -z "$stderr" ]; then
        echo "expected status $expected and a message: $*"
        show_run
        return 1
    fi
}

# answers STATUS COMMAND...: ends with that status; a message is optional.
answers() {
    local expected=$1
    shift
    run_program "$@" || return
    [ "$status" -eq "$expected" ] || {
        echo "expected status $expected: $*"
        show_run
        return 1
    }
}

# reserves COMMAND...: where that command leads, the ports that tests mark are
# not for own sockets. Otherwise rules for them cause a notice.
reserves() {
    "$@" sysctl -qw net.ipv4.ip_local_reserved_ports=50000-60000
}

# prints TEXT... / complains TEXT...: the last command's stdout or stderr holds
# each TEXT, in that order of mention or not.
prints() {
    local text
    for text; do
        [[ $output == *"$text"* ]] || {
            echo "expected on stdout: $text"
            show_run
            return 1
        }
    done
}

complains() {
    local text
    # "stderr" is what bats' run leaves behind.
    for text; do
        [[ ${stderr:-} == *"$text"* ]] || {
            echo "expected on stderr: $text"
            show_run
            return 1
        }
    done
}

# lacks TEXT...: the last command's stdout does not hold any TEXT.
lacks() {
    local text
    for text; do
        [[ $output != *"$text"* ]] || {
            echo "not expected on stdout: $text"
            show_run
            return 1
        }
    done
}

# absent REGEX FILE: no line of the file fits.
absent() {
    if grep -E "$1" "$2"; then
        return 1
    fi
}

# json FILTER: what jq's FILTER makes of the last stdout.
json() {
    jq -r "$1" <<<"$output"
}

# json_is FILTER TEXT
json_is() {
    local value
    value=$(json "$1") || {
        show_run
        return 1
    }
    [ "$value" = "$2" ] || {
        echo "expected $1 = $2, is $value"
        show_run
        return 1
    }
}

# The kernel's table as ipvsadm sees it, for "nothing was changed".
table() {
    ipvsadm -Sn
}

# within SECONDS COMMAND...: waits until COMMAND succeeds. Of a slow machine it
# gets as many tries as of another, each of which takes longer, and the time that
# a timeout of as many scaled seconds has.
within() {
    local tries=$(($1 * 10)) end=$((SECONDS + $1 * ${LAB_PACE:-100} / 100))
    shift
    until "$@"; do
        ((tries-- > 0 || SECONDS < end)) || {
            echo "did not come true in time: $*"
            return 1
        }
        sleep 0.1
    done
}

# A private network namespace for a test of one host: the rest of the test
# runs in it. Call first in the test or in setup.
lab_alone() {
    ALONE=test-$BASHPID-$RANDOM
    ip netns add "$ALONE"
    ip -n "$ALONE" link set lo up
}
alone() {
    nsenter --net="/run/netns/$ALONE" -- "$@"
}
lab_not_alone() {
    [ -z "${ALONE:-}" ] || ip netns del "$ALONE"
    ALONE=
}

# table_is: the private namespace's table, as ipvsadm saves it, is what stdin
# says.
table_is() {
    local expected actual
    IFS= read -rd '' expected || true
    actual=$(alone ipvsadm -Sn)
    [ "$actual" = "${expected%$'\n'}" ] || {
        printf '%s\n' 'expected table:' "$expected" 'table:' "$actual"
        return 1
    }
}

# weights_are WEIGHT...: of the servers that the kernel of the private namespace, or
# else of the director, has, in their order.
weights_are() {
    local weights where=(alone)
    [ -n "${ALONE:-}" ] || where=(lab_in director)
    weights=$("${where[@]}" ipvsadm -Sn | sed -n 's/^-a.* -w //p' | xargs)
    [ "$weights" = "$*" ] || {
        echo "expected $*, is $weights"
        return 1
    }
}

# lab_connect PROTOCOL ADDRESS PORT [OPTION...]: a client that stays connected
# until lab_disconnect, which ends all of these, or the end of the network.
lab_connect() {
    local said=$LAB_DIR/connected$((++LAB_CONNECTED))
    nsenter --net="/run/netns/$LAB_PREFIX-client" -- "$LAB_TRAFFIC" \
        hold "$1" "$2" "$3" 3600 "${@:4}" >"$said" 3>&- &
    LAB_CLIENTS+=($!)
    within 10 grep -q connected "$said"
}
lab_disconnect() {
    kill "${LAB_CLIENTS[@]}"
    LAB_CLIENTS=()
}
# lab_ask_again: they ask once more, and end. Fails unless all are answered.
lab_ask_again() {
    local client
    kill "${LAB_CLIENTS[@]}"
    for client in "${LAB_CLIENTS[@]}"; do
        wait "$client" || return
    done
    LAB_CLIENTS=()
}
LAB_CONNECTED=0
LAB_CLIENTS=()
