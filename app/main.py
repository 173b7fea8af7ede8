import multiprocessing
import sys


def main() -> int:
    """Start Cognate, or run one of its commands; the exit status."""
    multiprocessing.freeze_support()  # in a frozen program, worker processes start here, too
    from app.cli.run import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
