using System.Buffers;

namespace Hatchery.Wire.Dhcp;

/// <summary>Gathers options while they are read: a code that comes again continues the value before it (RFC 3396).</summary>
internal sealed class DhcpOptionsCollector
{
    private readonly ArrayBufferWriter<byte>?[] _values = new ArrayBufferWriter<byte>?[256];
    private readonly List<byte> _order = [];

    public ReadOnlySpan<byte> Value(DhcpOptionCode code) =>
        _values[(byte)code] is { } value ? value.WrittenSpan : default;

    /// <summary>Reads up to the end option or the end of the bytes; false where a length points past them.</summary>
    public bool TryAppend(ReadOnlySpan<byte> source)
    {
        while (source.Length > 0)
        {
            var code = source[0];
            if (code == (byte)DhcpOptionCode.End)
                return true;
            if (code == (byte)DhcpOptionCode.Pad)
            {
                source = source[1..];
                continue;
            }
            if (source.Length < 2 || source.Length < 2 + source[1])
                return false;
            Append(code, source.Slice(2, source[1]));
            source = source[(2 + source[1])..];
        }
        return true;
    }

    public DhcpOptions ToOptions() =>
        new([
            .. _order.Select(code =>
                KeyValuePair.Create(code, (ReadOnlyMemory<byte>)_values[code]!.WrittenSpan.ToArray())
            ),
        ]);

    private void Append(byte code, ReadOnlySpan<byte> piece)
    {
        if (_values[code] is not { } value)
        {
            _values[code] = value = new();
            _order.Add(code);
        }
        value.Write(piece);
    }
}
