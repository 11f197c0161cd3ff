"""What was decided: every name, time and place resolved, nothing left to look up."""
