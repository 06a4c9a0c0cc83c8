// Tables of an object, which live as long as it does: longer than the version of the code that made them.

/**
 * Whether the object has this table. Columns that it lacks, because an earlier version made it, are added: `columns` are their
 * definitions, name first, and may hold NULL. Costs no more than the question, which is asked once for each instance.
 */
export function hasTable(sql: SqlStorage, name: string, columns: readonly string[] = []): boolean {
  const [table] = sql.exec<{ sql: string }>("SELECT sql FROM sqlite_master WHERE name = ?", name).toArray();
  for (const column of columns)
    if (table?.sql.includes(column) === false) sql.exec(`ALTER TABLE ${name} ADD COLUMN ${column}`);
  return table !== undefined;
}
