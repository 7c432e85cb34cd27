"""What everything stands on: files, territories, values, words. Nothing of the field's work is done here."""
