"""`python -m ui` is the `verbatim` command."""

from ui.terminal import main

if __name__ == "__main__":
    main()
