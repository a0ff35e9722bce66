using Hatchery.Devices;

namespace Hatchery.Streaming;

/// <summary>
/// Bytes that all connections of a server may have under way together. When it is spent, each goes on with <see cref="ShareBytes"/>,
/// so that peers that do not take what they asked for slow nobody down for ever. Thread-safe.
/// </summary>
public sealed class ByteBudget(long maxBytes)
{
    /// <summary>What a connection may have under way in any case.</summary>
    public const long ShareBytes = 256 << 10;

    private long _bytes;
    private long _held;

    public ServiceUse Use => new("buffers", Interlocked.Read(ref _bytes), maxBytes, 0, Interlocked.Read(ref _held), 0);

    internal bool IsSpent => Interlocked.Read(ref _bytes) >= maxBytes;

    internal void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>A connection waits because of it.</summary>
    internal void Held() => Interlocked.Increment(ref _held);
}
