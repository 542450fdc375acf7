"""Home pages, desk, settings, health and backup: composes the domains."""
