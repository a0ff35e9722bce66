namespace Hatchery.Disks;

/// <summary>Every file operation of layers, so that a simulated disk can tear, lose, reorder and refuse them. Failures are <see cref="IOException"/>s.</summary>
internal interface IFileSystem
{
    /// <summary>The present run of the host's kernel; what was written and not synced in an earlier one may be lost.</summary>
    Guid HostRun { get; }

    /// <summary>Creates an empty file, in place of one that lies there.</summary>
    ISegmentFile Create(string path);

    ISegmentFile OpenRead(string path);

    /// <summary>Opens a file that is there, to go on writing it.</summary>
    ISegmentFile OpenWrite(string path);

    bool Exists(string path);

    void CreateFolder(string path);

    /// <summary>The names, without folder, of the files in a folder; none when there is no such folder.</summary>
    IReadOnlyList<string> List(string folder);

    void Rename(string from, string to);

    void Delete(string path);

    /// <summary>Makes creations, renames and deletions in a folder durable.</summary>
    void SyncFolder(string path);
}

internal interface ISegmentFile : IDisposable
{
    long Length { get; }

    /// <summary>Reads up to the destination's length; less only at the file's end.</summary>
    int Read(Span<byte> destination, long offset);

    void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset);

    void Truncate(long length);

    void Sync();
}
