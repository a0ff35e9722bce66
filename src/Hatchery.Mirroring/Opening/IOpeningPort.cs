using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>All that an opening does to the world. The streamer's own copy is asked in the same way as the others.</summary>
public interface IOpeningPort : IRowPort
{
    /// <summary>Sends to a member, connecting first where it has to. Who cannot be reached is told to <see cref="OpeningCore.Unreachable"/>.</summary>
    void Send(string server, MirrorMessage message);

    /// <summary>
    /// Writes bytes of a segment of the own copy into a new file, which takes the old one's place, synced, with its last byte; segments above it
    /// are deleted. Ends in <see cref="OpeningCore.SegmentWritten"/>.
    /// </summary>
    void WriteSegment(Epoch epoch, int segment, long offset, ReadOnlyMemory<byte> bytes, long lengthBytes);

    /// <summary>The login may be answered. The write cache goes on behind the seal, in a new segment.</summary>
    void Opened(SessionRow row, CachePosition seal);

    /// <param name="server">With <see cref="OpeningFailure.Elsewhere"/>: where a whole copy is.</param>
    void NotOpened(OpeningFailure failure, string reason, string? server);
}

public enum OpeningFailure
{
    /// <summary>Not now.</summary>
    TryAgain,

    /// <summary>A newer epoch has begun.</summary>
    Overtaken,

    /// <summary>Another member has the write cache, and this one has nothing of it.</summary>
    Elsewhere,

    /// <summary>This boot's write cache is gone for good.</summary>
    MustBoot,
}
