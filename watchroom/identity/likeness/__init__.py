"""How alike are what is said now and what is on record? Pure: words in normal form, block keys, weights, and the verdict.

words.py    what was said of one person, in normal form
keys.py     under which keys it is found again
model.py    the weights: a Splink model's JSON, read and used as Splink would
verdict.py  the same person, the same household, or neither: with which probability and why
"""
