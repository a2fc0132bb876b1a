"""The way out for posts: from the ledger to the platforms."""
