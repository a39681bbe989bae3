"""The saga matrix: every task of the saga fails in every way, and nobody loses a seat or a cent.

`make matrix` runs it whole and prints it. The machines are the real ones on the embedded AWS, with real
tables and queues; only functions, and direct integrations that are to fail, go through `stand_in`. What was
taken and given back is read where the saga cannot write: from the flight, and from the card processor's log.
"""
