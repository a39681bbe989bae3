"""How payments reaches the world outside."""
