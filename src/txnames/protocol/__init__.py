"""Transports: how messages travel."""
