"""A container's configuration for an OCI runtime: what compose.yaml says, over what the image says.

Promises: the container is what a container engine makes of the same file: processes, mounts, names
and shared memory of its own, a root file system that may be read-only, no capability that the file
drops, Docker's masked paths. Apart from an engine's: the network is the caller's, and there is no
seccomp filter.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.image.compose import ContainerSpec

# What Docker leaves a container that drops nothing.
DEFAULT_CAPABILITIES = [
    "CAP_AUDIT_WRITE",
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_MKNOD",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_RAW",
    "CAP_SETFCAP",
    "CAP_SETGID",
    "CAP_SETPCAP",
    "CAP_SETUID",
    "CAP_SYS_CHROOT",
]
INIT = "/sbin/docker-init"
INIT_HERE = "/usr/bin/tini-static"  # what Docker's own is made of
_NO_PROGRAMS = ["nosuid", "noexec", "nodev"]
_SYSTEM_MOUNTS: list[dict[str, Any]] = [
    {"destination": "/proc", "type": "proc", "source": "proc", "options": _NO_PROGRAMS},
    {
        "destination": "/dev",
        "type": "tmpfs",
        "source": "tmpfs",
        "options": ["nosuid", "strictatime", "mode=755", "size=65536k"],
    },
    {
        "destination": "/dev/shm",  # noqa: S108  # the container's own
        "type": "tmpfs",
        "source": "shm",
        "options": [*_NO_PROGRAMS, "mode=1777", "size=65536k"],
    },
    {
        "destination": "/sys",
        "type": "bind",
        "source": "/sys",
        "options": ["rbind", *_NO_PROGRAMS, "ro"],
    },
]
_NETWORK_FILES = ("/etc/hosts", "/etc/resolv.conf")
_MASKED = [
    "/proc/acpi",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys/firmware",
]
_READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]


def runtime_config(spec: ContainerSpec, image: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """The runtime's config.json. `image`: the image's own configuration (`Env`, `User`, ...)."""
    environment = dict(entry.split("=", 1) for entry in image.get("Env", []))
    user, _, group = (spec.user or image.get("User") or "0").partition(":")
    kept = [] if spec.capabilities_dropped else DEFAULT_CAPABILITIES
    command = [
        *([INIT, "--"] if spec.init else []),
        *(image.get("Entrypoint") or []),
        *(spec.command or image.get("Cmd") or []),
    ]
    return {
        "ociVersion": "1.0.2",
        "hostname": spec.name,
        "process": {
            "terminal": False,
            "user": {"uid": int(user), "gid": int(group or user)},
            "args": command,
            "env": [f"{name}={value}" for name, value in (environment | spec.environment).items()],
            "cwd": image.get("WorkingDir") or "/",
            "capabilities": dict.fromkeys(("bounding", "effective", "permitted"), kept),
            "noNewPrivileges": spec.no_new_privileges,
            "rlimits": _rlimits(spec),
        },
        "root": {"path": str(root), "readonly": spec.read_only},
        "mounts": [
            *_SYSTEM_MOUNTS,
            *(_bound(path, path) for path in _NETWORK_FILES),
            *_own_mounts(spec),
        ],
        "linux": {
            "namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount")],
            "maskedPaths": _MASKED,
            "readonlyPaths": _READ_ONLY,
            "resources": _resources(spec),
        },
    }


def _rlimits(spec: ContainerSpec) -> list[dict[str, Any]]:
    if spec.open_files is None:
        return []
    return [{"type": "RLIMIT_NOFILE", "soft": spec.open_files, "hard": spec.open_files}]


def _resources(spec: ContainerSpec) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    if spec.memory_bytes is not None:
        limits["memory"] = {"limit": spec.memory_bytes}
    if spec.processes is not None:
        limits["pids"] = {"limit": spec.processes}
    return limits


def _bound(source: Path | str, target: str, read_only: bool = True) -> dict[str, Any]:
    options = ["rbind", "ro" if read_only else "rw"]
    return {"destination": target, "type": "bind", "source": str(source), "options": options}


def _own_mounts(spec: ContainerSpec) -> list[dict[str, Any]]:
    folders = [
        {
            "destination": path,
            "type": "tmpfs",
            "source": "tmpfs",
            "options": [*_NO_PROGRAMS, "mode=1777"],
        }
        for path in spec.tmpfs
    ]
    mounted = [_bound(mount.source, mount.target, mount.read_only) for mount in spec.mounts]
    network = [_bound(path, path) for path in _NETWORK_FILES]
    return [*network, *folders, *mounted, *([_bound(INIT_HERE, INIT)] if spec.init else [])]
