using Microsoft.Win32.SafeHandles;

namespace Hatchery.Disks;

/// <summary>A file of an image. The numbers are those of the replication protocol.</summary>
public enum ImagePart : byte
{
    Disk = 0,
    Kernel = 1,
    Initrd = 2,
}

/// <summary>Bytes of one file of an image, at most <see cref="ImageChunks.ChunkBytes"/> of them.</summary>
public readonly record struct ImageRange(ImagePart Part, long Offset, int LengthBytes);

/// <summary>Another server's copy of one image.</summary>
public interface IReplicaSource
{
    /// <summary>The bytes of each range, in order; each is lent until the next is asked for.</summary>
    IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        IReadOnlyList<ImageRange> ranges,
        CancellationToken cancellation = default
    );
}

/// <summary>Another server's copy of an image is not that image; the message says what is wrong with it.</summary>
public sealed class ReplicaException(string message) : Exception(message);

/// <summary>An open file of an image.</summary>
public sealed record ImagePartFile(SafeFileHandle File, string Path, long LengthBytes) : IDisposable
{
    public void Dispose() => File.Dispose();
}

/// <summary>An image of which a part is here.</summary>
public sealed record ArrivingImage(LayerId Layer, string Sha256, int Percent);
