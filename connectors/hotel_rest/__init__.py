"""The generic PMS and channel-manager REST contract."""
