using Dapper;
using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Devices;

/// <summary>The session rows, changed only by compare-and-swap on the revision: this is what makes two streamers at once impossible.</summary>
public sealed class SessionTable(FarmDatabase database)
{
    public async Task<SessionRow?> ReadAsync(DeviceId device, CancellationToken cancellation = default)
    {
        await using var connection = await database.ConnectAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Columns>(
            new CommandDefinition(
                "SELECT device, revision, epoch, phase, boot, streamer, members, layers FROM session WHERE device = @device",
                new { device = device.ToString() },
                cancellationToken: cancellation
            )
        );
        return row?.ToRow();
    }

    public async Task<IReadOnlyList<SessionRow>> AllAsync()
    {
        await using var connection = await database.ConnectAsync();
        var rows = await connection.QueryAsync<Columns>(
            "SELECT device, revision, epoch, phase, boot, streamer, members, layers FROM session"
        );
        return [.. rows.Select(r => r.ToRow())];
    }

    /// <summary>Those that name a server as a member.</summary>
    public async Task<IReadOnlyList<SessionRow>> HeldByAsync(string server)
    {
        await using var connection = await database.ConnectAsync();
        var rows = await connection.QueryAsync<Columns>(
            """
            SELECT device, revision, epoch, phase, boot, streamer, members, layers FROM session
            WHERE ',' || members || ',' LIKE @pattern
            """,
            // No name has a wildcard in it.
            new { pattern = $"%,{server},%" }
        );
        return [.. rows.Select(r => r.ToRow())];
    }

    /// <param name="row">As it shall be, with the revision that was read.</param>
    /// <returns>The row as it is now, one revision on; null when somebody else changed it first.</returns>
    public async Task<SessionRow?> SwapAsync(SessionRow row, CancellationToken cancellation = default)
    {
        var values = new
        {
            device = row.Device.ToString(),
            revision = row.Revision,
            next = row.Revision + 1,
            epoch = (long)row.Epoch.Value,
            phase = row.Phase.ToString(),
            boot = row.Boot.ToString(),
            streamer = row.Streamer,
            members = string.Join(',', row.Members),
            layers = string.Join(',', row.Layers),
        };
        var sql =
            row.Revision == 0
                ? """
                    INSERT INTO session (device, revision, epoch, phase, boot, streamer, members, layers)
                    VALUES (@device, @next, @epoch, @phase, @boot, @streamer, @members, @layers) ON CONFLICT DO NOTHING
                    """
                : """
                    UPDATE session SET revision = @next, epoch = @epoch, phase = @phase, boot = @boot, streamer = @streamer,
                        members = @members, layers = @layers
                    WHERE device = @device AND revision = @revision
                    """;
        var changed = await database.WriteAsync(
            connection => connection.ExecuteAsync(new(sql, values, cancellationToken: cancellation)),
            cancellation
        );
        return changed == 1 ? row with { Revision = row.Revision + 1 } : null;
    }

    public Task RemoveAsync(DeviceId device) =>
        database.WriteAsync(c =>
            c.ExecuteAsync("DELETE FROM session WHERE device = @device", new { device = device.ToString() })
        );

    private sealed class Columns
    {
        public string Device { get; init; } = "";
        public long Revision { get; init; }
        public long Epoch { get; init; }
        public string Phase { get; init; } = "";
        public string Boot { get; init; } = "";
        public string Streamer { get; init; } = "";
        public string Members { get; init; } = "";
        public string Layers { get; init; } = "";

        public SessionRow ToRow() =>
            new(
                DeviceId.Parse(Device),
                Revision,
                new((ulong)Epoch),
                Enum.Parse<SessionPhase>(Phase),
                BootId.Parse(Boot),
                Streamer,
                [.. Members.Split(',', StringSplitOptions.RemoveEmptyEntries)],
                [.. Layers.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(l => LayerId.Parse(l))]
            );
    }
}
