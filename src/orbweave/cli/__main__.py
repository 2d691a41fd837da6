import sys

from orbweave.cli.main import main

sys.exit(main())
