"""What flights and bookings are, and how a booking may move. Standard library only."""
