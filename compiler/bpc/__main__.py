"""`python -m bpc`."""

from __future__ import annotations

from bpc.entry import main

if __name__ == "__main__":
    main()
