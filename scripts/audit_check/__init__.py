"""A second computation of `hotline audit`, from the rows and docs/audit.md alone."""
