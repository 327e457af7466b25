"""Cloudbeds: its bookings, by modification and by webhook."""
