"""What every test starts from: no environment of a CI, in which confguard writes annotations by itself."""

import os

for name in ("GITHUB_ACTIONS", "GITHUB_WORKFLOW"):
    os.environ.pop(name, None)
