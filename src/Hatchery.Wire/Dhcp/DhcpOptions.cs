using System.Buffers.Binary;
using System.Collections;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Hatchery.Wire.Dhcp;

/// <summary>Options by code, each once, in the order in which they were set; immutable, equal by content.</summary>
public sealed class DhcpOptions : IReadOnlyCollection<KeyValuePair<byte, ReadOnlyMemory<byte>>>, IEquatable<DhcpOptions>
{
    public static readonly DhcpOptions None = new([]);

    private readonly ImmutableArray<KeyValuePair<byte, ReadOnlyMemory<byte>>> _options;

    internal DhcpOptions(ImmutableArray<KeyValuePair<byte, ReadOnlyMemory<byte>>> options) => _options = options;

    public int Count => _options.Length;

    public bool Has(DhcpOptionCode code) => IndexOf((byte)code) >= 0;

    /// <summary>The option's bytes; empty also where it is absent.</summary>
    public ReadOnlySpan<byte> this[DhcpOptionCode code] => this[(byte)code];

    public ReadOnlySpan<byte> this[byte code] => IndexOf(code) is >= 0 and var at ? _options[at].Value.Span : default;

    /// <summary>Sets or replaces an option; codes 0 and 255 are no options.</summary>
    public DhcpOptions With(DhcpOptionCode code, ReadOnlySpan<byte> value) => With((byte)code, value);

    public DhcpOptions With(byte code, ReadOnlySpan<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfZero(code);
        ArgumentOutOfRangeException.ThrowIfEqual(code, (byte)DhcpOptionCode.End);
        return Set(code, value.ToArray());
    }

    public DhcpOptions With(DhcpOptionCode code, IPAddress address) => With(code, Ipv4Octets(address));

    public DhcpOptions With(DhcpOptionCode code, IEnumerable<IPAddress> addresses) =>
        With(code, [.. addresses.SelectMany(Ipv4Octets)]);

    public DhcpOptions With(DhcpOptionCode code, string text) => With(code, Encoding.UTF8.GetBytes(text));

    public DhcpOptions With(DhcpOptionCode code, uint value)
    {
        Span<byte> octets = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, value);
        return With(code, octets);
    }

    /// <summary>A duration in whole seconds; longer than an option can say becomes infinite (all ones).</summary>
    public DhcpOptions With(DhcpOptionCode code, TimeSpan duration) =>
        With(code, (uint)Math.Clamp(duration.TotalSeconds, 0, uint.MaxValue));

    public DhcpOptions With(DhcpMessageType type) => With(DhcpOptionCode.MessageType, [(byte)type]);

    /// <summary>Puts one set of options into an option of another.</summary>
    public DhcpOptions With(DhcpOptionCode code, DhcpOptions encapsulated) =>
        With(code, DhcpOptionsCodec.Encapsulate(encapsulated));

    /// <summary>Sets or replaces every option of another set.</summary>
    public DhcpOptions Under(DhcpOptions above) =>
        above.Aggregate(this, (options, o) => options.With(o.Key, o.Value.Span));

    /// <summary>Those for which the test holds, in the order in which they are.</summary>
    public DhcpOptions Where(Func<byte, bool> keeps) => new([.. _options.Where(o => keeps(o.Key))]);

    /// <summary>The same options, those that come first in a list of codes first.</summary>
    public DhcpOptions InOrderOf(ReadOnlySpan<byte> codes)
    {
        Span<int> rank = stackalloc int[256];
        rank.Fill(int.MaxValue);
        for (var i = codes.Length - 1; i >= 0; i--)
            rank[codes[i]] = i;
        var ranks = rank.ToArray();
        return new([.. _options.OrderBy(o => ranks[o.Key])]);
    }

    public DhcpOptions Without(DhcpOptionCode code) =>
        IndexOf((byte)code) is >= 0 and var at ? new(_options.RemoveAt(at)) : this;

    public IPAddress? Address(DhcpOptionCode code) => this[code] is { Length: 4 } octets ? new IPAddress(octets) : null;

    public IReadOnlyList<IPAddress> Addresses(DhcpOptionCode code)
    {
        var octets = this[code];
        var addresses = new IPAddress[octets.Length / 4];
        for (var i = 0; i < addresses.Length; i++)
            addresses[i] = new IPAddress(octets.Slice(4 * i, 4));
        return addresses;
    }

    public ushort? UInt16(DhcpOptionCode code) =>
        this[code] is { Length: >= 2 } octets ? BinaryPrimitives.ReadUInt16BigEndian(octets) : null;

    public uint? UInt32(DhcpOptionCode code) =>
        this[code] is { Length: 4 } octets ? BinaryPrimitives.ReadUInt32BigEndian(octets) : null;

    /// <summary>Text without the NUL bytes that some clients end it with; bytes that are no UTF-8 become U+FFFD.</summary>
    public string? Text(DhcpOptionCode code) => Has(code) ? Encoding.UTF8.GetString(this[code].TrimEnd((byte)0)) : null;

    /// <summary>The options inside an option (43, 82, 175); none where they cannot be read.</summary>
    public DhcpOptions Encapsulated(DhcpOptionCode code) =>
        DhcpOptionsCodec.TryReadEncapsulated(this[code], out var inner) ? inner : None;

    public bool Equals(DhcpOptions? other)
    {
        if (other is null || other.Count != Count)
            return false;
        for (var i = 0; i < Count; i++)
        {
            var (mine, its) = (_options[i], other._options[i]);
            if (mine.Key != its.Key || !mine.Value.Span.SequenceEqual(its.Value.Span))
                return false;
        }
        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as DhcpOptions);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var (code, value) in _options)
        {
            hash.Add(code);
            hash.AddBytes(value.Span);
        }
        return hash.ToHashCode();
    }

    public override string ToString() =>
        string.Join(' ', _options.Select(o => $"{o.Key}={Convert.ToHexStringLower(o.Value.Span)}"));

    public IEnumerator<KeyValuePair<byte, ReadOnlyMemory<byte>>> GetEnumerator() =>
        _options.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private DhcpOptions Set(byte code, byte[] value)
    {
        var option = KeyValuePair.Create(code, new ReadOnlyMemory<byte>(value));
        return IndexOf(code) is >= 0 and var at ? new(_options.SetItem(at, option)) : new(_options.Add(option));
    }

    private int IndexOf(byte code)
    {
        for (var i = 0; i < _options.Length; i++)
        {
            if (_options[i].Key == code)
                return i;
        }
        return -1;
    }

    private static byte[] Ipv4Octets(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork
            ? address.GetAddressBytes()
            : throw new ArgumentException($"{address} is no IPv4 address", nameof(address));
}
