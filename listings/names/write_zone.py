"""Print the Python zone example-domain.com as a zone file."""

from pathlib import Path

from txnames.authority import PySourceAuthority
from txnames.zone.writer import writeZone

example = PySourceAuthority(str(Path(__file__).parent / "example-domain.com"))
if example.zone is not None:
    print("".join(writeZone(example.zone)), end="")
