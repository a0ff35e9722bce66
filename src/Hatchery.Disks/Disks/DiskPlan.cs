using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Hatchery.Disks;

/// <summary>What becomes of what a device writes on top of a version of its vDisk.</summary>
public enum DiskMode
{
    /// <summary>Each boot has an empty write cache.</summary>
    Standard,

    /// <summary>The write cache is kept across boots for a period, and is of no use on another chain than the one that it was made on.</summary>
    Differencing,

    /// <summary>The one device of the vDisk writes the vDisk itself: a write cache that is never emptied.</summary>
    Private,

    /// <summary>As private, until the version that is made so is closed: then the write cache becomes a layer.</summary>
    Maintenance,
}

/// <summary>What the disk of a session is made of, below its write cache. It is decided when a boot begins, and stays until that boot ends.</summary>
/// <param name="Chain">The base image first, then the closed layers, each on the one before. Never empty.</param>
public sealed record DiskPlan(ImmutableArray<LayerId> Chain, DiskMode Mode = DiskMode.Standard)
{
    /// <summary>The layer that the write cache names as its parent.</summary>
    [JsonIgnore]
    public LayerId Top => Chain[^1];

    /// <summary>The next boot finds what this one wrote.</summary>
    [JsonIgnore]
    public bool KeepsCache => Mode != DiskMode.Standard;

    public bool Equals(DiskPlan? other) => other is not null && Mode == other.Mode && Chain.SequenceEqual(other.Chain);

    public override int GetHashCode() => HashCode.Combine(Mode, Chain.Length, Chain[^1]);
}
