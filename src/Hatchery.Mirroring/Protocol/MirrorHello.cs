using System.Buffers.Binary;
using System.Text;
using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>The first bytes of either side: 8 bytes of magic, oldest and newest version spoken (16 bits each), farm (16 bytes), length of the name (8 bits), the server's name in ASCII.</summary>
/// <param name="Server">1 to 64 printable characters of ASCII without spaces.</param>
public sealed record MirrorHello(ushort OldestVersion, ushort NewestVersion, FarmId Farm, string Server)
{
    public const ushort CurrentVersion = 1;
    public const int SizeMaxBytes = NameAt + NameMaxBytes;

    /// <summary>Whoever read so much knows how long the name is.</summary>
    internal const int NameAt = 8 + 2 + 2 + 16 + 1;

    private const int NameMaxBytes = 64;

    private static ReadOnlySpan<byte> Magic => "HTCHMIRR"u8;

    public byte[] ToBytes()
    {
        var bytes = new byte[NameAt + Server.Length];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), OldestVersion);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(10), NewestVersion);
        Farm.Value.TryWriteBytes(bytes.AsSpan(12), bigEndian: true, out _);
        bytes[NameAt - 1] = (byte)Server.Length;
        Encoding.ASCII.GetBytes(Server, bytes.AsSpan(NameAt));
        return bytes;
    }

    /// <summary>Reads a greeting from the front of what was received.</summary>
    /// <param name="sizeBytes">Of the greeting; 0 while more is needed.</param>
    public static MirrorRead TryRead(ReadOnlySpan<byte> from, out MirrorHello? hello, out int sizeBytes)
    {
        (hello, sizeBytes) = (null, 0);
        var known = Math.Min(from.Length, Magic.Length);
        if (!from[..known].SequenceEqual(Magic[..known]))
            return MirrorRead.Garbage;
        if (from.Length < NameAt)
            return MirrorRead.NeedsMore;
        var nameBytes = from[NameAt - 1];
        if (nameBytes is 0 or > NameMaxBytes)
            return MirrorRead.Garbage;
        if (from.Length < NameAt + nameBytes)
            return MirrorRead.NeedsMore;
        var name = from.Slice(NameAt, nameBytes);
        if (name.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
            return MirrorRead.Garbage;
        hello = new(
            BinaryPrimitives.ReadUInt16LittleEndian(from[8..]),
            BinaryPrimitives.ReadUInt16LittleEndian(from[10..]),
            new(new Guid(from.Slice(12, 16), bigEndian: true)),
            Encoding.ASCII.GetString(name)
        );
        sizeBytes = NameAt + nameBytes;
        return MirrorRead.Whole;
    }

    /// <summary>Why nothing can be mirrored between the two, as one sentence; null when they are of one farm and share a version.</summary>
    public string? Refusal(MirrorHello other) =>
        other.Farm != Farm ? $"it is of farm {other.Farm}, and {Server} is of farm {Farm}"
        : other.Server == Server ? $"it is called {Server}, as this server is"
        : VersionWith(other) is null
            ? $"it speaks versions {other.OldestVersion} to {other.NewestVersion} of the mirror protocol, and {Server} {OldestVersion} to {NewestVersion}: bring both servers to one version"
        : null;

    /// <summary>The newest version that both speak; null when there is none.</summary>
    public ushort? VersionWith(MirrorHello other)
    {
        var version = Math.Min(NewestVersion, other.NewestVersion);
        return version >= Math.Max(OldestVersion, other.OldestVersion) ? version : null;
    }
}

/// <summary>What came of reading from bytes that may not all be there yet.</summary>
public enum MirrorRead
{
    Whole,
    NeedsMore,

    /// <summary>Nothing that this protocol knows: the connection has to end.</summary>
    Garbage,
}
