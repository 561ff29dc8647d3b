"""`python -m kerasish.cli` does what the installed command `kerasish` does."""

import sys

from kerasish.cli.main import main

sys.exit(main())
