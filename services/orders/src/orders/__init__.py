"""Orders and their life, choreographed with inventory and payments by events."""
