"""`python -m tests.faults`: interrupts every scenario and prints a line for each; ends with 1 on any loss."""

from tests.faults.main import main

if __name__ == "__main__":
    raise SystemExit(main())
