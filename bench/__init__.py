"""Speed, measured as a ratio to what the same machine can do at best in the same run."""
