/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Refuses system calls that probing never makes. The list names what is
 * refused, not what is allowed: otherwise a call that another version of a
 * library makes would make servers look down.
 */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <unistd.h>

#include "check/probe/confine.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && __BYTE_ORDER == __LITTLE_ENDIAN
#define ARCHITECTURE AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define ARCHITECTURE AUDIT_ARCH_S390X
#endif

#ifdef ARCHITECTURE
/* Calls of the x32 interface have this bit; elsewhere no call has. */
#define X32 0x40000000U

static const unsigned int denied[] = {
/* Files. Only older architectures have calls without "at". */
#ifdef __NR_open
	__NR_open,
	__NR_creat,
	__NR_mkdir,
	__NR_mknod,
	__NR_link,
	__NR_symlink,
	__NR_unlink,
	__NR_rename,
	__NR_rmdir,
	__NR_chmod,
	__NR_chown,
	__NR_lchown,
	__NR_readlink,
#endif
	__NR_openat,
	__NR_openat2,
	__NR_open_by_handle_at,
	__NR_mkdirat,
	__NR_mknodat,
	__NR_linkat,
	__NR_symlinkat,
	__NR_unlinkat,
#ifdef __NR_renameat
	__NR_renameat,
#endif
	__NR_renameat2,
	__NR_fchmodat,
	__NR_fchownat,
	__NR_readlinkat,
	__NR_truncate,
	__NR_setxattr,
	__NR_lsetxattr,
	__NR_removexattr,
	__NR_lremovexattr,
/* Processes: starting them, and access to others. */
#ifdef __NR_fork
	__NR_fork,
	__NR_vfork,
#endif
	__NR_clone,
	__NR_clone3,
	__NR_execve,
	__NR_execveat,
	__NR_kill,
	__NR_tkill,
	__NR_rt_sigqueueinfo,
	__NR_rt_tgsigqueueinfo,
	__NR_pidfd_open,
	__NR_pidfd_send_signal,
	__NR_pidfd_getfd,
	__NR_ptrace,
	__NR_process_vm_readv,
	__NR_process_vm_writev,
	__NR_kcmp,
	__NR_setpriority,
	__NR_setpgid,
	__NR_setsid,
	__NR_shmget,
	__NR_shmat,
	__NR_semget,
	__NR_msgget,
	__NR_mq_open,
	__NR_socketpair,
	__NR_ioctl,
	__NR_sched_setscheduler,
	__NR_sched_setparam,
	__NR_sched_setattr,
	__NR_sched_setaffinity,
	__NR_ioprio_set,
	__NR_shmctl,
	__NR_semctl,
	__NR_msgctl,
	__NR_msgsnd,
	__NR_msgrcv,
	/* Identity and namespaces. */
	__NR_setuid,
	__NR_setreuid,
	__NR_setresuid,
	__NR_setgid,
	__NR_setregid,
	__NR_setresgid,
	__NR_setgroups,
	__NR_capset,
	__NR_unshare,
	__NR_setns,
	__NR_chroot,
	__NR_pivot_root,
	/* Mounts. */
	__NR_mount,
	__NR_umount2,
	__NR_open_tree,
	__NR_move_mount,
	__NR_fsopen,
	__NR_fsconfig,
	__NR_fsmount,
	__NR_fspick,
#ifdef __NR_mount_setattr
	__NR_mount_setattr,
#endif
	/* Parts of the kernel with many past vulnerabilities. */
	__NR_bpf,
	__NR_perf_event_open,
	__NR_userfaultfd,
	__NR_io_uring_setup,
	__NR_io_uring_enter,
	__NR_io_uring_register,
	__NR_add_key,
	__NR_request_key,
	__NR_keyctl,
	__NR_fanotify_init,
	__NR_inotify_init1,
	__NR_init_module,
	__NR_finit_module,
	__NR_delete_module,
	__NR_kexec_load,
	__NR_reboot,
	__NR_swapon,
	__NR_swapoff,
	__NR_syslog,
	__NR_acct,
	__NR_quotactl,
	__NR_personality,
};

/* Families of sockets that probes use. */
static const unsigned int families[] = { AF_INET, AF_INET6 };

/*
 * Calls that are refused by one argument: signals to and limits of other
 * processes, signals by a descriptor, options that replace the kernel's tables,
 * and protocols whose module the kernel would load.
 */
static const struct rule {
	unsigned int call, argument, value;
	uint16_t test;
	bool own;     /* the value is this process */
	bool as_said; /* refused if the test holds; else, if it does not */
} rules[] = {
	{ __NR_tgkill, 0, 0, BPF_JEQ, true, false },
	{ __NR_prlimit64, 0, 0, BPF_JEQ, false, false },
	{ __NR_prctl, 0, PR_SET_PDEATHSIG, BPF_JEQ, false, true },
	{ __NR_fcntl, 1, F_SETOWN, BPF_JEQ, false, true },
	{ __NR_fcntl, 1, F_SETOWN_EX, BPF_JEQ, false, true },
	{ __NR_fcntl, 1, F_SETSIG, BPF_JEQ, false, true },
	{ __NR_setsockopt, 2, 63, BPF_JGT, false, true },
	{ __NR_socket, 2, IPPROTO_DCCP, BPF_JEQ, false, true },
	{ __NR_socket, 2, IPPROTO_ICMPV6, BPF_JGT, false, true },
};

/* Instructions before, between and after the lists. */
#define FIXED 11

/* A filter under construction. */
struct program {
	struct sock_filter code[2 * (ARRAY_SIZE(denied) + ARRAY_SIZE(families)) +
				5 * ARRAY_SIZE(rules) + FIXED];
	unsigned short length;
};

static void add(struct program *program, uint16_t code, uint32_t value)
{
	program->code[program->length++] =
		(struct sock_filter){ .code = code, .k = value };
}

static void load(struct program *program, size_t offset)
{
	add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset);
}

/* Runs the next instruction only if the test's result is as_said. */
static void only_if(struct program *program, uint16_t test, uint32_t value,
		    bool as_said)
{
	struct sock_filter *jump = &program->code[program->length];

	add(program, BPF_JMP | test | BPF_K, value);
	*(as_said ? &jump->jf : &jump->jt) = 1;
}

static void end(struct program *program, bool allowed)
{
	add(program, BPF_RET | BPF_K,
	    allowed ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | EPERM);
}

static void assemble(struct program *program)
{
	const size_t low = __BYTE_ORDER == __LITTLE_ENDIAN ? 0 : 4;

	load(program, offsetof(struct seccomp_data, arch));
	only_if(program, BPF_JEQ, ARCHITECTURE, false);
	end(program, false);
	load(program, offsetof(struct seccomp_data, nr));
	only_if(program, BPF_JGE, X32, true);
	end(program, false);
	for (size_t i = 0; i < ARRAY_SIZE(denied); i++) {
		only_if(program, BPF_JEQ, denied[i], true);
		end(program, false);
	}
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		const struct rule *rule = &rules[i];

		add(program, BPF_JMP | BPF_JEQ | BPF_K, rule->call);
		program->code[program->length - 1].jf = 4;
		load(program, offsetof(struct seccomp_data, args) +
				      sizeof(uint64_t) * rule->argument + low);
		only_if(program, rule->test,
			rule->own ? (uint32_t)getpid() : rule->value,
			rule->as_said);
		end(program, false);
		load(program, offsetof(struct seccomp_data, nr));
	}
	only_if(program, BPF_JEQ, __NR_socket, false);
	end(program, true);
	load(program, offsetof(struct seccomp_data, args) + low);
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		only_if(program, BPF_JEQ, families[i], true);
		end(program, true);
	}
	end(program, false);
}

int confine_calls(void)
{
	struct program program = { .length = 0 };
	struct sock_fprog filter = { .filter = program.code };

	assemble(&program);
	filter.len = program.length;
	/* A kernel without filters returns EINVAL. */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) < 0 &&
	    errno != EINVAL)
		return -errno;
	return 0;
}
#else
int confine_calls(void)
{
	return 0;
}
#endif
