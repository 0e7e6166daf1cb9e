"""Where people meet Duewise: the command line."""
