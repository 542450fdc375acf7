"""The association's own history as demo data, and its seed."""
