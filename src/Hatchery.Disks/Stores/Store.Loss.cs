namespace Hatchery.Disks;

/// <summary>A store whose disk fails as a whole, or is gone.</summary>
public sealed partial class Store
{
    /// <summary>Where the room of a file system cannot be asked for, a write has to show whether there is any.</summary>
    private const long UnknownRoomBytes = 1L << 50;

    /// <summary>Why nothing of this store is used any more; null: it is well, as far as is known. <see cref="LookAtDisk"/> ends it.</summary>
    public StoreFault? Loss => _disk.Loss;

    /// <summary>Tries whether the disk takes something, still or again; blocks for as long as that does.</summary>
    /// <returns>As <see cref="Loss"/> is then.</returns>
    public StoreFault? LookAtDisk() => _disk.Look();

    /// <summary>Whether a little more would be written for a device now: tries it. Blocks for as long as the disk does.</summary>
    public bool HasRoom() => _space.Level != CacheLevel.Full && _disk.TakesWrites();

    /// <summary>Who reads or writes met this: damage of an image is remembered, and an error of the disk is looked into.</summary>
    public void Note(StoreFault fault)
    {
        if (fault.Kind == StoreFaultKind.IoError)
            // A sector that the disk does not give back is damage as well.
            _disk.Suspect(() => NoteDamage(fault with { Kind = StoreFaultKind.Damaged }));
        else
            NoteDamage(fault);
    }

    /// <summary>Every device that is streamed from here is told before operators are.</summary>
    private void Lost(StoreFault loss)
    {
        foreach (var cache in OpenCaches)
            cache.LoseStore(loss);
        _onTrouble?.Invoke(loss);
    }

    /// <summary>Folders in one of the store's own; none where it cannot be read.</summary>
    private IReadOnlyList<DirectoryInfo> FoldersIn(string path)
    {
        if (Loss is not null)
            return [];
        try
        {
            return [.. new DirectoryInfo(path).EnumerateDirectories()];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _disk.Suspect();
            return [];
        }
    }

    private long RoomBytes()
    {
        try
        {
            return FreeBytes;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _disk.Suspect();
            return UnknownRoomBytes;
        }
    }
}
