"""Write the exact words of every playbook to this folder, and remove those of playbooks that are no more."""

import sys

from words import HERE, written

if __name__ == "__main__":
    files = written()
    for old in HERE.glob("*.txt"):
        if old.name not in files:
            old.unlink()
    for name, text in files.items():
        (HERE / name).write_text(text, "utf-8")
        sys.stdout.write(f"{HERE / name}\n")
