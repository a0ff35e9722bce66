using System.Globalization;
using Akka.Actor;
using Akka.Persistence.Tests.Support;

namespace Akka.Persistence.Tests;

public sealed class TableTests : IAsyncLifetime
{
    private readonly JournalFile _file = new();

    public async Task InitializeAsync()
    {
        var ledger = _file.Open().ActorOf(Ledger.Props("l"));
        await ledger.Ask<long>(new Add("red,round:a"));
        await ledger.Ask<SaveSnapshotSuccess>(new TakeSnapshot());
    }

    public async Task DisposeAsync() => await _file.DisposeAsync();

    [Theory]
    [InlineData(
        "journal",
        "ordering INTEGER 1 1,created BigInt 1 0,deleted Bit 1 0,persistence_id NVarChar(255) 1 0,"
            + "sequence_number BigInt 1 0,message VarBinary 1 0,manifest NVarChar(500) 0 0,identifier INTEGER 0 0,"
            + "writer_uuid NVarChar(128) 0 0"
    )]
    [InlineData(
        "tags",
        "ordering_id INTEGER 1 1,tag NVarChar(64) 1 2,sequence_nr INTEGER 1 0,persistence_id NVarChar(255) 1 0"
    )]
    [InlineData(
        "snapshot",
        "persistence_id NVarChar(255) 1 1,sequence_number BigInt 1 2,created BigInt 1 0,snapshot VarBinary 0 0,"
            + "manifest NVarChar(500) 0 0,serializer_id INTEGER 0 0"
    )]
    public void The_default_tables_have_these_columns(string table, string columns) =>
        Assert.Equal(
            columns.Split(',').Where(c => c.Length > 0),
            _file
                .Texts($"SELECT name, type, \"notnull\", pk FROM pragma_table_info('{table}')")
                .Select(c => c.Replace('|', ' '))
        );

    [Fact]
    public void The_default_tables_have_these_indexes()
    {
        Assert.Equal(
            [
                "journal_created_idx|created|0",
                "journal_sequence_number_idx|sequence_number|0",
                "journal_uq|persistence_id,sequence_number|1",
                "snapshot_created_idx|created|0",
                "snapshot_sequence_number_idx|sequence_number|0",
                "tags_persistence_id_sequence_nr_idx|persistence_id,sequence_nr|0",
                "tags_tag_idx|tag|0",
            ],
            _file.Texts(
                """
                SELECT m.name, (SELECT group_concat(name) FROM pragma_index_info(m.name)),
                  (SELECT "unique" FROM pragma_index_list(m.tbl_name) l WHERE l.name = m.name)
                FROM sqlite_master m WHERE m.type = 'index' AND m.sql IS NOT NULL ORDER BY m.name
                """
            )
        );
        Assert.Contains(
            "AUTOINCREMENT",
            _file.Texts("SELECT sql FROM sqlite_master WHERE name = 'journal'")[0],
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_row_holds_the_event_itself_and_what_reads_it_back()
    {
        var row = _file.Texts(
            "SELECT deleted, persistence_id, sequence_number, CAST(message AS TEXT), manifest, identifier FROM journal"
        );
        Assert.Equal(["0|l|1|{\"Item\":\"red,round:a\"}|added|4711"], row);
        Assert.Equal(
            ["1|red|1|l", "1|round|1|l"],
            _file.Texts("SELECT ordering_id, tag, sequence_nr, persistence_id FROM tags ORDER BY tag")
        );
    }

    [Fact]
    public void A_snapshot_row_holds_the_state_itself()
    {
        var row = _file.Texts(
            "SELECT persistence_id, sequence_number, CAST(snapshot AS TEXT), manifest, serializer_id FROM snapshot"
        );
        Assert.Equal(["l|1|{\"All\":[\"red,round:a\"]}|items|4711"], row);
    }

    [Theory]
    [InlineData("journal")]
    [InlineData("snapshot")]
    public void Times_are_UTC_ticks(string table)
    {
        var ticks = long.Parse(_file.Texts($"SELECT created FROM {table}")[0], CultureInfo.InvariantCulture);
        var age = DateTime.UtcNow - new DateTime(ticks, DateTimeKind.Utc);
        Assert.InRange(age, TimeSpan.Zero, TimeSpan.FromMinutes(5));
    }

    [Fact]
    public void The_writer_is_named_by_a_bare_guid() =>
        Assert.True(Guid.TryParseExact(_file.Texts("SELECT writer_uuid FROM journal")[0], "N", out _));

    [Fact]
    public void The_file_is_in_WAL_mode() => Assert.Equal(["wal"], _file.Texts("PRAGMA journal_mode"));
}
