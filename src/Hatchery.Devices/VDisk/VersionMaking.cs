using System.Text.Json.Serialization;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>A version in maintenance that a machine writes. It has no layer until it is closed: then its machine's write cache becomes one.</summary>
/// <param name="Parent">The version that it lies on.</param>
/// <param name="Lock">The one device that writes it; null: none has booted it yet. It stays that device's until the version is closed or deleted.</param>
public sealed record OpenVersion(
    int Number,
    int Parent,
    DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? By = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Note = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] VDiskLock? Lock = null
);

/// <summary>
/// A version that some server makes of layers, or of a write cache on top of them. It is in the journal before anything is made, so whatever server dies, it
/// is made in the end, or an operator deletes it.
/// </summary>
/// <param name="Top">The version whose upper layers go in, and that <paramref name="Writer"/>'s write cache lies on.</param>
/// <param name="Below">The version that it will lie on, which <paramref name="Top"/> is or lies on; null: none, it becomes a whole image.</param>
/// <param name="Writer">The device whose write cache goes in; null: none.</param>
/// <param name="Access">Into what it is promoted once it is made and every server holds it.</param>
/// <param name="Server">Who makes it; null: nobody yet.</param>
/// <param name="Layer">What that server makes; of each server another.</param>
public sealed record VersionMaking(
    int Number,
    int Top,
    int? Below,
    DeviceId? Writer,
    VersionAccess Access,
    DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? By = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Note = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Server = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] LayerId Layer = default
);
