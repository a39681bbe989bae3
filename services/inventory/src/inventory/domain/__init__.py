"""The rules of stock. Standard library only.

levels      what is on hand and held of a product at a location, and how that may change
holds       what is set aside for an order, and what becomes of it
ledger      what every change adds up to
counting    what rows of a stock file do to levels
stock_file  a CSV file as rows and faults; header is its first line, cells are its values
packs       rows that travel together
files       a stock file as an object in a bucket
imports     the run of a stock file: what was read, sent and accounted for
"""
