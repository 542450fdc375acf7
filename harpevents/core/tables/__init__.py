"""Tables as people send and receive them: CSV and Excel, in whatever encoding they come.

`reading` gives rows with the line numbers of the file, `writing` gives files that no spreadsheet
mistakes for formulas; `encodings` and `workbooks` are how the bytes become cells, `refusals` why
they could not.
"""
