using Hatchery.Disks;

namespace Hatchery.Boot;

/// <summary>How the capture of a machine's disk is.</summary>
/// <param name="Image">Of which order.</param>
/// <param name="Text">As a sentence goes on behind a name.</param>
/// <param name="IsOver">It is done, or has failed.</param>
public sealed record CaptureStatus(LayerId Image, string Text, bool IsOver = false, bool HasFailed = false);
