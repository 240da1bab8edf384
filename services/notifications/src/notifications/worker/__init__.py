"""What runs beside the API: the consumer's handlers, the delivering threads and the timers."""
