"""The example zone says the same in Python and in BIND's format."""

from tests.listings.serving import LISTINGS
from txnames.authority import BindAuthority, PySourceAuthority


def test_zonesAreTwins() -> None:
    """``example-domain.com`` and ``example-domain.com.zone`` load to equal zones."""
    fromPython = PySourceAuthority(str(LISTINGS / "example-domain.com"))
    fromZoneFile = BindAuthority(str(LISTINGS / "example-domain.com.zone"))
    assert fromPython.records == fromZoneFile.records
    assert fromPython.zone.nodes == fromZoneFile.zone.nodes
