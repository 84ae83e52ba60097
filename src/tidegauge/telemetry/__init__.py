"""What the program says about itself while it runs: its log lines, on stderr."""
