using System.Buffers;
using System.Globalization;
using System.Text;

namespace Hatchery.Wire.Tftp;

/// <summary>The options of a request or of its acknowledgement that the field knows; others are not kept (RFC 2347).</summary>
/// <param name="BlockSize">blksize, 8 to 65464 bytes (RFC 2348).</param>
/// <param name="TimeoutSeconds">timeout, 1 to 255 (RFC 2349).</param>
/// <param name="TransferSize">tsize in bytes, 0 in a read request (RFC 2349).</param>
/// <param name="WindowSize">windowsize, 1 to 65535 blocks (RFC 7440).</param>
public sealed record TftpOptions(
    int? BlockSize = null,
    int? TimeoutSeconds = null,
    long? TransferSize = null,
    int? WindowSize = null
)
{
    public static readonly TftpOptions None = new();

    public bool IsEmpty => this == None;

    /// <summary>Takes one option in; a value out of its range counts as if the option was not there.</summary>
    internal TftpOptions With(string name, string value)
    {
        if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return this;
        return name.ToUpperInvariant() switch
        {
            "BLKSIZE" when number is >= 8 and <= 65464 => this with { BlockSize = (int)number },
            "TIMEOUT" when number is >= 1 and <= 255 => this with { TimeoutSeconds = (int)number },
            "TSIZE" => this with { TransferSize = number },
            "WINDOWSIZE" when number is >= 1 and <= 65535 => this with { WindowSize = (int)number },
            _ => this,
        };
    }

    internal void Write(IBufferWriter<byte> destination)
    {
        Write(destination, "blksize", BlockSize);
        Write(destination, "timeout", TimeoutSeconds);
        Write(destination, "tsize", TransferSize);
        Write(destination, "windowsize", WindowSize);
    }

    private static void Write(IBufferWriter<byte> destination, string name, long? value)
    {
        if (value is not null)
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{name}\0{value}\0"), destination);
    }
}
