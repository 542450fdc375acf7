"""Who came: check-ins as facts, and reports of online meetings."""
