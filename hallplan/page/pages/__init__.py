"""The pages, a file each: what stands on it, in which order.  Everything that is computed stands below."""
