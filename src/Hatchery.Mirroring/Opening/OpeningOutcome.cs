using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>What came of the opening of an epoch.</summary>
public abstract record OpeningOutcome
{
    private OpeningOutcome() { }

    /// <param name="Row">Open, with the members whose copies end at the seal.</param>
    /// <param name="Seal">Where this server's copy ends; the write cache goes on behind it, in a new segment.</param>
    public sealed record Opened(SessionRow Row, CachePosition Seal) : OpeningOutcome;

    /// <param name="Reason">For people.</param>
    /// <param name="Server">With <see cref="OpeningFailure.Elsewhere"/>: where a whole copy is.</param>
    public sealed record NotOpened(OpeningFailure Failure, string Reason, string? Server) : OpeningOutcome;
}
