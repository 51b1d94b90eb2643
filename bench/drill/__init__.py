"""`make drill`: what an operator's bad day is made of, tried on the real services."""
