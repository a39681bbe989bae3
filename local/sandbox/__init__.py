"""`make run`: the whole application on one machine, from an empty clone to a table of what it did."""
