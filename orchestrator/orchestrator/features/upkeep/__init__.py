"""The index as a whole: backups, restores, and building it anew; for those who run the installation."""
