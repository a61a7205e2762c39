"""`python -m journey_async.cli` is `journey`."""

import sys

from journey_async.cli import main

if __name__ == "__main__":
    sys.exit(main())
