"""Flights, bookings, and the saga that makes a booking or undoes it whole."""
