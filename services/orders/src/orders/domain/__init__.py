"""What orders and products are, and their rules. Standard library only."""
