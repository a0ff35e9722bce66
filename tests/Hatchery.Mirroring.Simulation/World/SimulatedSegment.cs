using System.Buffers.Binary;

namespace Hatchery.Mirroring.Simulation;

internal enum RecordKind : byte
{
    /// <summary>Number and length of the segment before.</summary>
    Header = 1,

    /// <summary>A segment that is gone.</summary>
    Gap = 2,

    /// <summary>A block and its value.</summary>
    Write = 3,
}

/// <summary>32 bytes of a segment.</summary>
internal readonly record struct SimulatedRecord(RecordKind Kind, int Number, long Value, ulong Epoch)
{
    public const int Bytes = 32;

    public void Write(Span<byte> to)
    {
        to[..Bytes].Clear();
        to[0] = (byte)Kind;
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], Number);
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], Value);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], Epoch);
    }

    public static SimulatedRecord Read(ReadOnlySpan<byte> from) =>
        new(
            (RecordKind)from[0],
            BinaryPrimitives.ReadInt32LittleEndian(from[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[16..])
        );

    public static byte[] Join(params IReadOnlyList<SimulatedRecord> records)
    {
        var bytes = new byte[records.Count * Bytes];
        for (var i = 0; i < records.Count; i++)
            records[i].Write(bytes.AsSpan(i * Bytes));
        return bytes;
    }
}

/// <summary>A file: what was written, and how much of it would survive a loss of power.</summary>
internal sealed class SimulatedSegment
{
    private byte[] _bytes = new byte[512];

    public int Length { get; private set; }

    /// <summary>Synced up to there.</summary>
    public int Durable { get; private set; }

    /// <summary>A sync failed, and what it was to write was dropped from there on, though it still reads back.</summary>
    public int? HoleAt { get; private set; }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    public void Write(int at, ReadOnlySpan<byte> bytes)
    {
        var end = at + bytes.Length;
        if (_bytes.Length < end)
            Array.Resize(ref _bytes, Math.Max(end, _bytes.Length * 2));
        // A hole reads as zeroes.
        if (at > Length)
            _bytes.AsSpan(Length, at - Length).Clear();
        bytes.CopyTo(_bytes.AsSpan(at));
        Length = Math.Max(Length, end);
        Durable = Math.Min(Durable, at);
    }

    public void Sync() => Sync(Length);

    public void Sync(int upTo) => Durable = Math.Max(Durable, upTo);

    public void DropUnsynced() => HoleAt ??= Durable;

    public void Truncate(int length)
    {
        Length = Math.Min(Length, length);
        Durable = Math.Min(Durable, length);
    }

    /// <summary>What was not synced is there up to any byte.</summary>
    public void LosePower(Random random)
    {
        var sure = Math.Min(Durable, HoleAt ?? int.MaxValue);
        Length = Durable = HoleAt is null ? random.Next(sure, Length + 1) : sure;
        HoleAt = null;
    }
}
