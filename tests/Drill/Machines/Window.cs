using System.Text.Json.Serialization;

namespace Drill;

/// <summary>What a machine saw in some time.</summary>
/// <param name="LongestMs">The longest that a request took that ended in it, from the moment that it was first sent.</param>
/// <param name="UnderWayMs">The age of the oldest request that has not ended.</param>
/// <param name="Errors">Requests that failed, as an operating system would have seen them fail.</param>
/// <param name="Connections">How often it connected.</param>
/// <param name="FlushedLost">Blocks that went back to what was there before a write that a flush covered.</param>
/// <param name="AcknowledgedLost">The same of writes that were acknowledged, and not flushed yet.</param>
/// <param name="Wrong">Blocks with bytes that were never written there.</param>
internal sealed record Window(
    long Requests,
    double LongestMs,
    double UnderWayMs,
    int Errors,
    int Connections,
    int FlushedLost,
    int AcknowledgedLost,
    int Wrong
)
{
    /// <summary>The longest that the machine waited, for what has ended or has not.</summary>
    public double StallMs => Math.Max(LongestMs, UnderWayMs);

    public int Lost => FlushedLost + AcknowledgedLost + Wrong;

    /// <summary>Both, one after the other.</summary>
    public Window Then(Window next) =>
        new(
            Requests + next.Requests,
            Math.Max(LongestMs, next.LongestMs),
            next.UnderWayMs,
            Errors + next.Errors,
            Connections + next.Connections,
            FlushedLost + next.FlushedLost,
            AcknowledgedLost + next.AcknowledgedLost,
            Wrong + next.Wrong
        );
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Window))]
internal sealed partial class MachineJson : JsonSerializerContext;
