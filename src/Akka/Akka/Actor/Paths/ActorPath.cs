using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Akka.Util;

namespace Akka.Actor;

/// <summary>The place of an actor in the tree of its system; equality leaves the incarnation (<see cref="Uid"/>) aside.</summary>
public abstract class ActorPath : IEquatable<ActorPath>, IComparable<ActorPath>, ISurrogated
{
    /// <summary>Characters beside letters and digits that a name may hold.</summary>
    public const string ValidSymbols = "\"-_.*$+:@&=,!~';()";

    private string? _withoutAddress;
    private string[]? _elements;

    /// <summary>A root.</summary>
    protected ActorPath(Address address, string name)
    {
        Address = address;
        Name = name;
        Parent = this;
    }

    /// <summary>A child.</summary>
    protected ActorPath(ActorPath parentPath, string name, long uid)
    {
        Address = parentPath.Address;
        Name = name;
        Parent = parentPath;
        Uid = uid;
        Depth = parentPath.Depth + 1;
    }

    /// <summary>The system that the actor lives in.</summary>
    public Address Address { get; }

    /// <summary>The last element.</summary>
    public string Name { get; }

    /// <summary>Which incarnation of the name it is; 0 says any.</summary>
    public long Uid { get; }

    /// <summary>How many elements there are; the root has none.</summary>
    public int Depth { get; }

    /// <summary>The path one up; the root is its own parent.</summary>
    public ActorPath Parent { get; }

    /// <summary>The root of this path.</summary>
    public ActorPath Root => ParentOf(0);

    /// <summary>All names from the root down.</summary>
    public IReadOnlyList<string> Elements => _elements ??= CollectElements();

    /// <summary>The ancestor at <paramref name="depth"/>; a negative depth counts upwards from here.</summary>
    public ActorPath ParentOf(int depth)
    {
        var path = this;
        if (depth >= 0)
        {
            while (path.Depth > depth)
                path = path.Parent;
            return path;
        }
        for (; depth < 0 && path.Depth > 0; depth++)
            path = path.Parent;
        return path;
    }

    /// <summary>The path of a child.</summary>
    public ActorPath Child(string childName) => this / childName;

    /// <summary>The same path for one incarnation.</summary>
    public ActorPath WithUid(long uid) => uid == Uid || Depth == 0 ? this : new ChildActorPath(Parent, Name, uid);

    /// <summary>True when <paramref name="s"/> may be the name of an actor.</summary>
    public static bool IsValidPathElement(string s)
    {
        if (string.IsNullOrEmpty(s) || s[0] == '$')
            return false;
        for (var i = 0; i < s.Length; i++)
        {
            if (char.IsAsciiLetterOrDigit(s[i]) || ValidSymbols.Contains(s[i]))
                continue;
            if (s[i] != '%' || i + 2 >= s.Length || !char.IsAsciiHexDigit(s[i + 1]) || !char.IsAsciiHexDigit(s[i + 2]))
                return false;
            i += 2;
        }
        return true;
    }

    /// <summary>Reads a path with its address; throws <see cref="UriFormatException"/> when it is none.</summary>
    public static ActorPath Parse(string path) =>
        TryParse(path, out var actorPath)
            ? actorPath
            : throw new UriFormatException($"Can not parse an ActorPath: {path}");

    /// <summary>Reads a path with its address.</summary>
    public static bool TryParse(string path, [NotNullWhen(true)] out ActorPath? actorPath)
    {
        actorPath = null;
        return Address.TryParse(path.AsSpan(), out var address, out var rest)
            && TryParse(new RootActorPath(address), rest, out actorPath);
    }

    /// <summary>Reads the elements of <paramref name="absolutePath"/> below the root of <paramref name="basePath"/>.</summary>
    public static bool TryParse(
        ActorPath basePath,
        ReadOnlySpan<char> absolutePath,
        [NotNullWhen(true)] out ActorPath? actorPath
    )
    {
        actorPath = null;
        if (absolutePath.Length > 0 && absolutePath[0] != '/')
            return false;
        long uid = 0;
        var hash = absolutePath.LastIndexOf('#');
        if (hash >= 0)
        {
            if (
                !long.TryParse(
                    absolutePath[(hash + 1)..],
                    NumberStyles.AllowLeadingSign,
                    CultureInfo.InvariantCulture,
                    out uid
                )
            )
                return false;
            absolutePath = absolutePath[..hash];
        }
        var path = basePath.Root;
        foreach (var range in absolutePath.Split('/'))
        {
            if (absolutePath[range].Length > 0)
                path = new ChildActorPath(path, absolutePath[range].ToString(), 0);
        }
        actorPath = path.WithUid(uid);
        return true;
    }

    /// <summary>Elements as they stand in a path.</summary>
    public static string FormatPathElements(IEnumerable<string> pathElements) => string.Join('/', pathElements);

    /// <summary>The path without address: <c>/user/a</c>.</summary>
    public string ToStringWithoutAddress() =>
        _withoutAddress ??=
            Depth == 0 ? "/"
            : Depth == 1 ? "/" + Name
            : Parent.ToStringWithoutAddress() + "/" + Name;

    /// <summary>The path with its address: <c>akka://system/user/a</c>.</summary>
    public string ToStringWithAddress() => Address + ToStringWithoutAddress();

    /// <summary>The path with its own address, or with <paramref name="address"/> where its own is local.</summary>
    public string ToStringWithAddress(Address address) =>
        (Address.HasGlobalScope ? Address : address) + ToStringWithoutAddress();

    /// <summary>The path with address and incarnation: <c>akka://system/user/a#123</c>.</summary>
    public string ToStringWithUid() => ToStringWithAddress() + Fragment;

    /// <summary>The path as it is written for another system.</summary>
    public string ToSerializationFormat() => ToStringWithUid();

    /// <summary>The path as it is written for another system that knows this one as <paramref name="address"/>.</summary>
    public string ToSerializationFormatWithAddress(Address address) => ToStringWithAddress(address) + Fragment;

    /// <inheritdoc/>
    public override string ToString() => ToStringWithAddress();

    /// <inheritdoc/>
    public bool Equals(ActorPath? other)
    {
        if (other is null || Depth != other.Depth)
            return false;
        var (a, b) = (this, other);
        while (!ReferenceEquals(a, b))
        {
            if (a.Depth == 0)
                return a.Address.Equals(b.Address) && string.Equals(a.Name, b.Name, StringComparison.Ordinal);
            if (!string.Equals(a.Name, b.Name, StringComparison.Ordinal))
                return false;
            (a, b) = (a.Parent, b.Parent);
        }
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ActorPath);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = 17;
        for (var path = this; path.Depth > 0; path = path.Parent)
            hash = unchecked((hash * 31) + path.Name.GetHashCode(StringComparison.Ordinal));
        return hash;
    }

    /// <inheritdoc/>
    public int CompareTo(ActorPath? other)
    {
        if (other is null)
            return 1;
        var order = Address.CompareTo(other.Address);
        for (var i = 0; order == 0 && i < Math.Min(Depth, other.Depth); i++)
            order = string.CompareOrdinal(Elements[i], other.Elements[i]);
        return order != 0 ? order : Depth.CompareTo(other.Depth);
    }

    /// <inheritdoc/>
    public ISurrogate ToSurrogate(ActorSystem system) => new Surrogate(ToSerializationFormat());

    /// <summary>The path of a child; the name may carry an incarnation, <c>name#uid</c>.</summary>
    public static ActorPath operator /(ActorPath path, string name)
    {
        var hash = name.IndexOf('#', StringComparison.Ordinal);
        return hash < 0
            ? new ChildActorPath(path, name, 0)
            : new ChildActorPath(path, name[..hash], long.Parse(name.AsSpan(hash + 1), CultureInfo.InvariantCulture));
    }

    /// <summary>The path of a descendant.</summary>
    public static ActorPath operator /(ActorPath path, IEnumerable<string> name) =>
        name.Where(element => element.Length > 0).Aggregate(path, (parent, element) => parent / element);

    /// <summary>Compares two paths.</summary>
    public static bool operator ==(ActorPath? left, ActorPath? right) => Equals(left, right);

    /// <summary>Compares two paths.</summary>
    public static bool operator !=(ActorPath? left, ActorPath? right) => !Equals(left, right);

    private string Fragment => Uid == 0 ? "" : "#" + Uid.ToString(CultureInfo.InvariantCulture);

    private string[] CollectElements()
    {
        var elements = new string[Depth];
        for (var path = this; path.Depth > 0; path = path.Parent)
            elements[path.Depth - 1] = path.Name;
        return elements;
    }

    /// <summary>The form in which a path is written.</summary>
    public sealed class Surrogate(string path) : ISurrogate
    {
        /// <summary>The path with address and incarnation.</summary>
        public string Path { get; } = path;

        /// <inheritdoc/>
        public ISurrogated FromSurrogate(ActorSystem system) => Parse(Path);
    }
}

/// <summary>The root of a system's tree.</summary>
public sealed class RootActorPath(Address address, string name = "") : ActorPath(address, name);

/// <summary>Any path below the root.</summary>
public sealed class ChildActorPath(ActorPath parentPath, string name, long uid) : ActorPath(parentPath, name, uid);
