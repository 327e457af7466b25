"""Booking.com Connectivity: two queues of OpenTravel messages, and our availability and rates."""
