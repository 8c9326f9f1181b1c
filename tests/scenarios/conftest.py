"""What the scenarios share."""

from collections.abc import Iterator

import pytest

from tests.scenarios.world import World


@pytest.fixture
def world() -> Iterator[World]:
    """A world, of whose recursive server nothing is left in the end."""
    made = World()
    yield made
    made.close()
