"""MyAllocator: bookings and ARI in JSON."""
