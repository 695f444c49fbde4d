"""What is called of the code: its functions, which are followed with what they get, and its classes, which make objects."""
