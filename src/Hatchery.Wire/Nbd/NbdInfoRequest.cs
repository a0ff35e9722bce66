using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Hatchery.Wire.Nbd;

/// <summary>What INFO and GO carry: an export's name and the kinds of information that the client wants.</summary>
public sealed record NbdInfoRequest(string ExportName, IReadOnlyList<NbdInfoType> Wanted)
{
    public static bool TryRead(ReadOnlySpan<byte> source, [NotNullWhen(true)] out NbdInfoRequest? value)
    {
        value = null;
        if (source.Length < 6)
            return false;
        var nameBytes = BinaryPrimitives.ReadUInt32BigEndian(source);
        if (nameBytes > NbdProtocol.MaxExportNameBytes || source.Length < 6 + nameBytes)
            return false;
        var name = source.Slice(4, (int)nameBytes);
        var rest = source[(4 + (int)nameBytes)..];
        var count = BinaryPrimitives.ReadUInt16BigEndian(rest);
        if (rest.Length != 2 + (2 * count))
            return false;
        var wanted = new NbdInfoType[count];
        for (var i = 0; i < count; i++)
            wanted[i] = (NbdInfoType)BinaryPrimitives.ReadUInt16BigEndian(rest[(2 + (2 * i))..]);
        value = new(Encoding.UTF8.GetString(name), wanted);
        return true;
    }

    public byte[] ToBytes()
    {
        var name = Encoding.UTF8.GetBytes(ExportName);
        var bytes = new byte[6 + name.Length + (2 * Wanted.Count)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)name.Length);
        name.CopyTo(bytes, 4);
        var rest = bytes.AsSpan(4 + name.Length);
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)Wanted.Count);
        for (var i = 0; i < Wanted.Count; i++)
            BinaryPrimitives.WriteUInt16BigEndian(rest[(2 + (2 * i))..], (ushort)Wanted[i]);
        return bytes;
    }
}
