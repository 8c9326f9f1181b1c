"""Zones: reading, holding, looking up and writing them."""
