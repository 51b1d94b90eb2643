"""The version of this repository: services, page and API have one.

Promises: `VERSION` is what pyproject.toml and both package.json say; a test holds them equal. The
contracts count their own, `VERSION` in their source, since what is deployed stays.
"""

VERSION = "0.1.0"
