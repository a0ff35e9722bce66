using Hatchery.Devices;

namespace Hatchery.Boot;

/// <summary>An unknown machine that asked this server for its boot script.</summary>
/// <param name="Outcome">added, refused, no-rule, no-lease, later, away.</param>
/// <param name="Reason">What the machine was told; null where it was added.</param>
/// <param name="Times">How often it asked.</param>
public sealed record SeenMachine(
    UnknownMachine Machine,
    DateTimeOffset At,
    string Outcome,
    string? Rule,
    string? Reason,
    int Times
);
