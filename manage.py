#!/usr/bin/env python
"""Django's own commands; the same as `watchroom manage …`, which brings the database along."""

import sys

from watchroom.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "manage")
    main()
