using System.Collections.Immutable;
using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>What streamer and member say to each other about one write cache. See PROTOCOL.md; <see cref="MirrorCodec"/> writes and reads them.</summary>
public abstract record MirrorMessage
{
    private protected MirrorMessage() { }

    /// <summary>The epoch of the streamer; a member takes none below the one that it promised.</summary>
    public Epoch Epoch { get; init; }

    /// <summary>To a member: refuse lower epochs from now on, durably, and say what you have.</summary>
    public sealed record Promise : MirrorMessage;

    /// <summary>From a member: promised. Its copy does not grow before the streamer of this epoch appends.</summary>
    public sealed record Promised(CopyState State) : MirrorMessage;

    /// <summary>To a member: the next bytes of the write cache. At offset 0 they begin a segment, and the one before is synced first.</summary>
    public sealed record Append(CachePosition At, ReadOnlyMemory<byte> Bytes) : MirrorMessage;

    /// <summary>From a member: it has every byte up to there.</summary>
    public sealed record Appended(CachePosition End) : MirrorMessage;

    /// <summary>To a member: make everything up to there durable.</summary>
    public sealed record Sync(CachePosition UpTo) : MirrorMessage;

    /// <summary>From a member: everything up to there is durable.</summary>
    public sealed record Synced(CachePosition UpTo) : MirrorMessage;

    /// <summary>To a member, in an opening: your copy ends there, durably; what lies beyond is none of it.</summary>
    public sealed record Seal(CachePosition At) : MirrorMessage;

    public sealed record Sealed(CachePosition At) : MirrorMessage;

    /// <summary>To a server that is to become a member: promise, and prepare for a copy.</summary>
    public sealed record Join(CopyIdentity Identity) : MirrorMessage;

    public sealed record Joined : MirrorMessage;

    /// <summary>To a server that joins: a closed segment, answered by <see cref="Copied"/> with how much of it is there.</summary>
    /// <param name="Sha256">Of its bytes up to that length; 32 bytes.</param>
    public sealed record Offer(int Segment, long LengthBytes, ImmutableArray<byte> Sha256) : MirrorMessage;

    /// <summary>To a server that joins: bytes of the segment that was offered last.</summary>
    public sealed record Copy(int Segment, long Offset, ReadOnlyMemory<byte> Bytes) : MirrorMessage;

    /// <summary>From a server that joins: so much of the segment is there; all of it: checked and durable. 0: send it.</summary>
    public sealed record Copied(int Segment, long Offset) : MirrorMessage;

    /// <summary>To a member with a longer copy, in an opening: bytes of a segment.</summary>
    public sealed record Fetch(int Segment, long Offset) : MirrorMessage;

    /// <param name="LengthBytes">Of the whole segment.</param>
    public sealed record Fetched(int Segment, long Offset, long LengthBytes, ReadOnlyMemory<byte> Bytes)
        : MirrorMessage;

    /// <summary>Is anybody there?</summary>
    public sealed record Ping : MirrorMessage;

    public sealed record Pong : MirrorMessage;

    /// <summary>From a member: not done. Its epoch is the one that is promised here.</summary>
    public sealed record Refused(MirrorRefusal Reason) : MirrorMessage;
}

/// <summary>Why a member did not do what it was asked. Numbers are for ever.</summary>
public enum MirrorRefusal : byte
{
    /// <summary>A higher epoch was promised.</summary>
    Fenced = 1,

    /// <summary>The bytes are not the next ones of this copy.</summary>
    Misplaced = 2,

    /// <summary>Its disk is full or fails to take bytes; what it had it still has.</summary>
    NotWritten = 3,

    /// <summary>The copy is gone: a sync failed, or it is damaged.</summary>
    Lost = 4,

    /// <summary>There is no such copy here, or not that segment of it.</summary>
    Missing = 5,
}

/// <summary>Whose write cache a new copy is of.</summary>
public sealed record CopyIdentity(DeviceId Device, BootId Boot, LayerId Parent, long DiskLengthBytes);
