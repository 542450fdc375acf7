"""Recognising institutions in what people type: pure functions over a list of known names.

`recogniser.Recogniser` is built once from the names of all institutions and asked many times.
No database and no web: `institutions/matching.py` feeds it and remembers what people decided.
"""
