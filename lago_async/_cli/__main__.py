"""The console script as a module: ``python -m lago_async._cli``, where no script is installed."""

import sys

from lago_async._cli.script import main

if __name__ == "__main__":
    sys.exit(main())
