"""The club's papers and plans: content files read, checked for their authors, and found by members."""
