"""What people read and see: texts in Chinese and English, the look of the pages, and the API page."""
