"""The seeded world: three houses, their people and eight months of bookings. No wall clock in it."""

from sandbox.world.build import TODAY, build
from sandbox.world.view import View, World

__all__ = ["TODAY", "View", "World", "build"]
