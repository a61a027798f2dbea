#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# What the real shells offer on <TAB>, live values of the kernel included.

load ../suite-helper

setup() {
    lab_alone
    HERE=$PWD/$O/completions
    export HERE
    alone lbctl-svc add tcp:192.0.2.1:80
    alone lbctl-svc add-server tcp:192.0.2.1:80 10.0.0.1 10.0.0.2
    alone lbctl-svc add 'udp:[2001:db8::1]:53' --persistent 60
    alone lbctl-svc add-server 'udp:[2001:db8::1]:53' 2001:db8:1::5
    alone lbctl-svc add fwmark:7
    alone ip link add lab0 type dummy
}

teardown() {
    lab_not_alone
}

# in_bash WORD...: what bash offers for the last word; words are parted as
# bash does it, at ":" and "=" too.
bash_script() {
    cat <<'END'
. "$HERE/bash/$1"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
"_${1//-/_}" "$1" "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}"
END
}

in_bash() {
    run --separate-stderr alone bash --norc -c "$(bash_script)" bash "$@"
}

fish_script() {
    cat <<'END'
set -p fish_complete_path $argv[1]
complete -C $argv[2] | string split -f 1 \t
END
}

in_fish() {
    run --separate-stderr alone env HOME="$BATS_TEST_TMPDIR" \
        fish --no-config -c "$(fish_script)" "$HERE/fish" "$1"
}

# zsh completes only at a terminal. After each <TAB> the widget ends what it
# offered with a line that is waited for.
zsh_script() {
    cat <<'END'
zmodload zsh/zpty
zpty -b shell 'TERM=dumb zsh -f -i'
zpty -w shell "fpath=($HERE/zsh \$fpath) PS1= RPS1= PS2="
zpty -w shell 'autoload -Uz compinit; compinit -D -u
    setopt no_beep
    compadd() {
        local -a offered
        local result
        builtin compadd "$@"
        result=$?
        builtin compadd -O offered "$@"
        print -rl -- "${(@)offered}" >>$OFFERED
        return $result
    }
    ask() {
        zle complete-word
        BUFFER=
        print -r -- "E""ND-OF-OFFER"
    }
    zle -N ask
    bindkey "^I" ask
    print -r -- "REA""DY"'
zpty -r -m shell seen '*READY*'
zpty -w -n shell "$1"$'\t'
zpty -r -m shell seen '*END-OF-OFFER*'
zpty -d shell
[[ ! -e $OFFERED ]] || sort -u $OFFERED
END
}

in_zsh() {
    rm -f "$BATS_TEST_TMPDIR/offered"
    OFFERED=$BATS_TEST_TMPDIR/offered run --separate-stderr \
        alone timeout 60 zsh -f -c "$(zsh_script)" zsh "$1"
}

# offers NAME...: these, and nothing else, without a word on stderr.
offers() {
    local expected
    expected=$(printf '%s\n' "$@" | sort)
    if [ -n "$stderr" ] || [ "$(sort <<<"$output")" != "$expected" ]; then
        printf '%s\n' 'expected:' "$expected"
        show_run
        return 1
    fi
}

# offered NAME...: these among others.
offered() {
    local name
    [ -z "$stderr" ] || {
        show_run
        return 1
    }
    for name; do
        grep -qxF -e "$name" <<<"$output" || {
            echo "not offered: $name"
            show_run
            return 1
        }
    done
}

@test "bash: verbs, options, words" {
    in_bash lbctl-svc a
    offers add add-server
    in_bash lbctl-svc ''
    offered add drain timeouts
    lacks --json
    in_bash lbctl-svc --j
    offers --json
    in_bash lbctl-svc add tcp : 192.0.2.9 : 80 --p
    offers --persistent --pe
    in_bash lbctl-svc add-server fwmark : 7 10.0.0.9 --forward ''
    offers dr nat tun
    in_bash lbctl-svc add-server fwmark : 7 10.0.0.9 --forward = n
    offers nat
    in_bash lbctl-mark add 1 --hook p
    offers prerouting
    in_bash lbctl-sync start ''
    offers backup master
    in_bash lbctl-svc show --watch ''
    offers ''
    in_bash lbctl-svc nonsense ''
    offers ''
    in_bash lbctl-mark add 1 -- -m ''
    offers ''
}

@test "bash: live values" {
    in_bash lbctl-svc delete ''
    offers tcp:192.0.2.1:80 'udp:[2001:db8::1]:53' fwmark:7
    in_bash lbctl-svc delete tcp :
    offers 192.0.2.1:80
    in_bash lbctl-svc delete udp : '[2001' : db8 :: 1
    offers '1]:53'
    in_bash lbctl-svc drain tcp : 192.0.2.1 : 80 ''
    offers 10.0.0.1:80 10.0.0.2:80
    in_bash lbctl-svc drain tcp : 192.0.2.1 : 80 10.0.0.1 : 80 ''
    offered 10.0.0.2:80
    in_bash lbctl-svc connections --service ''
    offered fwmark:7
    in_bash lbctl-svc add fwmark : 8 --scheduler wr
    offers wrr
    in_bash lbctl-sync start master --dev la
    offers lab0
    in_bash lbctl-svc --netns "${ALONE:0:8}"
    offered "$ALONE"
}

@test "bash: lbctl hands over to its nouns" {
    in_bash lbctl s
    offers status svc sync
    in_bash lbctl svc ad
    offers add add-server
    in_bash lbctl --json svc drain tcp : 192.0.2.1 : 80 ''
    offers 10.0.0.1:80 10.0.0.2:80
    in_bash lbctl mark add 1 --h
    offers --help --hook
}

@test "fish" {
    in_fish 'lbctl-svc a'
    offers add add-server
    in_fish 'lbctl-svc add fwmark:9 --p'
    offers --persistent --pe
    in_fish 'lbctl-svc add-server fwmark:7 10.0.0.9 --forward '
    offers dr nat tun
    in_fish 'lbctl-svc add-server fwmark:7 10.0.0.9 --forward=n'
    offers --forward=nat
    in_fish 'lbctl-svc delete '
    offers tcp:192.0.2.1:80 'udp:[2001:db8::1]:53' fwmark:7
    in_fish 'lbctl-svc drain tcp:192.0.2.1:80 '
    offers 10.0.0.1:80 10.0.0.2:80
    in_fish 'lbctl-sync start master --dev la'
    offers lab0
    in_fish 'lbctl s'
    offers status svc sync
    in_fish 'lbctl svc drain tcp:192.0.2.1:80 '
    offers 10.0.0.1:80 10.0.0.2:80
}

@test "zsh" {
    in_zsh 'lbctl-svc a'
    offers add add-server
    in_zsh 'lbctl-svc add-server fwmark:7 10.0.0.9 --forward=n'
    offers --forward=nat
    in_zsh 'lbctl-svc delete '
    offers tcp:192.0.2.1:80 'udp:[2001:db8::1]:53' fwmark:7
    in_zsh 'lbctl-svc drain tcp:192.0.2.1:80 '
    offers 10.0.0.1:80 10.0.0.2:80
    in_zsh 'lbctl svc drain tcp:192.0.2.1:80 '
    offers 10.0.0.1:80 10.0.0.2:80
}

@test "without a right to look, nothing is said and nothing offered" {
    ok setpriv --bounding-set=-all --inh-caps=-all --reuid=nobody \
        --clear-groups lbctl-svc --complete services
    [ -z "$output" ]
}

@test "without the program, nothing is said and nothing offered" {
    PATH=/usr/sbin:/sbin:/usr/bin:/bin in_bash lbctl-svc delete ''
    offers ''
}
