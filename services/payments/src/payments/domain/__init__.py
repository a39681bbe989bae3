"""What a payment is, how it may move, and what is refused. Standard library only."""
