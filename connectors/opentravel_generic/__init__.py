"""Any other channel manager that speaks OpenTravel, by configuration alone."""
