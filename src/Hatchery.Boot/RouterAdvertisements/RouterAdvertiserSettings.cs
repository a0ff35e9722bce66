namespace Hatchery.Boot.RouterAdvertisements;

/// <summary>Answers to IPv6 router solicitations (HOCON <c>hatchery.boot.router-advertisements</c>).</summary>
public sealed record RouterAdvertiserSettings
{
    /// <summary>Interfaces to answer on.</summary>
    public IReadOnlyList<string> Interfaces { get; init; } = [];
}
