using Akka.Event;

namespace Akka.Streams;

/// <summary>
/// Settings that travel with a graph down to its stages. Of several of one type the most specific, given closest to the
/// stage, counts.
/// </summary>
public sealed partial class Attributes
{
    public static readonly Attributes None = new();

    /// <summary>Least specific first.</summary>
    private readonly IAttribute[] _attributes;

    public Attributes(params IAttribute[] attributes) => _attributes = attributes ?? [];

    /// <summary>All attributes, the least specific first.</summary>
    public IEnumerable<IAttribute> AttributeList => _attributes;

    /// <summary>These and <paramref name="other"/>, which count as more specific.</summary>
    public Attributes And(Attributes other) =>
        _attributes.Length == 0 ? other
        : other._attributes.Length == 0 ? this
        : new Attributes([.. _attributes, .. other._attributes]);

    /// <summary>These and <paramref name="other"/>, which counts as more specific.</summary>
    public Attributes And(IAttribute other) => new([.. _attributes, other]);

    /// <summary>The most specific attribute of the type, or <paramref name="defaultIfNotFound"/>.</summary>
    public TAttr GetAttribute<TAttr>(TAttr defaultIfNotFound)
        where TAttr : class, IAttribute => GetAttribute<TAttr>() ?? defaultIfNotFound;

    /// <summary>The most specific attribute of the type, or null.</summary>
    public TAttr? GetAttribute<TAttr>()
        where TAttr : class, IAttribute
    {
        for (var i = _attributes.Length - 1; i >= 0; i--)
        {
            if (_attributes[i] is TAttr found)
                return found;
        }
        return null;
    }

    /// <summary>The least specific attribute of the type, or <paramref name="defaultIfNotFound"/>.</summary>
    public TAttr GetFirstAttribute<TAttr>(TAttr defaultIfNotFound)
        where TAttr : class, IAttribute => GetFirstAttribute<TAttr>() ?? defaultIfNotFound;

    /// <summary>The least specific attribute of the type, or null.</summary>
    public TAttr? GetFirstAttribute<TAttr>()
        where TAttr : class, IAttribute => _attributes.OfType<TAttr>().FirstOrDefault();

    /// <summary>The most specific attribute of a type that every materialization has.</summary>
    public TAttr GetMandatoryAttribute<TAttr>()
        where TAttr : class, IMandatoryAttribute =>
        GetAttribute<TAttr>()
        ?? throw new InvalidOperationException($"Mandatory attribute [{typeof(TAttr)}] not found");

    public IEnumerable<TAttr> GetAttributeList<TAttr>()
        where TAttr : IAttribute => _attributes.OfType<TAttr>();

    public bool Contains<TAttr>(TAttr attribute)
        where TAttr : IAttribute => _attributes.Contains(attribute);

    /// <summary>The innermost name, or <paramref name="defaultIfNotFound"/>.</summary>
    public string GetNameOrDefault(string defaultIfNotFound = "unknown-operation") =>
        GetAttribute<Name>()?.Value ?? defaultIfNotFound;

    /// <summary>The names from the outermost to the innermost, joined by dashes; null without any.</summary>
    public string? GetNameLifted()
    {
        var names = _attributes.OfType<Name>().Select(name => Uri.EscapeDataString(name.Value)).ToArray();
        return names.Length == 0 ? null : string.Join('-', names);
    }

    public override string ToString() => $"Attributes({string.Join(", ", (object[])_attributes)})";

    public static Attributes CreateName(string name) =>
        string.IsNullOrEmpty(name) ? None : new Attributes(new Name(name));

    /// <summary>Sizes, in elements, of the input buffer at an asynchronous boundary.</summary>
    public static Attributes CreateInputBuffer(int initial, int max) => new(new InputBuffer(initial, max));

    public static Attributes CreateAsyncBoundary() => new(AsyncBoundary.Instance);

    /// <summary>The levels at which <c>Log</c> reports elements, completion and failure.</summary>
    public static Attributes CreateLogLevels(
        LogLevel onElement = LogLevel.DebugLevel,
        LogLevel onFinish = LogLevel.DebugLevel,
        LogLevel onError = LogLevel.ErrorLevel
    ) => new(new LogLevels(onElement, onFinish, onError));
}
