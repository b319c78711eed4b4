"""A moment in one line of a list; everything else as French is written anyway."""

# N, not M: French months begin with a small letter.
DATETIME_FORMAT = "j N Y H:i"
