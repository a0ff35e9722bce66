namespace Hatchery.Disks;

/// <summary>A segment that cannot be believed: which file, where in it, and what is wrong there.</summary>
internal sealed record SegmentDamage(string File, long Offset, string Detail);
