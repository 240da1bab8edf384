"""What is printed: templates, and the program that fills them."""
