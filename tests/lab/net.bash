# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Networks of hosts for tests, made of namespaces: sourced by bash scripts
# that run inside the lab.
#
# A process costs some 25 ms in the lab, so lab_host, lab_link, lab_lan,
# lab_sysctl and lab_ip only note what is wanted; lab_up, which lab_in calls,
# makes it all with two or three processes a host.
#
#	lab_new web
#	lab_balancer nat
#	lab_serve s1 s1 udp "${LAB_SERVERS[0]}" 50000:60000
#	lab_in director lbctl-svc ...
#	lab_send udp "$LAB_VIP" 50000:60000 100
#	lab_received
#	lab_cleanup

LAB_TRAFFIC=${LAB_TRAFFIC:-${O:-build}/tests/traffic}
LAB_HOSTS=()

# lab_new NAME: a new network. NAME keeps it apart from others, so that
# scripts can run side by side; it must not be in use.
lab_new()
{
	LAB_PREFIX=$1
	LAB_DIR=${TMPDIR:-/tmp}/lab-$1
	LAB_HOSTS=()
	LAB_REPORTS=()
	LAB_WANTED=''
	declare -gA LAB_LINES=() LAB_SYSCTLS=()
	mkdir "$LAB_DIR"
}

# lab_host HOST...: hosts, each with lo up, no reverse path filter, and no
# wait for duplicate addresses.
lab_host()
{
	local host

	for host; do
		[[ ! -v LAB_LINES[$host] ]] || continue
		LAB_HOSTS+=("$host")
		LAB_WANTED+="netns add $LAB_PREFIX-$host"$'\n'
		LAB_LINES[$host]='link set lo up'$'\n'
		LAB_SYSCTLS[$host]='net.ipv4.conf.*.rp_filter=0 '
		LAB_SYSCTLS[$host]+='net.ipv6.conf.*.accept_dad=0 '
	done
}

# lab_ip HOST LINE...: lines for ip(8) to run in HOST.
lab_ip()
{
	local host=$1 line

	for line in "${@:2}"; do
		LAB_LINES[$host]+=$line$'\n'
	done
}

# lab_sysctl HOST NAME=VALUE...: set before interfaces come up. NAME may have
# wildcards: net.ipv4.conf.*.arp_ignore=1
lab_sysctl()
{
	LAB_SYSCTLS[$1]+="${*:2} "
}

# lab_address HOST INTERFACE ADDRESS/BITS[,ADDRESS/BITS...]
lab_address()
{
	local address addresses flags

	IFS=, read -ra addresses <<<"$3"
	for address in "${addresses[@]}"; do
		flags=''
		[[ $address != *:* ]] || flags=nodad
		lab_ip "$1" "addr add $address dev $2 $flags"
	done
}

# lab_link NAME HOST_A ADDRESSES_A HOST_B ADDRESSES_B: a cable; both ends are
# interfaces called NAME.
lab_link()
{
	local name=$1

	lab_host "$2" "$4"
	LAB_WANTED+="link add $name netns $LAB_PREFIX-$2 type veth "
	LAB_WANTED+="peer name $name netns $LAB_PREFIX-$4"$'\n'
	lab_ip "$2" "link set $name up"
	lab_ip "$4" "link set $name up"
	lab_address "$2" "$name" "$3"
	lab_address "$4" "$name" "$5"
}

# lab_lan NAME HOST=ADDRESSES...: a switch, in a namespace of its own called
# NAME; each host has an interface called NAME.
lab_lan()
{
	local name=$1 member

	lab_host "$name"
	LAB_WANTED+="link add switch netns $LAB_PREFIX-$name type bridge "
	LAB_WANTED+='forward_delay 0 mcast_snooping 0'$'\n'
	lab_ip "$name" 'link set switch up'
	for member in "${@:2}"; do
		lab_plug "$name" "${member%%=*}" "${member#*=}"
	done
}

# lab_plug LAN HOST ADDRESSES: another host of a switch.
lab_plug()
{
	local lan=$1 host=$2

	lab_host "$host"
	LAB_WANTED+="link add $lan netns $LAB_PREFIX-$host type veth "
	LAB_WANTED+="peer name $host netns $LAB_PREFIX-$lan"$'\n'
	lab_ip "$lan" "link set $host master switch up"
	lab_ip "$host" "link set $lan up"
	lab_address "$host" "$lan" "$3"
}

# Runs in the host's namespace: sysctls by the shell's own means, then ip.
lab_configure()
{
	local setting name file

	for setting in $1; do
		name=${setting%%=*}
		for file in /proc/sys/${name//.//}; do
			echo "${setting#*=}" >"$file" || return
		done
	done
	exec ip -batch - <<<"$2"
}

# lab_up: makes what is wanted and not there yet. To be called before the
# first lab_in in a subshell, whose notes would be lost.
lab_up()
{
	local host status=0 jobs=() configure

	[[ $LAB_WANTED || "${LAB_LINES[*]}${LAB_SYSCTLS[*]}" ]] || return 0
	if [[ $LAB_WANTED ]]; then
		ip -batch - <<<"$LAB_WANTED" || return
		LAB_WANTED=''
	fi
	configure="$(declare -f lab_configure); lab_configure \"\$@\""
	for host in "${LAB_HOSTS[@]}"; do
		[[ ${LAB_LINES[$host]}${LAB_SYSCTLS[$host]} ]] || continue
		nsenter --net="/run/netns/$LAB_PREFIX-$host" \
			bash -c "$configure" lab "${LAB_SYSCTLS[$host]}" \
			"${LAB_LINES[$host]}" &
		jobs+=($!)
		LAB_LINES[$host]=''
		LAB_SYSCTLS[$host]=''
	done
	for host in "${jobs[@]}"; do
		wait "$host" || status=1
	done
	return "$status"
}

# lab_in HOST COMMAND [ARG...]
lab_in()
{
	lab_up || return
	nsenter --net="/run/netns/$LAB_PREFIX-$1" -- "${@:2}"
}

# lab_serve HOST NAME udp|tcp|sctp ADDRESS PORTS: returns when NAME answers.
lab_serve()
{
	local report=$LAB_DIR/report-${#LAB_REPORTS[@]}

	lab_in "$1" "$LAB_TRAFFIC" serve "${@:2}" --report "$report" || return
	LAB_REPORTS+=("$report")
}

# lab_serve_all udp|tcp|sctp PORTS: s1, s2... answer on the addresses of the
# balancer's servers that take its requests: LAB_ANSWER and, for IPv6,
# LAB_ANSWER6.
lab_serve_all()
{
	local i

	for i in "${!LAB_SERVERS[@]}"; do
		lab_serve "s$((i + 1))" "s$((i + 1))" "$1" \
			"${LAB_ANSWER[i]}" "$2" || return
		lab_serve "s$((i + 1))" "s$((i + 1))" "$1" \
			"${LAB_ANSWER6[i]}" "$2" || return
	done
}

# lab_send udp|tcp|sctp ADDRESS PORT[:PORT] COUNT [OPTION...]: from the client.
lab_send()
{
	lab_in client "$LAB_TRAFFIC" send "$@"
}

# lab_received: ends the servers and prints what each received.
lab_received()
{
	"$LAB_TRAFFIC" stop "${LAB_REPORTS[@]}" || return
	LAB_REPORTS=()
}

# lab_kill HOST: ends what runs on it.
lab_kill()
{
	local namespace=/run/netns/$LAB_PREFIX-$1 process

	for process in /proc/[0-9]*; do
		[[ $process/ns/net -ef $namespace ]] || continue
		kill -KILL "${process#/proc/}" 2>/dev/null || true
	done
}

# lab_remove HOST...: ends what runs on hosts and removes them, with their cables.
lab_remove()
{
	local host rest=() lines=''

	for host in "${LAB_HOSTS[@]}"; do
		[[ " $* " == *" $host "* ]] || rest+=("$host")
	done
	LAB_HOSTS=("${rest[@]}")
	for host; do
		unset "LAB_LINES[$host]" "LAB_SYSCTLS[$host]"
		[[ -e /run/netns/$LAB_PREFIX-$host ]] || continue
		lines+="netns del $LAB_PREFIX-$host"$'\n'
		lab_kill "$host"
	done
	ip -force -batch - <<<"$lines"
}

# lab_cleanup: ends what runs on the hosts and removes them.
lab_cleanup()
{
	[[ ${LAB_PREFIX:-} ]] || return 0
	lab_remove "${LAB_HOSTS[@]}"
	rm -rf "$LAB_DIR"
	LAB_HOSTS=()
	LAB_PREFIX=''
}

# --- a balancer -----------------------------------------------------------
#
# lab_balancer nat|snat|dr|tun: client, director and servers s1, s2, s3, with
# IPv4 and IPv6, so that a balancer with this forwarding method can work; or
# lab_balancer lan|around: the networks of dr and of tun, in which nobody holds
# the VIP and nobody takes tunnels yet. Sets
#	LAB_VIP LAB_VIP6            what the client asks
#	LAB_CLIENT LAB_CLIENT6      its addresses
#	LAB_SERVERS LAB_SERVERS6    arrays, addresses for the director
#	LAB_ANSWER LAB_ANSWER6      arrays, addresses the servers answer on
# Interfaces are called after their network: front, and back.
lab_balancer()
{
	LAB_CLIENT=172.31.36.1 LAB_CLIENT6=2001:db8:1::1
	LAB_VIP=172.31.36.102 LAB_VIP6=2001:db8:1::102
	LAB_SERVERS=(10.10.20.11 10.10.20.12 10.10.20.13)
	LAB_SERVERS6=(2001:db8:2::11 2001:db8:2::12 2001:db8:2::13)
	"lab_balancer_$1" || return
	lab_sysctl director net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1
	lab_up
}

# Prints the hosts of the servers with their addresses for lab_lan.
lab_members()
{
	local i

	for i in "${!LAB_SERVERS[@]}"; do
		printf 's%d=%s/24,%s/64 ' "$((i + 1))" "${LAB_SERVERS[i]}" \
			"${LAB_SERVERS6[i]}"
	done
}

lab_front()
{
	lab_link front client "$LAB_CLIENT/24,$LAB_CLIENT6/64" \
		director "$LAB_VIP/24,$LAB_VIP6/64"
}

# Servers know no way to the client.
lab_balancer_snat()
{
	local members

	LAB_ANSWER=("${LAB_SERVERS[@]}") LAB_ANSWER6=("${LAB_SERVERS6[@]}")
	read -ra members <<<"$(lab_members)"
	lab_front
	lab_lan back director=10.10.20.1/24,2001:db8:2::1/64 "${members[@]}"
}

# Answers go back through the director, which undoes the translation.
lab_balancer_nat()
{
	local host

	lab_balancer_snat
	for host in s1 s2 s3; do
		lab_ip "$host" 'route add default via 10.10.20.1' \
			'route add default via 2001:db8:2::1'
	done
}

# All on one network; the servers hold the VIP and keep quiet about it.
lab_balancer_dr()
{
	lab_balancer_lan || return
	lab_address director front "$LAB_VIP/32,$LAB_VIP6/128"
	lab_hold_vip lo
}

lab_balancer_lan()
{
	local members

	LAB_ANSWER=("$LAB_VIP" "$LAB_VIP" "$LAB_VIP")
	LAB_ANSWER6=("$LAB_VIP6" "$LAB_VIP6" "$LAB_VIP6")
	LAB_SERVERS=(172.31.36.11 172.31.36.12 172.31.36.13)
	LAB_SERVERS6=(2001:db8:1::11 2001:db8:1::12 2001:db8:1::13)
	read -ra members <<<"$(lab_members)"
	lab_lan front "client=$LAB_CLIENT/24,$LAB_CLIENT6/64" \
		director=172.31.36.2/24,2001:db8:1::2/64 "${members[@]}"
}

# Servers answer the client on a way around the director.
lab_balancer_around()
{
	local host members

	LAB_ANSWER=("$LAB_VIP" "$LAB_VIP" "$LAB_VIP")
	LAB_ANSWER6=("$LAB_VIP6" "$LAB_VIP6" "$LAB_VIP6")
	read -ra members <<<"$(lab_members)"
	lab_front
	lab_lan back director=10.10.20.1/24,2001:db8:2::1/64 \
		client=10.10.20.2/24,2001:db8:2::2/64 "${members[@]}"
	for host in s1 s2 s3; do
		lab_ip "$host" "route add $LAB_CLIENT via 10.10.20.2" \
			"route add $LAB_CLIENT6 via 2001:db8:2::2"
	done
}

# The same, and they take packets out of IPIP, SIT, IPv6-in-IPv6, GRE and GUE
# (UDP port 6080).
lab_balancer_tun()
{
	local i host any='type ip6tnl mode any remote :: local'

	modprobe -a ipip sit ip6_tunnel ip_gre ip6_gre fou fou6 || return
	lab_balancer_around || return
	lab_hold_vip lo
	for i in "${!LAB_SERVERS6[@]}"; do
		host=s$((i + 1))
		lab_ip "$host" "link add any6 $any ${LAB_SERVERS6[i]}" \
			'link set tunl0 up' 'link set sit0 up' \
			'link set any6 up' 'link set gre0 up' \
			'link set ip6gre0 up' \
			'fou add port 6080 gue' 'fou add port 6080 gue -6'
	done
}

# The servers' GRE then takes only packets with checksums, as before it took
# only those without.
lab_gre_checksums()
{
	local i

	for i in "${!LAB_SERVERS[@]}"; do
		lab_ip "s$((i + 1))" \
			"link add sum4 type gre icsum local ${LAB_SERVERS[i]}" \
			"link add sum6 type ip6gre icsum local ${LAB_SERVERS6[i]}" \
			'link set sum4 up' 'link set sum6 up'
	done
	lab_up
}

lab_hold_vip()
{
	local host

	for host in s1 s2 s3; do
		lab_sysctl "$host" 'net.ipv4.conf.*.arp_ignore=1' \
			'net.ipv4.conf.*.arp_announce=2'
		lab_address "$host" "$1" "$LAB_VIP/32,$LAB_VIP6/128"
	done
}
