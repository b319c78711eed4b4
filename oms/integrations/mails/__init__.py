"""What customers are written: `news` reads, `wording` says it, `rendering` makes a mail of it."""
