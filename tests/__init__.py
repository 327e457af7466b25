"""Tests, in lanes: unit, contract, storage, expectations, reports, flows, gateway, faults, browser."""
