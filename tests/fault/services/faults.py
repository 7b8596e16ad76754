"""What can go wrong with a target, each as a switch: on() before the delivery, off() after it."""
import os
import pathlib
import socket
import subprocess
import threading


class Fault:
    """`dead`: nobody can be asked what the service serves while the fault is on."""
    dead = False

    def __init__(self, name, on, off):
        self.name, self.on, self.off = name, on, off


def _mount(*words):
    subprocess.run(["mount", *words], check=True)


def small_disk(directory):
    """A file system of its own for a target's files, so that it can be full or read-only alone."""
    _mount("-t", "tmpfs", "-o", "size=256k,mode=755", "none", str(directory))


def full(directory):
    filler = pathlib.Path(directory) / "filler"

    def on():
        with open(filler, "wb", buffering=0) as file:
            for size in (4096, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    pass
    return Fault("disk full", on, lambda: filler.unlink())


def read_only(directory):
    return Fault("disk read-only", lambda: _mount("-o", "remount,ro", str(directory)),
                 lambda: _mount("-o", "remount,rw", str(directory)))


def immutable(file):
    """Nobody can put another file in its place: it is a mount point."""
    def on():
        _mount("--bind", str(file), str(file))
        _mount("-o", "remount,bind,ro", str(file))
    return Fault("file immutable", on, lambda: subprocess.run(["umount", str(file)], check=True))


def broken_configuration(service):
    return Fault("bad configuration", lambda: service.configure(broken=True), lambda: service.configure())


def down(service):
    fault = Fault("service down", service.stop, service.start)
    fault.dead = True
    return fault


def suspended(service):
    fault = Fault("service hangs", service.suspend, service.resume)
    fault.dead = True
    return fault


def idle_master(service):
    """The signal is taken and nothing follows: the workers serve on what they have."""
    return Fault("reload lies", service.suspend, service.resume)


class Program:
    """Stands before a service's program: passes all on, lies (does nothing, exit 0), hangs, or fails."""

    def __init__(self, path, real):
        self.path, self.mode = pathlib.Path(path), pathlib.Path(str(path) + ".mode")
        self.path.write_text(f"""#!/bin/sh
case $(cat {self.mode}) in
  lies) exit 0 ;;
  hangs) exec sleep 600 ;;
  fails) echo "it is broken" >&2; exit 1 ;;
esac
exec {real} "$@"
""")
        self.path.chmod(0o755)
        self.set("works")

    def set(self, mode):
        self.mode.write_text(mode)

    def fault(self, mode, name):
        return Fault(name, lambda: self.set(mode), lambda: self.set("works"))


def lying_socket(link, real):
    """A control socket that says Success! to everything and does nothing."""
    fake = str(link) + ".fake"
    state = {}

    def serve(listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    connection.recv(65536)
                    connection.sendall(b"Success!\n\n")
                except OSError:
                    pass

    def on():
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(fake)
        listener.listen(16)
        state["listener"] = listener
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        os.unlink(link)
        os.symlink(fake, link)

    def off():
        os.unlink(link)
        os.symlink(real, link)
        state["listener"].shutdown(socket.SHUT_RDWR)
        state["listener"].close()
        os.unlink(fake)
    return Fault("reload lies", on, off)
