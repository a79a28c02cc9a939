"""Facts of files, and chunks cut from them."""
