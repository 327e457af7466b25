"""Expedia QuickConnect: bookings retrieved and confirmed, notified, and our availability and rates."""
