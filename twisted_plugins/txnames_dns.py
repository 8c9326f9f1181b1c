"""The ``twistd dns`` and ``twistd txnames`` commands."""
