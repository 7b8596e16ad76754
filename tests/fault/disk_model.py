"""A disk as a journalling file system leaves it after a power cut, built from a record of system calls (strace).

Whatever was not made durable by fsync may be there, or not, in any combination: an entry of a directory (made, renamed,
removed) until that directory is synced, the content of a file until that file is (all of it, none, or a torn part).
"""
import itertools
import os
import re
import shutil
import subprocess
import sys

BY_CHANCE = 6  # combinations of changes that are not durable, for one cut, beside the likely ones
CALLS = "open,openat,write,pwrite64,fsync,fdatasync,sync,syncfs,rename,renameat,renameat2,unlink,unlinkat,link,linkat," \
        "symlink,symlinkat,mkdir,mkdirat,rmdir,chmod,fchmod,fchmodat,ftruncate,truncate,fallocate"
STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


def unescaped(text):
    return bytes.fromhex(text.replace("\\x", ""))


class Inode:
    """A file, link or directory. A file has its content and what of it is durable."""

    def __init__(self, kind, mode=0o600, content=b"", target=""):
        self.kind, self.mode, self.content, self.target = kind, mode, content, target
        self.durable_content = content
        self.entries = {}          # directory: name -> Inode, as running programs see it
        self.durable_entries = {}  # and as the disk has it for sure


class Change:
    """One atomic change of directory entries: [((directory, name), Inode or None)]."""

    def __init__(self, entries):
        self.entries = entries
        self.directories = {id(directory) for (directory, _), _ in entries}  # the fsync of one makes it durable


class Model:
    def __init__(self, root):
        self.path = root
        self.root = self.load(root)
        self.pending = []  # Changes
        self.dirty = []    # files with content that is not durable

    def load(self, path):
        status = os.lstat(path)
        if os.path.islink(path):
            return Inode("link", target=os.readlink(path))
        if os.path.isfile(path):
            with open(path, "rb") as stream:
                return Inode("file", status.st_mode & 0o7777, stream.read())
        inode = Inode("directory", status.st_mode & 0o7777)
        for name in os.listdir(path):
            inode.entries[name] = self.load(os.path.join(path, name))
        inode.durable_entries = dict(inode.entries)
        return inode

    def inside(self, path):
        return path == self.path or path.startswith(self.path + "/")

    def find(self, path):
        inode = self.root
        for part in path[len(self.path):].split("/"):
            if part:
                inode = inode.entries.get(part) if inode is not None else None
        return inode

    def place(self, path):
        directory, name = os.path.split(path)
        return self.find(directory), name

    def change(self, *entries):
        for (directory, name), inode in entries:
            if inode is None:
                directory.entries.pop(name, None)
            else:
                directory.entries[name] = inode
        self.pending.append(Change(entries))

    def sync_directory(self, directory):
        # What came before in the same directory is durable with it.
        rest = []
        for change in self.pending:
            if id(directory) in change.directories:
                for (where, name), inode in change.entries:
                    if inode is None:
                        where.durable_entries.pop(name, None)
                    else:
                        where.durable_entries[name] = inode
            else:
                rest.append(change)
        self.pending = rest

    def sync_file(self, inode):
        inode.durable_content = inode.content
        self.dirty = [one for one in self.dirty if one is not inode]


def strace(command, trace, calls=CALLS, **more):
    """Runs a program under strace; returns what subprocess does."""
    command = ["strace", "-f", "-y", "-xx", "-v", "-s", "1048576", "-e", "trace=" + calls, "-o", trace] + command
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more)


LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)(.*)$")


def descriptor_path(text):
    found = re.match(r"-?\w+<((?:\\x[0-9a-f]{2})*|[^>]*)>", text)
    if not found:
        return None
    path = found.group(1)
    return unescaped(path).decode() if path.startswith("\\x") else path


def parse(trace):
    """Yields (call, [argument texts], result text) of the calls that succeeded."""
    with open(trace) as stream:
        for line in stream:
            if "unfinished" in line or "resumed" in line:
                sys.exit("not ok - a call was interrupted in the record: " + line[:200])
            found = LINE.match(line)
            if found and int(found.group(3)) >= 0:
                arguments = re.findall(r'(?:[^,"]|"[^"]*")+', found.group(2))
                yield found.group(1), [one.strip() for one in arguments], found.group(3) + found.group(4)


def path_of(directory, name):
    name = unescaped(STRING.match(name).group(1)).decode()
    if name.startswith("/"):
        return os.path.normpath(name)
    return os.path.normpath(os.path.join(descriptor_path(directory) if directory else os.getcwd(), name))


def apply(model, call, a, result):
    """Returns whether the call changed something in the store."""
    at = call.endswith("at") or call.endswith("at2")
    if call in ("open", "openat"):
        path = path_of(a[0] if at else None, a[1] if at else a[0])
        flags = a[2] if at else a[1]
        if not model.inside(path) or "O_CREAT" not in flags or model.find(path) is not None:
            if model.inside(path) and "O_TRUNC" in flags:
                sys.exit("not ok - a file of the store is cut: " + path)
            return False
        model.change((model.place(path), Inode("file", int(a[3] if at else a[2], 8))))
    elif call in ("write", "pwrite64"):
        path = descriptor_path(a[0])
        inode = model.find(path) if path and model.inside(path) else None
        if inode is None:
            return False
        written = unescaped(STRING.match(a[1]).group(1))[:int(result.split()[0])]
        if call == "pwrite64":
            place = int(a[3])
            before = inode.content.ljust(place, b"\0")
            inode.content = before[:place] + written + before[place + len(written):]
        else:
            inode.content += written
        if inode not in model.dirty:
            model.dirty.append(inode)
    elif call in ("fallocate", "ftruncate"):
        path = descriptor_path(a[0])
        inode = model.find(path) if path and model.inside(path) else None
        if inode is None:
            return False
        length = int(a[2]) + int(a[3]) if call == "fallocate" else int(a[1])
        inode.content = inode.content.ljust(length, b"\0")
        if call == "ftruncate":
            inode.content = inode.content[:length]
        if inode not in model.dirty:
            model.dirty.append(inode)
    elif call in ("fsync", "fdatasync"):
        path = descriptor_path(a[0])
        inode = model.find(path) if path and model.inside(path) else None
        if inode is None:
            return False
        model.sync_directory(inode) if inode.kind == "directory" else model.sync_file(inode)
    elif call in ("rename", "renameat", "renameat2"):
        old = path_of(a[0] if at else None, a[1] if at else a[0])
        new = path_of(a[2] if at else None, a[3] if at else a[1])
        if not model.inside(old):
            return False
        inode = model.find(old)
        model.change((model.place(old), None), (model.place(new), inode))
    elif call in ("link", "linkat"):
        old = path_of(a[0] if at else None, a[1] if at else a[0])
        new = path_of(a[2] if at else None, a[3] if at else a[1])
        if not model.inside(new):
            return False
        model.change((model.place(new), model.find(old)))
    elif call in ("unlink", "unlinkat", "rmdir"):
        path = path_of(a[0] if at else None, a[1] if at else a[0])
        if not model.inside(path):
            return False
        model.change((model.place(path), None))
    elif call in ("symlink", "symlinkat"):
        path = path_of(a[1] if at else None, a[2] if at else a[1])
        if not model.inside(path):
            return False
        model.change((model.place(path), Inode("link", target=unescaped(STRING.match(a[0]).group(1)).decode())))
    elif call in ("mkdir", "mkdirat"):
        path = path_of(a[0] if at else None, a[1] if at else a[0])
        if not model.inside(path):
            return False
        model.change((model.place(path), Inode("directory", int(a[2] if at else a[1], 8))))
    elif call in ("chmod", "fchmod", "fchmodat"):
        path = descriptor_path(a[0]) if call == "fchmod" else path_of(a[0] if at else None, a[1] if at else a[0])
        inode = model.find(path) if path and model.inside(path) else None
        if inode is None:
            return False
        inode.mode = int(a[2] if call == "fchmodat" else a[1], 8)
    else:
        sys.exit("not ok - unknown call in the record: " + call)
    return True


def subsets(count, chance):
    """Which of `count` changes reached the disk: all combinations of a few, else the likely ones and some by chance."""
    if count <= 3:
        return list(itertools.product((False, True), repeat=count))
    chosen = {tuple(i < n for i in range(count)) for n in range(count + 1)}  # in their order
    chosen |= {tuple(i >= n for i in range(count)) for n in range(count + 1)}
    for one in range(count):
        chosen.add(tuple(i == one for i in range(count)))
        chosen.add(tuple(i != one for i in range(count)))
    for _ in range(BY_CHANCE):
        chosen.add(tuple(chance.random() < 0.5 for _ in range(count)))
    return sorted(chosen)


def states(model, chance):
    """Yields trees: {path: (kind, mode, content or target)}."""
    for there in subsets(len(model.pending), chance):
        entries = {}
        for change, applied in zip(model.pending, there):
            if applied:
                for (directory, name), inode in change.entries:
                    entries.setdefault(id(directory), {})[name] = inode
        for loss in ("all", "torn", "none") if model.dirty else ("none",):
            tree = {}

            def walk(inode, path):
                if inode.kind == "file":
                    content = inode.content
                    if any(one is inode for one in model.dirty) and loss != "none":
                        known = len(inode.durable_content)
                        content = content[:known + (len(content) - known) // 2 if loss == "torn" else known]
                    tree[path] = ("file", inode.mode, content)
                elif inode.kind == "link":
                    tree[path] = ("link", 0, inode.target)
                else:
                    tree[path] = ("directory", inode.mode, b"")
                    known = dict(inode.durable_entries)
                    known.update(entries.get(id(inode), {}))
                    for name, below in known.items():
                        if below is not None:
                            walk(below, path + "/" + name)

            walk(model.root, "")
            yield tree


def build(tree, place):
    shutil.rmtree(place, ignore_errors=True)
    for path, (kind, mode, content) in tree.items():
        if kind == "directory":
            os.mkdir(place + path, 0o700)
        elif kind == "link":
            os.symlink(content, place + path)
        else:
            with open(os.open(place + path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                stream.write(content)
            os.chmod(place + path, mode)
    for path, (kind, mode, _) in reversed(list(tree.items())):
        if kind == "directory":
            os.chmod(place + path, mode)
