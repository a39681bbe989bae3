"""What can be done with stock. Every write is conditional; everything may run twice, late or at once."""
