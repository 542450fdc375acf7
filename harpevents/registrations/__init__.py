"""Who takes part: forms, places, waiting list, consents."""
