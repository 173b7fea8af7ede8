import indexer  # noqa: F401  # before NumPy, as in the program: it says how many threads that takes
