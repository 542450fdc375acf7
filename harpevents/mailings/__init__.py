"""Dispatches of the secretariat: audience, languages, recipients."""
