"""The oracle: gives every room of its operator a live input, and takes it away again at the end."""
