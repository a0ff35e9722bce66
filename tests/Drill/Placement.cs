namespace Drill;

/// <summary>What a machine needs of which server.</summary>
/// <param name="Streamer">Null: none, as the machine waits.</param>
/// <param name="Members">Servers that hold its whole write cache, its streamer among them.</param>
/// <param name="Keeper">Null: it could not be found.</param>
internal sealed record Placement(string Machine, string? Streamer, IReadOnlyList<string> Members, string? Keeper)
{
    public string? Mirror => Members.FirstOrDefault(m => m != Streamer);

    /// <summary>What these servers are to the machine.</summary>
    public Role RoleOf(IReadOnlyCollection<string> servers) =>
        (Streamer is { } s && servers.Contains(s) ? Role.Streams : Role.None)
        | (Mirror is { } m && servers.Contains(m) ? Role.Mirrors : Role.None)
        | (Keeper is { } k && servers.Contains(k) ? Role.Keeps : Role.None);
}

[Flags]
internal enum Role
{
    None = 0,
    Streams = 1,
    Mirrors = 2,
    Keeps = 4,
}
