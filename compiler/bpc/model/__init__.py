"""What a person writes: every kind of document, as frozen models whose docstrings are the reference."""
