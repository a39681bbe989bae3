"""Money, taken and given back once per reference. Knows neither orders nor bookings."""
