namespace Hatchery.Disks;

/// <summary>
/// The other copies of a write cache. The cache gives them every byte that its files get, in the order of the files, and acknowledges nothing
/// before they have it. Its calls come one at a time, on any thread, and must not block; they are answered at once by what they return, or later by
/// the methods of <see cref="IMirroredCache"/>.
/// </summary>
public interface ICacheMirror
{
    /// <summary>The cache that is mirrored; told once, while that is created or opened, before its first append.</summary>
    void Begin(IMirroredCache cache);

    /// <summary>What has just been appended to the cache's newest file.</summary>
    /// <param name="at">The end of what was appended before, or offset 0 of a segment with a higher number.</param>
    /// <param name="parts">One behind the other; valid during the call only.</param>
    /// <returns>True: every copy has it, and all before; nothing will be said of it.</returns>
    bool Append(CachePosition at, IReadOnlyList<ReadOnlyMemory<byte>> parts);

    /// <summary>Asks for everything up to there to be durable in every other copy.</summary>
    /// <returns>True: it is, and nothing will be said of it.</returns>
    bool Sync(CachePosition upTo);

    /// <summary>False: the cache appends nothing further until it is told anything.</summary>
    bool HasRoom { get; }

    /// <summary>Another server has all of the cache, and room for more, as far as is known: its device can go on there.</summary>
    bool IsElsewhere { get; }
}

/// <summary>
/// A write cache as its mirror sees it. Thread-safe; nothing here blocks but what says so, and whatever follows of a call goes on on other threads.
/// A clean end of the cache (<see cref="WriteCache.DisposeAsync"/>) waits for the mirror: one that will say nothing more has to <see cref="Fence"/> it.
/// </summary>
public interface IMirroredCache
{
    /// <summary>Ok while it takes requests. Its mirror ends soon after the cache did: a copy that is lost or fenced removes no other.</summary>
    DiskStatus State { get; }

    /// <summary>Every other copy has the cache up to there. The furthest that was ever said counts.</summary>
    void Acknowledged(CachePosition upTo);

    /// <summary>Every other copy has the cache up to there, durably. The furthest that was ever said counts, also when it was said before the question had returned.</summary>
    void Synced(CachePosition upTo);

    /// <summary>The session is over: nothing more is acknowledged, and every request that waits is <see cref="DiskStatus.Fenced"/>.</summary>
    void Fence();

    /// <summary>Closes the segment that is being written, where one is, and begins another, whose header is the next append.</summary>
    void BeginSegment();

    /// <summary>While true no segment is compacted away: somebody copies them.</summary>
    void HoldCompaction(bool isHeld);

    /// <summary>The closed segment with the lowest number in between; null: there is none. Reads all of it: not for a thread that must not block.</summary>
    /// <param name="above">Its number is higher.</param>
    /// <param name="below">Its number is lower.</param>
    /// <returns>Where it cannot be read, a hash of zeroes: whoever wants the segment then meets that in <see cref="ReadSegment"/>.</returns>
    (int Number, long LengthBytes, byte[] Sha256)? HashSegment(int above, int below);

    /// <summary>Reads a closed segment from an offset; blocks.</summary>
    /// <returns>Bytes read: all that fit, or up to its end; null: it is not there, or cannot be read.</returns>
    int? ReadSegment(int segment, long offset, Span<byte> destination);
}
