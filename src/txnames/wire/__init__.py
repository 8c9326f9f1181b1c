"""The wire format: octets to values and back, with no I/O, no clock and no randomness."""
