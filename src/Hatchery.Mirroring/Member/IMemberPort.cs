using System.Collections.Immutable;
using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>
/// All that a member does to the world. Work on the disk is begun in the order of the calls and ends in that order, but for <see cref="Sync"/>, and each
/// ends in the call of the core that is named, on the thread that drives the core.
/// </summary>
public interface IMemberPort
{
    /// <summary>Sends to the other end of a connection, in order; nothing is promised about its arrival.</summary>
    void Send(long connection, MirrorMessage message);

    /// <summary>
    /// Makes the promise durable. Where this server itself streams the write cache at a lower epoch, that session takes no more writes and
    /// what it has in hand is finished first. Ends in <see cref="MemberCore.PromiseStored"/>.
    /// </summary>
    void StorePromise(Epoch epoch);

    /// <summary>
    /// Appends bytes. At offset 0 they are a segment's header: the segment before is synced, whatever lies there with this number or a higher
    /// one is deleted, the header is made durable, and the segments that it calls gone are deleted. Once one failed, all that follow fail
    /// up to the next promise, so that there is never a hole. Ends in <see cref="MemberCore.Written"/>; several that follow one another with nothing
    /// between them may be written, and end, at once.
    /// </summary>
    void Write(CachePosition at, ReadOnlyMemory<byte> bytes);

    /// <summary>
    /// Makes everything up to there durable: it begins when all writes before it have ended, and writes that come behind it, other than a segment's header, do not wait
    /// for it. Everything else does. Ends in <see cref="MemberCore.SyncEnded"/>; one that failed has left the mark of a lost copy.
    /// </summary>
    void Sync(CachePosition upTo);

    /// <summary>
    /// Lets the copy end there: what is beyond is cut off, what is before is synced, and the copy counts as whole in this run of the host. Ends
    /// in <see cref="MemberCore.SealEnded"/>.
    /// </summary>
    void Seal(CachePosition at);

    /// <summary>
    /// Prepares for a copy of a write cache, of which something may be here. A lost copy is deleted first: what reads back of it need not be on
    /// the disk. Ends in <see cref="MemberCore.JoinPrepared"/>.
    /// </summary>
    void PrepareJoin(CopyIdentity identity);

    /// <summary>Is that segment here, up to that length and with that hash? Then what is beyond is cut off, and it is synced. Ends in <see cref="MemberCore.Matched"/>.</summary>
    void Match(int segment, long lengthBytes, ImmutableArray<byte> sha256);

    /// <summary>
    /// Writes bytes of a closed segment into a new file, which takes the old one's place, checked and synced, with its last byte. Ends in
    /// <see cref="MemberCore.CopyWritten"/>.
    /// </summary>
    void WriteCopy(int segment, long offset, ReadOnlyMemory<byte> bytes, long lengthBytes, ImmutableArray<byte> sha256);

    /// <summary>Reads bytes of a segment, a bounded number. Ends in <see cref="MemberCore.ReadEnded"/>.</summary>
    void Read(long connection, int segment, long offset);
}
