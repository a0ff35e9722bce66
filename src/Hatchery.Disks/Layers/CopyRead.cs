namespace Hatchery.Disks;

/// <param name="LengthBytes">Of the whole segment.</param>
/// <param name="Count">How many bytes were read.</param>
public readonly record struct CopyRead(long LengthBytes, int Count);
