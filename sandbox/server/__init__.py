"""The world over HTTP: the hotel_rest contract with access, paging, pushes and faults."""

from sandbox.server.app import make_app
from sandbox.server.running import Sandbox, running, serve, serving
from sandbox.server.state import State

__all__ = ["Sandbox", "State", "make_app", "running", "serve", "serving"]
