"""What people and time ask of Paperclub, one file a family."""
