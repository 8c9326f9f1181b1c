"""How many examples the tests of random octets take: 2,000 in each build, 100,000 at night."""

from typing import Any

from hypothesis import settings

_default: Any = settings.default

MANY = 20 * _default.max_examples
"""For tests that try one thing with any octets at all."""

FEW = max(5, _default.max_examples // 5)
"""For tests that run once for each record type."""
