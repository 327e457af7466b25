"""The hotel's own booking engine: bookings by webhook, its availability cache, its health."""
