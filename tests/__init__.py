"""The tests. Folders unit, simulation, contract, integration, browser; support holds the helpers."""
