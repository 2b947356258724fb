"""The reserve pool: who takes the vacancies, and what each candidate would bring."""
