"""Methods of what is no object of a class of the code's own making: of a config, a container, a text, a file, a parser."""
