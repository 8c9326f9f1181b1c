"""Interop: txnames beside NSD, Knot DNS and BIND on the loopback interface."""
