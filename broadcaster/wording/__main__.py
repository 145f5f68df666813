"""Write the rules as a page for those who write playbooks: `python -m broadcaster.wording > docs/wording-rules.md`."""

import sys

from broadcaster.wording.page import page

if __name__ == "__main__":
    sys.stdout.write(page())
