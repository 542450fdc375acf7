"""Terms, spells, standings and the roll-over from one term to the next."""
