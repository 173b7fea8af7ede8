import os

# Read when NumPy is loaded. Its products here are small: each further thread mostly waits for them, busily, on a core
# that others could use.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
