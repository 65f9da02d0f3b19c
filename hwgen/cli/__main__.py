"""`python -m hwgen.cli` is `hwgen`."""

from hwgen.cli.app import main

if __name__ == "__main__":
    main()
