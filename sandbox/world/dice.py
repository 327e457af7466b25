"""Chance that repeats: every part of the world draws from dice of its own, so that one part never shifts another."""

from collections.abc import Mapping
from random import Random

PER_MILLE = 1000


def dice(*place: str | int) -> Random:
    """Give the dice of a place in the world; the same words and numbers give the same throws in every process."""
    return Random("/".join(map(str, place)))  # noqa: S311 chance, not cryptography


def happens(throws: Random, per_mille: int) -> bool:
    """Throw for something that happens so many times in a thousand."""
    return throws.randrange(PER_MILLE) < per_mille


def one_of(throws: Random, weights: Mapping[str, int]) -> str:
    """Pick a word by its weight."""
    return throws.choices(tuple(weights), tuple(weights.values()))[0]
