# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Pairs of directors with keepalived, as lbctl-ha(7) has them, with its own files
# as they are installed. Sourced after net.bash and install-here.bash.
#
#	pair_install
#	lab_new ha
#	pair_new dual-master
#	pair_dies d1 host
#	pair_returns d1

# Seconds that a director waits before it takes its VIP back, in place of a
# minute: for the other one to send it all connections.
PAIR_DELAY=${PAIR_DELAY:-60}
PAIR_VIP=192.0.2.10
declare -gA PAIR_GROUPS=()

# The hosts and their networks. The addresses are those of the files.
declare -gA PAIR_NETWORKS=(
	[dual-master]='eth0 eth1'
	[nat-pair]='eth0 eth1 eth2'
)
declare -gA PAIR_PLUGS=(
	[dual-master/client]='eth0=192.0.2.1/24'
	[dual-master/d1]='eth0=192.0.2.2/24 eth1=10.0.0.1/24'
	[dual-master/d2]='eth0=192.0.2.3/24 eth1=10.0.0.2/24'
	[dual-master/s1]='eth0=192.0.2.11/24'
	[dual-master/s2]='eth0=192.0.2.12/24'
	[nat-pair/client]='eth0=192.0.2.1/24'
	[nat-pair/d1]='eth0=192.0.2.2/24 eth1=10.10.20.2/24 eth2=10.0.0.1/24'
	[nat-pair/d2]='eth0=192.0.2.3/24 eth1=10.10.20.3/24 eth2=10.0.0.2/24'
	[nat-pair/s1]='eth1=10.10.20.11/24'
	[nat-pair/s2]='eth1=10.10.20.12/24'
)

# pair_install: puts the files and programs in a folder that only root can write,
# as keepalived wants it of programs that it calls.
pair_install()
{
	PREFIX=$(mktemp -d /run/pair.XXXXXX)
	install_here
	PAIR_EXAMPLES=$PREFIX/share/doc/lbctl/examples
}

pair_plug()
{
	local plug

	for plug in ${PAIR_PLUGS[$PAIR/$1]}; do
		lab_plug "${plug%%=*}" "$1" "${plug#*=}"
	done
}

# pair_new dual-master|nat-pair: the network, its servers, which answer at all
# ports of the example, and its directors.
pair_new()
{
	local host network

	PAIR=$1
	PAIR_FILES=$PAIR_EXAMPLES/keepalived/$1
	PAIR_GROUPS=()
	for network in ${PAIR_NETWORKS[$PAIR]}; do
		lab_lan "$network"
	done
	for host in client d1 d2 s1 s2; do
		pair_plug "$host"
	done
	if [[ $PAIR == nat-pair ]]; then
		lab_ip s1 'route add default via 10.10.20.1'
		lab_ip s2 'route add default via 10.10.20.1'
	fi
	lab_up || return
	pair_serve s1 && pair_serve s2 && pair_balance d1 && pair_balance d2 ||
		return
	# At the same time, or the first one takes what the other one is home of.
	pair_keepalived d1
	pair_keepalived d2
}

# With direct routing, an answer must come from the VIP, which only a socket of its
# own does for datagrams.
pair_serve()
{
	if [[ $PAIR == nat-pair ]]; then
		lab_serve "$1" "$1" tcp 0.0.0.0 8443 &&
			lab_serve "$1" "$1" udp 0.0.0.0 8443
		return
	fi
	lab_in "$1" lbctl-restore "$PAIR_FILES/server.rules" &&
		lab_serve "$1" "$1" tcp 0.0.0.0 443 &&
		lab_serve "$1" "$1" udp "$PAIR_VIP" 443
}

# pair_balance d1|d2: what systemd does on a director before keepalived: the
# module that has the sysctls, these, ruleset, checks.
pair_balance()
{
	modprobe ip_vs &&
		lab_in "$1" sysctl -qp "$PAIR_EXAMPLES"/sysctl.d/lbctl-{director,pair}.conf &&
		lab_in "$1" lbctl-restore "$PAIR_FILES/director.rules" || return
	lab_in "$1" lbctl-check run --config "$PAIR_FILES/checks.conf" \
		--every 2 >>"$LAB_DIR/$1.checks" 2>&1 3>&- &
	disown
}

# In a process group of its own, which can be killed: setsid and nsenter do not
# fork.
pair_keepalived()
{
	local host=$1 base=$LAB_DIR/$1

	sed "s/preempt_delay 60$/preempt_delay $PAIR_DELAY/" \
		"$PAIR_FILES/keepalived-${host#d}.conf" >"$base.conf"
	nsenter --net="/run/netns/$LAB_PREFIX-$host" -- setsid keepalived \
		--vrrp --dont-fork --log-console --log-detail --no-syslog \
		--use-file "$base.conf" --pid "$base.pid" \
		--vrrp_pid "$base.vrrp.pid" >"$base.log" 2>&1 3>&- &
	PAIR_GROUPS[$host]=$!
	# bash is not to say that it was killed.
	disown
}

# pair_dies d1|d2 WAY: "stop" as systemctl does, "keepalived" killed, the "link"
# of the clients' network down, or, with NAT, the "inner" one, "host" gone.
pair_dies()
{
	local group=${PAIR_GROUPS[$1]}

	case $2 in
	stop) kill "$group" ;;
	keepalived) kill -KILL -- "-$group" ;;
	link) lab_in "$1" ip link set eth0 down ;;
	inner) lab_in "$1" ip link set eth1 down ;;
	host) lab_remove "$1" ;;
	esac
}

# pair_returns d1|d2: booted anew, it knows no connection.
pair_returns()
{
	lab_remove "$1"
	pair_plug "$1"
	lab_up && pair_balance "$1" && pair_keepalived "$1"
}

# pair_holds d1|d2 VIP
pair_holds()
{
	lab_in "$1" ip -oneline addr show to "$2" | grep -q .
}

# pair_daemons d1|d2: prints the roles and ids of its sync daemons.
pair_daemons()
{
	lab_in "$1" lbctl-sync show --json |
		jq -r '.daemons | map("\(.role) \(.id // 0)") | join(", ")'
}

# pair_knows d1|d2 tcp|udp: prints how many connections of clients it knows. (grep
# would fail for none.)
pair_knows()
{
	# shellcheck disable=SC2016
	lab_in "$1" awk -v protocol="${2^^}" '
		$1 == protocol && (protocol != "TCP" || $8 == "ESTABLISHED") {
			count++
		}
		END { print count + 0 }' /proc/net/ip_vs_conn
}

# pair_push d1|d2: what lbctl-sync-push.timer starts.
pair_push()
{
	local command

	command=$(sed -n 's/^ExecStart=//p' \
		"$PREFIX/lib/systemd/system/lbctl-sync-push.service")
	# shellcheck disable=SC2086
	lab_in "$1" $command
}

# pair_clients COUNT FLOWS: begins as many connections that send every second, as
# many that are idle, and FLOWS of UDP. Sets their reports.
pair_clients()
{
	local tcp=(lab_in client "$LAB_TRAFFIC" flow tcp "$PAIR_VIP" 443 "$1")

	PAIR_ACTIVE=$LAB_DIR/active PAIR_IDLE=$LAB_DIR/idle PAIR_UDP=$LAB_DIR/udp
	"${tcp[@]}" --report "$PAIR_ACTIVE" --gap --every 1000 &&
		"${tcp[@]}" --report "$PAIR_IDLE" --idle &&
		lab_in client "$LAB_TRAFFIC" flow udp "$PAIR_VIP" 443 "$2" \
			--report "$PAIR_UDP" --gap
}
