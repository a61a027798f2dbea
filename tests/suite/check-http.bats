#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Checks by HTTP, TLS and SMTP, of servers that mean well and of others. Each
# server is an address of its own, 127.0.0.11 and up, on the same port.

load ../suite-helper

# Whatever the environment says, servers are asked directly.
export http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9
export all_proxy=http://127.0.0.1:9 ALL_PROXY=http://127.0.0.1:9

setup() {
    lab_alone
    DIR=$(mktemp -d)
    PROCESSES=()
}

teardown() {
    [ ${#PROCESSES[@]} -eq 0 ] || kill "${PROCESSES[@]}" || true
    lab_not_alone
    rm -rf "$DIR"
}

# serve MODE...: a hostile server for each on port 80, all behind the service.
# What they hear is in $DIR/heard.
serve() {
    local mode places=() last=10 rules="-A -t 10.0.0.1:80"$'\n'
    for mode; do
        last=$((last + 1))
        [ "$mode" = nobody ] || places+=("127.0.0.$last" 80 "$mode")
        rules+="-a -t 10.0.0.1:80 -r 127.0.0.$last:80 -m"$'\n'
    done
    alone ipvsadm -R <<<"$rules"
    [ ${#places[@]} -eq 0 ] || PROCESSES+=("$(alone hostile --background \
        --log "$DIR/heard" "${places[@]}" 3>&-)")
}

# probes: one run of the checks on stdin, a line "NAME OPTION..." each, that
# the servers are down or up after; stdout then has a line "NAME 11 up", or
# "NAME 11 down WHY", for each check and server.
probes() {
    sed "s/^/tcp:10.0.0.1:80 --fall 1 --rise 1 --timeout $(scaled 20) --name /" \
        >"$DIR/checks"
    run_program alone lbctl-check run --config "$DIR/checks"
    [ "$status" -le 1 ] || {
        show_run
        return 1
    }
    found
}

found() {
    run_program alone lbctl-check show --json
    # The $ is jq's.
    # shellcheck disable=SC2016
    output=$(json '.checks[] | .name as $name | .servers[] |
        "\($name) \(.server | ltrimstr("127.0.0.") | split(":")[0]) " +
        ([.last_verdict, .message] | map(select(. != "")) | join(" "))')
}

# The run in the background has come so far.
are_probed() {
    found
    [ -n "$output" ]
}

# says LINE...: the output has these lines.
says() {
    local line
    for line; do
        grep -qxF -- "$line" <<<"$output" || {
            printf '%s\n' "expected: $line" 'found:' "$output"
            return 1
        }
    done
}

# said NAME: what was found by that check is what stdin says.
said() {
    sed "s/^/$1 /" | diff - <(grep "^$1 " <<<"$output")
}

# certificate NAME SUBJECT [ALTERNATIVES]: $DIR/NAME.pem and .key; one with
# alternative names is by the authority called ca.
certificate() {
    local by=()
    [ $# -lt 3 ] || by=(-addext "subjectAltName=$3" -CA "$DIR/ca.pem"
        -CAkey "$DIR/ca.key" -addext basicConstraints=CA:FALSE)
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
        -nodes -days 30 -keyout "$DIR/$1.key" -out "$DIR/$1.pem" \
        -subj "$2" "${by[@]}" 2>/dev/null
}

# tls_serve NUMBER OPTION...: an openssl s_server on 127.0.0.NUMBER.
tls_serve() {
    nsenter --net="/run/netns/$ALONE" -- openssl s_server -quiet \
        -accept "127.0.0.$1:80" "${@:2}" >/dev/null 2>&1 3>&- &
    PROCESSES+=($!)
}

# listening COUNT: so many servers are there by now.
listening() {
    local count=$1
    are_there() {
        [ "$(alone ss -Hltn 'sport = 80' | wc -l)" -eq "$count" ]
    }
    within 20 are_there
}

@test "no server keeps a check from ending, or makes it large" {
    local begin=$SECONDS pid peak i many=() second='' patience
    patience=$(scaled 4)
    for ((i = 0; i < 20; i++)); do
        many+=(endless-body)
    done
    serve ok echo-headers redirect endless-body chunk-bomb short-body drip \
        huge-header many-headers continue nul nul-body controls close silent \
        garbage smtp smtp-bad smtp-endless status-503 nobody "${many[@]}"
    for i in 14 17 24 25 26 27 28 29 31; do
        second+="-a -t 10.0.0.2:80 -r 127.0.0.$i:80 -m"$'\n'
    done
    alone ipvsadm -R <<<"-A -t 10.0.0.2:80"$'\n'"$second"

    # In the background, since a process that has ended has no peak.
    cat >"$DIR/checks" <<CHECKS
tcp:10.0.0.1:80 --http 80 --body hello --timeout $patience
tcp:10.0.0.2:80 --tls 80 --insecure --timeout $patience
tcp:10.0.0.2:80 --smtp 80 --timeout $patience
CHECKS
    nsenter --net="/run/netns/$ALONE" -- lbctl-check run \
        --config "$DIR/checks" --every 60 >"$DIR/run" 2>&1 3>&- &
    pid=$!
    PROCESSES+=("$pid")
    within 25 are_probed || {
        cat "$DIR/run"
        return 1
    }
    peak=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status")
    echo "after $((SECONDS - begin)) s, with $peak KB at most"
    # A sanitizer has its own ideas of what is small.
    [[ $O == *asan* || $peak -lt 49152 ]]

    said http-80 <<SAID
11 up
12 down body does not match
13 down status 302, wanted 200-299
14 down body larger than 256 KiB
15 down body larger than 256 KiB
16 down answer was cut short
17 down no whole answer within $patience s
18 down headers larger than 64 KiB
19 down headers larger than 64 KiB
20 down headers larger than 64 KiB
21 down Nul byte in header
22 down body does not match
23 down status 302, wanted 200-299
24 down closed without an answer
25 down no answer within $patience s
26 down no HTTP answer
27 down no HTTP answer
28 down no HTTP answer
29 down no HTTP answer
30 down status 503, wanted 200-299
31 down connection refused
$(printf '%d down body larger than 256 KiB\n' {32..51})
SAID
    said tls-80 <<SAID
14 down no answer within $patience s
17 down no answer within $patience s
24 down TLS: connection closed
25 down no answer within $patience s
26 down TLS: wrong version number
27 down TLS: wrong version number
28 down TLS: wrong version number
29 down TLS: wrong version number
31 down connection refused
SAID
    said smtp-80 <<SAID
14 down no answer within $patience s
17 down no answer within $patience s
24 down closed without an answer
25 down no answer within $patience s
26 down no SMTP answer
27 up
28 down greeting: 554 go ?[2Jaway
29 down answer larger than 64 KiB
31 down connection refused
SAID
}

@test "what is asked for is what the check says" {
    local words hello
    hello=5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
    words=$(printf '%s..' '^GET /x[?]y=%20z HTTP/1[.]1' \
        'Host: www[.]example[.]com' 'User-Agent: lbctl-check/[0-9.]+' \
        'Accept: [*]/[*]' 'X-One: 1' 'X-Two: 2')
    serve ok echo-headers nul-body status-503 redirect endless-body
    # Before the table that has what is local.
    alone ip -batch - <<'RULES'
rule add pref 9 lookup local
rule add pref 1 fwmark 7 unreachable
rule add pref 2 from 127.0.0.9 unreachable
rule del pref 0
RULES

    probes <<CHECKS
words --http 80 --path /x?y=%20z --host www.example.com --header "X-One: 1" --header "X-Two: 2" --body "$words.*\$"
nul --http server --body "^a[^a]b.$"
digest --http 80 --sha256 $hello --status 200,500-503
follow --http 80 --follow
head --http 80 --method HEAD --path /head
mark --http 80 --mark 7
source --http 80 --source 127.0.0.9
other --http 80 --source 127.0.0.8
CHECKS
    says 'words 11 down body does not match' 'words 12 up'
    # NULs are bytes of a body as others are.
    says 'nul 11 down body does not match' 'nul 13 up'
    says 'digest 11 up' 'digest 14 up' \
        "digest 13 down body has sha256 $(printf 'a\0b\n' | sha256sum |
            head -c 64)" 'digest 16 down body larger than 256 KiB' \
        'digest 15 down status 302, wanted 200,500-503'
    # It is always this server that is asked, and not for all of a body.
    says 'follow 11 up' 'follow 15 down more than 5 redirects' 'follow 16 up'
    says 'head 11 up'
    grep -q '^HEAD /head HTTP' "$DIR/heard"
    says 'mark 11 unknown this host has no route to it' \
        'source 11 unknown this host has no route to it' \
        'other 11 up'
}

@test "neither a body nor an expression stops a run, or swells it" {
    local refused
    serve letters ok
    # Some seconds, and some hundred megabytes, with another matcher; the limit
    # is for slow machines.
    probes <<'CHECKS'
stars --http 80 --body "(.*)(.*)(.*)x"
plus --http 80 --body "(a+)+b"
either --http 80 --body "(a|b)*c"
long --http 80 --body "a{1,255}b"
hello --http 80 --body "^(a|hel+o.)*$"
CHECKS
    says 'stars 11 down body does not match' 'stars 12 down body does not match' \
        'plus 11 down body does not match' 'either 11 down body does not match' \
        'long 12 down body does not match' 'hello 11 up' 'hello 12 up'
    # Nothing is known of that server: neither up nor down.
    grep '^long 11 ' <<<"$output" | grep -vE ' (up|down)( |$)' |
        grep 'the expression needs too much memory on this body'
    # shellcheck disable=SC2016
    for refused in '(.*)\1x' 'x++++++++++++++++++++++++++' \
        '(((x{1,255}){1,25}){1,25})' 'x{1,256}' '(?R)' '('; do
        fails 2 alone lbctl-check tcp:10.0.0.1:80 --http 80 --body "$refused"
        complains 'is not an extended regular expression'
        complains 'hint: man 7 regex'
    done
}

@test "certificates are verified, by name and by address" {
    local good=(-cert "$DIR/web.pem" -key "$DIR/web.key") ca="--ca $DIR/ca.pem"
    certificate ca /CN=ca
    certificate web /CN=web DNS:www.example.com,IP:127.0.0.11
    certificate other /CN=other
    tls_serve 11 "${good[@]}" -www
    tls_serve 12 "${good[@]}" -www -Verify 1 -CAfile "$DIR/ca.pem"
    tls_serve 13 -cert "$DIR/other.pem" -key "$DIR/other.key" -www
    serve nobody nobody nobody garbage
    listening 4

    probes <<CHECKS
name --https 80 $ca --host www.example.com --body "Ciphers supported" --cert $DIR/web.pem --key $DIR/web.key
address --tls 80 $ca
sni --https 80 $ca --host a.example --sni www.example.com --http-version 1.1
version --https 80 --insecure --http-version 2
insecure --tls 80 --insecure
system --tls 80
none --tls 80 --ca $DIR/none
CHECKS
    said name <<SAID
11 up
12 up
13 down certificate: self-signed certificate
14 down TLS: wrong version number
SAID
    # Without a name it is the address. --host is just a header where there is
    # another name to be verified.
    says 'address 11 up' "address 12 down certificate: no alternative \
certificate subject name matches target host name '127.0.0.12'"
    says 'sni 11 up' 'sni 12 down tlsv13 alert certificate required'
    says 'version 11 down no HTTP/2' 'insecure 11 up' 'insecure 13 up'
    says 'system 11 down certificate: unable to get local issuer certificate'
    # What is wrong here is no server's fault.
    says "none 11 unknown error setting certificate file: $DIR/none"
}

@test "the environment chooses no files for libraries" {
    certificate ca /CN=ca
    certificate web /CN=web IP:127.0.0.11
    tls_serve 11 -cert "$DIR/web.pem" -key "$DIR/web.key" -www
    serve nobody
    listening 1
    cat >"$DIR/openssl.cnf" <<'CONF'
openssl_conf = all
[all]
ssl_conf = modules
[modules]
system_default = limits
[limits]
MaxProtocol = TLSv1.1
CONF
    SSLKEYLOGFILE=$DIR/keys OPENSSL_CONF=$DIR/openssl.cnf probes <<CHECKS
address --https 80 --ca $DIR/ca.pem
CHECKS
    said address <<<'11 up'
    [ ! -e "$DIR/keys" ]
}

@test "mail servers are greeted with a name, and take a mail" {
    serve smtp smtp-bad
    probes <<'CHECKS'
greeted --smtp 80 --host lb.example.com
mailed --smtp 80 --mail admin@example.net --mail-from lb@example.net --smtp-url smtp://127.0.0.11:80
CHECKS
    says 'greeted 11 up' 'greeted 12 down greeting: 554 go ?[2Jaway'
    diff - <(tr -d '\r' <"$DIR/heard" |
        grep -E '^(EHLO lb|QUIT|MAIL|RCPT|Subject|To)' | sort) <<'HEARD'
EHLO lb.example.com
MAIL FROM:<lb@example.net>
QUIT
QUIT
QUIT
QUIT
QUIT
RCPT TO:<admin@example.net>
Subject: lbctl: tcp:10.0.0.1:80: server 127.0.0.12:80 is down
To: admin@example.net
HEARD
}
