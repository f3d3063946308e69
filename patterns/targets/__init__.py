"""What delegates take: targets, and no rules."""
