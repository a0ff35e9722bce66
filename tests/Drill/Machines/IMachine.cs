namespace Drill;

/// <summary>A machine that uses its disk without pause, and knows what has to be on it.</summary>
internal interface IMachine : IAsyncDisposable
{
    /// <summary>As the farm knows it.</summary>
    string Name { get; }

    /// <summary>What it is and how it reaches its disk, for people: <c>iSCSI</c>, <c>NBD, VM</c>.</summary>
    string Kind { get; }

    /// <summary>Whether its stalls are measured finely enough to be held against a promise.</summary>
    bool IsMeasured { get; }

    /// <summary>Boots, or boots again, with a script of this server's; returns when it uses its disk.</summary>
    Task BootAsync(FarmLab farm, string at, CancellationToken interrupted = default);

    /// <summary>What came to pass since the window began.</summary>
    Task<Window> LookAsync();

    /// <summary>The same, and begins the next window.</summary>
    Task<Window> NextWindowAsync();

    /// <summary>Flushes, and writes nothing more until it verifies, so that what others do to its disk stays to be seen.</summary>
    Task RestAsync();

    /// <summary>Flushes, reads all that it ever wrote, and compares.</summary>
    /// <exception cref="TimeoutException">Its disk does not answer.</exception>
    Task VerifyAsync();
}
