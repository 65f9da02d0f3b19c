"""The integer network and its NumPy executor: the definition of what is right."""
