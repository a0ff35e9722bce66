using Dapper;

namespace Hatchery.Devices;

public enum ClaimKind
{
    DeviceName,
    DeviceMac,
    VDiskName,
}

/// <summary>
/// Which entity has a name or an address that no other may have: rows with a unique key, so that two servers asked at once
/// cannot both say yes. Claimed before the entity is told, and by whoever tries again after a crash in between.
/// </summary>
public sealed class ClaimTable(FarmDatabase database)
{
    /// <returns>The owner from now on: the one asked for, or who had it before.</returns>
    public Task<string> ClaimAsync(ClaimKind kind, string value, string owner) =>
        database.WriteAsync(async connection =>
        {
            await connection.ExecuteAsync(
                "INSERT INTO claim (kind, value, owner) VALUES (@kind, @value, @owner) ON CONFLICT DO NOTHING",
                new
                {
                    kind = kind.ToString(),
                    value,
                    owner,
                }
            );
            return await connection.QuerySingleAsync<string>(
                "SELECT owner FROM claim WHERE kind = @kind AND value = @value",
                new { kind = kind.ToString(), value }
            );
        });

    /// <returns>A value of this kind that the owner has; null where it has none.</returns>
    public async Task<string?> ValueOfAsync(ClaimKind kind, string owner)
    {
        await using var connection = await database.ConnectAsync();
        return await connection.QueryFirstOrDefaultAsync<string>(
            "SELECT value FROM claim WHERE kind = @kind AND owner = @owner ORDER BY value",
            new { kind = kind.ToString(), owner }
        );
    }

    public Task ReleaseAsync(string owner) =>
        database.WriteAsync(c => c.ExecuteAsync("DELETE FROM claim WHERE owner = @owner", new { owner }));

    public Task ReleaseAsync(ClaimKind kind, string value, string owner) =>
        database.WriteAsync(c =>
            c.ExecuteAsync(
                "DELETE FROM claim WHERE kind = @kind AND value = @value AND owner = @owner",
                new
                {
                    kind = kind.ToString(),
                    value,
                    owner,
                }
            )
        );
}
