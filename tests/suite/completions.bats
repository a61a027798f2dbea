#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# What the real shells offer on <TAB>, live values of the kernel included: the
# same lines and the same answers for all.

load ../suite-helper

setup() {
    lab_alone
    export HERE=$PWD/$O/completions
    alone lbctl-svc add tcp:192.0.2.1:80
    alone lbctl-svc add-server tcp:192.0.2.1:80 10.0.0.1 10.0.0.2
    alone lbctl-svc add 'udp:[2001:db8::1]:53'
    alone lbctl-svc add-server 'udp:[2001:db8::1]:53' 2001:db8:1::5
    alone lbctl-svc add fwmark:7
    alone ip link add lab0 type dummy
}

teardown() {
    lab_not_alone
}

# "<LINE>", where the cursor stands at its end, and what is then offered.
expected() {
    cat <<END
<lbctl-svc a>
add
add-server
<lbctl-svc --j>
--json
<lbctl-svc add tcp:192.0.2.9:80 --p>
--pe
--persistent
<lbctl-svc add >
fwmark:
sctp:
tcp:
udp:
<lbctl-svc add fwmark:8 --scheduler wr>
wrr
<lbctl-svc add-server fwmark:7 10.0.0.9 --forward >
dr
nat
tun
<lbctl-svc add-server fwmark:7 10.0.0.9 --forward=n>
--forward=nat
<lbctl-svc show --watch >
<lbctl-svc nonsense >
<lbctl-svc delete >
fwmark:7
tcp:192.0.2.1:80
udp:[2001:db8::1]:53
<lbctl-svc delete tcp:>
tcp:192.0.2.1:80
<lbctl-svc drain tcp:192.0.2.1:80 >
10.0.0.1:80
10.0.0.2:80
<lbctl-svc drain tcp:192.0.2.1:80 10.0.0.1:80 --r>
--reason
<lbctl-svc connections --service f>
fwmark:7
<lbctl-svc --netns ${ALONE:0:8}>
$ALONE
<lbctl-mark add 1 --hook p>
prerouting
<lbctl-mark add 1 -- -m >
<lbctl-mark convert >
iptables
nft
<lbctl-mark show --backend >
auto
iptables
nft
<lbctl-sync start >
backup
master
<lbctl-sync start master --dev la>
lab0
<lbctl-save --o>
--only
--output
<lbctl-save --netns ${ALONE:0:8}>
$ALONE
<lbctl-restore --dry>
--dry-run
<lbctl-check s>
show
<lbctl-check run --start >
check
down
up
<lbctl-check fwmark:7 --ht>
--http
--http-version
--https
<lbctl-check tcp:192.0.2.1:80 --interface la>
lab0
<lbctl-check tcp:192.0.2.1:80 --sorry >
10.0.0.1:80
10.0.0.2:80
<lbctl-check run f>
fwmark:7
<lbctl-ipvsadm >
--add-server
--add-service
--clear
--delete-server
--delete-service
--edit-server
--edit-service
--help
--list
--restore
--save
--set
--start-daemon
--stop-daemon
--version
--zero
<lbctl-ipvsadm --st>
--start-daemon
--stop-daemon
<lbctl-ipvsadm --start-daemon >
backup
master
<lbctl-ipvsadm --start-daemon master --mcast-i>
--mcast-interface
<lbctl-ipvsadm --start-daemon master --mcast-interface la>
lab0
<lbctl-ipvsadm --add-service -t 192.0.2.9:80 -p -s wr>
wrr
<lbctl-ipvsadm -At 192.0.2.9:80 --sched>
--sched-flags
--scheduler
<lbctl-ipvsadm -a -f 7 -r 10.0.0.1 -i --tun-type=g>
--tun-type=gre
--tun-type=gue
<lbctl-ipvsadm -ln --t>
--tcp-service
--thresholds
--timeout
--tun-info
<lbctl-ipvsadm -Ct >
<lbctl-ipvsadm -S --f>
--full
<lbctl s>
save
status
svc
sync
<lbctl svc ad>
add
add-server
<lbctl --json svc drain tcp:192.0.2.1:80 >
10.0.0.1:80
10.0.0.2:80
<lbctl mark add 1 --h>
--help
--hook
END
}

# Words are parted as bash does it, at ":" and "=" too; it replaces only what
# follows the last of these.
bash_script() {
    cat <<'END'
for file in "$HERE"/bash/*; do
    . "$file"
done
for line; do
    COMP_LINE=${line//:/ : }
    COMP_LINE=${COMP_LINE//=/ = }
    read -ra COMP_WORDS <<<"$COMP_LINE"
    [[ $line != *' ' ]] || COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    name=${COMP_WORDS[0]}
    "_${name//-/_}" "$name" "${COMP_WORDS[COMP_CWORD]}" \
        "${COMP_WORDS[COMP_CWORD - 1]}"
    echo "<$line>"
    typed=${line##* }
    for reply in "${COMPREPLY[@]}"; do
        echo "${typed%"${typed##*[:=]}"}$reply"
    done | LC_ALL=C sort
done
END
}

fish_script() {
    cat <<'END'
set -p fish_complete_path $HERE/fish
for line in $argv
    echo "<$line>"
    complete -C $line | string split -f 1 \t | LC_ALL=C sort -u
end
END
}

# zsh completes only at a terminal. After each <TAB> a widget prints a line
# that is waited for.
zsh_script() {
    cat <<'END'
zmodload zsh/zpty
zpty -b shell 'TERM=dumb zsh -f -i'
zpty -w shell 'PS1= RPS1= PS2='
zpty -w shell 'fpath=($HERE/zsh ${(M)fpath:#*/Completion(|/Base)})
    autoload -Uz compinit; compinit -D -u
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
for line; do
    : >$OFFERED
    zpty -w -n shell "$line"$'\t'
    zpty -r -m shell seen '*END-OF-OFFER*'
    print -r -- "<$line>"
    LC_ALL=C sort -u $OFFERED | sed '/^$/d'
done
zpty -d shell
END
}

# asked COMMAND...: a shell is asked all lines, and answers as expected.
asked() {
    local lines
    mapfile -t lines < <(expected | sed -n 's/^<\(.*\)>$/\1/p')
    ok alone timeout "$(scaled 200)" "$@" "${lines[@]}"
    diff <(expected) <(echo "$output")
}

@test "bash" {
    asked bash --norc -c "$(bash_script)" bash
}

@test "fish" {
    HOME=$BATS_TEST_TMPDIR asked fish --no-config -c "$(fish_script)"
}

@test "zsh" {
    OFFERED=$BATS_TEST_TMPDIR/offered asked zsh -f -c "$(zsh_script)" zsh
}

@test "bash: lbctl finds the script of a noun by itself" {
    # shellcheck source=/dev/null
    source "$HERE/bash/lbctl"
    COMP_WORDS=(lbctl svc dra)
    COMP_CWORD=2
    COMPREPLY=()
    _lbctl lbctl dra svc
    [ "${COMPREPLY[*]}" = drain ]
}

@test "ipvsadm is completed as lbctl-ipvsadm is" {
    ok bash --norc -c ". '$HERE/bash/lbctl-ipvsadm' && complete -p ipvsadm"
    [ "$output" = 'complete -F _lbctl_ipvsadm ipvsadm' ]
    [ "$(head -n 1 "$HERE/zsh/_lbctl-ipvsadm")" = \
        '#compdef lbctl-ipvsadm ipvsadm' ]
    mkdir "$BATS_TEST_TMPDIR/fish"
    ln -s "$HERE/fish/lbctl-ipvsadm.fish" "$BATS_TEST_TMPDIR/fish/ipvsadm.fish"
    HERE=$BATS_TEST_TMPDIR HOME=$BATS_TEST_TMPDIR ok \
        fish --no-config -c "$(fish_script)" 'ipvsadm --start-daemon ma'
    [ "$output" = $'<ipvsadm --start-daemon ma>\nmaster' ]
}

@test "without a right to look, nothing is said and nothing offered" {
    ok alone setpriv --bounding-set=-all --inh-caps=-all \
        lbctl-svc --complete services
    [ -z "$output" ]
}

@test "without the program, nothing is said and nothing offered" {
    PATH=/usr/sbin:/sbin:/usr/bin:/bin ok \
        bash --norc -c "$(bash_script)" bash 'lbctl-svc delete '
    [ "$output" = '<lbctl-svc delete >' ]
}

@test "paths of namespaces complete, as files do" {
    local line="lbctl-svc --netns /run/netns/${ALONE:0:8}"
    ok alone bash --norc -c "$(bash_script)" bash "$line" "lbctl-svc --netns=/run/netns/${ALONE:0:8}"
    prints "<$line>"$'\n'"/run/netns/$ALONE"
    prints "--netns=/run/netns/$ALONE"
    HOME=$BATS_TEST_TMPDIR ok alone fish --no-config -c "$(fish_script)" "$line"
    prints "/run/netns/$ALONE"
}
