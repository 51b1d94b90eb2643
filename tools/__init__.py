"""Tools of the build: `python -m tools.artifact`, and the shell scripts behind the Makefile."""
