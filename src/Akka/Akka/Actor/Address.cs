using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Akka.Util;

namespace Akka.Actor;

/// <summary>Where an actor system is: protocol and system name, and host and port where it can be reached from outside.</summary>
public sealed class Address : IEquatable<Address>, IComparable<Address>, IComparable, ISurrogated
{
    /// <summary>Stands for every system.</summary>
    public static readonly Address AllSystems = new("akka", "all-systems");

    /// <summary>Orders addresses by protocol, system, host, port.</summary>
    public static readonly IComparer<Address> Comparer = Comparer<Address>.Create(Compare);

    private string? _text;

    /// <summary>Makes an address; without a host it is local.</summary>
    public Address(string protocol, string system, string? host = null, int? port = null)
    {
        Protocol = protocol;
        System = system;
        Host = host?.ToLowerInvariant();
        Port = port;
    }

    /// <summary>The protocol, such as <c>akka</c> or <c>akka.tcp</c>.</summary>
    public string Protocol { get; }

    /// <summary>The name of the actor system.</summary>
    public string System { get; }

    /// <summary>The host, in lower case; null when local.</summary>
    public string? Host { get; }

    /// <summary>The port; null when local.</summary>
    public int? Port { get; }

    /// <summary>True without a host.</summary>
    public bool HasLocalScope => string.IsNullOrEmpty(Host);

    /// <summary>True with a host.</summary>
    public bool HasGlobalScope => !HasLocalScope;

    /// <summary>A copy with another host.</summary>
    public Address WithHost(string? host = null) => new(Protocol, System, host, Port);

    /// <summary>A copy with another port.</summary>
    public Address WithPort(int? port = null) => new(Protocol, System, Host, port);

    /// <summary>A copy with another protocol.</summary>
    public Address WithProtocol(string protocol) => new(protocol, System, Host, Port);

    /// <summary>A copy with another system.</summary>
    public Address WithSystem(string system) => new(Protocol, system, Host, Port);

    /// <summary>The part after the protocol: <c>system@host:port</c>.</summary>
    public string HostPort() => ToString()[(Protocol.Length + 3)..];

    /// <summary>Reads <c>protocol://system@host:port</c>; throws <see cref="UriFormatException"/> on anything else.</summary>
    public static Address Parse(string address) =>
        TryParse(address, out var parsed) ? parsed : throw new UriFormatException($"Not an address: {address}");

    /// <summary>Reads <c>protocol://system@host:port</c>, and nothing after it.</summary>
    public static bool TryParse(string path, [NotNullWhen(true)] out Address? address) =>
        TryParse(path.AsSpan(), out address);

    /// <summary>Reads <c>protocol://system@host:port</c>, and nothing after it.</summary>
    public static bool TryParse(ReadOnlySpan<char> span, [NotNullWhen(true)] out Address? address) =>
        TryParse(span, out address, out var rest) && (rest.IsEmpty || rest is "/");

    /// <summary>Reads an address and gives what follows it, from its slash on.</summary>
    public static bool TryParse(
        ReadOnlySpan<char> span,
        [NotNullWhen(true)] out Address? address,
        out ReadOnlySpan<char> absolutePath
    )
    {
        address = null;
        absolutePath = default;
        var mark = span.IndexOf("://", StringComparison.Ordinal);
        if (mark <= 0)
            return false;
        var protocol = span[..mark];
        var rest = span[(mark + 3)..];
        var slash = rest.IndexOf('/');
        var authority = slash < 0 ? rest : rest[..slash];
        absolutePath = slash < 0 ? default : rest[slash..];
        if (!protocol.StartsWith("akka", StringComparison.OrdinalIgnoreCase) || authority.IsEmpty)
            return false;

        var at = authority.IndexOf('@');
        if (at < 0)
        {
            if (authority.Contains(':'))
                return false;
            address = new Address(Lower(protocol), authority.ToString());
            return true;
        }
        var system = authority[..at];
        var hostAndPort = authority[(at + 1)..];
        var colon = hostAndPort.LastIndexOf(':');
        if (
            system.IsEmpty
            || colon <= 0
            || !int.TryParse(hostAndPort[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port > 65535
        )
            return false;
        address = new Address(Lower(protocol), system.ToString(), hostAndPort[..colon].ToString(), port);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(Address? other) =>
        other is not null
        && (
            ReferenceEquals(this, other)
            || (
                Port == other.Port
                && string.Equals(System, other.System, StringComparison.Ordinal)
                && string.Equals(Protocol, other.Protocol, StringComparison.Ordinal)
                && string.Equals(Host, other.Host, StringComparison.Ordinal)
            )
        );

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Address);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Protocol, System, Host, Port);

    /// <inheritdoc/>
    public int CompareTo(Address? other) => Compare(this, other);

    int IComparable.CompareTo(object? obj) => Compare(this, obj as Address);

    /// <inheritdoc/>
    public override string ToString() =>
        _text ??=
            HasLocalScope ? $"{Protocol}://{System}"
            : Port is null ? $"{Protocol}://{System}@{Host}"
            : $"{Protocol}://{System}@{Host}:{Port.Value.ToString(CultureInfo.InvariantCulture)}";

    /// <inheritdoc/>
    public ISurrogate ToSurrogate(ActorSystem system) =>
        new AddressSurrogate
        {
            Host = Host,
            Port = Port,
            Protocol = Protocol,
            System = System,
        };

    /// <summary>Compares two addresses.</summary>
    public static bool operator ==(Address? left, Address? right) => Equals(left, right);

    /// <summary>Compares two addresses.</summary>
    public static bool operator !=(Address? left, Address? right) => !Equals(left, right);

    // A scheme reads in either case and is written in lower case (RFC 3986 section 3.1).
    private static string Lower(ReadOnlySpan<char> protocol) => protocol.ToString().ToLowerInvariant();

    private static int Compare(Address? a, Address? b)
    {
        if (a is null || b is null)
            return (a is null ? 0 : 1) - (b is null ? 0 : 1);
        var order = string.CompareOrdinal(a.Protocol, b.Protocol);
        order = order != 0 ? order : string.CompareOrdinal(a.System, b.System);
        order = order != 0 ? order : string.CompareOrdinal(a.Host, b.Host);
        return order != 0 ? order : Nullable.Compare(a.Port, b.Port);
    }

    /// <summary>The form in which an address is written.</summary>
    public class AddressSurrogate : ISurrogate
    {
        /// <summary>The protocol.</summary>
        public string Protocol { get; set; } = "";

        /// <summary>The system.</summary>
        public string System { get; set; } = "";

        /// <summary>The host.</summary>
        public string? Host { get; set; }

        /// <summary>The port.</summary>
        public int? Port { get; set; }

        /// <inheritdoc/>
        public ISurrogated FromSurrogate(ActorSystem system) => new Address(Protocol, System, Host, Port);
    }
}
