"""Universities and other bodies: identity, names, succession, matching."""
