"""What arrives: one module per function."""
