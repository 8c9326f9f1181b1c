"""Resource record types: one small class for each, by family."""
