"""Operations on whole databases: copies, backups, and what must hold in every one."""
