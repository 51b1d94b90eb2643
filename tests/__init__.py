"""The tests: a folder for each kind (unit, simulation, contract, integration, browser)."""
