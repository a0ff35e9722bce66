namespace Hatchery.Boot;

/// <summary>What keeps invented machines from being added (HOCON <c>hatchery.boot.unknown-machines</c>).</summary>
public sealed record UnknownMachineSettings
{
    /// <summary>Machines that are added for good.</summary>
    public int AddsPerSecond { get; init; } = 5;

    /// <summary>Machines that are added at once after a quiet time.</summary>
    public int AddsAtOnce { get; init; } = 200;

    /// <summary>A machine is added only when its address is its own by a lease of the farm's.</summary>
    public bool NeedsLease { get; init; } = true;
}
