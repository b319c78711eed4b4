"""A moment in one line of a list; everything else as French is written anyway."""

# N, not M: French months begin with a small letter. Two figures: only a 1 by itself would have to be “1er”.
DATETIME_FORMAT = "d N Y H:i"
