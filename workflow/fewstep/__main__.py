"""`python -m fewstep`."""

import sys

from fewstep.cli.main import main

sys.exit(main())
