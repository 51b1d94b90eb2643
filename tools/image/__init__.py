"""The services' image, tried without a container engine: `python -m tools.image`."""
