using System.Runtime.Serialization;
using System.Text;

namespace Akka.Cluster.Sharding.Serialization;

/// <summary>Reads the fields of a protocol buffer. Bytes that are none give a <see cref="SerializationException"/> and nothing else.</summary>
internal sealed class ProtoReader
{
    private readonly Dictionary<int, List<(ulong Number, byte[] Bytes)>> _fields = [];

    private ProtoReader() { }

    public static ProtoReader Read(ReadOnlySpan<byte> bytes)
    {
        var message = new ProtoReader();
        while (!bytes.IsEmpty)
        {
            var tag = Varint(ref bytes);
            var (field, kind) = ((int)(tag >> 3), (int)(tag & 7));
            var value = kind switch
            {
                0 => (Varint(ref bytes), Array.Empty<byte>()),
                1 => (0UL, Take(ref bytes, 8)),
                2 => (0UL, Take(ref bytes, Varint(ref bytes))),
                5 => (0UL, Take(ref bytes, 4)),
                _ => throw Malformed(),
            };
            if (!message._fields.TryGetValue(field, out var values))
                message._fields.Add(field, values = []);
            values.Add(value);
        }
        return message;
    }

    public string Text(int field) => Encoding.UTF8.GetString(Bytes(field));

    public IEnumerable<string> Texts(int field) => All(field).Select(value => Encoding.UTF8.GetString(value.Bytes));

    public long Number(int field) => All(field) is [.., var last] ? (long)last.Number : 0;

    public byte[] Bytes(int field) => All(field) is [.., var last] ? last.Bytes : [];

    public ProtoReader Message(int field) => Read(Bytes(field));

    public IEnumerable<ProtoReader> Messages(int field) => All(field).Select(value => Read(value.Bytes));

    private List<(ulong Number, byte[] Bytes)> All(int field) => _fields.GetValueOrDefault(field) ?? [];

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        for (var (i, shift) = (0, 0); i < bytes.Length && shift < 64; i++, shift += 7)
        {
            value |= (ulong)(bytes[i] & 0x7f) << shift;
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return value;
            }
        }
        throw Malformed();
    }

    private static byte[] Take(ref ReadOnlySpan<byte> bytes, ulong length)
    {
        if (length > (ulong)bytes.Length)
            throw Malformed();
        var taken = bytes[..(int)length].ToArray();
        bytes = bytes[(int)length..];
        return taken;
    }

    private static SerializationException Malformed() => new("the bytes are no message of cluster sharding");
}
