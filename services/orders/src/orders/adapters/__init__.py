"""How orders reaches the world outside."""
