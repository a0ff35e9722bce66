using System.Buffers.Binary;
using Hatchery.Devices;
using Hatchery.Disks;

namespace Hatchery.Replication;

/// <summary>Who speaks: 8 bytes of magic, the protocol's version (16 bits, big-endian), the farm (16 bytes), the server's name in ASCII.</summary>
/// <param name="Server">A valid <see cref="EntityName"/>.</param>
internal sealed record ReplicationHello(ushort Version, FarmId Farm, string Server)
{
    public const ushort CurrentVersion = 1;

    private const int NameAt = 8 + 2 + 16;

    private static ReadOnlySpan<byte> Magic => "HTCHREPL"u8;

    public byte[] ToBytes()
    {
        var bytes = new byte[NameAt + Server.Length];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(8), Version);
        Farm.Value.TryWriteBytes(bytes.AsSpan(10), bigEndian: true, out _);
        System.Text.Encoding.ASCII.GetBytes(Server, bytes.AsSpan(NameAt));
        return bytes;
    }

    public static bool TryRead(ReadOnlySpan<byte> from, out ReplicationHello hello)
    {
        hello = null!;
        if (from.Length <= NameAt || !from.StartsWith(Magic))
            return false;
        var name = System.Text.Encoding.Latin1.GetString(from[NameAt..]);
        if (!EntityName.IsValid(name))
            return false;
        hello = new(
            BinaryPrimitives.ReadUInt16BigEndian(from[8..]),
            new(new Guid(from.Slice(10, 16), bigEndian: true)),
            name
        );
        return true;
    }

    /// <summary>Why nothing can be had between the two; null when they are of one farm and speak one language.</summary>
    public string? Refusal(ReplicationHello other) =>
        other.Version != Version
            ? $"it speaks version {other.Version} of the replication protocol, and {Server} speaks {Version}: bring both servers to one version"
        : other.Farm != Farm ? $"it is of farm {other.Farm}, and {Server} is of farm {Farm}"
        : other.Server == Server ? $"it is called {Server}, as this server is"
        : null;
}
