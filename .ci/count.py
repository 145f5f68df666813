"""Say how many tests a pytest report holds; exit 1 when none of them ran.

Usage: count.py NAME REPORT.xml
"""

import sys
from pathlib import Path
from xml.etree import ElementTree as ET  # the report is our own pytest's, not a stranger's


def main(name: str, report: Path) -> int:
    """Print one line about the report; return 0 when at least one test ran."""
    if not report.exists():
        sys.stdout.write(f"{name}: no report, so no test ran\n")
        return 1
    suites = list(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314
    total, failed, errors, skipped = (
        sum(int(suite.get(word, "0")) for suite in suites) for word in ("tests", "failures", "errors", "skipped")
    )
    ran = total - skipped
    sys.stdout.write(f"{name}: {ran} tests run, {failed + errors} failed, {skipped} skipped\n")
    return 0 if ran > 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
