"""The hotel's own API for its booking engine: what may be sold, for how much, and bookings made, changed and cancelled."""
