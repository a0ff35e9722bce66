namespace Akka.Persistence.Sql.Db;

/// <summary>The default tables as the official plugin declares them on PostgreSQL.</summary>
internal static class PostgreSqlTables
{
    // Two nodes that start at once would otherwise both find the tables missing.
    public const string Sql = """
        SELECT pg_advisory_xact_lock(4711082015);

        CREATE TABLE IF NOT EXISTS journal (
          ordering        BIGSERIAL    NOT NULL,
          created         BigInt       NOT NULL,
          deleted         Boolean      NOT NULL,
          persistence_id  VarChar(255) NOT NULL,
          sequence_number BigInt       NOT NULL,
          message         bytea        NOT NULL,
          manifest        VarChar(500)     NULL,
          identifier      Int              NULL,
          writer_uuid     VarChar(128)     NULL,
          CONSTRAINT "PK_journal" PRIMARY KEY (ordering),
          CONSTRAINT journal_uq UNIQUE (persistence_id, sequence_number)
        );
        CREATE INDEX IF NOT EXISTS journal_created_idx ON journal (created);
        CREATE INDEX IF NOT EXISTS journal_sequence_number_idx ON journal (sequence_number);

        CREATE TABLE IF NOT EXISTS tags (
          ordering_id    BigInt       NOT NULL,
          tag            VarChar(64)  NOT NULL,
          sequence_nr    BigInt       NOT NULL,
          persistence_id VarChar(255) NOT NULL,
          CONSTRAINT "PK_tags" PRIMARY KEY (ordering_id, tag)
        );
        CREATE INDEX IF NOT EXISTS tags_persistence_id_sequence_nr_idx ON tags (persistence_id, sequence_nr);
        CREATE INDEX IF NOT EXISTS tags_tag_idx ON tags (tag);

        CREATE TABLE IF NOT EXISTS snapshot (
          persistence_id  VarChar(255) NOT NULL,
          sequence_number BigInt       NOT NULL,
          created         BigInt       NOT NULL,
          snapshot        bytea            NULL,
          manifest        VarChar(500)     NULL,
          serializer_id   Int              NULL,
          CONSTRAINT "PK_snapshot" PRIMARY KEY (persistence_id, sequence_number)
        );
        CREATE INDEX IF NOT EXISTS snapshot_sequence_number_idx ON snapshot (sequence_number);
        CREATE INDEX IF NOT EXISTS snapshot_created_idx ON snapshot (created);
        """;
}
