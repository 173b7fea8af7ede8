import os
from collections.abc import Mapping
from pathlib import Path

import psutil

_PSEUDO = frozenset(
    "autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devfs devpts devtmpfs efivarfs fuse.gvfsd-fuse fuse.lxcfs "
    "fuse.portal fusectl hugetlbfs mqueue nsfs proc procfs pstore rpc_pipefs securityfs selinuxfs sysfs tracefs".split()
)
_NETWORK = frozenset(
    "9p afpfs afs ceph cifs davfs fuse glusterfs lustre ncpfs nfs nfs4 prl_fs smb3 smbfs vboxsf vmhgfs webdav".split()
)
_FUSE = "fuse."  # a program serves its files: whether it tells of changes made behind it is not known


def file_systems() -> Mapping[str, str]:
    """The type of file system at each mount point; the upper one where two lie on each other."""
    parts = psutil.disk_partitions(all=True)
    return {part.mountpoint: "smbfs" if "remote" in part.opts.split(",") else part.fstype.lower() for part in parts}


def file_system_of(path: Path) -> str:
    """The type of the file system that a path lies on; empty when it can't be told."""
    mounted = file_systems()
    named = _nearest(mounted, path)
    return named if is_network(named) else _nearest(mounted, Path(os.path.realpath(path)))  # a share may not answer


def _nearest(mounted: Mapping[str, str], path: Path) -> str:
    return next((mounted[str(place)] for place in (path, *path.parents) if str(place) in mounted), "")


def is_pseudo(file_system: str) -> bool:
    """Whether its files are views of the system: they have no size, and reading one can block or act."""
    return file_system in _PSEUDO


def is_network(file_system: str) -> bool:
    """Whether changes can be made elsewhere, which the system does not report."""
    return file_system in _NETWORK or (file_system.startswith(_FUSE) and not is_pseudo(file_system))
