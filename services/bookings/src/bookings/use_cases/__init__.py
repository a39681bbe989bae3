"""What can be done with flights and bookings. Everything may run twice, late, or at once."""
