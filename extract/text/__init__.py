"""Text files: tables marked by tabs, bars, blanks or line ends."""
