"""`python -m desk` is `duewise`, where that is not on the path."""

from desk.cli import main

if __name__ == "__main__":
    main()
