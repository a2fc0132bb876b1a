"""The words of Paperclub, in English and in Chinese."""
