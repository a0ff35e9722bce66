namespace Hatchery.Disks.Tests;

/// <summary>A simulated host that holds a write cache, or a copy of it.</summary>
internal sealed class CopyNode(Random random, string name)
{
    public const int Sectors = 256;

    private static readonly ZeroBase s_below = new(Sectors * 512L);

    private static readonly CacheIdentity s_identity = new(
        new(new Guid("00000000-0000-0000-0000-000000000001")),
        new(new Guid("00000000-0000-0000-0000-000000000002")),
        new(new Guid("00000000-0000-0000-0000-000000000003")),
        new(new Guid("00000000-0000-0000-0000-000000000004")),
        s_below.Layer,
        s_below.LengthBytes
    );

    public Random Random => random;

    public SimulatedFileSystem Files { get; } = new(random);

    public string Folder { get; } = $"/{name}/caches/one";

    public List<int> Segments => [.. Files.List(Folder).Select(SegmentName.NumberOf).OfType<int>().Order()];

    public string PathOf(int segment) => Path.Combine(Folder, SegmentName.Of(segment));

    public StoreOutcome<WriteCache> Create(Epoch epoch, WriteCacheOptions options) =>
        WriteCache.Create(Files, Folder, s_identity, epoch, options, s_below);

    public StoreOutcome<WriteCache> Open(Epoch epoch, WriteCacheOptions options) =>
        WriteCache.Open(Files, Folder, epoch, options, s_identity.Layer, s_below);

    /// <param name="open">The session that this node had.</param>
    public CacheCopy Copy(WriteCache? open = null) =>
        new(Files, FilePool.Unbounded, Folder, s_identity.Layer, new() { OpenCache = () => open });

    /// <summary>Null, or where a copy is not the same as that of another node, up to where the shorter one ends.</summary>
    public string? DifferenceFrom(CopyNode other)
    {
        foreach (var number in Segments.Intersect(other.Segments))
        {
            var mine = Files.Bytes(PathOf(number)).AsSpan();
            var theirs = other.Files.Bytes(other.PathOf(number)).AsSpan();
            if (mine.Length > theirs.Length || !theirs[..mine.Length].SequenceEqual(mine))
                return $"segment {number} is not the same";
        }
        return null;
    }
}
