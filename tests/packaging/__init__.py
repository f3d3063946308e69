"""What reaches a user: wheel and sdist, packs of others, start-up, the README; and the doors of the house."""
