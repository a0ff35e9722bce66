using System.Buffers;

namespace Hatchery.Wire.Icmp6;

/// <summary>A host asks who routes here (RFC 4861 section 4.1). The checksum is the network stack's to write and to check.</summary>
/// <param name="SourceMac">The source link-layer address option; null where there is none.</param>
public sealed record RouterSolicitation(MacAddress? SourceMac)
{
    public const byte Type = 133;
    private const int HeaderBytes = 8;

    public static bool TryRead(ReadOnlySpan<byte> source, out RouterSolicitation solicitation)
    {
        solicitation = null!;
        if (source.Length < HeaderBytes || source[0] != Type || source[1] != 0)
            return false;
        if (!NeighborOptions.TryReadSourceMac(source[HeaderBytes..], out var mac))
            return false;
        solicitation = new(mac);
        return true;
    }

    public void Write(IBufferWriter<byte> destination)
    {
        ReadOnlySpan<byte> header = [Type, 0, 0, 0, 0, 0, 0, 0];
        destination.Write(header);
        if (SourceMac is { } mac)
            NeighborOptions.WriteSourceMac(mac, destination);
    }
}
