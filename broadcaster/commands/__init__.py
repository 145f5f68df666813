"""What the `broadcaster` command can do, a file per noun."""
