namespace Akka.Persistence.Sql.Db;

/// <summary>What has to be there before a journal works: the default tables and their indexes.</summary>
internal static class SqlNames
{
    public static readonly string[] All =
    [
        "journal",
        "journal_uq",
        "journal_created_idx",
        "journal_sequence_number_idx",
        "tags",
        "tags_persistence_id_sequence_nr_idx",
        "tags_tag_idx",
        "snapshot",
        "snapshot_sequence_number_idx",
        "snapshot_created_idx",
    ];
}
