class Shape:
    """A shape of no size."""
    def area(self):
        """The area, in square metres, of what this is; zero for a shape that has not been given any
        size by those who made it.

        Never fails.
        """
        return 0

    def name(self):
        """Its name."""
        return 'shape'
