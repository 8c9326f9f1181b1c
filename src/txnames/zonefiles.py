"""Opens zone files, and the files that they include: only those that they may."""

from __future__ import annotations

import os
import stat
from collections.abc import Hashable, Iterable, Iterator
from typing import Final, TypeAlias

from txnames.zone.source import Source

__all__ = ["FileName", "Includer", "sourceOf"]

FileName: TypeAlias = str | bytes | os.PathLike[str]
"""What may name a file."""

_CHUNK: Final = 1 << 16


class Includer:
    """Finds the files that a zone file includes: beside the one that names them, in the zone file's folder or below."""

    def __init__(self, filename: str, allowed: bool | Iterable[FileName]) -> None:
        """Take the folder of the zone file, and others that are allowed."""
        # Where the zone file is a link, its own folder is that of the link, and that of the file.
        folders = [os.path.dirname(os.path.abspath(filename)), os.path.dirname(os.path.realpath(filename))]
        self._anywhere = allowed is True
        if not isinstance(allowed, bool):
            folders += [os.fsdecode(folder) for folder in allowed]
        self._folders = [os.path.realpath(folder) for folder in folders]

    def __call__(self, path: str, includer: Hashable) -> Source:
        """Find a file."""
        found = os.path.realpath(os.path.join(os.path.dirname(str(includer)), path))
        if not self._anywhere and not any(os.path.commonpath([found, folder]) == folder for folder in self._folders):
            raise ValueError(f"the file {found} lies outside of the zone file's folder")
        if not stat.S_ISREG(os.stat(found).st_mode):
            raise ValueError(f"{found} is no regular file")
        return sourceOf(path, found)


def sourceOf(name: str, path: str | None = None) -> Source:
    """A file as the source of a zone.

    @raise OSError: it cannot be opened.
    """
    path = os.path.realpath(name if path is None else path)
    with open(path, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            # Such as a pipe, which can be read only once.
            return Source.fromBytes(file.read(), name)._replace(identity=path)

    def chunks() -> Iterator[bytes]:
        with open(path, "rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    return Source(name, path, chunks)
