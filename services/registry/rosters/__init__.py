"""Rosters: reading the spreadsheets that schools send, as they are.

Bytes become sheets (`files`), sheets a proposed layout (`headers`), rows typed values (`rows`), values are judged
(`judging`), and what became of each row is written back into a file (`result`). Nothing here stores, decides who is
registered or makes a sentence: it says what stands in the file and what is wrong with it, by code, sheet, row, column.
"""
