"""What all tests share: how hard the tests with made-up examples try."""

from hypothesis import settings

# "ci" draws the same examples in each run, so that a failure comes of the change and not of chance;
# `pytest --hypothesis-profile=nightly` looks further.
settings.register_profile("ci", max_examples=100, derandomize=True, deadline=None, database=None)
settings.register_profile("nightly", max_examples=5000, deadline=None, print_blob=True)
settings.load_profile("ci")
