"""Mounts of a campaign's own: it starts itself again in a mount namespace, so that nothing of it outlives it."""
import os
import pathlib
import subprocess
import sys


def enter(network=False):
    if os.environ.get("CERTCTL_CAMPAIGN_NAMESPACE") == "1":
        if network:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    own_user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    os.environ["CERTCTL_CAMPAIGN_NAMESPACE"] = "1"
    os.execvp("unshare", ["unshare", *own_user, "--mount", *["--net"] * network, sys.executable, *sys.argv])


def become_root():
    """For campaigns that become other users: another user than root goes on as root of a user namespace."""
    if os.geteuid() != 0:
        as_root = str(pathlib.Path(__file__).resolve().parents[2] / "interop" / "as_root")
        os.execv(as_root, [as_root, sys.executable, *sys.argv])


def mount_small(directory, options):
    """A file system in memory with limits (`size=512k`, `nr_inodes=200`)."""
    directory.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options + ",mode=700", "none", str(directory)], check=True)


def remount(directory, options):
    subprocess.run(["mount", "-o", "remount," + options, str(directory)], check=True)


def unmount(directory):
    subprocess.run(["umount", "-l", str(directory)], check=True)


def fill(directory, leave):
    """Takes all space but so many bytes; returns the file to remove."""
    filler = directory / "filler"
    free = os.statvfs(directory)
    take = free.f_bavail * free.f_bsize - leave
    with open(filler, "wb", buffering=0) as stream:
        while take > 0:
            try:
                take -= stream.write(b"x" * min(take, 4096))
            except OSError:
                break
    return filler
