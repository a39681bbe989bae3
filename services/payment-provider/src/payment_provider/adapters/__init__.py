"""Where the stand-in keeps what it did and what it was asked."""
