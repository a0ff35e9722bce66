using System.Net;

namespace Hatchery.Wire.Dhcp;

/// <summary>A BOOTP or DHCP message on Ethernet (RFC 951, RFC 2131 section 2); without option 53 it is BOOTP.</summary>
public sealed record DhcpMessage
{
    /// <summary>Bytes before the options: the fixed fields and the magic cookie.</summary>
    public const int HeaderBytes = 240;

    public const int ServerNameBytes = 64;
    public const int BootFileBytes = 128;

    public required DhcpOperation Operation { get; init; }

    /// <summary>1 is Ethernet (RFC 1700).</summary>
    public byte HardwareType { get; init; } = 1;

    public byte Hops { get; init; }

    public required uint TransactionId { get; init; }

    public ushort Seconds { get; init; }

    /// <summary>The client cannot take unicast before it has an address.</summary>
    public bool Broadcast { get; init; }

    /// <summary>ciaddr</summary>
    public IPAddress ClientAddress { get; init; } = IPAddress.Any;

    /// <summary>yiaddr</summary>
    public IPAddress YourAddress { get; init; } = IPAddress.Any;

    /// <summary>siaddr: where the boot file lies.</summary>
    public IPAddress NextServer { get; init; } = IPAddress.Any;

    /// <summary>giaddr</summary>
    public IPAddress RelayAddress { get; init; } = IPAddress.Any;

    /// <summary>chaddr</summary>
    public required MacAddress ClientMac { get; init; }

    /// <summary>sname, at most 64 bytes.</summary>
    public string ServerName { get; init; } = "";

    /// <summary>file, at most 128 bytes.</summary>
    public string BootFile { get; init; } = "";

    public DhcpOptions Options { get; init; } = DhcpOptions.None;

    /// <summary>The vendor field begins with the cookie of RFC 1497. Without it there are no options: the client knows RFC 951 only.</summary>
    public bool HasCookie { get; init; } = true;

    public DhcpMessageType? Type =>
        Options[DhcpOptionCode.MessageType] is { Length: 1 } octets ? (DhcpMessageType)octets[0] : null;

    public static bool TryRead(ReadOnlySpan<byte> source, out DhcpMessage message) =>
        DhcpMessageReader.TryRead(source, out message);

    /// <summary>Appends the message, padded to the 300 bytes that BOOTP clients expect (RFC 1542 section 2.1).</summary>
    /// <exception cref="ArgumentException">A name is too long for its field.</exception>
    public void Write(System.Buffers.IBufferWriter<byte> destination) =>
        DhcpMessageWriter.Write(this, destination, int.MaxValue);

    /// <summary>
    /// The same, in at most so many bytes: options that do not fit go, as far as they fit, into the file and sname fields where
    /// these are free (option 52, RFC 2132 section 9.3; not in BOOTP); the rest is left out, last ones first to go.
    /// </summary>
    /// <param name="bytesMax">At least 300; the 300 bytes of BOOTP leave 60 for options.</param>
    /// <returns>Codes of the options that were left out.</returns>
    /// <exception cref="ArgumentException">A name is too long for its field.</exception>
    public IReadOnlyList<byte> Write(System.Buffers.IBufferWriter<byte> destination, int bytesMax) =>
        DhcpMessageWriter.Write(this, destination, bytesMax);
}
