using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>How a version is tried on a share of the devices before all have it.</summary>
/// <param name="SharePercent">Of the devices that boot what is in production, at least one; up to 100.</param>
/// <param name="Collection">Whose devices; null: all that use the vDisk.</param>
/// <param name="LimitPercent">With a larger share of those counted failing, the version is returned from.</param>
/// <param name="FailuresMin">So many have to fail before that is decided ahead of the end; all, where fewer are tried.</param>
/// <param name="Wait">When not all have booted it after so long, those that have decide.</param>
/// <param name="EnoughPercent">If they are at least this share of those that are to try it.</param>
/// <param name="BootDeadline">A device that does not run so long after it began to boot has failed.</param>
/// <param name="Settle">A device runs when it has done so without a break for so long.</param>
/// <param name="IsAutomatic">It goes into production for all by itself; false: an operator promotes it.</param>
public sealed record CanaryPlan(
    double SharePercent,
    CollectionId? Collection,
    double LimitPercent,
    int FailuresMin,
    TimeSpan Wait,
    double EnoughPercent,
    TimeSpan BootDeadline,
    TimeSpan Settle,
    bool IsAutomatic
)
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(30);

    public static CanaryPlan Default { get; } =
        new(10, null, 5, 2, TimeSpan.FromMinutes(30), 50, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(1), true);

    /// <summary>What is wrong with it; null: nothing.</summary>
    [JsonIgnore]
    public string? Fault =>
        SharePercent is not (> 0 and <= 100) ? "a canary is tried on more than 0 % and up to 100 % of the devices"
        : LimitPercent is not (>= 0 and < 100) ? "the share that may fail is 0 % or more, and less than 100 %"
        : EnoughPercent is not (> 0 and <= 100) ? "the share that is enough is more than 0 % and up to 100 %"
        : FailuresMin is < 1 or > Canary.TriesMax ? $"at least 1 and at most {Canary.TriesMax} devices fail"
        : !IsDuration(Wait, TimeSpan.FromSeconds(1)) || !IsDuration(BootDeadline, TimeSpan.FromSeconds(1))
            ? "to wait and to boot a canary has from 1 second up to 30 days"
        : !IsDuration(Settle, TimeSpan.Zero) || Settle >= BootDeadline
            ? "a device has to run for less time than it has to boot"
        : null;

    private static bool IsDuration(TimeSpan value, TimeSpan least) => value >= least && value <= s_longest;
}

/// <summary>A version that a share of the devices tries.</summary>
/// <param name="Threshold">The devices whose <see cref="Rank"/> is at most that: those with the lowest as it began, and their share of those that come later.</param>
/// <param name="Devices">How many these were as it began.</param>
/// <param name="Tries">Of the first devices that booted it; those beyond <see cref="TriesMax"/> boot it and are not counted.</param>
/// <param name="IsProven">It may go into production, and an operator has not said so yet.</param>
public sealed record Canary(
    int Number,
    CanaryPlan Plan,
    ulong Threshold,
    int Devices,
    DateTimeOffset StartedAt,
    string? By,
    ImmutableDictionary<DeviceId, CanaryTry> Tries,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsProven = false
)
{
    /// <summary>Enough to tell a share of a percent, and bounded in a farm of any size.</summary>
    public const int TriesMax = 1000;

    /// <summary>How many are to come to a result.</summary>
    [JsonIgnore]
    public int Wanted => Math.Min(Devices, TriesMax);

    [JsonIgnore]
    public int Passed => Tries.Values.Count(t => t.HasRun == true);

    [JsonIgnore]
    public int Failed => Tries.Values.Count(t => t.HasRun == false);

    public bool IsFor(VDiskId vDisk, DeviceId device, CollectionId collection) =>
        (Plan.Collection is not { } own || own == collection) && Rank(vDisk, Number, device) <= Threshold;

    /// <summary>A device's place among those that may try a version: the same at all servers and times, and another one for each version.</summary>
    public static ulong Rank(VDiskId vDisk, int number, DeviceId device)
    {
        Span<byte> ids = stackalloc byte[32];
        vDisk.Value.TryWriteBytes(ids);
        device.Value.TryWriteBytes(ids[16..]);
        var rank = (ulong)number;
        for (; ids.Length > 0; ids = ids[8..])
            rank = Mix(rank ^ BinaryPrimitives.ReadUInt64LittleEndian(ids));
        return rank;
    }

    public Canary Tried(CanaryTried e)
    {
        var before = Tries.GetValueOrDefault(e.Device);
        // One that was left, as its machine went on with what it had, says nothing of this one.
        var since = before is null || e.At - before.Since >= Plan.BootDeadline ? e.At : before.Since;
        var boots = before is null || since == e.At ? 1 : before.Boots + 1;
        return this with { Tries = Tries.SetItem(e.Device, new(since, e.At, boots)) };
    }

    public Canary Counted(CanaryCounted e) =>
        Tries.TryGetValue(e.Device, out var tried)
            ? this with
            {
                Tries = Tries.SetItem(e.Device, tried with { HasRun = e.HasRun, Why = e.Why }),
            }
            : this;

    /// <summary>The finalizer of SplitMix64.</summary>
    private static ulong Mix(ulong x)
    {
        x += 0x9e3779b97f4a7c15;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }
}

/// <param name="Since">When it first booted the version.</param>
/// <param name="Last">When it last did.</param>
/// <param name="HasRun">Null: not known yet.</param>
/// <param name="Why">Of one that has failed.</param>
public sealed record CanaryTry(
    DateTimeOffset Since,
    DateTimeOffset Last,
    int Boots,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? HasRun = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Why = null
);

public enum CanaryOutcome
{
    /// <summary>Into production for all.</summary>
    Promoted,

    /// <summary>Too many failed; all boot the version before again.</summary>
    Returned,

    /// <summary>An operator took it back.</summary>
    Aborted,
}

/// <summary>How a version's latest canary ended.</summary>
/// <param name="Reason">One sentence for people.</param>
public sealed record CanaryVerdict(
    CanaryOutcome Outcome,
    string Reason,
    int Passed,
    int Failed,
    int Devices,
    string? By,
    DateTimeOffset At
);
