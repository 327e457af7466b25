"""The other side of the wire: a simulated hotel world behind real HTTP, with faults on demand."""
