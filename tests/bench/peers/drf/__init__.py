"""Creating a case with Django REST framework and Celery on commit, as a careful team would write it."""
