"""Tests of txnames.protocol."""
