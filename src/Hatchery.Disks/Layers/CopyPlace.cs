namespace Hatchery.Disks;

/// <summary>What a store knows of a copy that lies in it.</summary>
internal sealed record CopyPlace
{
    public StoreSpace? Space { get; init; }

    public StoreHealth? Health { get; init; }

    /// <summary>The same write cache where this server streams it.</summary>
    public Func<WriteCache?> OpenCache { get; init; } = () => null;

    /// <summary>The copy is lost, or is begun anew: null.</summary>
    public Action<string?> Lost { get; init; } = _ => { };

    public Action Closed { get; init; } = () => { };

    public void Grew(long bytes) => Space?.Grew(bytes);
}
