"""Who did what, when, to what: appended, never changed."""
