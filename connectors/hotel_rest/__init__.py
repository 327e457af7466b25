"""The generic PMS and channel-manager REST contract: guests, reservations, room status, rates, inventory, webhooks."""
