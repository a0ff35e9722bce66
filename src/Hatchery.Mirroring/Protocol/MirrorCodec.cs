using System.Buffers.Binary;
using System.Collections.Immutable;
using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>
/// Frames of version 1: length of what follows (32 bits), kind (8 bits), the write cache (16 bytes), epoch (64 bits), the kind's own
/// fields, and bytes up to the end where it has some. Numbers are little endian. See PROTOCOL.md.
/// </summary>
public static class MirrorCodec
{
    /// <summary>The largest number of bytes in one <see cref="MirrorMessage.Append"/>, <see cref="MirrorMessage.Copy"/> or <see cref="MirrorMessage.Fetched"/>: a record.</summary>
    public const int BytesMax = (64 << 20) + 4096;

    /// <summary>Enough room for every frame without its bytes.</summary>
    public const int HeadMaxBytes = PrefixBytes + FieldsMaxBytes;

    public const int LengthBytes = 4;

    /// <summary>A length above this is garbage.</summary>
    public const int FrameMaxBytes = HeadMaxBytes - LengthBytes + BytesMax;

    private const int PrefixBytes = LengthBytes + 1 + 16 + 8;
    private const int FieldsMaxBytes = 56;
    private const int HashBytes = 32;
    private const int SegmentMax = 0xFFFFF;

    /// <summary>The bytes that follow the head, to be sent from where they lie; empty in most.</summary>
    public static ReadOnlyMemory<byte> BytesOf(MirrorMessage message) =>
        message switch
        {
            MirrorMessage.Append m => m.Bytes,
            MirrorMessage.Copy m => m.Bytes,
            MirrorMessage.Fetched m => m.Bytes,
            _ => default,
        };

    /// <summary>Writes a frame up to where <see cref="BytesOf"/> follow.</summary>
    /// <param name="to">At least <see cref="HeadMaxBytes"/>.</param>
    /// <returns>How long the head is.</returns>
    public static int WriteHead(LayerId cache, MirrorMessage message, Span<byte> to)
    {
        to[LengthBytes] = (byte)KindOf(message);
        cache.Value.TryWriteBytes(to[5..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt64LittleEndian(to[21..], message.Epoch.Value);
        var fields = to[PrefixBytes..];
        var size =
            PrefixBytes
            + message switch
            {
                MirrorMessage.Promised m => Write(fields, m.State),
                MirrorMessage.Append m => Write(fields, m.At),
                MirrorMessage.Appended m => Write(fields, m.End),
                MirrorMessage.Sync m => Write(fields, m.UpTo),
                MirrorMessage.Synced m => Write(fields, m.UpTo),
                MirrorMessage.Seal m => Write(fields, m.At),
                MirrorMessage.Sealed m => Write(fields, m.At),
                MirrorMessage.Join m => Write(fields, m.Identity),
                MirrorMessage.Offer m => Write(fields, m),
                MirrorMessage.Copy m => Write(fields, new CachePosition(m.Segment, m.Offset)),
                MirrorMessage.Copied m => Write(fields, new CachePosition(m.Segment, m.Offset)),
                MirrorMessage.Fetch m => Write(fields, new CachePosition(m.Segment, m.Offset)),
                MirrorMessage.Fetched m => Write(fields, m),
                MirrorMessage.Refused m => Write(fields, m.Reason),
                _ => 0,
            };
        BinaryPrimitives.WriteInt32LittleEndian(to, size - LengthBytes + BytesOf(message).Length);
        return size;
    }

    /// <summary>Reads a frame from the front of what was received. The message's bytes lie where the frame does.</summary>
    /// <param name="sizeBytes">Of the whole frame, as soon as its length is known; 0 before.</param>
    public static MirrorRead TryRead(
        ReadOnlyMemory<byte> from,
        out LayerId cache,
        out MirrorMessage? message,
        out int sizeBytes
    )
    {
        (cache, message, sizeBytes) = (default, null, 0);
        if (from.Length < LengthBytes)
            return MirrorRead.NeedsMore;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(from.Span);
        if (length is < PrefixBytes - LengthBytes or > FrameMaxBytes)
            return MirrorRead.Garbage;
        sizeBytes = LengthBytes + (int)length;
        if (from.Length < sizeBytes)
            return MirrorRead.NeedsMore;
        var frame = from[..sizeBytes];
        cache = new(ReadId(frame.Span[5..]));
        var epoch = new Epoch(BinaryPrimitives.ReadUInt64LittleEndian(frame.Span[21..]));
        message = Read((MirrorKind)frame.Span[LengthBytes], frame[PrefixBytes..]);
        if (message is null)
            return MirrorRead.Garbage;
        message = message with { Epoch = epoch };
        return MirrorRead.Whole;
    }

    private static MirrorKind KindOf(MirrorMessage message) =>
        message switch
        {
            MirrorMessage.Promise => MirrorKind.Promise,
            MirrorMessage.Promised => MirrorKind.Promised,
            MirrorMessage.Append => MirrorKind.Append,
            MirrorMessage.Appended => MirrorKind.Appended,
            MirrorMessage.Sync => MirrorKind.Sync,
            MirrorMessage.Synced => MirrorKind.Synced,
            MirrorMessage.Seal => MirrorKind.Seal,
            MirrorMessage.Sealed => MirrorKind.Sealed,
            MirrorMessage.Join => MirrorKind.Join,
            MirrorMessage.Joined => MirrorKind.Joined,
            MirrorMessage.Offer => MirrorKind.Offer,
            MirrorMessage.Copy => MirrorKind.Copy,
            MirrorMessage.Copied => MirrorKind.Copied,
            MirrorMessage.Fetch => MirrorKind.Fetch,
            MirrorMessage.Fetched => MirrorKind.Fetched,
            MirrorMessage.Ping => MirrorKind.Ping,
            MirrorMessage.Pong => MirrorKind.Pong,
            MirrorMessage.Refused => MirrorKind.Refused,
            _ => throw new ArgumentException($"{message.GetType().Name} has no frame", nameof(message)),
        };

    private static MirrorMessage? Read(MirrorKind kind, ReadOnlyMemory<byte> fields)
    {
        var at = fields.Span;
        switch (kind)
        {
            case MirrorKind.Promise when at.IsEmpty:
                return new MirrorMessage.Promise();
            case MirrorKind.Joined when at.IsEmpty:
                return new MirrorMessage.Joined();
            case MirrorKind.Ping when at.IsEmpty:
                return new MirrorMessage.Ping();
            case MirrorKind.Pong when at.IsEmpty:
                return new MirrorMessage.Pong();
            case MirrorKind.Promised:
                return ReadPromised(at);
            case MirrorKind.Join:
                return ReadJoin(at);
            case MirrorKind.Offer:
                return ReadOffer(at);
            case MirrorKind.Fetched:
                return ReadFetched(fields);
            case MirrorKind.Refused
                when at.Length == 1 && (MirrorRefusal)at[0] is >= MirrorRefusal.Fenced and <= MirrorRefusal.Missing:
                return new MirrorMessage.Refused((MirrorRefusal)at[0]);
        }
        if (ReadPosition(at) is not { } position)
            return null;
        var bytes = fields[PositionBytes..];
        return kind switch
        {
            MirrorKind.Append when !bytes.IsEmpty && position.Segment > 0 => new MirrorMessage.Append(position, bytes),
            MirrorKind.Copy when !bytes.IsEmpty && position.Segment > 0 => new MirrorMessage.Copy(
                position.Segment,
                position.Offset,
                bytes
            ),
            _ when !bytes.IsEmpty => null,
            MirrorKind.Appended => new MirrorMessage.Appended(position),
            MirrorKind.Sync => new MirrorMessage.Sync(position),
            MirrorKind.Synced => new MirrorMessage.Synced(position),
            MirrorKind.Seal => new MirrorMessage.Seal(position),
            MirrorKind.Sealed => new MirrorMessage.Sealed(position),
            MirrorKind.Copied => new MirrorMessage.Copied(position.Segment, position.Offset),
            MirrorKind.Fetch => new MirrorMessage.Fetch(position.Segment, position.Offset),
            _ => null,
        };
    }

    private const int PositionBytes = 4 + 8;

    private static int Write(Span<byte> to, CachePosition position)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to, position.Segment);
        BinaryPrimitives.WriteInt64LittleEndian(to[4..], position.Offset);
        return PositionBytes;
    }

    private static CachePosition? ReadPosition(ReadOnlySpan<byte> from)
    {
        if (from.Length < PositionBytes)
            return null;
        var segment = BinaryPrimitives.ReadInt32LittleEndian(from);
        var offset = BinaryPrimitives.ReadInt64LittleEndian(from[4..]);
        return segment is >= 0 and <= SegmentMax && offset >= 0 && offset <= long.MaxValue - BytesMax
            ? new CachePosition(segment, offset)
            : null;
    }

    private static int Write(Span<byte> to, CopyState copy)
    {
        to[0] = (byte)copy.Condition;
        return 1 + Write(to[1..], copy.End);
    }

    private static MirrorMessage.Promised? ReadPromised(ReadOnlySpan<byte> from) =>
        from.Length == 1 + PositionBytes
        && (CopyCondition)from[0] is <= CopyCondition.Lost and var condition
        && ReadPosition(from[1..]) is { } end
            ? new(new CopyState(condition, end))
            : null;

    private static int Write(Span<byte> to, CopyIdentity identity)
    {
        identity.Device.Value.TryWriteBytes(to, bigEndian: true, out _);
        identity.Boot.Value.TryWriteBytes(to[16..], bigEndian: true, out _);
        identity.Parent.Value.TryWriteBytes(to[32..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64LittleEndian(to[48..], identity.DiskLengthBytes);
        return 56;
    }

    private static MirrorMessage.Join? ReadJoin(ReadOnlySpan<byte> from) =>
        from.Length == 56 && BinaryPrimitives.ReadInt64LittleEndian(from[48..]) is >= 0 and var length
            ? new(new CopyIdentity(new(ReadId(from)), new(ReadId(from[16..])), new(ReadId(from[32..])), length))
            : null;

    private static int Write(Span<byte> to, MirrorMessage.Offer offer)
    {
        var size = Write(to, new CachePosition(offer.Segment, offer.LengthBytes));
        offer.Sha256.CopyTo(to[size..]);
        return size + HashBytes;
    }

    private static MirrorMessage.Offer? ReadOffer(ReadOnlySpan<byte> from) =>
        from.Length == PositionBytes + HashBytes && ReadPosition(from) is { Segment: > 0 } end
            ? new(end.Segment, end.Offset, ImmutableArray.Create(from[PositionBytes..]))
            : null;

    private static int Write(Span<byte> to, MirrorMessage.Fetched fetched)
    {
        var size = Write(to, new CachePosition(fetched.Segment, fetched.Offset));
        BinaryPrimitives.WriteInt64LittleEndian(to[size..], fetched.LengthBytes);
        return size + 8;
    }

    private static MirrorMessage.Fetched? ReadFetched(ReadOnlyMemory<byte> from)
    {
        if (from.Length < PositionBytes + 8 || ReadPosition(from.Span) is not { } at)
            return null;
        var length = BinaryPrimitives.ReadInt64LittleEndian(from.Span[PositionBytes..]);
        var bytes = from[(PositionBytes + 8)..];
        return at.Offset + bytes.Length <= length ? new(at.Segment, at.Offset, length, bytes) : null;
    }

    private static int Write(Span<byte> to, MirrorRefusal reason)
    {
        to[0] = (byte)reason;
        return 1;
    }

    private static Guid ReadId(ReadOnlySpan<byte> from) => new(from[..16], bigEndian: true);
}

/// <summary>What a frame is. Numbers are for ever.</summary>
internal enum MirrorKind : byte
{
    Promise = 1,
    Promised = 2,
    Append = 3,
    Appended = 4,
    Sync = 5,
    Synced = 6,
    Seal = 7,
    Sealed = 8,
    Join = 9,
    Joined = 10,
    Offer = 11,
    Copy = 12,
    Copied = 13,
    Fetch = 14,
    Fetched = 15,
    Ping = 16,
    Pong = 17,
    Refused = 18,
}
