"""Arrays and the devices they live on; the only package that imports cupy."""
