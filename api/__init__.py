"""The read API: serves the index over HTTP, and the built page. It writes nothing and holds no
secret."""
