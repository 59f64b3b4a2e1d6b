"""``python -m hallplan.cli``: the same as the program ``hallplan``."""

import sys

from hallplan.cli import main

sys.exit(main())
