def helper_of_all(): pass
