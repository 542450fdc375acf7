"""Every outgoing mail as a row, and its delivery."""
