"""txnames: the DNS engine for Twisted."""
