"""A moment in one line of a list; everything else as French is written anyway."""

DATETIME_FORMAT = "j M Y H:i"
