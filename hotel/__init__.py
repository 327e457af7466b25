"""The language of the house: reservations, guests, money, nights, versions. Standard library and iso4217 only."""
