"""What can be done. Every write is conditional; everything may run twice, late or at once."""
