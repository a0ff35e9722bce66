using System.Buffers;
using System.Text;

namespace Akka.Cluster.Sharding.Serialization;

/// <summary>Writes the fields of a protocol buffer (proto3) in the order of the calls; values that are the default are left out by callers.</summary>
internal sealed class ProtoWriter
{
    private const int VarintBytesMax = 10;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    public ProtoWriter Text(int field, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            Bytes(field, Encoding.UTF8.GetBytes(value));
        return this;
    }

    public ProtoWriter Texts(int field, IEnumerable<string> values)
    {
        foreach (var value in values)
            Bytes(field, Encoding.UTF8.GetBytes(value));
        return this;
    }

    public ProtoWriter Number(int field, long value)
    {
        if (value == 0)
            return this;
        Varint((ulong)field << 3);
        Varint((ulong)value);
        return this;
    }

    public ProtoWriter Message(int field, ProtoWriter message)
    {
        Bytes(field, message._bytes.WrittenSpan);
        return this;
    }

    public ProtoWriter Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)value.Length);
        _bytes.Write(value);
        return this;
    }

    private void Varint(ulong value)
    {
        var span = _bytes.GetSpan(VarintBytesMax);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
            span[length++] = (byte)(value | 0x80);
        span[length++] = (byte)value;
        _bytes.Advance(length);
    }
}
