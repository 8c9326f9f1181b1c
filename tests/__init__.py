"""The tests of txnames; the folders below mirror those of ``src/txnames``."""
