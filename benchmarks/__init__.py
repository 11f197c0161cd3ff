"""What bpc costs, against its targets and against other tools that make the same files."""
