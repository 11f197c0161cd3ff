"""Write the output tree so that no crash, no second build and no planted link can spoil it.

Nothing is imported here: the up-to-date check must not pay for the writer.
"""
