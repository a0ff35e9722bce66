namespace Hatchery.Disks;

public enum StoreFaultKind
{
    Missing,

    /// <summary>It is there already.</summary>
    Exists,

    /// <summary>A higher epoch was promised.</summary>
    Fenced,

    /// <summary>Bytes that had been durable are not what they were: use another copy, or stop the device.</summary>
    Damaged,

    /// <summary>Written by a later version of Hatchery.</summary>
    Unsupported,

    /// <summary>Another server, or another session of this one, has it open.</summary>
    InUse,

    NoSpace,

    /// <summary>A warning: there is not much space left.</summary>
    NearlyFull,

    /// <summary>This server's memory for indexes is in use.</summary>
    NoMemory,

    IoError,

    /// <summary>The whole store is: its disk fails, or is not there any more.</summary>
    StoreLost,

    /// <summary>Input that is refused: the detail says why.</summary>
    Refused,

    /// <summary>An operator ended it.</summary>
    Cancelled,
}

/// <summary>Why something of a store could not be had: one sentence for the operator.</summary>
/// <param name="Path">The file or folder that it is about.</param>
/// <param name="Offset">Where in that file, if the place matters.</param>
public sealed record StoreFault(StoreFaultKind Kind, string Path, string Detail, long? Offset = null)
{
    public override string ToString() => Offset is { } at ? $"{Path}, byte {at}: {Detail}" : $"{Path}: {Detail}";

    internal static StoreFault From(IOException error, string path) =>
        error switch
        {
            FileNotFoundException or DirectoryNotFoundException => new(StoreFaultKind.Missing, path, "not there"),
            _ when error.IsNoSpace() => new(StoreFaultKind.NoSpace, path, "no space left"),
            _ => new(StoreFaultKind.IoError, path, error.Message),
        };
}

/// <summary>A value, or the reason why there is none.</summary>
public readonly record struct StoreOutcome<T>(T? Value, StoreFault? Fault)
    where T : class
{
    public static implicit operator StoreOutcome<T>(T value) => new(value, null);

    public static implicit operator StoreOutcome<T>(StoreFault fault) => new(null, fault);
}
