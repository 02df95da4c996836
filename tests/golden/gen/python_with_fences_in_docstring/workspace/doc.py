def f():
    """Use it:

    ```python
    f()
    ```
    """
