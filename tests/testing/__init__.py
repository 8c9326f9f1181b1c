"""Tests of L{txnames.testing}."""
