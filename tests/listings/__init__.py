"""Tests that run every program which the documentation shows."""
