import os

_THREADS = "OPENBLAS_NUM_THREADS"
_is_ours = _THREADS not in os.environ

# Read when NumPy is loaded. Its products here are small: each further thread mostly waits for them, busily, on a core
# that others could use.
os.environ.setdefault(_THREADS, "1")


def free_other_programs() -> None:
    """Once NumPy is loaded, take back what the programs that Cognate opens would inherit."""
    if _is_ours:
        os.environ.pop(_THREADS, None)
