"""How figures look: pure renderers, figures in, bytes out. The same figures give the same bytes."""
