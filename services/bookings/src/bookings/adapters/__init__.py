"""How bookings reaches the world outside."""
