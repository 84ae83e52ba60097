"""Where the parts become a program: receiving wired to the store, started, watched and stopped."""
