"""Others' documents held against ours: a distributor's curves and invoice, a retailer's bill."""
