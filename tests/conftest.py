"""What all tests share."""

from hypothesis import settings

# Two busy cores make single examples slow now and then; that is no defect of the code.
settings.register_profile("callfloor", deadline=None, print_blob=True)
settings.load_profile("callfloor")
