"""Only those files are included that may be."""

import os
import re
import threading
from pathlib import Path

import pytest

from txnames.zonefiles import Includer, sourceOf


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a zone, files below and beside it, and links to them."""
    for name in ("zones/main", "zones/a", "zones/sub/b", "other/c", "zones-not/d"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    (tmp_path / "zones/inside").symlink_to("sub/b")
    (tmp_path / "zones/outside").symlink_to("../other/c")
    (tmp_path / "zones/linked").symlink_to("../other")
    return tmp_path


def included(folder: Path, path: str, allowed: object = False, includer: str = "main") -> str:
    """What is in a file that a file in the folder includes."""
    find = Includer(str(folder / "zones/main"), allowed)  # type: ignore[arg-type]  # reason: each test gives what it says
    source = find(path, os.path.realpath(folder / "zones" / includer))
    assert source.name == path
    return b"".join(source.chunks()).decode()


@pytest.mark.parametrize("path", ["a", "./a", "sub/../a", "sub/b", "inside"])
def test_inside(folder: Path, path: str) -> None:
    """Files in the zone file's folder and below are found, whatever way leads there."""
    assert included(folder, path) in ("zones/a", "zones/sub/b")


def test_beside(folder: Path) -> None:
    """A file is found beside the one that includes it."""
    assert included(folder, "b", includer="sub/b") == "zones/sub/b"
    assert included(folder, "../a", includer="sub/b") == "zones/a"
    with pytest.raises(FileNotFoundError):
        included(folder, "a", includer="sub/b")


@pytest.mark.parametrize("path", ["../other/c", "outside", "linked/c", "/etc/passwd", "../zones-not/d", "../missing"])
def test_outside(folder: Path, path: str) -> None:
    """Files elsewhere are not, though links or dots lead there, but for those that are allowed."""
    with pytest.raises(ValueError, match="lies outside of the zone file's folder"):
        included(folder, path)
    if path in ("../other/c", "outside", "linked/c"):
        assert included(folder, path, [folder / "other"]) == "other/c"
        assert included(folder, path, True) == "other/c"
        with pytest.raises(ValueError, match="lies outside"):
            included(folder, path, [folder / "zones-not"])


def test_notFiles(folder: Path) -> None:
    """What is no regular file is not read."""
    for path in ("sub", "."):
        with pytest.raises(ValueError, match=re.escape("is no regular file")):
            included(folder, path)
    with pytest.raises(ValueError, match=re.escape("is no regular file")):
        included(folder, "/dev/null", True)


def test_linkedZone(folder: Path) -> None:
    """Where the zone file is a link, files are found beside it, and beside what it leads to."""
    (folder / "links").mkdir()
    (folder / "links/main").symlink_to("../zones/main")
    (folder / "links/e").write_text("links/e")
    find = Includer(str(folder / "links/main"), False)
    main = sourceOf(str(folder / "links/main")).identity
    for path, text in (("a", b"zones/a"), ("../links/e", b"links/e")):
        assert b"".join(find(path, main).chunks()) == text
    with pytest.raises(ValueError, match="lies outside"):
        find("../other/c", main)


def test_identity(folder: Path) -> None:
    """The same file has the same identity by whatever name."""
    find = Includer(str(folder / "zones/main"), False)
    main = sourceOf(str(folder / "zones/main")).identity
    assert find("inside", main).identity == find("sub/b", main).identity
    assert find("main", main).identity == main


def test_pipe(tmp_path: Path) -> None:
    """What can be read only once is kept."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(b"text",))
    writer.start()
    source = sourceOf(str(path))
    writer.join()
    assert b"".join(source.chunks()) == b"text"
    assert b"".join(source.chunks()) == b"text"
    assert source.name == str(path)


def test_missing(tmp_path: Path) -> None:
    """A file that cannot be opened is an error at once."""
    with pytest.raises(FileNotFoundError):
        sourceOf(str(tmp_path / "missing"))
    with pytest.raises(IsADirectoryError):
        sourceOf(str(tmp_path))
