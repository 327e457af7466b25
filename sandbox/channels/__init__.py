"""The other side of channels: each vendor's server with its queue, its acknowledgements and what it sells us by."""
