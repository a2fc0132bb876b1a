"""`good/` is a small content folder without a fault; the tests plant faults in copies of it."""
