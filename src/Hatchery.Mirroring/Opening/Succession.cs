using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>Which copy a boot goes on with: a pure function of what the members of its session answered.</summary>
public abstract record Succession
{
    private Succession() { }

    /// <param name="Seal">Where every copy ends from now on.</param>
    /// <param name="Source">A member that has every byte up to there; the streamer itself where it has.</param>
    public sealed record Continue(CachePosition Seal, string Source) : Succession;

    /// <summary>A copy that may hold more is out of reach.</summary>
    public sealed record Wait(string Reason) : Succession;

    /// <summary>Writes that were acknowledged are gone for good.</summary>
    public sealed record MustBoot(string Reason) : Succession;

    /// <summary>
    /// The shortest of the whole copies that reach the last segment: every member has all that was acknowledged, so what longer ones have beyond it
    /// was not, and nobody has to fetch it. A segment's header that only some have is kept, as those deleted what it says is gone. A copy that lost
    /// power does not count, as acknowledged writes may be missing from it; nor does anything tell how much was missing, so without a whole copy the
    /// boot is over.
    /// </summary>
    /// <remarks>
    /// A machine that begins anew finds its disk as after a power cut: every byte that it had flushed is in any copy, so with all copies known the
    /// longest will do.
    /// </remarks>
    /// <param name="members">Of the session row, all of them.</param>
    /// <param name="answers">What each said that answered.</param>
    public static Succession Of(
        IReadOnlyCollection<string> members,
        IReadOnlyDictionary<string, CopyState> answers,
        string streamer,
        bool isNewBoot = false
    )
    {
        var silent = members.Where(m => !answers.ContainsKey(m)).Order(StringComparer.Ordinal).ToArray();
        var takesCut = isNewBoot && silent.Length == 0 && !answers.Any(a => a.Value.Condition == CopyCondition.Whole);
        var whole = answers
            .Where(a => takesCut ? IsUsable(a.Value) : a.Value.Condition == CopyCondition.Whole)
            .Where(a => members.Contains(a.Key, StringComparer.Ordinal))
            .OrderByDescending(a => takesCut ? a.Value.End : new(a.Value.End.Segment, 0))
            .ThenBy(a => a.Value.End)
            .ThenByDescending(a => string.Equals(a.Key, streamer, StringComparison.Ordinal))
            .ThenBy(a => a.Key, StringComparer.Ordinal)
            .ToArray();
        if (whole is [var next, ..])
        {
            var own = answers.TryGetValue(streamer, out var copy) && IsUsable(copy) && copy.End >= next.Value.End;
            return new Continue(next.Value.End, own ? streamer : next.Key);
        }
        return silent.Length > 0
            ? new Wait($"no whole copy of its write cache is in reach; one may be at {string.Join(", ", silent)}")
            : new MustBoot(
                "no copy of its write cache is whole: "
                    + string.Join(
                        ", ",
                        answers.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => Said(a.Key, a.Value))
                    )
            );
    }

    /// <summary>It can be cut at a seal that it reaches, and then is as good as any.</summary>
    public static bool IsUsable(CopyState copy) => copy.Condition is CopyCondition.Whole or CopyCondition.PowerLost;

    private static string Said(string server, CopyState copy) =>
        copy.Condition switch
        {
            CopyCondition.Missing => $"{server} has none",
            CopyCondition.PowerLost => $"{server} lost power since it was flushed",
            _ => $"the disk of {server} failed",
        };
}
