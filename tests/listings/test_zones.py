"""The example zone says the same in Python and in BIND's format."""

from tests.listings.serving import LISTINGS
from txnames.authority import BindAuthority, PySourceAuthority


def test_zonesAreTwins() -> None:
    """``example-domain.com`` and ``example-domain.com.zone`` load to equal zones."""
    fromPython = PySourceAuthority(str(LISTINGS / "example-domain.com"))
    fromZoneFile = BindAuthority(str(LISTINGS / "example-domain.com.zone"))
    assert fromPython.zone is not None
    assert fromZoneFile.zone is not None
    assert fromPython.zone.nodes == fromZoneFile.zone.nodes
    assert fromPython.soa == fromZoneFile.soa


def test_zonesHaveNoFaults() -> None:
    """The zones that the documentation shows load without a warning."""
    for name in ("example-domain.com.zone", "198.51.100.zone"):
        assert list(BindAuthority(str(LISTINGS / name), strict=True).warnings) == []
    assert list(PySourceAuthority(str(LISTINGS / "example-domain.com"), strict=True).warnings) == []
