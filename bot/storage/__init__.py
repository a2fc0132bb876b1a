"""Where the record is kept: numbered migrations, named SQL, and the store that runs them."""
