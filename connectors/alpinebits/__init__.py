"""AlpineBits: OpenTravel over multipart forms, with a handshake of capabilities."""
