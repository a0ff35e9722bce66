namespace Akka.Configuration.Hocon;

/// <summary>Where something stands in a text; <paramref name="Source"/> is null in the text that nobody included.</summary>
/// <param name="Source">The name by which the text was included.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 units.</param>
internal sealed record HoconOrigin(string? Source, int Line, int Column)
{
    /// <summary>An error here. Its data carry source, line and text apart, for callers that know the source's full path.</summary>
    public ConfigurationException Error(string text)
    {
        var error = new ConfigurationException($"{this}: {text}");
        error.Data["hocon.source"] = Source;
        error.Data["hocon.line"] = Line;
        error.Data["hocon.column"] = Column;
        error.Data["hocon.text"] = text;
        return error;
    }

    public override string ToString() => Source is null ? $"line {Line}, column {Column}" : $"{Source}:{Line}:{Column}";
}
